//! Hostile saved forms: never a panic, memory in proportion, and what is restored is whole.

use super::formulas::points_of;
use super::input::Input;
use super::meter::most_held;
use super::model::Kind;
use super::saved_edit::{edit_bytes, edit_value, something, valid};
use apportion::saved::{Savable, Saved};
use apportion::{AnyPlacement, Candidates, KeyHash, Locator, NodeIdx, Xxh3};
use serde_json::Value;

type Any = Locator<String, AnyPlacement>;

/// Ring points a restore may ask for here; the default limit is too slow to fuzz.
const POINTS: u64 = 10_000;
/// Rings of more points are not changed further.
const BUILT: u128 = 10_000;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    match input.below(6) {
        0 => json(input.rest()),
        1 => postcard(input.rest()),
        2 => {
            let mut value = serde_json::to_value(valid(&mut input)).unwrap();
            if let Some(ring) = value["placement"].get_mut("ring") {
                ring["budget"] = (1_u64 << input.below(30)).into();
            }
            for _ in 0..=input.below(3) {
                edit_value(&mut value, &mut input);
            }
            json(&serde_json::to_vec(&value).unwrap());
        }
        5 => newer(&mut input),
        3 => {
            let mut text = serde_json::to_vec(&valid(&mut input)).unwrap();
            edit_bytes(&mut text, &mut input);
            json(&text);
        }
        _ => {
            let mut bytes = postcard::to_allocvec(&valid(&mut input)).unwrap();
            edit_bytes(&mut bytes, &mut input);
            postcard(&bytes);
        }
    }
}

/// A newer form says so, whatever else it has: anything once the version was read, one more field
/// and other shapes where it comes later.
fn newer(input: &mut Input<'_>) {
    let mut form = serde_json::to_value(valid(input)).unwrap();
    let version = 2 + input.below(200) as u32;
    form["version"] = version.into();
    let says_so = |text: &str| {
        let error = serde_json::from_str::<Any>(text).unwrap_err().to_string();
        let newer = format!("saved by a newer release: form {version}, but this release");
        assert!(error.contains(&newer), "{error}: {text}");
    };
    form["one more"] = something(input);
    for field in ["placement", "fingerprint", "hasher", "epoch"] {
        if input.below(2) > 0 {
            edit_value(&mut form[field], input);
        }
    }
    for node in form["nodes"].as_array_mut().unwrap().iter_mut().filter(|node| node.is_object()) {
        node["one more"] = something(input);
        for field in ["label", "weight", "domains"] {
            if input.below(4) > 2 {
                edit_value(&mut node[field], input);
            }
        }
    }
    // Sorted by name, the version comes last.
    says_so(&form.to_string());
    for _ in 0..input.below(4) {
        edit_value(&mut form, input);
    }
    if let Some(fields) = form.as_object_mut() {
        fields.remove("version");
        let rest = form.to_string();
        let rest = rest.strip_prefix('{').unwrap();
        let comma = if rest == "}" { "" } else { "," };
        says_so(&format!("{{\"version\":{version}{comma}{rest}"));
    }
    let compact: Vec<u8> = [2].into_iter().chain(input.rest().iter().copied()).collect();
    assert!(postcard::from_bytes::<Any>(&compact).is_err());
}

fn json(text: &[u8]) {
    let (saved, held) = most_held(|| serde_json::from_slice::<Saved<String>>(text).ok());
    in_proportion(held, text.len(), 0);
    let restored = saved.and_then(|saved| restore(&saved, text.len()));
    if let Some(restored) = restored {
        let direct = serde_json::from_slice::<Any>(text).ok().map(|any| any.fingerprint());
        assert_eq!(direct, restored);
    }
}

fn postcard(bytes: &[u8]) {
    let (saved, held) = most_held(|| postcard::from_bytes::<Saved<String>>(bytes).ok());
    in_proportion(held, bytes.len(), 0);
    let restored = saved.and_then(|saved| restore(&saved, bytes.len()));
    if let Some(restored) = restored {
        let direct = postcard::from_bytes::<Any>(bytes).ok().map(|any| any.fingerprint());
        assert_eq!(direct, restored);
    }
}

/// A hole takes one byte in the most compact form and a whole node's room when it is read; a list
/// that says how long it is may be given up to a megabyte before its items are seen.
fn in_proportion(held: usize, input: usize, points: u128) {
    let most = (2 << 20) + (64 << 10) + 700 * input as u128 + 64 * points;
    assert!(held as u128 <= most, "{held} bytes held for {input} and {points} points");
}

