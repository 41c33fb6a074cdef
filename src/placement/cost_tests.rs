//! What walks, replicas and spreads cost, counted in steps for every algorithm by name.

use super::{Candidates, Guarantees, Placement, Walk};
use crate::anchor::{AnchorConfig, AnchorHash, JumpBackAnchor};
use crate::asura::AsuraConfig;
use crate::bounded::{InFlight, LoadFactor};
use crate::bucket::{Buckets, Numbered};
use crate::bucket::{FlipHash, Jump, JumpBack, JumpGuava};
use crate::hash::KeyHash;
use crate::hash::mix::mix;
use crate::limits::INLINE_CANDIDATES;
use crate::maglev::MaglevConfig;
use crate::node::{Node, NodeIdx};
use crate::placement::Build;
use crate::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use crate::ring::{
    GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, RingConfig, Rule,
};
use crate::steps::{assert_growth, during};
use crate::topology::{Members, Topology};
use crate::{Asura, Maglev, PartitionTable, Rendezvous, Ring, Spread, WeightedRendezvous};
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// Points of a node on a given ring.
fn points(label: &str) -> impl Iterator<Item = u64> {
    let first = Members::identity_of(label.as_bytes());
    (0..20).map(move |i| mix(first ^ i))
}

fn given(members: &Members, rule: Rule) -> Ring<GivenPoints> {
    let labels = members.iter().filter_map(|node| std::str::from_utf8(members.label(node)?).ok());
    let config = GivenPointsConfig::default().rule(rule);
    let config = labels.fold(config, |config, label| config.points(label, points(label)));
    Build::build(&config, members).unwrap()
}

fn built<P: Build + 'static>(config: &P::Config, members: &Members) -> Box<dyn Placement> {
    Box::new(P::build(config, members).unwrap())
}

/// Weights 1 to 31 by slot.
fn weight(slot: usize) -> u64 {
    1 + slot as u64 * 7 % 31
}

/// A placement of a user's own: each key has a shuffled list in which nodes come up to three times.
struct Shuffled(Vec<NodeIdx>);

impl Placement for Shuffled {
    fn slots(&self) -> usize {
        self.0.len() / 3
    }

    fn live(&self) -> usize {
        self.0.len() / 3
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::none()
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.next_candidate(&mut Walk::new(key))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let start = mix(walk.key().get());
        let step = &mut walk.state()[0];
        let taken = usize::try_from(*step).ok().filter(|step| *step < self.0.len())?;
        *step += 1;
        let at = (start % self.0.len() as u64) as usize + taken;
        self.0.get(at % self.0.len()).copied()
    }
}

fn shuffled(n: usize) -> Shuffled {
    let mut nodes: Vec<NodeIdx> =
        (0..n as u32).flat_map(|slot| [slot; 3]).map(NodeIdx::new).collect();
    for i in (1..nodes.len()).rev() {
        nodes.swap(i, (mix(i as u64) % (i as u64 + 1)) as usize);
    }
    Shuffled(nodes)
}

fn label_point(label: &[u8], number: u32) -> u64 {
    Members::identity_of(&[label, &number.to_le_bytes()].concat())
}

type Make = fn(&Members, &Members) -> Box<dyn Placement>;

