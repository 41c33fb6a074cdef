//! Saved forms of other releases and other sizes: a newer file says so wherever its version stands,
//! and what can be saved can be restored, in memory that is bounded.
#![cfg(feature = "serde")]

#[allow(unreachable_pub)]
#[path = "../../support/meter.rs"]
mod meter;

use apportion::anchor::{AnchorHash, JumpBackAnchor};
use apportion::limits::{RESTORE_POINTS, RESTORE_POINTS_PER_NODE};
use apportion::maglev::MaglevConfig;
use apportion::partition::TableConfig;
use apportion::ring::RingConfig;
use apportion::saved::{Savable, Saved};
use apportion::{
    Algorithm, AnyPlacement, Locator, Maglev, Node, PartitionTable, Ring, Topology, Xxh3,
};
use apportion_properties::support;
use meter::most_held;
use serde_json::{Value, json};

type Of<P> = Locator<String, P>;
type Any = Of<AnyPlacement>;

const NEWER: &str = "saved by a newer release: form 2, but this release reads forms up to 1";

/// The fields of a form as text, in an order.
fn in_order(form: &Value, order: &[&str]) -> String {
    let field = |name: &&str| format!("{:?}:{}", name, form[*name]);
    format!("{{{}}}", order.iter().map(field).collect::<Vec<_>>().join(","))
}

/// Orders in which the version stands first, last and in between.
fn orders(form: &Value) -> Vec<String> {
    let mut names: Vec<&str> = form.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable_by_key(|name| *name != "version");
    (0..names.len())
        .map(|i| {
            names.rotate_left(usize::from(i > 0));
            in_order(form, &names)
        })
        .collect()
}

/// What a newer release might write: a field more anywhere, another variant, another shape.
fn newer_forms(form: &Value) -> Vec<Value> {
    let changed = |path: &str, value: Value| {
        let mut form = form.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        match form.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.insert(name.into(), value)),
            Some(Value::Array(items)) => items.push(value),
            _ => {}
        }
        form
    };
    let mut forms = vec![
        form.clone(),
        changed("/region", json!("eu")),
        changed("/nodes/0/color", json!({ "hue": [1, 2, null] })),
        changed("/nodes/0/label", json!({ "base64": "AAAA" })),
        changed("/nodes/0/weight", json!({ "capacity": 5, "speed": 7 })),
        changed("/nodes/0/domains", json!([["zone", "a", "b"]])),
        changed("/placement", json!({ "leap": { "order": [1, 2] } })),
        changed("/placement", json!("leap")),
        changed("/fingerprint", json!(["00", "11"])),
        changed("/hasher", json!(1.5)),
        changed("/epoch", json!("today")),
    ];
    if let Some((name, state)) = form["placement"].as_object().and_then(|p| p.iter().next()) {
        let mut state = state.clone();
        state["more"] = json!({ "than": "before" });
        forms.push(changed("/placement", json!({ name.as_str(): state })));
    }
    forms
}

fn algorithms() -> Vec<Any> {
    let topology = || support::topology(&[1; 4]);
    let any = |algorithm| Locator::any_of(topology(), algorithm).unwrap();
    Algorithm::all().map(|a| any(a).without("n3").unwrap()).collect()
}

#[test]
fn newer_files_say_so_wherever_the_version_stands() {
    for any in algorithms() {
        let form = serde_json::to_value(&any).unwrap();
        for (i, mut newer) in newer_forms(&form).into_iter().enumerate() {
            newer["version"] = json!(2);
            for text in orders(&newer) {
                let error = serde_json::from_str::<Any>(&text).unwrap_err().to_string();
                assert!(error.contains(NEWER), "{error}: {text}");
            }
            let error = serde_json::from_value::<Any>(newer.clone()).unwrap_err().to_string();
            assert!(error.contains(NEWER), "{error}");
            // The same under today's version is malformed, and the error says where.
            newer["version"] = json!(1);
            for text in orders(&newer) {
                match serde_json::from_str::<Any>(&text) {
                    Ok(read) => assert_eq!((i, read.fingerprint()), (0, any.fingerprint())),
                    Err(error) => {
                        assert!(i > 0, "{error}: {text}");
                        let error = error.to_string();
                        let says = ["unknown field", "unknown variant", "invalid type", "expected"];
                        let says = says.iter().any(|what| error.contains(what));
                        assert!(says || error.contains("trailing"), "{error}: {text}");
                    }
                }
            }
        }
    }
}

