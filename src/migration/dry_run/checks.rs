//! The checks of a dry run.

use super::count::{Counts, NodeCount};
use super::domains::{outside_quota, violations};
use super::{Check, DryRun, Verdict};
use crate::error::{Count, Label};
use crate::node::NodeLabel;
use crate::partition::{Planner, Verified};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Numbers of partitions that a finding lists.
const LISTED_MAX: usize = 5;

/// All checks, in order.
pub(super) fn all(dry_run: &DryRun<'_>, counts: &Counts) -> Vec<Check> {
    // The plan's own planner made the same problem before, so this cannot fail.
    let planner = Planner::of_plan(dry_run.plan).ok();
    let verified = planner.as_ref().map(|planner| {
        let plan = dry_run.plan;
        planner.verify(plan, plan.old()).map_err(|error| error.to_string())
    });
    let mut checks = Vec::new();
    let mut add = |name, (verdict, finding)| checks.push(Check { name, verdict, finding });
    add("limits", limits(dry_run));
    if let Some(planner) = &planner {
        add("quotas", quotas(planner, counts));
        add("replicas", replicas(dry_run));
        add("pins", pins(dry_run, planner));
        add("frozen", frozen(dry_run, planner, counts));
    }
    add("nodes", nodes(dry_run, counts));
    if dry_run.capacity.is_some() || !dry_run.capacities.is_empty() {
        add("capacity", capacity(dry_run, counts));
    }
    add("peak", peak(dry_run, counts));
    add("movement", movement(dry_run, verified));
    checks
}

type Found = (Verdict, String);

fn pass(finding: impl Into<String>) -> Found {
    (Verdict::Pass, finding.into())
}

/// Some partitions by number: "partition 7", "partitions 1, 2, 3 and 9 more".
fn listed(partitions: &[u32]) -> String {
    let names: Vec<String> = partitions.iter().take(LISTED_MAX).map(u32::to_string).collect();
    let more = partitions.len().saturating_sub(LISTED_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let s = if partitions.len() == 1 { "" } else { "s" };
    format!("partition{s} {}{more}", names.join(", "))
}

/// "", or how many there are besides the one that was named.
fn others(count: u64) -> String {
    match count.saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {more} more like it)"),
    }
}

fn limits(dry_run: &DryRun<'_>) -> Found {
    let config = dry_run.plan.table().config();
    let (count, first) = violations(dry_run.plan);
    if let Some(first) = first {
        let place = match &first.domain {
            Some(domain) => format!("{domain:?}"),
            None => "one node".into(),
        };
        let finding = format!(
            "partition {} has {} in {place}, where at most {} may be{}",
            first.partition,
            Count(first.held, "replica"),
            first.limit,
            others(count)
        );
        return (Verdict::Fail, finding);
    }
    let limits: Vec<String> = config
        .limits()
        .map(|(level, limit)| (Count(limit, "replica"), level))
        .map(|(count, level)| format!("{count} in a {level}"))
        .collect();
    if limits.is_empty() {
        return pass(
            "the replicas of every partition are on different nodes; no other limit is set",
        );
    }
    pass(format!("no partition has more than {}", limits.join(", ")))
}

fn quotas(planner: &Planner<'_>, counts: &Counts) -> Found {
    let (count, first) = outside_quota(planner, counts);
    let Some(first) = first else {
        return pass("every node and failure domain holds the floor or the ceiling of its quota");
    };
    let (floor, ceil) = first.quota;
    let finding = format!(
        "{} holds {}, and its quota is {floor} to {ceil}{}",
        first.name,
        Count(first.holds, "replica"),
        others(count)
    );
    (Verdict::Fail, finding)
}

fn replicas(dry_run: &DryRun<'_>) -> Found {
    let (plan, table) = (dry_run.plan, dry_run.plan.table());
    let config = table.config();
    let (is, wanted) = (table.replication_factor(), config.replicas());
    let copies = config.copies_of_partitions().len() > 0;
    if plan.missing_replicas() == 0 {
        return pass(if copies {
            "every partition has the replicas that its configuration asks for".into()
        } else {
            format!("every partition has {}", Count(wanted, "replica"))
        });
    }
    let missing = Count(plan.missing_replicas(), "replica");
    let all = if copies {
        format!("no partition has more than {is} replicas")
    } else {
        format!("every partition has {is} of {wanted} replicas")
    };
    let why = "since the nodes and limits admit no more";
    (Verdict::Warn, format!("{all}, {why}: {missing} missing"))
}

