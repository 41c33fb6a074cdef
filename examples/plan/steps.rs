//! Plans the steps, one after the other.

use super::carried::Leaders;
use super::change::{Change, TableOf};
use super::figures::{self, Files};
use super::heap::Watch;
use super::options::Options;
use super::outcome::{Done, Outcome, Stopped};
use super::scenario::{Scenario, Step};
use super::start::Start;
use super::tables;
use super::text::quoted;
use apportion::partition::{Plan, SizeFigures};
use apportion::{Error, PartitionTable, Planner, Topology};
use std::time::Instant;

/// The result of planning a step.
pub(crate) struct Planned<'a> {
    pub(crate) done: Done,
    pub(crate) planner: Planner<'a>,
    pub(crate) table: PartitionTable,
    pub(crate) nodes: &'a Topology<String>,
    /// `None` for a split.
    pub(crate) plan: Option<Plan>,
    /// `None` if nothing is copied or deleted, in a fresh table and in a split, or nobody asks.
    pub(crate) change: Option<Change>,
}

/// Plans all steps. Also returns what `--export` prints.
pub(crate) fn run(
    scenario: &Scenario,
    start: Option<Start>,
    options: &Options,
    files: &mut Files,
) -> Result<(Outcome, String), String> {
    if !scenario.tables.is_empty() {
        return tables::run(scenario, options, files).map(|outcome| (outcome, String::new()));
    }
    let mut outcome = Outcome { steps: Vec::new(), error: None };
    let mut export = String::new();
    let start = start.map(|Start { table, nodes }| (table, nodes));
    let mut last = start.as_ref().map(|(table, nodes)| (table.clone(), nodes));
    for (number, step) in (1..).zip(&scenario.steps) {
        let before = last.as_ref().map(|(table, nodes)| TableOf { table, nodes });
        let planned = match step.only_split.zip(last.as_ref()) {
            Some((ways, (table, nodes))) => split(step, table, nodes, ways),
            None => plan(step, before, options),
        };
        let here = |why: String| in_step(&step.label, &why);
        let mut planned = match planned {
            Ok(planned) => planned,
            Err((field, error)) => {
                let message = here(format!("{field}{error}"));
                let Some(infeasible) = error.infeasible() else { return Err(message) };
                outcome.error = Some(Stopped::new(&step.label, infeasible, message));
                return Ok((outcome, String::new()));
            }
        };
        figures::add(before, &mut planned, options, files)?;
        if let Some(topic) = options.export.as_ref().filter(|_| number == scenario.steps.len()) {
            export = figures::export(before, &planned, options, topic).map_err(here)?;
        }
        outcome.steps.push(planned.done);
        last = Some((planned.table, planned.nodes));
    }
    Ok((outcome, export))
}

/// A message about a step.
pub(crate) fn in_step(label: &str, why: &str) -> String {
    format!("step {}: {why}", quoted(label.as_bytes()))
}

/// An error of the library, and the field it concerns if the error does not name it.
pub(crate) type Refused = (&'static str, Error);

fn own(error: Error) -> Refused {
    ("", error)
}

fn plan<'a>(
    step: &'a Step,
    before: Option<TableOf<'_>>,
    options: &Options,
) -> Result<Planned<'a>, Refused> {
    let disperse = !options.no_disperse;
    let watch = Watch::start();
    let started = Instant::now();
    let planner = Planner::new(step.nodes.members(), &step.config).map_err(own)?;
    let slots = step.slots.iter().copied();
    let planner = planner.slots(slots).map_err(|e| ("slots: ", e))?;
    let planner = with_states(planner, step, before).map_err(|e| ("state: ", e))?;
    let planner = planner.pinned(step.pins.iter().copied()).map_err(|e| ("pins: ", e))?;
    let planner = planner.frozen(step.frozen.iter().copied()).map_err(|e| ("frozen: ", e))?;
    let soft = step.frozen_if_possible.iter().copied();
    let planner = planner.frozen_if_possible(soft).map_err(|e| ("frozen_if_possible: ", e))?;
    let planner = with_leaders(planner, step)?;
    let planner = planner.sizes(step.sizes.iter().copied()).map_err(own)?;
    let planner = planner.affinity(step.affinity.iter().cloned()).map_err(|e| ("affinity: ", e))?;
    let old = before.map(|before| (before.table, before.nodes.members()));
    let plan = match old {
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
    let verified = planner.verify(&plan, old).map_err(own)?;
    let certificate_ms = milliseconds(started);
    let sizes = plan.sizes();
    let done = Done {
        size_max_over_fair: sizes.map(SizeFigures::max_over_fair),
        size_lower_bound: sizes.map(SizeFigures::lower_bound),
        size_gap: sizes.map(SizeFigures::gap),
        size_moved: sizes.map(SizeFigures::moved),
        moved: plan.moved(),
        leaders_moved: plan.leaders_moved(),
        leaders_lower_bound: plan.leaders_lower_bound(),
        lower_bound: plan.lower_bound(),
        optimal: verified.optimal(),
        partitions_with_two_or_more_moved: plan.partitions_moved_twice(),
        plan_ms,
        disperse_ms,
        certificate_ms,
        peak_bytes,
        thawed: plan.thawed().to_vec(),
        ..done(&step.label, &planner, plan.table())
    };
    let before = before.filter(|_| options.carries_out());
    let change = before.map(|before| Change::new(&plan, before.nodes, &step.nodes)).transpose();
    let change = change.map_err(own)?;
    let (table, nodes) = (plan.table().clone(), &step.nodes);
    Ok(Planned { done, planner, table, nodes, plan: Some(plan), change })
}