/// A compact form has no names: nothing after the version is read.
#[test]
fn newer_compact_files_say_so() {
    for any in algorithms() {
        let mut bytes = postcard::to_allocvec(&any).unwrap();
        bytes[0] = 2;
        let error = |bytes: &[u8]| postcard::from_bytes::<Any>(bytes).unwrap_err();
        // `postcard` has no room for a message, so it is asked for by a form that keeps it.
        assert_eq!(error(&bytes), error(&bytes[..1]));
        let rest = [2, 0xFF, 0xFF, 0xFF];
        assert_eq!(error(&rest), error(&bytes));
    }
    // As a list, which is what a compact form with messages looks like.
    for text in ["[2]", "[2, null, 5]", "[2, {\"anything\": 1}, [], 3, 4, 5, 6, 7]"] {
        let error = serde_json::from_str::<Saved<String>>(text).unwrap_err().to_string();
        assert!(error.contains(NEWER), "{error}");
    }
    let error = serde_json::from_str::<Saved<String>>("[1]").unwrap_err().to_string();
    assert!(error.contains("six parts"), "{error}");
}

/// Any order of the fields is the same form; each comes once.
#[test]
fn order_of_fields_does_not_matter() {
    for any in algorithms() {
        let form = serde_json::to_value(&any).unwrap();
        for text in orders(&form) {
            let read: Any = serde_json::from_str(&text).unwrap();
            assert_eq!(read.fingerprint(), any.fingerprint());
            let without_end = text.strip_suffix('}').unwrap();
            for (name, value) in form.as_object().unwrap() {
                let twice = format!("{without_end},{name:?}:{value}}}");
                let error = serde_json::from_str::<Any>(&twice).unwrap_err().to_string();
                assert!(error.contains(&format!("duplicate field `{name}`")), "{error}");
            }
        }
        for name in form.as_object().unwrap().keys() {
            let mut less = form.clone();
            less.as_object_mut().unwrap().remove(name);
            let error = serde_json::from_value::<Any>(less).unwrap_err().to_string();
            assert!(error.contains(&format!("missing field `{name}`")), "{error}");
        }
        for name in ["value", "label", "weight", "domains"] {
            let mut less = form.clone();
            less["nodes"][0].as_object_mut().unwrap().remove(name);
            for text in orders(&less) {
                let error = serde_json::from_str::<Any>(&text).unwrap_err().to_string();
                assert!(error.contains(&format!("missing field `{name}`")), "{error}");
            }
        }
    }
}

/// Saved by default is restored by default; what is not saved by default says how it is.
fn same_limits<P: Savable>(locator: &Of<P>, derived: u64) {
    let live = locator.topology().members().live() as u64;
    let limit = RESTORE_POINTS.max(live * RESTORE_POINTS_PER_NODE);
    match serde_json::to_string(locator) {
        Ok(text) => {
            assert!(derived <= limit, "{derived}");
            let read: Of<P> = serde_json::from_str(&text).unwrap();
            assert_eq!(read.fingerprint(), locator.fingerprint());
            let bytes = postcard::to_allocvec(locator).unwrap();
            assert!(postcard::from_bytes::<Of<P>>(&bytes).is_ok());
        }
        Err(error) => {
            assert!(derived > limit, "{derived}: {error}");
            let expected = format!(
                "this value has {derived} ring points or table entries, but at most {limit} are \
                 restored by default; save it with `save_within`"
            );
            assert!(error.to_string().starts_with(&expected), "{error}");
            assert!(locator.save().is_err() && locator.save_within(derived - 1).is_err());
        }
    }
    let saved = serde_json::to_string(&locator.save_within(derived).unwrap()).unwrap();
    let saved: Saved<String> = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved.clone().restore::<P, _>(Xxh3).is_ok(), derived <= limit);
    assert!(saved.clone().restore_within::<P, _>(Xxh3, derived).is_ok());
    if derived > 0 {
        assert!(saved.restore_within::<P, _>(Xxh3, derived - 1).is_err());
    }
}

#[test]
fn what_is_saved_is_restored() {
    for (nodes, points) in
        [(3, 360_000), (100, 4_096), (100, 12_000), (1, 1 << 21), (2, (1 << 20) + 1)]
    {
        let config = RingConfig::default().scale(points, 1);
        let ring = Locator::ring_of(support::topology(&vec![1; nodes]), config).unwrap();
        same_limits(&ring, ring.placement().points() as u64);
    }
    // As many as nodes allow: the default ring of any number of nodes.
    let ring = Locator::ring((0..20_000).map(|i| i.to_string())).unwrap();
    same_limits(&ring, 3_200_000);
    for entries in [1_048_573, 2_097_143, 2_097_169] {
        let config = MaglevConfig::default().table_size(entries);
        let maglev = Locator::maglev_of(support::topology(&[1; 3]), config).unwrap();
        same_limits::<Maglev>(&maglev, entries.into());
    }
    // What is written as it is has no limit.
    let config =
        apportion::ring::GivenPointsConfig::default().points("n0", 0..RESTORE_POINTS / 2 + 1);
    let config = config.points("n1", RESTORE_POINTS / 2 + 1..RESTORE_POINTS + 2);
    let given = Locator::given_points_of(support::topology(&[1, 1]), config).unwrap();
    let bytes = postcard::to_allocvec(&given).unwrap();
    assert!(postcard::from_bytes::<Of<Ring<apportion::ring::GivenPoints>>>(&bytes).is_ok());
    let table = Locator::table_of(support::topology(&[1; 3]), TableConfig::new(1 << 10, 3));
    same_limits::<PartitionTable>(&table.unwrap(), 0);
}

