//! The same nodes reached by several paths, and saved on the way: what depends on history says so,
//! and what is restored goes on as the original would have.
#![cfg(feature = "serde")]

use crate::support::Draws;
use apportion::anchor::{AnchorConfig, AnchorHash, JumpBackAnchor};
use apportion::asura::AsuraConfig;
use apportion::bucket::{FlipHash, Jump, JumpGuava, Numbered};
use apportion::maglev::MaglevConfig;
use apportion::partition::TableConfig;
use apportion::placement::Build;
use apportion::ring::{
    GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, RingConfig, Rule,
};
use apportion::saved::Savable;
use apportion::topology::Members;
use apportion::{
    Algorithm, AnyPlacement, Asura, Candidates, JumpBack, KeyHash, Locator, Maglev, Node,
    PartitionTable, Rendezvous, Ring, Topology, WeightedRendezvous,
};
use std::fmt::Debug;

type Named<P> = Locator<String, P>;
/// A name and a weight.
type Entry = (usize, u64);

fn nodes(list: &[Entry]) -> Vec<Node<String>> {
    list.iter().map(|(i, weight)| Node::new(format!("n{i}")).weight(*weight)).collect()
}

fn built<P: Build>(config: &P::Config, list: &[Entry]) -> Option<Named<P>> {
    Locator::build(Topology::of(nodes(list)).unwrap(), config).ok()
}

/// How a list of nodes may be reached. Each path ends with the same names and weights.
const PATHS: [&str; 8] = [
    "at once",
    "at once, in another order",
    "one by one",
    "one by one, in another order",
    "removed and added again",
    "other weights and back",
    "from another list by replaced_by",
    "saved and restored on the way",
];

/// `None` where the algorithm refuses a step of the path, as a jump hash refuses most removals.
fn reach<P: Build>(
    path: &str,
    config: &P::Config,
    list: &[Entry],
    draws: &mut Draws,
    restored: impl Fn(&Named<P>) -> Named<P>,
) -> Option<Named<P>> {
    let mut shuffled = list.to_vec();
    draws.shuffle(&mut shuffled);
    let name = |i: usize| format!("n{i}");
    let node = |entry: &Entry| nodes(&[*entry]).remove(0);
    let grow = |list: &[Entry]| {
        let (first, rest) = list.split_first()?;
        rest.iter()
            .try_fold(built::<P>(config, &[*first])?, |l, entry| l.with_node(node(entry)).ok())
    };
    match path {
        "at once" => built(config, list),
        "at once, in another order" => built(config, &shuffled),
        "one by one" => grow(list),
        "one by one, in another order" => grow(&shuffled),
        "removed and added again" => {
            let mut value = built(config, list)?;
            let gone: Vec<Entry> = shuffled.iter().copied().take(3).collect();
            for (i, _) in &gone {
                value = value.without(&name(*i)).ok()?;
            }
            gone.iter().try_fold(value, |value, entry| value.with_node(node(entry)).ok())
        }
        "other weights and back" => {
            let mut value = built(config, list)?;
            let touched: Vec<Entry> = shuffled.iter().copied().take(4).collect();
            for (i, weight) in &touched {
                value = value.reweighted(&name(*i), weight * (1 + draws.below(5))).ok()?;
            }
            for (i, weight) in touched.iter().rev() {
                value = value.reweighted(&name(*i), *weight).ok()?;
            }
            Some(value)
        }
        "from another list by replaced_by" => {
            let other: Vec<Entry> = (0..list.len() + 4).map(|i| (i * 2, 3)).collect();
            built::<P>(config, &other)?.replaced_by(nodes(&shuffled)).ok()
        }
        _ => {
            let (first, rest) = shuffled.split_at(shuffled.len() / 2);
            let mut value = restored(&built(config, first)?);
            for (at, entry) in rest.iter().enumerate() {
                value = value.with_node(node(entry)).ok()?;
                if at % 3 == 0 {
                    value = restored(&value);
                }
            }
            Some(value)
        }
    }
}

fn names<P: Build>(locator: &Named<P>, key: KeyHash, k: usize) -> Vec<&str> {
    let slots = Candidates::new(locator.placement(), key).take(k);
    slots.map(|slot| locator.topology().get(slot).unwrap().as_str()).collect()
}

