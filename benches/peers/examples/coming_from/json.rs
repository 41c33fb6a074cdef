//! Prints the outcome as one JSON object.

use crate::count::{Count, Tally};
use crate::nodes::{Cluster, Member};
use crate::peer::Peer;
use crate::sides::Sides;
use serde_json::{Value, json};

pub(crate) fn write(cluster: &Cluster, sides: &Sides, count: &Count) -> String {
    let growth = count.growth.map(|growth| {
        json!({
            "moved_keys": growth.moved,
            "moved_fraction": count.fraction(growth.moved),
            "between_others": growth.needless,
        })
    });
    let different = count.agree.map(|agree| count.keys - agree);
    let vnodes = match cluster.from {
        Peer::HashRing { vnodes } => Some(vnodes),
        _ => None,
    };
    let all = json!({
        "keys": count.keys,
        "from": cluster.from.name(),
        "vnodes": vnodes,
        "to": sides.algorithm(),
        "kept_keys": count.agree[0],
        "moved_keys": count.moved(),
        "moved_fraction": count.fraction(count.moved()),
        "kept_by_chance_fraction": count.by_chance(),
        "different_buckets": (cluster.from == Peer::Jump).then_some(different),
        "nodes": cluster.members.iter().zip(&count.nodes).map(node).collect::<Vec<_>>(),
        "fullest_over_fair": count.fullest(cluster.shares()),
        "next_node": {
            "id": cluster.joining.name,
            "weight": cluster.joining.weight,
            "fair_fraction": cluster.joining_share(),
            "from": growth[0],
            "to": growth[1],
        },
    });
    format!("{all}\n")
}

fn node((member, tally): (&Member, &Tally)) -> Value {
    json!({
        "id": member.name,
        "weight": member.weight,
        "before": tally.before,
        "after": tally.after,
        "stayed": tally.stayed,
    })
}