/// Every algorithm over equal nodes, or over the same nodes with weights.
const ROWS: [(&str, Make); 25] = [
    ("ring", |nodes, _| built::<Ring>(&RingConfig::default(), nodes)),
    ("weighted ring", |_, nodes| built::<Ring>(&RingConfig::default().points_per_node(160), nodes)),
    ("given points", |nodes, _| Box::new(given(nodes, Rule::FirstAtOrAfter))),
    ("given points before", |nodes, _| Box::new(given(nodes, Rule::LastAtOrBefore))),
    ("nearest given points", |nodes, _| Box::new(given(nodes, Rule::Nearest))),
    ("label points", |nodes, _| {
        built::<Ring<LabelPoints>>(&LabelPointsConfig::per_node(20, label_point), nodes)
    }),
    ("nearest label points", |nodes, _| {
        let config = LabelPointsConfig::per_node(20, label_point).rule(Rule::Nearest);
        built::<Ring<LabelPoints>>(&config, nodes)
    }),
    ("rendezvous", |nodes, _| built::<Rendezvous>(&(), nodes)),
    ("weighted rendezvous", |_, nodes| built::<WeightedRendezvous>(&(), nodes)),
    ("slice", |nodes, _| {
        let all: Vec<u64> = (0..nodes.slots() as u64).collect();
        Box::new(RendezvousSlice::new(Vec::leak(all)).unwrap())
    }),
    ("weighted slice", |nodes, _| {
        let all: Vec<(u64, u64)> =
            (0..nodes.slots()).map(|slot| (slot as u64, weight(slot))).collect();
        Box::new(WeightedRendezvousSlice::new(Vec::leak(all)).unwrap())
    }),
    ("jump", |nodes, _| built::<Numbered<Jump>>(&(), nodes)),
    ("jump guava", |nodes, _| built::<Numbered<JumpGuava>>(&(), nodes)),
    ("jump back", |nodes, _| built::<Numbered<JumpBack>>(&(), nodes)),
    ("flip", |nodes, _| built::<Numbered<FlipHash>>(&(), nodes)),
    ("buckets", |nodes, _| Box::new(Buckets::new(JumpBack, nodes.slots() as u32).unwrap())),
    ("anchor on jump back", |nodes, _| built::<JumpBackAnchor>(&(), nodes)),
    ("anchor", |nodes, _| built::<AnchorHash>(&AnchorConfig::default(), nodes)),
    ("anchor without room", |nodes, _| {
        let config = AnchorConfig::default().capacity(nodes.live() as u32);
        built::<AnchorHash>(&config, nodes)
    }),
    ("maglev", |nodes, _| built::<Maglev>(&MaglevConfig::default(), nodes)),
    ("weighted maglev", |_, nodes| built::<Maglev>(&MaglevConfig::default(), nodes)),
    ("asura", |nodes, _| built::<Asura>(&AsuraConfig::default(), nodes)),
    ("weighted asura", |_, nodes| built::<Asura>(&AsuraConfig::default().unit(1), nodes)),
    ("table", |nodes, _| {
        let three = |key: KeyHash, out: &mut [NodeIdx]| {
            let n = nodes.slots() as u64;
            let node = |i| NodeIdx::new(((mix(key.get()) + i) % n) as u32);
            out.iter_mut().zip(0..).for_each(|(place, i)| *place = node(i));
            out.len()
        };
        Box::new(PartitionTable::derived(nodes, 64, 3, three).unwrap())
    }),
    ("a user's own", |nodes, _| Box::new(shuffled(nodes.slots()))),
];

/// What a row is asked about.
struct Case {
    placement: Box<dyn Placement>,
    /// Equal nodes with their zones, for spreads and loads.
    topology: Topology<String>,
}

fn case(make: Make, n: usize, zone: impl Fn(usize) -> usize) -> Case {
    let node = |i: usize| Node::new(format!("n{i}")).domain("zone", &zone(i).to_string());
    let topology = Topology::of((0..n).map(node)).unwrap();
    let weighted = Topology::of((0..n).map(|i| node(i).weight(weight(i)))).unwrap();
    let placement = make(topology.members(), weighted.members());
    assert_eq!(placement.live(), n);
    Case { placement, topology }
}

fn keys(n: u64) -> impl Iterator<Item = KeyHash> {
    (0..n).map(|key| KeyHash::of_id(key + 1))
}

/// n · log2 n.
fn sorting(n: usize) -> u64 {
    n as u64 * u64::from(n.ilog2())
}

/// Runs one question for all rows: the steps of `keys` keys together grow by no more than a factor
/// from n to 2n nodes below and above the slots that have a bit of their own, and never exceed
/// `bound` a key, up to 20,000 nodes.
fn each_row(
    question: &str,
    keys: u64,
    factor: f64,
    zone: fn(usize) -> usize,
    ask: impl Fn(&Case, KeyHash),
    bound: impl Fn(usize) -> u64,
) {
    for (name, make) in ROWS {
        let steps = |n: usize, keys: u64| {
            let case = case(make, n, zone);
            let steps = |key| during(|| ask(&case, key)).1;
            let all: Vec<u64> = self::keys(keys).map(steps).collect();
            let most = all.iter().max().copied().unwrap_or_default();
            // A pass over this board is one over 16 slots a node on average.
            let slots = if name == "weighted asura" { 4 * 16 * n as u64 } else { 0 };
            let bound = bound(n) + slots;
            assert!(most <= bound, "{question}, {name}: {most} steps at {n}, {bound} allowed");
            all.iter().sum()
        };
        assert_growth(&format!("{question}, {name}"), 1500, factor, |n| steps(n, keys));
        let _ = steps(20_000, 3);
    }
}

