//! Plans the steps, one after the other.

use super::dump::Dump;
use super::heap::Watch;
use super::outcome::{Done, Outcome, Stopped};
use super::scenario::{Scenario, Step};
use super::text::quoted;
use apportion::partition::Plan;
use apportion::{Error, PartitionTable, Planner, Topology};
use std::time::Instant;

/// A table and its nodes.
type TableOf<'a> = (PartitionTable, &'a Topology<String>);

pub(crate) fn run(
    scenario: &Scenario,
    disperse: bool,
    dump: &mut Option<Dump>,
) -> Result<Outcome, String> {
    let mut outcome = Outcome { steps: Vec::new(), error: None };
    let mut before: Option<TableOf<'_>> = None;
    for step in &scenario.steps {
        let done = match step.only_split.zip(before.as_ref()) {
            Some((ways, (table, nodes))) => split(step, table, nodes, ways),
            None => plan(step, before.as_ref(), disperse),
        };
        let (done, now) = match done {
            Ok(done) => done,
            Err((field, error)) => {
                let message = format!("step {}: {field}{error}", quoted(step.label.as_bytes()));
                let Some(infeasible) = error.infeasible() else { return Err(message) };
                outcome.error = Some(Stopped::new(&step.label, infeasible, message));
                break;
            }
        };
        if let Some(dump) = dump {
            dump.write(&step.label, &now.0, now.1)?;
        }
        outcome.steps.push(done);
        before = Some(now);
    }
    Ok(outcome)
}

/// An error of the library, and the field it concerns if the error does not name it.
type Refused = (&'static str, Error);

fn own(error: Error) -> Refused {
    ("", error)
}

fn plan<'a>(
    step: &'a Step,
    before: Option<&TableOf<'a>>,
    disperse: bool,
) -> Result<(Done, TableOf<'a>), Refused> {
    let watch = Watch::start();
    let started = Instant::now();
    let planner = Planner::new(step.nodes.members(), &step.config).map_err(own)?;
    let planner = planner.pinned(step.pins.iter().copied()).map_err(|e| ("pins: ", e))?;
    let planner = planner.frozen(step.frozen.iter().copied()).map_err(|e| ("frozen: ", e))?;
    let soft = step.frozen_if_possible.iter().copied();
    let planner = planner.frozen_if_possible(soft).map_err(|e| ("frozen_if_possible: ", e))?;
    let before = before.map(|(table, nodes)| (table, nodes.members()));
    let plan = match before {
        None => planner.fresh(),
        Some((table, members)) => planner.rebalance(table, members),
    };
    let mut plan = plan.map_err(own)?;
    let plan_ms = milliseconds(started);
    let started = Instant::now();
    if disperse {
        planner.disperse(&mut plan).map_err(own)?;
    }
    let disperse_ms = if disperse { milliseconds(started) } else { 0.0 };
    let peak_bytes = watch.peak() as u64;
    let started = Instant::now();
    let verified = planner.verify(&plan, before).map_err(own)?;
    let certificate_ms = milliseconds(started);
    let done = done(&step.label, &planner, plan.table());
    let done = Done {
        moved: plan.moved(),
        lower_bound: plan.lower_bound(),
        optimal: verified.optimal(),
        partitions_with_two_or_more_moved: plan.partitions_moved_twice(),
        plan_ms,
        disperse_ms,
        certificate_ms,
        peak_bytes,
        thawed: plan.thawed().to_vec(),
        ..done
    };
    Ok((done, (Plan::into_table(plan), &step.nodes)))
}

/// Splits partitions and changes nothing else. All holders stay, so until a later step loads may
/// miss the floor or ceiling of the larger quotas by about one replica.
fn split<'a>(
    step: &'a Step,
    table: &PartitionTable,
    nodes: &'a Topology<String>,
    ways: u32,
) -> Result<(Done, TableOf<'a>), Refused> {
    let watch = Watch::start();
    let started = Instant::now();
    let table = table.split(ways).map_err(own)?;
    let plan_ms = milliseconds(started);
    let peak_bytes = watch.peak() as u64;
    let planner = Planner::new(nodes.members(), &step.config).map_err(own)?;
    let done = Done { plan_ms, peak_bytes, ..done(&step.label, &planner, &table) };
    Ok((done, (table, nodes)))
}

/// The result of a step in which nothing moved, with the quality figures of its table.
fn done(label: &str, planner: &Planner<'_>, table: &PartitionTable) -> Done {
    let report = planner.report(table);
    Done {
        label: label.to_owned(),
        moved: 0,
        lower_bound: 0,
        optimal: true,
        max_over_quota: report.max_over_quota,
        min_over_quota: report.min_over_quota,
        outside_floor_ceil: report.outside_floor_ceil,
        domain_violations: report.domain_violations,
        partitions_with_two_or_more_moved: 0,
        worst_pair: report.worst_pair,
        worst_pair_shared: report.worst_pair_shared,
        distinct_copysets: report.distinct_copysets,
        plan_ms: 0.0,
        disperse_ms: 0.0,
        certificate_ms: 0.0,
        peak_bytes: 0,
        thawed: Vec::new(),
        missing_replicas: report.missing_replicas,
        max_led_over_quota: report.max_led_over_quota,
        min_led_over_quota: report.min_led_over_quota,
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
