//! Claims: picks that count the request in one step, from many threads.

use crate::pick_model::Rule;
use crate::support::Draws;
use apportion::NodeIdx;
use apportion::bounded::{NodeLoads, Picked, Shed};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

const NODES: usize = 4;

fn load(loads: &[AtomicU64; NODES], node: NodeIdx) -> u64 {
    loads[node.index()].load(SeqCst)
}

fn sum(loads: &[AtomicU64; NODES]) -> u64 {
    loads.iter().map(|load| load.load(SeqCst)).sum()
}

fn add(load: &AtomicU64, cost: u64, max: u64) -> bool {
    load.fetch_update(SeqCst, SeqCst, |load| Some(load + cost).filter(|sum| *sum <= max)).is_ok()
}

/// No load is above the cap at any moment, and without a cap nothing is refused. If it sheds,
/// requests go only where they fit.
#[test]
fn caps_hold_under_races() {
    for (round, cap) in [(0, Some(8)), (1, Some(9)), (2, None)] {
        let mut rule = Rule::of(5, 4, 3);
        rule.cap = cap;
        let limit = rule.limit();
        let loads = [const { AtomicU64::new(0) }; NODES];
        let refused = AtomicU64::new(0);
        thread::scope(|scope| {
            for number in 0..8 {
                let (loads, refused) = (&loads, &refused);
                scope.spawn(move || {
                    let mut draws = Draws(round * 100 + number);
                    let mut flying: Vec<(NodeIdx, u64)> = Vec::new();
                    for _ in 0..20_000 {
                        if flying.len() >= 8 || draws.below(3) == 0 && !flying.is_empty() {
                            let at = draws.below(flying.len() as u64) as usize;
                            let (node, cost) = flying.swap_remove(at);
                            loads[node.index()].fetch_sub(cost, SeqCst);
                            continue;
                        }
                        let mut order = [0, 1, 2, 3].map(NodeIdx::new);
                        Draws(draws.below(3)).shuffle(&mut order);
                        let cost = 1 + draws.below(6);
                        let now = NodeLoads::equal(4, |node| load(loads, node), sum(loads));
                        let claim = |node: NodeIdx, max| add(&loads[node.index()], cost, max);
                        match limit.claim(order.into_iter(), cost, now, claim) {
                            Ok(picked) => flying.push((picked.node(), cost)),
                            Err(shed) => {
                                assert_eq!(shed, Shed::AllFull { candidates: 4 });
                                refused.fetch_add(1, SeqCst);
                            }
                        }
                        if let Some(cap) = cap {
                            assert!(loads.iter().all(|load| load.load(SeqCst) <= cap));
                        }
                    }
                    for (node, cost) in flying {
                        loads[node.index()].fetch_sub(cost, SeqCst);
                    }
                });
            }
        });
        assert_eq!(sum(&loads), 0);
        assert_eq!(refused.into_inner() > 0, cap.is_some());
    }
}

/// Others are faster: the claim goes on to the next candidate, then to the least loaded one, then to
/// any that has room, and calls each at most twice, and one of them once more.
#[test]
fn a_claim_that_loses_goes_on() {
    let order = || [0, 1, 2].map(NodeIdx::new).into_iter();
    let loads = [2_u64, 5, 3];
    let now = || NodeLoads::equal(3, |node: NodeIdx| loads[node.index()], 10);
    let rule = Rule::of(2, 1, 0); // ⌈2 · 12/3⌉ = 8 for a cost of 2
    let limit = rule.limit();
    for (lost, found) in [
        (0, Ok(Picked::Preferred { node: NodeIdx::new(0) })),
        (1, Ok(Picked::Spilled { node: NodeIdx::new(1), past: 1 })),
        (2, Ok(Picked::Spilled { node: NodeIdx::new(2), past: 2 })),
        (3, Ok(Picked::AllAbove { node: NodeIdx::new(0), past: 0 })),
        (4, Ok(Picked::AllAbove { node: NodeIdx::new(0), past: 0 })),
        (5, Ok(Picked::AllAbove { node: NodeIdx::new(1), past: 1 })),
        (6, Ok(Picked::AllAbove { node: NodeIdx::new(2), past: 2 })),
        (7, Err(Shed::AllFull { candidates: 3 })),
    ] {
        let mut asked = Vec::new();
        let result = limit.claim(order(), 2, now(), |node, max| {
            asked.push((node.get(), max));
            asked.len() > lost
        });
        assert_eq!(result, found, "{lost}");
        let all = [(0, 9), (1, 9), (2, 9), (0, u64::MAX)];
        let any = [0, 1, 2].map(|node| (node, u64::MAX));
        let expected: Vec<_> = all.into_iter().chain(any).take(lost + 1).collect();
        assert_eq!(asked, expected);
    }
    // If it sheds, losing everywhere is the end. The cap limits what is claimed.
    let mut asked = Vec::new();
    let shedding = limit.cap(7).shedding();
    let result = shedding.claim(order(), 2, now(), |node, max| {
        asked.push((node.get(), max));
        false
    });
    assert_eq!(result, Err(Shed::AllAbove { candidates: 3 }));
    assert_eq!(asked, [(0, 7), (1, 7), (2, 7)]);
    let none = limit.claim([NodeIdx::new(9)].into_iter(), 1, now(), |_, _| unreachable!());
    assert_eq!(none, Err(Shed::NoLiveNode));
}