/// Restores, and what is only refused because it was altered again with the fingerprint it should
/// have. The answer is the fingerprint of what a locator read directly has to be; `None` if the
/// ring is too large to try.
#[allow(clippy::option_option)]
fn restore(saved: &Saved<String>, len: usize) -> Option<Option<u64>> {
    let mut value = serde_json::to_value(saved).unwrap();
    let Asked { points: asked, limit, one_more } = Asked::by(&value);
    let built = if asked > limit { 0 } else { asked };
    let restore = |saved: Saved<String>| saved.restore_within::<AnyPlacement, _>(Xxh3, POINTS);
    let (result, held) = most_held(|| restore(saved.clone()));
    in_proportion(held, len, built);
    let error = match result {
        Ok(any) => {
            assert!(asked <= limit, "{asked} points");
            assert_eq!(value["fingerprint"], format!("{:016x}", any.fingerprint()));
            whole(&any, one_more <= BUILT);
            return Some(Some(any.fingerprint()));
        }
        Err(error) => error.to_string(),
    };
    if let Some((_, rebuilt)) = error.split_once("and its content has 0x") {
        assert!(asked <= limit, "{asked} points");
        value["fingerprint"] = rebuilt[..16].into();
        let any = restore(serde_json::from_value(value).unwrap()).unwrap();
        whole(&any, one_more <= BUILT);
    }
    // Under the default limit a ring may be accepted that was too large here.
    (asked <= limit).then_some(None)
}

/// What a saved ring asks for.
struct Asked {
    points: u128,
    limit: u128,
    /// Points after one node of weight 1 joined: the budget is the saved one, so they may be many.
    one_more: u128,
}

impl Asked {
    fn by(saved: &Value) -> Self {
        let nodes = saved["nodes"].as_array().unwrap();
        let weights: Vec<u64> = nodes.iter().filter_map(|node| node["weight"].as_u64()).collect();
        let ring = &saved["placement"]["ring"];
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let scale = &ring["scale"];
        let kind = Kind::Ring {
            points_per_node: number(&ring["points_per_node"]) as u32,
            // Constant or derived before, it is the scale that is asked for.
            scale: scale.is_array().then(|| (number(&scale[0]), number(&scale[1]))),
            budget: number(&ring["budget"]),
        };
        let scale = kind.scale(&weights).or_else(|| kind.scale(&[1]));
        let of = |w: u64| scale.map_or(0, |scale| points_of(w, scale));
        let points = weights.into_iter().map(of).fold(0, u128::saturating_add);
        let limit = u128::from(POINTS);
        Self { points, limit, one_more: points.saturating_add(of(1)) }
    }
}

/// It answers, goes on to change, and is the same after another round; whether one node more is
/// within reason.
pub fn whole<P: Savable>(any: &Locator<String, P>, one_more: bool) {
    let (topology, placement) = (any.topology(), any.placement());
    let members = topology.members();
    assert_eq!((placement.slots(), placement.live()), (members.slots(), members.live()));
    let text = serde_json::to_string(any).unwrap();
    let bytes = postcard::to_allocvec(any).unwrap();
    let saved = [serde_json::from_str(&text).unwrap(), postcard::from_bytes(&bytes).unwrap()];
    for (i, saved) in saved.into_iter().enumerate() {
        let saved: Saved<String> = saved;
        let again: Locator<String, P> = saved.restore(Xxh3).unwrap();
        assert_eq!(again.fingerprint(), any.fingerprint());
        assert_eq!(again.topology().epoch(), topology.epoch());
        assert_eq!(serde_json::to_string(&again).unwrap(), text, "form {i}");
        let same = |(slot, value): (NodeIdx, &String)| again.topology().get(slot) == Some(value);
        assert!(topology.iter().all(same));
        for key in (0..4).map(KeyHash::of_id) {
            let (a, b) = (any.placement(), again.placement());
            assert!(Candidates::new(a, key).take(8).eq(Candidates::new(b, key).take(8)));
        }
    }
    for key in (0..4).map(KeyHash::of_id) {
        let mut three = [NodeIdx::default(); 3];
        let found = placement.replicas(key, &mut three);
        let mut all: Vec<NodeIdx> = Candidates::new(placement, key).collect();
        assert_eq!(three[..found], all[..members.live().min(3)]);
        assert_eq!(placement.locate(key), all.first().copied());
        all.sort_unstable();
        assert!(members.iter_live().eq(all), "a live node is missing or comes twice");
    }
    let last = members.iter().last().and_then(|slot| members.label(slot));
    let last = last.and_then(|label| std::str::from_utf8(label).ok());
    let mut changed =
        vec![any.without(last.unwrap_or_default()), any.reweighted(last.unwrap_or_default(), 0)];
    if one_more {
        changed.push(any.with("a name that was not there".into()));
    }
    for any in changed.iter().flatten() {
        let found = any.get("key").is_some();
        assert_eq!(found, any.placement().live() > 0);
    }
}
