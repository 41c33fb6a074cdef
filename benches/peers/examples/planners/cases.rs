//! The cases that are planned.

use crate::case::{Case, config, rows, topology};
use crate::kafka;
use crate::member::{Member, REPLICAS};
use apportion::Planner;

/// All cases. Tables over equal nodes are the ones that Kafka creates, so no planner here starts from
/// its own; those over unequal nodes are fresh plans of this crate, because Kafka ignores weights.
pub(crate) fn all() -> Vec<Case> {
    let equal = |nodes, zones| members(nodes, zones, |_| 1);
    let unequal = members(20, 5, |id| u64::from(id / 5) + 1);
    let small = members(8, 4, |id| u64::from(id / 4) + 1);
    vec![
        case("a, a broker more", 10_000, equal(24, 3), more),
        case("a, a broker less", 10_000, equal(24, 3), less),
        case("b, a node more", 1024, equal(20, 5), more),
        case("b, a weight doubled", 1024, equal(20, 5), |nodes| doubled(nodes)),
        case("c, a node less and a weight tripled", 1024, unequal, |nodes| {
            less(nodes);
            nodes.iter_mut().filter(|node| node.id == 19).for_each(|node| node.weight *= 3);
        }),
        case("d, a weight tripled", 64, small, |nodes| nodes[7].weight *= 3),
    ]
}

fn members(nodes: u32, zones: u32, weight: impl Fn(u32) -> u64) -> Vec<Member> {
    (0..nodes).map(|id| Member { id, zone: id % zones, weight: weight(id) }).collect()
}

/// A node of weight 1 joins the first zone.
fn more(nodes: &mut Vec<Member>) {
    nodes.push(Member { id: nodes.len() as u32, zone: 0, weight: 1 });
}

fn less(nodes: &mut Vec<Member>) {
    nodes.retain(|node| node.id != 7);
}

fn doubled(nodes: &mut [Member]) {
    nodes[7].weight *= 2;
}

fn case(
    name: &'static str,
    partitions: u32,
    before: Vec<Member>,
    change: impl Fn(&mut Vec<Member>),
) -> Case {
    let mut after = before.clone();
    change(&mut after);
    let zones = 1 + before.iter().map(|node| node.zone).max().unwrap_or(0);
    let heaviest = before.iter().map(|node| node.weight).max().unwrap_or(1);
    let rows = if heaviest == 1 {
        kafka::striped(&before, partitions)
    } else {
        let nodes = topology(&before);
        let planner = Planner::new(nodes.members(), &config(partitions)).expect("a planner");
        let plan = planner.balance_leaders().fresh().expect("a table");
        rows(plan.table(), &nodes)
    };
    let weights =
        if heaviest == 1 { "equal nodes" } else { &format!("nodes of weights 1 to {heaviest}") };
    let nodes = before.len();
    let says =
        format!("{nodes} {weights}, {zones} zones, {partitions} partitions of {REPLICAS} replicas");
    Case { name, says, before, after, rows }
}