fn pins(dry_run: &DryRun<'_>, planner: &Planner<'_>) -> Found {
    let (mut pins, mut broken) = (0_u64, Vec::new());
    for (partition, node) in planner.pins() {
        pins += 1;
        if !dry_run.plan.table().row(partition).any(|holder| holder == node) {
            broken.push(partition);
        }
    }
    match (pins, broken.as_slice()) {
        (0, _) => pass("no partition is pinned"),
        (1, []) => pass("the pin is kept"),
        (pins, []) => pass(format!("all {pins} pins are kept")),
        (_, broken) => (Verdict::Fail, format!("pins are not kept by {}", listed(broken))),
    }
}

fn frozen(dry_run: &DryRun<'_>, planner: &Planner<'_>, counts: &Counts) -> Found {
    let (frozen, soft) = planner.frozen_partitions();
    let changed = |partition: &u32| counts.changed.binary_search(partition).is_ok();
    let broken: Vec<u32> = frozen.iter().copied().filter(changed).collect();
    if !broken.is_empty() {
        return (Verdict::Fail, format!("the holders change of frozen {}", listed(&broken)));
    }
    let thawed = dry_run.plan.thawed();
    if !thawed.is_empty() {
        let finding = format!(
            "{} of {} to be frozen if possible: {} nevertheless",
            thawed.len(),
            Count(soft.len() as u64, "partition"),
            if thawed.len() == 1 {
                format!("{} moves", listed(thawed))
            } else {
                format!("{} move", listed(thawed))
            }
        );
        return (Verdict::Warn, finding);
    }
    match frozen.len() + soft.len() {
        0 => pass("no partition is frozen"),
        _ if dry_run.plan.old().is_none() => pass("the table is fresh, so nothing is frozen in it"),
        1 => pass("no replica of the frozen partition moves"),
        all => pass(format!("no replica of the {all} frozen partitions moves")),
    }
}

fn nodes(dry_run: &DryRun<'_>, counts: &Counts) -> Found {
    let known = |label: &NodeLabel| counts.nodes.iter().any(|node| node.label == *label);
    if let Some(label) = dry_run.lost.iter().find(|label| !known(label)) {
        return (Verdict::Fail, format!("node {} is lost, but on neither side", label.shown()));
    }
    if !counts.lost.is_empty() {
        let finding = format!("no holder is left of {}: restore it", listed(&counts.lost));
        return (Verdict::Fail, finding);
    }
    let leaves = |node: &&NodeCount| (node.new.is_none() || node.lost) && node.held() > 0;
    let leaving: Vec<&NodeCount> = counts.nodes.iter().filter(leaves).collect();
    let Some(first) = leaving.first() else {
        return pass(match dry_run.plan.old() {
            Some(_) => "no node with replicas leaves or is lost",
            None => "the table is fresh, so nothing is copied",
        });
    };
    let replicas: u64 = leaving.iter().map(|node| node.held()).sum();
    let again: u64 = leaving.iter().map(|node| node.again).sum();
    let (label, held) = (first.label.shown(), Count(first.held(), "replica"));
    let mut finding = match leaving.len() {
        1 if first.lost => format!("node {label} is lost, which held {held}"),
        1 => format!("node {label} leaves, which holds {held}"),
        more => format!("{more} nodes leave or are lost with {replicas} replicas, {label} first"),
    };
    if again > 0 {
        let are = if again == 1 { "is" } else { "are" };
        let to = if leaving.len() == 1 { "it" } else { "lost nodes" };
        finding = format!("{finding}, of which {again} {are} copied to {to} again");
    }
    if counts.left_by_all.is_empty() {
        finding.push_str("; other holders remain of every partition");
    } else {
        let only = listed(&counts.left_by_all);
        finding =
            format!("{finding}; nodes that stay hold no copy of {only}, so copy before they go");
    }
    (Verdict::Warn, finding)
}

/// The nodes that this exceeds, the worst of them first.
fn worst(counts: &Counts, over: impl Fn(&NodeCount) -> Option<u128>) -> Vec<&NodeCount> {
    let mut nodes: Vec<(u128, &NodeCount)> = counts
        .nodes
        .iter()
        .filter_map(|node| over(node).map(|over| (over, node)))
        .filter(|(over, _)| *over > 0)
        .collect();
    nodes.sort_by(|(a, _), (b, _)| b.cmp(a));
    nodes.into_iter().map(|(_, node)| node).collect()
}

