//! A plan on paper: why a partition's replicas stay or move, and what speaks against the plan.

use super::change::lost;
use super::outcome::{Check, Tried};
use apportion::migration::Steps;
use apportion::partition::Plan;
use apportion::{PartitionTable, Topology};

/// One line for the partition and one for each of its replicas; `None` if the step does not have it.
/// Without a plan the step only splits partitions.
pub(crate) fn explain(
    plan: Option<&Plan>,
    before: Option<&PartitionTable>,
    table: &PartitionTable,
    partition: u32,
) -> Option<Vec<String>> {
    if let Some(plan) = plan {
        let text = plan.explain(partition)?.to_string();
        return Some(text.lines().map(|line| line.trim_start().to_owned()).collect());
    }
    let ways = table.partitions() / before?.partitions();
    (partition < table.partitions()).then(|| {
        let old = partition / ways;
        vec![format!(
            "partition {partition}, one of {ways} into which partition {old} was split: the step \
             changes nothing else, so every replica stays"
        )]
    })
}

/// Tries a plan. Nodes that are no longer there are lost; with steps the peaks are those of the steps.
pub(crate) fn dry_run(
    plan: Option<&Plan>,
    before: Option<&Topology<String>>,
    after: &Topology<String>,
    steps: Option<&Steps<'_, String>>,
) -> Tried {
    let Some(plan) = plan else {
        let text =
            "PASS  movement  partitions are split, and nothing is copied or deleted".to_owned();
        return Tried { verdict: "PASS".to_owned(), checks: Vec::new(), text };
    };
    let run = plan.dry_run().lost(before.into_iter().flat_map(|before| lost(before, after)));
    let run = match steps {
        Some(steps) => run.steps(steps),
        None => run,
    };
    let checks = run.checks().into_iter().map(|check| Check {
        name: check.name,
        verdict: check.verdict.to_string(),
        finding: check.finding,
    });
    Tried { verdict: run.verdict().to_string(), checks: checks.collect(), text: run.to_string() }
}