/// What a form that a stranger wrote takes: the points that may be asked for, and what was read.
fn takes<P: Savable>(saved: &impl serde_core::Serialize, what: &str) {
    let text = serde_json::to_string(saved).unwrap();
    let bytes = postcard::to_allocvec(saved).unwrap();
    let nodes = text.matches("\"weight\"").count();
    let points = (RESTORE_POINTS as usize).max(nodes * RESTORE_POINTS_PER_NODE as usize);
    for (input, form) in [(text.len(), "JSON"), (bytes.len(), "compact")] {
        let (_, held) = most_held(|| match form {
            "JSON" => serde_json::from_str::<Of<P>>(&text).is_ok(),
            _ => postcard::from_bytes::<Of<P>>(&bytes).is_ok(),
        });
        println!("{what}, {form}: {input} bytes take {held}");
        assert!(held <= (1 << 20) + 700 * input + 26 * points, "{what}, {form}: {held}");
    }
}

#[test]
fn hostile_forms_take_bounded_memory() {
    // All the points that the nodes allow.
    for nodes in [1, 3_000, 20_000] {
        let each = RESTORE_POINTS.max(nodes * RESTORE_POINTS_PER_NODE) / nodes;
        let names = (0..nodes).map(|i| Node::new(i.to_string()));
        let config = RingConfig::default().scale(each, 1);
        let ring = Locator::ring_of(Topology::of(names).unwrap(), config).unwrap();
        takes::<Ring>(&ring.save().unwrap(), &format!("a ring of {nodes} nodes"));
        let larger = RingConfig::default().scale(each * 4, 1);
        if let Ok(ring) = ring.rescaled(&larger) {
            let error = ring.save_within(u64::MAX).unwrap().restore::<Ring, _>(Xxh3).unwrap_err();
            assert!(error.to_string().contains("points, and at most"), "{error}");
        }
    }
    // A log that removes a bucket far up, and as many buckets as there can be.
    let anchor = Locator::jump_back_anchor(["a".to_string(), "b".to_string()]).unwrap();
    let mut form = serde_json::to_value(&anchor).unwrap();
    form["placement"]["jump-back-anchor"]["state"] = json!([1 << 26, (1 << 26) - 2]);
    takes::<JumpBackAnchor>(&form, "an anchor");
    let error = serde_json::from_value::<Of<JumpBackAnchor>>(form).unwrap_err().to_string();
    assert!(error.contains("67108863 working buckets for 2 live nodes"), "{error}");
    // A capacity takes no memory.
    let anchor = Locator::anchor(["a".to_string(), "b".to_string()]).unwrap();
    let mut form = serde_json::to_value(&anchor).unwrap();
    form["placement"]["anchor"]["capacity"] = json!(1 << 26);
    takes::<AnchorHash>(&form, "a capacity");
    form["placement"]["anchor"]["state"] = json!([1 << 26, (1 << 26) - 2]);
    takes::<AnchorHash>(&form, "an anchor of a fixed capacity");
    let error = serde_json::from_value::<Of<AnchorHash>>(form).unwrap_err().to_string();
    assert!(error.contains("67108863 working buckets for 2 live nodes"), "{error}");
}

/// A value is not covered by the fingerprint, whatever its type is; where it spells the label it
/// can be compared.
#[test]
fn values_are_compared_with_labels() {
    let ring = Locator::ring(["a".to_string(), "b".to_string()]).unwrap();
    assert!(ring.check_labels().is_ok());
    let text = serde_json::to_string(&ring).unwrap();
    let altered = text.replacen(r#""value":"a""#, r#""value":"b""#, 1);
    let read: Locator<String> = serde_json::from_str(&altered).unwrap();
    assert_eq!(
        read.check_labels().unwrap_err().to_string(),
        "the value of node \"a\" makes the label \"b\": the saved value was altered, or labels are \
         not made from values"
    );
    let numbers = Locator::ring([7_u64, 8]).unwrap();
    assert!(numbers.check_labels().is_ok());
}