fn answers_differ<P: Build>(a: &Named<P>, b: &Named<P>, keys: &[KeyHash]) -> bool {
    keys.iter().any(|key| names(a, *key, 3) != names(b, *key, 3))
}

/// Reaches lists of nodes by every path. Where order and history are said not to decide, all answer
/// alike and have one fingerprint; where they are said to, two paths show it.
fn paths<P: Build>(
    config: &P::Config,
    weighted: bool,
    order_free: bool,
    restored: impl Fn(&Named<P>) -> Named<P>,
) {
    let mut draws = Draws(31);
    let keys = draws.keys(300);
    let (mut reached, mut counter_examples) = (0, 0);
    for round in 0..12 {
        let count = 6 + draws.below(8) as usize;
        let mut list: Vec<Entry> = (0..count).map(|i| (i, 3)).collect();
        if weighted {
            list.iter_mut().for_each(|entry| entry.1 = 1 + draws.below(9));
        }
        let of = |path: &str, draws: &mut Draws| reach::<P>(path, config, &list, draws, &restored);
        let reference = of("at once", &mut draws).expect("nodes that can be served");
        for path in PATHS {
            let Some(value) = of(path, &mut draws) else { continue };
            reached += 1;
            let promised = value.placement().guarantees().order_free;
            assert_eq!(promised, order_free, "{path}");
            assert_eq!(
                value.topology().fingerprint(),
                reference.topology().fingerprint(),
                "{path} leads to other nodes"
            );
            let differ = answers_differ(&reference, &value, &keys);
            if order_free {
                assert!(!differ, "round {round}: {path} gives other answers");
                assert_eq!(value.fingerprint(), reference.fingerprint(), "{path}");
            } else {
                let says = value.fingerprint() != reference.fingerprint();
                assert!(says || !differ, "{path}: other answers under the same fingerprint");
                counter_examples += u32::from(differ);
            }
        }
    }
    assert!(reached >= 40, "{reached} values were reached");
    assert_eq!(order_free, counter_examples == 0, "the flag says nothing");
}

/// The same changes, made to a value and to what was restored of it at every step, give the same
/// answers, fingerprints and configurations.
fn restored_goes_on<P: Savable, C: PartialEq + Debug>(
    config: &P::Config,
    weighted: bool,
    of: impl Fn(&P) -> C,
) {
    for seed in 0..6 {
        let mut draws = Draws(100 + seed);
        let keys = draws.keys(100);
        let first: Vec<Entry> = (0..seed as usize).map(|i| (i, 2)).collect();
        // Some begin without a live node, where nothing is derived yet.
        let Some(mut live) =
            built::<P>(config, &first).or_else(|| built(config, &[(0, 2), (1, 2)]))
        else {
            panic!("cannot be built")
        };
        let mut restored = round_trip(&live);
        for step in 0..40 {
            let i = draws.below(14) as usize;
            let weight = if weighted { draws.below(9) } else { 2 * draws.below(2) };
            let (what, order) = (draws.below(8), draws.next());
            let change = |l: &Named<P>| match what {
                0..=2 => {
                    let joining = if weighted { 1 + weight } else { 2 };
                    l.with_node(nodes(&[(i, joining)]).remove(0))
                }
                3 | 4 => l.without(&format!("n{i}")),
                5 => l.reweighted(&format!("n{i}"), weight),
                6 => l.replaced_by(l.topology().iter().map(|(at, name)| {
                    let members = l.topology().members();
                    Node::new(name.clone()).weight(members.weight(at).unwrap().get())
                })),
                _ => {
                    let mut list: Vec<Entry> = (0..10).map(|i| (i, 2)).collect();
                    Draws(order).shuffle(&mut list);
                    list.truncate(6);
                    l.replaced_by(nodes(&list))
                }
            };
            match (change(&live), change(&restored)) {
                (Ok(next), Ok(again)) => {
                    if what == 6 {
                        assert!(
                            !answers_differ(&live, &next, &keys),
                            "an unchanged list moved keys"
                        );
                        assert!(!answers_differ(&restored, &again, &keys));
                    }
                    (live, restored) = (next, again);
                }
                (Err(a), Err(b)) => assert_eq!(a.to_string(), b.to_string()),
                (a, b) => panic!("step {step}: {:?} {:?}", a.err(), b.err()),
            }
            assert_eq!(live.fingerprint(), restored.fingerprint(), "seed {seed}, step {step}");
            assert_eq!(of(live.placement()), of(restored.placement()), "seed {seed}, step {step}");
            assert!(!answers_differ(&live, &restored, &keys), "seed {seed}, step {step}");
            if step % 2 == 0 {
                restored = round_trip(&restored);
                assert_eq!(of(live.placement()), of(restored.placement()), "seed {seed}");
            }
        }
    }
}