/// Closes the nodes that take nothing. In a fresh table they have nothing to keep, so they stay empty.
pub(crate) fn with_states<'a>(
    planner: Planner<'a>,
    step: &Step,
    before: Option<TableOf<'_>>,
) -> Result<Planner<'a>, Error> {
    let (no_new, maintenance) = (step.no_new.iter().copied(), step.maintenance.iter().copied());
    if step.no_new.is_empty() && step.maintenance.is_empty() {
        return Ok(planner);
    }
    let Some(TableOf { table, nodes }) = before else {
        return planner.slots(no_new.chain(maintenance).map(|node| (node, 0)));
    };
    let planner = planner.cordoned(no_new, table, nodes.members())?;
    planner.in_maintenance(maintenance, table, nodes.members())
}

/// The planner, which balances leaders if the step says so.
pub(crate) fn with_leaders<'a>(planner: Planner<'a>, step: &Step) -> Result<Planner<'a>, Refused> {
    match &step.leaders {
        None => Ok(planner),
        Some(Leaders::ByQuota) => Ok(planner.balance_leaders()),
        Some(Leaders::ByWeight(weights)) => {
            let weights = weights.iter().map(|(node, weight)| (*node, *weight));
            planner.leader_weights(weights).map_err(|e| ("leaders: ", e))
        }
    }
}

/// Splits partitions and changes nothing else but leaders. All holders stay, so until a later step loads may
/// miss the floor or ceiling of the larger quotas by about one replica.
fn split<'a>(
    step: &'a Step,
    table: &PartitionTable,
    nodes: &'a Topology<String>,
    ways: u32,
) -> Result<Planned<'a>, Refused> {
    let watch = Watch::start();
    let started = Instant::now();
    let mut table = table.split(ways).map_err(own)?;
    let planner = Planner::new(nodes.members(), &step.config).map_err(own)?;
    let planner = with_leaders(planner, step)?;
    let planner = planner.sizes(step.sizes.iter().copied()).map_err(own)?;
    let planner = planner.affinity(step.affinity.iter().cloned()).map_err(|e| ("affinity: ", e))?;
    let (mut leaders_moved, mut leaders_lower_bound) = (0, 0);
    if planner.balances_leaders() {
        let led = planner.lead(&table, nodes.members()).map_err(own)?;
        (leaders_moved, leaders_lower_bound) = (led.leaders_moved(), led.leaders_lower_bound());
        table = led.into_table();
    }
    let plan_ms = milliseconds(started);
    let peak_bytes = watch.peak() as u64;
    let done = Done {
        plan_ms,
        peak_bytes,
        leaders_moved,
        leaders_lower_bound,
        ..done(&step.label, &planner, &table)
    };
    Ok(Planned { done, planner, table, nodes, plan: None, change: None })
}

/// The result of a step in which nothing moved, with the quality figures of its table.
fn done(label: &str, planner: &Planner<'_>, table: &PartitionTable) -> Done {
    let report = planner.report(table);
    let over_fair = planner.max_size_over_fair(table);
    Done {
        label: label.to_owned(),
        size_max_over_fair: over_fair,
        size_lower_bound: over_fair,
        size_gap: over_fair.map(|_| 0.0),
        size_moved: over_fair.map(|_| 0),
        optimal: true,
        max_over_quota: report.max_over_quota,
        min_over_quota: report.min_over_quota,
        outside_floor_ceil: report.outside_floor_ceil,
        domain_violations: report.domain_violations,
        worst_pair: report.worst_pair,
        worst_pair_shared: report.worst_pair_shared,
        distinct_copysets: report.distinct_copysets,
        missing_replicas: report.missing_replicas,
        max_led_over_quota: report.max_led_over_quota,
        min_led_over_quota: report.min_led_over_quota,
        leaders_outside_floor_ceil: report.leaders_outside_floor_ceil,
        max_leaders_over_quota: report.max_leaders_over_quota,
        worst_takeover: report.worst_takeover,
        worst_takeover_led: report.worst_takeover_led,
        ..Done::default()
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