#[test]
fn all_candidates() {
    let all = |case: &Case, key| {
        let count = Candidates::new(&*case.placement, key).count();
        assert_eq!(count, case.placement.live());
    };
    each_row("all candidates", 20, 2.6, |_| 0, all, |n| 10 * sorting(n) + 70_000);
}

#[test]
fn as_many_replicas_as_nodes() {
    let all = |case: &Case, key| {
        let mut out = vec![NodeIdx::default(); case.placement.live()];
        let expected = case.placement.guarantees().max_replicas.min(out.len());
        assert_eq!(case.placement.replicas(key, &mut out), expected);
    };
    // The replicas of a table are counted nowhere: there are three.
    let all = |case: &Case, key| {
        all(case, key);
        crate::steps::count(1);
    };
    each_row("all replicas", 20, 2.6, |_| 0, all, |n| 10 * sorting(n) + 70_000);
}

/// Into a slice, as it is done without a heap.
#[test]
fn all_candidates_into_a_slice() {
    let all = |case: &Case, key| {
        let mut out = vec![NodeIdx::default(); case.placement.live()];
        let mut walk = Walk::new(key);
        let found = case.placement.next_candidates(&mut walk, &mut out, &mut |_| true);
        assert_eq!(found, case.placement.live());
    };
    each_row("a batch", 10, 2.6, |_| 0, all, |n| 10 * sorting(n) + 300);
}

fn spread(case: &Case, of: &Spread, key: KeyHash, up: impl Fn(NodeIdx) -> bool) -> usize {
    of.replicas_where(&*case.placement, key, &mut [NodeIdx::default(); 3], up)
}

/// One replica in each of three zones, one of which a health filter refuses.
#[test]
fn a_zone_is_refused() {
    for (rule, expected) in [("strict", 2), ("best effort", 3), ("even", 3)] {
        let ask = |case: &Case, key| {
            let members = case.topology.members();
            let of = match rule {
                "strict" => Spread::strict(members, 3, [("zone", 1)]),
                "even" => Spread::even(members, 3, ["zone"]),
                _ => Spread::best_effort(members, 3, [("zone", 1)]),
            };
            let of = of.unwrap();
            assert_eq!(spread(case, &of, key, |node| node.index() % 3 != 2), expected);
        };
        each_row(rule, 10, 2.3, |i| i % 3, ask, |n| 10 * n as u64 + 1000);
    }
}

/// As many replicas as nodes, of two zones of two nodes and one of all others, by every rule.
#[test]
fn as_many_spread_replicas_as_nodes() {
    for rule in ["best effort", "even", "even, a zone refused"] {
        let ask = |case: &Case, key| {
            let (members, n) = (case.topology.members(), case.placement.live());
            let of = match rule {
                "best effort" => Spread::best_effort(members, n, [("zone", 1)]),
                _ => Spread::even(members, n, ["zone"]),
            };
            let (mut out, small) = (vec![NodeIdx::default(); n], rule.ends_with("refused"));
            let up = |node: NodeIdx| !small || node.index() >= 4;
            let of = of.unwrap();
            let found = of.replicas_where(&*case.placement, key, &mut out, up);
            assert_eq!(found, if small { n - 4 } else { n });
            assert_eq!(of.kept(&out), usize::from(rule != "best effort"));
        };
        // A list of all candidates, one sort, and another sort for `kept`.
        let zone = |i: usize| if i < 4 { i / 2 } else { 2 };
        each_row(rule, 5, 2.6, zone, ask, |n| 20 * sorting(n) + 70_000);
    }
}