fn capacity(dry_run: &DryRun<'_>, counts: &Counts) -> Found {
    let known = |label: &NodeLabel| counts.nodes.iter().any(|node| node.label == *label);
    if let Some((label, _)) = dry_run.capacities.iter().find(|(label, _)| !known(label)) {
        let label = label.shown();
        return (Verdict::Fail, format!("node {label} has a capacity, but is on neither side"));
    }
    let over = |node: &NodeCount| {
        let capacity = dry_run.capacity_of(&node.label)?;
        Some(node.after.counted(dry_run.by_size).saturating_sub(capacity.into()))
    };
    let full = worst(counts, over);
    let Some(first) = full.first() else {
        return pass("every node ends within its capacity");
    };
    let finding = format!(
        "node {} ends with {}, and its capacity is {}{}",
        first.label.shown(),
        dry_run.amount(first.after.counted(dry_run.by_size)),
        dry_run.capacity_of(&first.label).unwrap_or_default(),
        others(full.len() as u64)
    );
    (Verdict::Fail, finding)
}

fn peak(dry_run: &DryRun<'_>, counts: &Counts) -> Found {
    let by_size = dry_run.by_size;
    if counts.other_steps {
        let finding = "the steps are those of another migration, or of one with other sizes or other \
                       lost nodes";
        return (Verdict::Fail, finding.into());
    }
    let over = |node: &NodeCount| {
        let capacity = u128::from(dry_run.capacity_of(&node.label)?);
        Some(node.peak.counted(by_size).saturating_sub(capacity))
    };
    // What a node holds from the start is nobody's step.
    let by_steps = |node: &NodeCount| {
        let grows = node.peak.counted(by_size) > node.before.counted(by_size);
        over(node).filter(|_| grows)
    };
    let (steps, at_all) = (worst(counts, by_steps), worst(counts, over));
    if let Some(first) = steps.first() {
        let (node, peak) = (first.label.shown(), dry_run.amount(first.peak.counted(by_size)));
        let capacity = dry_run.capacity_of(&first.label).unwrap_or_default();
        let more = others(steps.len() as u64);
        return if dry_run.peaks.is_some() || dry_run.plan.old().is_none() {
            let finding =
                format!("node {node} reaches {peak}, and its capacity is {capacity}{more}");
            (Verdict::Fail, finding)
        } else {
            let finding = format!(
                "node {node} would reach {peak} if all copies came before the first deletion, and \
                 its capacity is {capacity}{more}: carry the plan out in steps that keep it"
            );
            (Verdict::Warn, finding)
        };
    }
    if let Some(first) = at_all.first() {
        let finding = format!(
            "node {} holds {} already, and its capacity is {}{}",
            first.label.shown(),
            dry_run.amount(first.before.counted(by_size)),
            dry_run.capacity_of(&first.label).unwrap_or_default(),
            others(at_all.len() as u64)
        );
        return (Verdict::Warn, finding);
    }
    let highest = counts.nodes.iter().rev().max_by_key(|node| node.peak.counted(by_size));
    let (node, peak) = highest
        .map_or((Label::default(), 0), |node| (node.label.shown(), node.peak.counted(by_size)));
    let how = if dry_run.peaks.is_some() { "" } else { ", even if all copies come at once" };
    pass(format!("no node exceeds {}, which node {node} reaches{how}", dry_run.amount(peak)))
}

fn movement(dry_run: &DryRun<'_>, verified: Option<Result<Verified, String>>) -> Found {
    let moved = Count(dry_run.plan.moved(), "replica");
    match verified {
        None => (Verdict::Fail, "the nodes and rules of the plan admit no table".into()),
        Some(Err(error)) => (Verdict::Fail, error),
        Some(Ok(_)) if dry_run.plan.old().is_none() => pass("nothing moves for a fresh table"),
        Some(Ok(verified)) if verified.optimal() => {
            pass(format!("{moved} to move, and no balanced table moves fewer: it is proved"))
        }
        Some(Ok(verified)) => {
            let minimum = verified.minimum;
            let finding = format!("{moved} to move, where {minimum} are proved to be necessary");
            (Verdict::Warn, finding)
        }
    }
}
