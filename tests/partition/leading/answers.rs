//! Take-over, certificates, figures, explanations, errors and saved plans.

use super::{changed, equal, planner, rows, topology};
use crate::support::Draws;
use apportion::partition::{
    LeaderCertificate, LeaderReason, TableConfig, TableReport, VerifiedLeaders,
};
use apportion::{Error, NodeIdx, PartitionTable, Planner, Topology};
use std::collections::BTreeMap;

/// What one node takes over at the most, over all choices of second holders.
fn lowest_takeover(led: &[&Vec<u64>]) -> usize {
    let choices = (led[0].len() - 1).pow(led.len() as u32);
    let worst = |choice: usize| {
        let (mut rest, mut counts) = (choice, BTreeMap::new());
        for row in led {
            *counts.entry(row[1 + rest % (row.len() - 1)]).or_insert(0) += 1;
            rest /= row.len() - 1;
        }
        counts.into_values().max().unwrap_or(0)
    };
    (0..choices).map(worst).min().unwrap()
}

#[test]
fn take_over_is_as_even_as_holders_allow() {
    let mut draws = Draws(5);
    let mut checked = 0;
    for _ in 0..60 {
        let count = 4 + draws.below(6);
        let nodes = equal(count, count);
        let config = TableConfig::new(10 + draws.below(30) as u32, 3);
        let fresh = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap();
        let led = planner(&nodes, &config).lead(fresh.table(), nodes.members()).unwrap();
        let rows = rows(led.table(), &nodes);
        for node in 0..count {
            let own: Vec<&Vec<u64>> = rows.iter().filter(|row| row[0] == node).collect();
            if own.is_empty() || own.len() > 12 {
                continue;
            }
            let mut counts = BTreeMap::new();
            own.iter().for_each(|row| *counts.entry(row[1]).or_insert(0_usize) += 1);
            assert_eq!(counts.into_values().max(), Some(lowest_takeover(&own)), "{own:?}");
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn wrong_certificates_are_refused_or_prove_less() {
    let nodes = equal(8, 4);
    let config = TableConfig::new(100, 3);
    let planner = planner(&nodes, &config);
    let table = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table();
    let rotated: Vec<NodeIdx> = (0..100).flat_map(|p| table.row(p).collect::<Vec<_>>()).collect();
    let rotated: Vec<NodeIdx> = rotated
        .chunks(3)
        .map(
            |row| {
                if row[2].get() < 4 { [row[2], row[0], row[1]] } else { [row[0], row[1], row[2]] }
            },
        )
        .collect::<Vec<_>>()
        .concat();
    let table = PartitionTable::from_rows(nodes.members(), 100, 3, &rotated).unwrap();
    let plan = planner.lead(&table, nodes.members()).unwrap();
    let old = Some((&table, nodes.members()));
    let right = plan.leader_certificate().unwrap();
    let verify = |potentials: &[i64], blocks: &[u32]| {
        let parts = LeaderCertificate::from_parts(potentials.to_vec(), blocks.to_vec());
        planner.verify_leaders(plan.table(), &parts, old)
    };
    let led = verify(right.potentials(), right.blocks()).unwrap();
    assert!(led.optimal() && led.moved > 10, "{led:?}");
    let mut draws = Draws(9);
    for _ in 0..200 {
        let potentials: Vec<i64> = (0..8).map(|_| draws.below(7) as i64 - 3).collect();
        assert!(verify(&potentials, right.blocks()).unwrap().minimum <= led.moved);
    }
    assert_eq!(verify(&[0; 8], right.blocks()).unwrap().minimum, 0);
    let message = |result: Result<VerifiedLeaders, Error>| result.unwrap_err().to_string();
    assert!(message(verify(&[0; 7], right.blocks())).contains("got 7"));
    assert!(message(verify(&[0; 8], &[0; 9])).contains("got 9"));
    assert!(message(verify(&[0; 8], &[0, 0, 0, 0, 0, 0, 0, 50])).contains("in block 50"));
    // Blocks that would give nodes other quotas.
    let split = verify(&[0; 8], &[0, 0, 0, 0, 1, 1, 1, 1]);
    assert!(split.is_err());
    let unled = planner.verify_leaders(&table, right, None);
    assert!(message(unled).contains("its leader quota is"));
}

#[test]
fn errors_name_what_is_wrong() {
    let nodes = topology(&[(0, 1, 0), (1, 0, 1), (2, 1, 2)]);
    let config = TableConfig::new(10, 2);
    let planner = Planner::new(nodes.members(), &config).unwrap();
    let refused = |weights: &[(u32, u64)]| {
        let weights = weights.iter().map(|(slot, weight)| (NodeIdx::new(*slot), *weight));
        planner.clone().leader_weights(weights).unwrap_err().to_string()
    };
    assert_eq!(refused(&[(7, 1)]), "a leader weight: there is no node in slot 7");
    assert!(refused(&[(1, 2)]).starts_with("node 1 has weight 0 and a leader weight of 2"));
    assert_eq!(refused(&[(0, 1), (0, 2)]), "node 0 has two leader weights; give it one");
    assert!(refused(&[(0, 0), (2, 0)]).starts_with("the leader weights leave no node to lead"));
    assert!(planner.clone().leader_weights([(NodeIdx::new(1), 0)]).is_ok());

    let other = Topology::new([0_u64, 2, 5]).unwrap();
    let lead = |partitions, replicas| {
        let config = TableConfig::new(partitions, replicas);
        let planned = Planner::new(other.members(), &config).unwrap().fresh().unwrap();
        planner.lead(planned.table(), other.members()).unwrap_err().to_string()
    };
    let size = "the table has 20 partitions of 2 replicas, and the planner is for 10 partitions of 2 \
                replicas; rebalance the table to change its size";
    assert_eq!(lead(20, 2), size);
    assert!(lead(10, 2).contains("is on node 5, which is not among the planner's nodes"));
    // A plan knows whether its planner balances leaders.
    let mut plan = planner.clone().balance_leaders().fresh().unwrap();
    assert!(planner.disperse(&mut plan).is_err());
    assert!(!planner.balances_leaders() && plan.leader_certificate().is_some());
    assert!(planner.fresh().unwrap().leader_certificate().is_none());
}

/// Without balanced leaders the figures are counted all the same.
#[test]
fn figures_of_plans_without_balanced_leaders() {
    let (before, after) = (equal(10, 5), equal(11, 5));
    let config = TableConfig::new(300, 3);
    let old = Planner::new(before.members(), &config).unwrap().fresh().unwrap();
    assert_eq!((old.leaders_moved(), old.leaders_lower_bound()), (0, 0));
    let old = old.into_table();
    let planner = Planner::new(after.members(), &config).unwrap();
    let plan = planner.rebalance(&old, before.members()).unwrap();
    let moved = changed(&rows(&old, &before), &rows(plan.table(), &after));
    assert!(moved > 10);
    // Only leaders that gave their replicas up change.
    assert_eq!((plan.leaders_moved(), plan.leaders_lower_bound()), (moved, moved));
    let TableReport { leaders_outside_floor_ceil, max_leaders_over_quota, .. } =
        planner.report(plan.table());
    assert!(leaders_outside_floor_ceil <= 11 && max_leaders_over_quota >= 1.0);
}

#[test]
fn explanations_say_why_a_node_leads() {
    let (before, after) = (equal(8, 4), equal(9, 4));
    let config = TableConfig::new(160, 3);
    let old = planner(&before, &config).fresh().unwrap();
    let fresh = old.explain(0).unwrap();
    assert!(matches!(fresh.leader().unwrap().reason(), LeaderReason::Fresh { leads: 20, .. }));
    let text = fresh.to_string();
    assert!(
        text.ends_with("the table is fresh, and it leads 20 partitions, with a leader quota of 20")
    );
    let led = planner(&after, &config);
    let weights: Vec<(NodeIdx, u64)> = after.iter().map(|(node, id)| (node, 1 + id % 3)).collect();
    let weighted = Planner::new(after.members(), &config).unwrap().leader_weights(weights).unwrap();
    let mut seen = BTreeMap::new();
    for planner in [led, weighted] {
        let plan = planner.rebalance(old.table(), before.members()).unwrap();
        for partition in 0..160 {
            let explanation = plan.explain(partition).unwrap();
            let leader = explanation.leader().unwrap();
            assert_eq!(Some(leader.to()), plan.table().row(partition).next());
            let (name, text) = match leader.reason() {
                LeaderReason::Stays { .. } => ("stays", "as before: it leads "),
                LeaderReason::Left { .. } => {
                    ("left", "the old leader, has no replica of it any more")
                }
                LeaderReason::OverQuota { .. } => ("over", " led "),
                LeaderReason::BelowQuota { .. } => ("below", " led "),
                LeaderReason::InExchange => ("chain", "in a chain of changes"),
                _ => ("other", "?"),
            };
            let sentence = leader.to_string();
            assert!(sentence.contains(text), "{sentence}");
            assert!(explanation.to_string().ends_with(&sentence));
            *seen.entry(name).or_insert(0) += 1;
        }
    }
    assert!(["stays", "left", "over"].iter().all(|name| seen.contains_key(name)), "{seen:?}");
    let plain = Planner::new(after.members(), &config).unwrap();
    let plan = plain.rebalance(old.table(), before.members()).unwrap();
    assert!(plan.explain(0).unwrap().leader().is_none());
}

#[cfg(feature = "serde")]
#[test]
fn saved_plans_keep_their_leaders() {
    use apportion::partition::SavedPlan;

    let (before, after) = (equal(8, 4), equal(9, 4));
    let config = TableConfig::new(160, 3);
    let old = planner(&before, &config).fresh().unwrap().into_table();
    let led = planner(&after, &config);
    let from = Some((&old, before.members()));
    let plan = led.rebalance(&old, before.members()).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    let saved = |text: &str| serde_json::from_str::<SavedPlan>(text).unwrap();
    assert_eq!(saved(&text).restore(&led, from).unwrap(), plan);
    let plain = Planner::new(after.members(), &config).unwrap();
    assert!(saved(&text).restore(&plain, from).is_err(), "another planner");
    let other = text.replacen("\"leaders\":{\"lower_bound\":", "\"leaders\":{\"lower_bound\":9", 1);
    let error = saved(&other).restore(&led, from).unwrap_err().to_string();
    assert!(error.contains("leaders that have to change"), "{error}");
    let start = text.find("\"leaders\":").unwrap();
    let without = format!("{}\"leaders\":null}}", &text[..start]);
    let error = saved(&without).restore(&led, from).unwrap_err().to_string();
    assert!(error.contains("balanced leaders"), "{error}");
    // Older files have no such field.
    let plan = plain.rebalance(&old, before.members()).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    let older = text.replacen(",\"leaders\":null", "", 1);
    assert!(older.len() < text.len());
    assert_eq!(saved(&older).restore(&plain, from).unwrap(), plan);
}
