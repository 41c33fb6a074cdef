//! Healthy nodes only, and nodes of other values.

use crate::model::{KINDS, Paths, Rule, topology, tree};
use crate::orders::Order;
use crate::support::{Draws, holders};
use apportion::{Algorithm, KeyHash, Locator, NodeIdx, Placement, Spread};

fn filtered(
    of: &Spread,
    placement: &dyn Placement,
    key: KeyHash,
    accept: impl FnMut(NodeIdx) -> bool,
) -> Vec<NodeIdx> {
    let mut out = [NodeIdx::default(); 12];
    let found = of.replicas_where(placement, key, &mut out, accept);
    out[..found].to_vec()
}

/// A filter is the same as candidates without those it refuses; keys with none of these among their
/// replicas keep them, in their order.
#[test]
fn failover_does_not_reshuffle() {
    let mut draws = Draws(60);
    let (mut same, mut other) = (0, 0);
    for round in 0..1500 {
        let algorithm = Algorithm::NAMES[round % Algorithm::NAMES.len()].parse().unwrap();
        let depth = draws.below(4) as usize;
        let n = 1 + draws.below(20) as usize;
        let nodes = tree(&mut draws, &vec![1; n], depth);
        let locator = Locator::any_of(topology(&nodes), algorithm).unwrap();
        let members = locator.topology().members();
        let paths = Paths::of(members);
        let part = draws.below(5);
        let down: Vec<bool> = (0..n).map(|_| draws.below(5) < part).collect();
        let healthy = |node: NodeIdx| !down[node.index()];
        for kind in KINDS {
            let rule = Rule::random(&mut draws, kind, depth);
            let replicas = 1 + draws.below(10) as usize;
            let Ok(of) = rule.compile(members, replicas) else { continue };
            for key in draws.keys(3) {
                let all = filtered(&of, locator.placement(), key, |_| true);
                let up = filtered(&of, locator.placement(), key, healthy);
                let mut candidates = holders(locator.placement(), key, n);
                candidates.retain(|node| healthy(*node));
                assert_eq!(up, rule.of(&paths, &candidates, replicas), "{rule:?}");
                if all.iter().all(|node| healthy(*node)) {
                    assert_eq!(up, all, "{rule:?}");
                    same += 1;
                } else {
                    other += 1;
                }
            }
        }
    }
    assert!(same > 1000 && other > 1000, "{same} the same, {other} changed");
}

/// A spread over a placement of other nodes: those it does not know are left out.
#[test]
fn nodes_of_other_values_are_left_out() {
    let mut draws = Draws(61);
    for _ in 0..2000 {
        let depth = draws.below(4) as usize;
        let n = 2 + draws.below(10) as usize;
        let weights: Vec<u64> = (0..n).map(|_| draws.below(4).min(1)).collect();
        let topology = topology(&tree(&mut draws, &weights, depth));
        let members = topology.members();
        let paths = Paths::of(members);
        let live = |node: &NodeIdx| members.weight(*node).is_some_and(apportion::Weight::is_live);
        let mut list: Vec<NodeIdx> = (0..n as u32 + 5).map(NodeIdx::new).collect();
        list.push(NodeIdx::new(u32::MAX));
        draws.shuffle(&mut list);
        list.truncate(1 + draws.below(list.len() as u64) as usize);
        let known: Vec<NodeIdx> = list.iter().copied().filter(live).collect();
        for kind in KINDS {
            let rule = Rule::random(&mut draws, kind, depth);
            let replicas = 1 + draws.below(8) as usize;
            let Ok(of) = rule.compile(members, replicas) else { continue };
            let found = filtered(&of, &Order(list.clone()), KeyHash::default(), |_| true);
            assert_eq!(found, rule.of(&paths, &known, replicas), "{rule:?}");
            assert!(of.kept(&list) <= rule.limits.len());
        }
    }
}

/// Filters that change their mind: an end, distinct nodes, strict limits.
#[test]
fn filters_that_change_their_mind_still_end() {
    let mut draws = Draws(62);
    for _ in 0..3000 {
        let depth = draws.below(4) as usize;
        let n = 1 + draws.below(14) as usize;
        let topology = topology(&tree(&mut draws, &vec![1; n], depth));
        let members = topology.members();
        let mut list: Vec<NodeIdx> = members.iter().collect();
        draws.shuffle(&mut list);
        for kind in KINDS {
            let rule = Rule::random(&mut draws, kind, depth);
            let replicas = 1 + draws.below(n as u64) as usize;
            let Ok(of) = rule.compile(members, replicas) else { continue };
            let order = Order(list.clone());
            let found = filtered(&of, &order, KeyHash::default(), |_| draws.below(2) == 0);
            let mut distinct = found.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), found.len());
            if kind == crate::model::Kind::Strict {
                assert!(rule.allows(rule.limits.len(), &Paths::of(members), &found));
            }
        }
    }
}

/// No more than a few steps where nothing is filtered: a ring is not read to its end.
#[test]
fn walks_end_early() {
    use std::cell::Cell;
    struct Counting(Order, Cell<usize>);
    impl Placement for Counting {
        fn slots(&self) -> usize {
            self.0.slots()
        }
        fn live(&self) -> usize {
            self.0.live()
        }
        fn guarantees(&self) -> apportion::Guarantees {
            self.0.guarantees()
        }
        fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
            self.0.locate(key)
        }
        fn next_candidate(&self, walk: &mut apportion::Walk) -> Option<NodeIdx> {
            self.1.set(self.1.get() + 1);
            self.0.next_candidate(walk)
        }
    }
    let node = |i: usize| {
        apportion::Node::new(format!("n{i}"))
            .domain("region", &format!("{}", i % 2))
            .domain("zone", &format!("{}", i % 4))
    };
    let topology = topology(&(0..1000).map(node).collect::<Vec<_>>());
    let members = topology.members();
    let order = Counting(Order(members.iter().collect()), Cell::new(0));
    let steps = |of: Result<Spread, apportion::Error>, k: usize| {
        order.1.set(0);
        let mut out = vec![NodeIdx::default(); k];
        assert_eq!(of.unwrap().replicas(&order, KeyHash::default(), &mut out), k);
        order.1.get()
    };
    let limits = [("region", 1), ("zone", 1)];
    assert_eq!(steps(Spread::strict(members, 2, limits), 2), 2);
    // One a region; the limit of zones gives no more room without another region; four more.
    assert_eq!(steps(Spread::best_effort(members, 6, limits), 6), 2 + 6);
    // One a region; the other two zones; then the zones of the first candidates; then the others.
    assert_eq!(steps(Spread::even(members, 8, ["region", "zone"]), 8), 2 + 4 + 6 + 8);
}