fn round_trip<P: Savable>(locator: &Named<P>) -> Named<P> {
    let text = serde_json::to_string(locator).unwrap();
    let again: Named<P> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    assert_eq!(again.fingerprint(), locator.fingerprint());
    again
}

fn point(label: &[u8], number: u32) -> u64 {
    Members::identity_of(&[label, &number.to_le_bytes()].concat())
}

/// Lists for every name that occurs here.
fn lists(rule: Rule) -> GivenPointsConfig {
    (0..40)
        .map(|i| format!("n{i}"))
        .fold(GivenPointsConfig::default().rule(rule), |config, name| {
            config.points(&name, (0..30).map(|number| point(name.as_bytes(), number)))
        })
}

/// Name, type, configuration, whether weights may be unequal, whether history decides not, and how
/// the configuration is read from a value.
macro_rules! values {
    ($($name:ident: $p:ty, $config:expr, $weighted:literal, $order_free:literal, $of:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn paths_agree_where_they_should() {
                paths::<$p>(&$config, $weighted, $order_free, round_trip);
            }

            #[test]
            fn restored_values_change_as_the_originals_do() {
                restored_goes_on::<$p, _>(&$config, $weighted, $of);
            }

            #[test]
            fn the_configuration_is_kept() {
                let of = $of;
                let value = built::<$p>(&$config, &[(0, 2), (1, 2)]).unwrap();
                assert_eq!(of(round_trip(&value).placement()), of(value.placement()));
                let again = Named::<$p>::build(value.topology().clone(), &$config).unwrap();
                assert_eq!(again.fingerprint(), value.fingerprint());
            }
        }
    )*};
}

fn config(ring: &Ring) -> RingConfig {
    ring.config().clone()
}

fn nothing<P>(_: &P) {}

fn anchor(anchor: &AnchorHash) -> (AnchorConfig, u32) {
    (*anchor.config(), anchor.capacity())
}

fn asura(board: &Asura) -> (AsuraConfig, Option<u64>) {
    (*board.config(), board.unit())
}

values! {
    ring: Ring, RingConfig::default(), true, true, config;
    ring_scale: Ring, RingConfig::default().scale(14, 6).budget(5000), true, true, config;
    ring_per_node: Ring, RingConfig::default().points_per_node(20), true, false, config;
    ring_per_node_tight: Ring, RingConfig::default().points_per_node(9).budget(70), true, false, config;
    given_points: Ring<GivenPoints>, lists(Rule::FirstAtOrAfter), true, true,
        |r: &Ring<GivenPoints>| r.config().clone();
    given_points_nearest: Ring<GivenPoints>, lists(Rule::Nearest), true, true,
        |r: &Ring<GivenPoints>| r.config().clone();
    jump: Numbered<Jump>, (), false, false, nothing;
    jump_guava: Numbered<JumpGuava>, (), false, false, nothing;
    jump_back: Numbered<JumpBack>, (), false, false, nothing;
    flip: Numbered<FlipHash>, (), false, false, nothing;
    jump_back_anchor: JumpBackAnchor, (), false, false, nothing;
    anchor: AnchorHash, AnchorConfig::default(), false, false, anchor;
    anchor_capacity: AnchorHash, AnchorConfig::default().capacity(20), false, false, anchor;
    any_anchor: AnyPlacement, Algorithm::Anchor(AnchorConfig::default()), false, false,
        AnyPlacement::algorithm;
    asura: Asura, AsuraConfig::default(), true, false, asura;
    asura_unit: Asura, AsuraConfig::default().unit(4), true, false, asura;
    asura_board: Asura, AsuraConfig::default().board(7).darts(20), true, false, asura;
    maglev: Maglev, MaglevConfig::default().table_size(1021), true, true, |m: &Maglev| *m.config();
    rendezvous: Rendezvous, (), false, true, nothing;
    weighted_rendezvous: WeightedRendezvous, (), true, true, nothing;
    partition_table: PartitionTable, TableConfig::new(64, 2), true, false,
        |t: &PartitionTable| t.config().clone();
    any_ring: AnyPlacement, Algorithm::Ring(RingConfig::default().scale(8, 1)), true, true,
        AnyPlacement::algorithm;
    any_per_node: AnyPlacement, Algorithm::Ring(RingConfig::default().points_per_node(40)), true,
        false, AnyPlacement::algorithm;
    any_asura: AnyPlacement, Algorithm::Asura(AsuraConfig::default()), true, false,
        AnyPlacement::algorithm;
    any_maglev: AnyPlacement, Algorithm::Maglev(MaglevConfig::default().table_size(521)), true, true,
        AnyPlacement::algorithm;
    any_jump: AnyPlacement, Algorithm::Jump, false, false, AnyPlacement::algorithm;
    any_rendezvous: AnyPlacement, Algorithm::WeightedRendezvous, true, true,
        AnyPlacement::algorithm;
}