/// One node alone in a zone, without a filter: no more than ten times as many steps as there are
/// candidates before it.
#[test]
fn a_zone_of_one_node() {
    for (name, make) in ROWS {
        for n in [1500, 3000, 20_000] {
            let case = case(make, n, |i| if i == n - 1 { 2 } else { i % 2 });
            let members = case.topology.members();
            let strict = Spread::strict(members, 3, [("zone", 1)]).unwrap();
            let even = Spread::even(members, 3, ["zone"]).unwrap();
            for key in keys(if n > 3000 { 3 } else { 20 }) {
                let mut walk = Walk::new(key);
                let (_, before) = during(|| {
                    case.placement.next_candidate_where(&mut walk, &mut |at| at.index() == n - 1)
                });
                for of in [&strict, &even] {
                    let (found, steps) = during(|| spread(&case, of, key, |_| true));
                    let most = 10 * before.max(n as u64);
                    assert_eq!(found, 3);
                    assert!(steps <= most, "{name} of {n}: {steps} steps, {before} to the node");
                }
            }
        }
    }
}

/// Limits that no filter and no rare zone makes hard take a few steps, or one pass a replica.
#[test]
fn nothing_is_refused() {
    for (name, make) in ROWS {
        let case = case(make, 3000, |i| i % 5);
        let of = Spread::strict(case.topology.members(), 3, [("zone", 1)]).unwrap();
        let (mut all, keys) = (0, 50);
        for key in self::keys(keys) {
            all += during(|| assert_eq!(spread(&case, &of, key, |_| true), 3)).1;
        }
        // A step of a rendezvous walk is a pass; behind its three holders a table is one.
        let passes = ["rendezvous", "weighted rendezvous", "slice", "weighted slice", "table"];
        let most = if passes.contains(&name) { 3 * 3000 + 100 } else { 40 };
        assert!(all <= most * keys, "{name}: {} steps a key", all / keys);
    }
}

/// The one request more that the last node has room for.
#[test]
fn the_last_place_in_flight() {
    let ask = |case: &Case, key| {
        let members = case.topology.members();
        let in_flight = InFlight::new(members, LoadFactor::ONE);
        let full = members.iter().skip(1);
        let leases: Vec<_> = full.map(|node| in_flight.acquire([node].into_iter())).collect();
        assert!(leases.iter().all(Option::is_some));
        let last = in_flight.acquire(Candidates::new(&*case.placement, key)).unwrap();
        assert_eq!(last.node(), NodeIdx::new(0));
    };
    each_row("in flight", 20, 3.5, |_| 0, ask, |n| 10 * sorting(n) + 70_000);
}

/// 256 darts, and the slots as often as there are batches: the slots are many times the nodes.
#[test]
fn weighted_boards() {
    for n in [1000, 4000] {
        let nodes = (0..n).map(|i| Node::new(i as u64).weight(weight(i)));
        let topology = Topology::of(nodes).unwrap();
        let board = Asura::build(&AsuraConfig::default().unit(1), topology.members()).unwrap();
        let slots = (0..n).map(weight).sum::<u64>();
        for key in keys(5) {
            let mut out = vec![NodeIdx::default(); n];
            let (found, steps) = during(|| board.replicas(key, &mut out));
            assert_eq!(found, n);
            assert!(steps <= slots + 3 * sorting(n) + 256, "{steps} steps, {slots} slots");
            // Few nodes take no memory, and one pass for 16 of them.
            for k in [3, 16, INLINE_CANDIDATES] {
                let mut few = vec![NodeIdx::default(); k];
                assert_eq!(during(|| board.replicas(key, &mut few)).0, k);
                assert_eq!(few, out[..k]);
            }
        }
    }
    // A light node among few heavy ones is hit by hardly any dart.
    let light = (0..40).map(|i| Node::new(i).weight(if i < 3 { 1 << 16 } else { 1 }));
    let topology = Topology::of(light).unwrap();
    let board = Asura::build(&AsuraConfig::default().unit(1 << 4), topology.members()).unwrap();
    let slots = board.board().slots() as u64;
    let (found, steps) =
        during(|| board.replicas(KeyHash::of_id(1), &mut [NodeIdx::default(); 40]));
    assert_eq!(found, 40);
    assert!(steps <= 3 * slots + 256, "{steps} steps, {slots} slots");
}
