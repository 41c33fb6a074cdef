//! A plan on paper: why a partition's replicas stay or move, and what speaks against the plan.

use super::change::{Change, TableOf, lost};
use super::missing::{self, Real};
use super::outcome::{Check, Tried};
use apportion::migration::Steps;
use apportion::partition::Plan;
use apportion::{Error, PartitionTable};

/// One line for the partition and one for each of its replicas; `None` if the step does not have it.
/// Without a plan the step only splits partitions.
pub(crate) fn explain(
    plan: Option<&Plan>,
    before: Option<TableOf<'_>>,
    table: &PartitionTable,
    partition: u32,
) -> Option<Vec<String>> {
    if let Some(plan) = plan {
        let text = plan.explain(partition)?.to_string();
        let lines = text.lines().map(|line| line.trim_start().to_owned()).collect();
        return Some(match before {
            Some(before) => missing::explained(before, lines),
            None => lines,
        });
    }
    let ways = table.partitions() / before?.table.partitions();
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
    before: Option<TableOf<'_>>,
    after: TableOf<'_>,
    steps: Option<&Steps<'_, String>>,
) -> Result<Tried, Error> {
    let Some(plan) = plan else {
        let text =
            "PASS  movement  partitions are split, and nothing is copied or deleted".to_owned();
        return Ok(Tried { verdict: "PASS".to_owned(), checks: Vec::new(), text });
    };
    let gone = || before.into_iter().flat_map(|before| lost(before.nodes, after.nodes));
    let run = plan.dry_run().lost(gone());
    let run = match steps {
        Some(steps) => run.steps(steps),
        None => run,
    };
    let checks = run.checks().into_iter().map(|check| Check {
        name: check.name.to_owned(),
        verdict: check.verdict.to_string(),
        finding: check.finding,
    });
    let (verdict, text) = (run.verdict().to_string(), run.to_string());
    let mut tried = Tried { verdict, checks: checks.collect(), text };
    if let Some(before) = before.filter(|before| before.missing() > 0) {
        let change = Change::new(plan, before.nodes, after.nodes)?;
        let ways = after.table.partitions() / before.table.partitions();
        let held = change.held(before.loads(ways), steps);
        let lost = gone().map(String::as_str).filter(|id| held.contains_key(id)).collect();
        let missing = before.missing() * u64::from(ways);
        Real { held, lost, missing, in_steps: steps.is_some() }.reword(&mut tried);
    }
    Ok(tried)
}