/// A function cannot be saved, so these are only built and changed.
#[test]
fn rings_of_label_points_agree_by_every_path() {
    let chained = LabelPointsConfig::new(|label, weight, emit| {
        let mut point = 0;
        for _ in 0..5 * weight.get() {
            point = Members::identity_of(&[label, &u64::to_le_bytes(point)].concat());
            emit(point);
        }
    });
    for config in [chained.nested(), LabelPointsConfig::per_weight(7, point)] {
        paths::<Ring<LabelPoints>>(&config, true, true, Clone::clone);
    }
    paths::<Ring<LabelPoints>>(&LabelPointsConfig::default(), false, true, Clone::clone);
}

/// Nodes that join by a new list are numbered in its order, whatever their labels are.
#[test]
fn joiners_keep_the_order_of_the_list() {
    fn check<P: Build>(config: &P::Config) {
        let shards = |n: u32| (0..n).map(Node::new);
        let names = |n: u32| (0..n).map(|i| Node::new(format!("shard-{i}")));
        let grown = |small, large| {
            let small: Locator<u32, P> =
                Locator::build(Topology::of(shards(small)).unwrap(), config).unwrap();
            let fresh: Locator<u32, P> =
                Locator::build(Topology::of(shards(large)).unwrap(), config).unwrap();
            assert_eq!(
                small.replaced_by(shards(large)).unwrap().fingerprint(),
                fresh.fingerprint()
            );
        };
        grown(8, 300);
        grown(1, 2000);
        let small: Named<P> = Locator::build(Topology::of(names(8)).unwrap(), config).unwrap();
        let fresh: Named<P> = Locator::build(Topology::of(names(30)).unwrap(), config).unwrap();
        let grown = small.replaced_by(names(30)).unwrap();
        assert_eq!(grown.fingerprint(), fresh.fingerprint());
        // Nodes that were drained join like new ones, where they stand in the list.
        let drained = [(5, 0), (0, 1), (4, 0), (1, 1)];
        let drained = built::<P>(config, &drained).unwrap();
        let list = [0, 1, 9, 4, 8, 5, 7].map(|i| (i, 1));
        let grown = drained.replaced_by(nodes(&list)).unwrap();
        assert_eq!(grown.fingerprint(), built::<P>(config, &list).unwrap().fingerprint());
    }
    check::<Numbered<Jump>>(&());
    check::<Numbered<JumpGuava>>(&());
    check::<Numbered<JumpBack>>(&());
    check::<Numbered<FlipHash>>(&());
    check::<JumpBackAnchor>(&());
    check::<AnchorHash>(&AnchorConfig::default().capacity(3000));
    check::<Asura>(&AsuraConfig::default().unit(1));
    check::<AnyPlacement>(&Algorithm::Jump);
}
