//! Picks, claims and leases under load limits, over histories of requests.

use super::{Checksum, key, nodes};
use apportion::bounded::{InFlight, LoadFactor, LoadLimit, NodeLoads, Picked, Shed};
use apportion::{Locator, NodeIdx};
use std::collections::VecDeque;
use std::fmt::Write;

/// A request: key, cost. Some keys are hot.
fn request(i: u64) -> (u64, u64) {
    let draw = key(1 << 32 | i).get();
    let hot = draw >> 60 < 9;
    (if hot { draw >> 40 & 3 } else { draw >> 33 & 0xFFF }, 1 + (draw & 31) * (draw >> 8 & 1))
}

/// How often each answer was given, the loads at the end, and a checksum of all answers.
pub(crate) fn table() -> String {
    let mut text = String::new();
    let factor = |num, den| LoadLimit::new(LoadFactor::new(num, den).unwrap());
    let limits = [
        ("1/1", factor(1, 1)),
        ("5/4", factor(5, 4)),
        ("5/4, margin 40", factor(5, 4).margin(40)),
        ("21/20, margin 64, one of 4", factor(21, 20).margin(64).one_of(4)),
        ("1/1, margin 9, cap 150", factor(1, 1).margin(9).cap(150)),
        ("5/4, cap 70, sheds", factor(5, 4).cap(70).shedding()),
    ];
    for over in ["ring", "weighted-rendezvous"] {
        let pool = Locator::any_of(nodes(&[1, 2, 3, 4, 0, 5]), over.parse().unwrap()).unwrap();
        let members = pool.topology().members();
        let slots = members.slots();
        for (what, limit) in &limits {
            let mut loads = vec![0_u64; slots];
            let mut flying: VecDeque<(usize, u64)> = VecDeque::new();
            let (mut sum, mut counts) = (Checksum::new(), [0_u32; 5]);
            for i in 0..4000 {
                let (key, cost) = request(i);
                if flying.len() > 40 {
                    let (node, cost) = flying.pop_front().unwrap();
                    loads[node] -= cost;
                }
                // A hot key stays on its first two candidates.
                let take = if key < 2 { 2 } else { slots };
                let candidates = pool.candidates(&key).map(|(node, _)| node).take(take);
                let now = NodeLoads::of(members, |node| loads[node.index()]);
                let picked = limit.pick(candidates, cost, now);
                let (kind, a, b) = match picked {
                    Ok(Picked::Preferred { node }) => (0, node.get(), 0),
                    Ok(Picked::Spilled { node, past }) => (1, node.get(), past),
                    Ok(Picked::AllAbove { node, past }) => (2, node.get(), past),
                    Err(Shed::AllAbove { candidates }) => (3, candidates, 0),
                    Err(Shed::AllFull { candidates }) => (4, candidates, 0),
                    Err(Shed::NoLiveNode) => panic!("some node is live"),
                };
                counts[kind] += 1;
                [kind as u64, a.into(), b.into()].into_iter().for_each(|word| sum.add(word));
                if let Ok(picked) = picked {
                    loads[picked.node().index()] += cost;
                    flying.push_back((picked.node().index(), cost));
                }
            }
            let [preferred, spilled, above, shed, full] = counts;
            writeln!(text, "{what} over {over}").unwrap();
            writeln!(
                text,
                "  preferred {preferred}, spilled {spilled}, above {above}, shed {shed}, full {full}"
            )
            .unwrap();
            writeln!(text, "  loads {loads:?}, checksum {:016x}", sum.0).unwrap();

            let leases = InFlight::of(members, *limit);
            let (mut held, mut sum) = (VecDeque::new(), Checksum::new());
            for i in 0..2000 {
                let (key, cost) = request(i);
                if held.len() > 40 {
                    held.pop_front();
                }
                let candidates = pool.candidates(&key).map(|(node, _)| node);
                let lease = leases.acquire_cost(candidates, cost as u32);
                sum.add(lease.as_ref().map_or(99, |lease| lease.node().get()).into());
                held.extend(lease);
            }
            let loads = (0..slots as u32).map(|slot| leases.load(NodeIdx::new(slot)));
            let loads: Vec<u32> = loads.collect();
            writeln!(text, "  leases {loads:?}, checksum {:016x}", sum.0).unwrap();
        }
    }
    text
}
