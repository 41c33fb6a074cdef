//! What it takes to carry a step out: its figures, its nodes and moves, and its part of the files.

use super::change::{Change, Held, TableOf, rows_after};
use super::dump::Dump;
use super::kafka::Topic;
use super::options::Options;
use super::outcome::{Copied, Deleted, Done, NodeRow};
use super::page::{Pages, Shown, ShownTable};
use super::paper;
use super::steps::{Planned, in_step};
use apportion::migration::{Schedule, Steps};
use apportion::partition::Plan;
use apportion::{NodeIdx, Planner, Topology};
use std::collections::HashMap;

/// The files that are written while the steps are planned.
pub(crate) struct Files {
    pub(crate) tables: Option<Dump>,
    pub(crate) schedules: Option<Dump>,
    pub(crate) html: Option<Dump>,
    /// What the report shows, if there is one.
    pub(crate) pages: Option<Pages>,
}

impl Files {
    /// Writes out what is still buffered.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        let files = self.tables.iter_mut().chain(&mut self.schedules).chain(&mut self.html);
        files.into_iter().try_for_each(Dump::flush)
    }

    /// Gives the files their names. Without this they are removed.
    pub(crate) fn keep(self) -> Result<(), String> {
        [self.tables, self.schedules, self.html].into_iter().flatten().try_for_each(Dump::keep)
    }
}

/// How a planned step is carried out.
struct Carried<'a> {
    before: Option<TableOf<'a>>,
    after: TableOf<'a>,
    /// `None` if nothing is copied or deleted.
    change: Option<&'a Change>,
    schedule: Option<Schedule>,
    /// With `--steps`.
    steps: Option<Steps<'a, String>>,
}

/// Completes the figures of a planned step, and writes its part of the files.
pub(crate) fn add(
    before: Option<TableOf<'_>>,
    planned: &mut Planned<'_>,
    options: &Options,
    files: &mut Files,
) -> Result<(), String> {
    let Planned { done, planner, table, nodes, plan, change } = planned;
    let (after, change) = (TableOf { table, nodes }, change.as_ref());
    let carried = Carried::new(before, after, change, planner, options);
    let carried = carried.map_err(|why| in_step(&done.label, &why))?;
    if options.carries_out() {
        carried.figures(done, planner, options);
    }
    if let Some(partition) = options.explain {
        done.explanation = paper::explain(plan.as_ref(), before, table, partition);
    }
    if options.dry_run {
        let tried = paper::dry_run(plan.as_ref(), before, after, carried.steps.as_ref());
        done.dry_run = Some(tried.map_err(|e| in_step(&done.label, &e.to_string()))?);
    }
    if let Some(pages) = &mut files.pages {
        let tried = paper::dry_run(plan.as_ref(), before, after, carried.steps.as_ref());
        let tried = tried.map_err(|e| in_step(&done.label, &e.to_string()))?;
        pages.add(&Shown {
            label: &done.label,
            tables: vec![ShownTable { before, after, plan: plan.as_ref() }],
            certificate: plan.as_ref().map(Plan::certificate),
            change,
            schedule: carried.schedule.as_ref(),
            steps: carried.steps.as_ref(),
            rows: carried.rows(planner),
            checks: tried.checks,
        });
    }
    if let Some(file) = &mut files.tables {
        carried.write_tables(&done.label, file)?;
    }
    if let Some(file) = &mut files.schedules {
        carried.write_schedule(&done.label, file)?;
    }
    Ok(())
}

/// The reassignments of a planned step: one line, or one for each bounded step; none where nothing
/// is to be reassigned. Nodes that are lost are in no line: Kafka would wait for them for ever.
pub(crate) fn export(
    before: Option<TableOf<'_>>,
    planned: &Planned<'_>,
    options: &Options,
    topic: &Topic,
) -> Result<String, String> {
    let Planned { planner, table, nodes, change, .. } = planned;
    let (after, change) = (TableOf { table, nodes }, change.as_ref());
    if let Some((from, to)) = before
        .map(|before| (before.table.partitions(), table.partitions()))
        .filter(|(from, to)| from != to)
    {
        return Err(format!("--export: {from} partitions become {to}, and Kafka splits none"));
    }
    let carried = Carried::new(before, after, change, planner, options)?;
    // What Kafka has, and what the bounded steps have, where lost nodes are still holders.
    let mut kafka: Option<Vec<Vec<&str>>> = before.map(|before| before.rows().collect());
    let mut way = kafka.clone();
    let mut lines = String::new();
    if let (Some(steps), Some(kafka), Some(way)) = (&carried.steps, &mut kafka, &mut way) {
        // The last bounded step is the table itself.
        for step in 1..steps.len() {
            let rows: Vec<Vec<&str>> = rows_after(steps, step).collect();
            let next = kafka.iter().zip(way.iter().zip(&rows)).map(|(has, (old, new))| {
                let live = new.iter().copied().filter(|id| nodes.contains(*id));
                let live: Vec<&str> = live.collect();
                if old == new || live.is_empty() { has.clone() } else { live }
            });
            let next: Vec<Vec<&str>> = next.collect();
            lines += &topic.reassignment(Some(kafka), &next)?;
            (*kafka, *way) = (next, rows);
        }
    }
    let last: Vec<Vec<&str>> = after.rows().collect();
    Ok(lines + &topic.reassignment(kafka.as_deref(), &last)?)
}

impl<'a> Carried<'a> {
    fn new(
        before: Option<TableOf<'a>>,
        after: TableOf<'a>,
        change: Option<&'a Change>,
        planner: &Planner<'_>,
        options: &Options,
    ) -> Result<Self, String> {
        let schedule = change.map(|change| change.schedule(options.limits())).transpose();
        let schedule = schedule.map_err(|e| format!("--schedule: {e}"))?;
        let max = change.zip(options.steps);
        let steps = max.map(|(change, max)| change.steps(max, planner)).transpose();
        let steps = steps.map_err(|e| format!("--steps: {e}"))?;
        Ok(Self { before, after, change, schedule, steps })
    }

    fn figures(&self, done: &mut Done, planner: &Planner<'_>, options: &Options) {
        "optimal".clone_into(&mut done.guarantee);
        if let Some((change, schedule)) = self.change.zip(self.schedule.as_ref()) {
            done.transfers = change.transfers().count() as u64;
            (done.rounds, done.round_bound) = (schedule.rounds(), schedule.bound());
            done.guarantee = schedule.optimality().to_string();
            done.extra_partition = schedule.extra_unit().and_then(|unit| change.partition(unit));
        }
        let steps = self.steps.as_ref().map_or(0, Steps::len) as u64;
        done.bounded_steps = options.steps.map(|_| steps);
        let rows = self.rows(planner);
        let over = |row: &NodeRow| row.peak as f64 / row.quota;
        let peaks = rows.iter().filter(|row| row.quota > 0.0).map(over);
        done.peak_over_quota = peaks.fold(0.0, f64::max);
        done.nodes = options.nodes.then_some(rows);
        if options.moves {
            let change = || self.change.into_iter();
            done.moves = Some(change().flat_map(Change::transfers).map(copied).collect());
            done.deletions = Some(change().flat_map(Change::deletions).map(deleted).collect());
        }
    }

    /// The nodes of the step by id, then those that held replicas before it and are gone.
    fn rows(&self, planner: &Planner<'_>) -> Vec<NodeRow> {
        let Self { before, after, change, .. } = self;
        let ways = before.map_or(1, |old| after.table.partitions() / old.table.partitions());
        // A fresh table is held from the beginning.
        let loads = before.unwrap_or(*after).loads(ways);
        let mut held = match change {
            Some(change) => change.held(loads, self.steps.as_ref()),
            None => loads.into_iter().map(|(id, load)| (id, Held::unchanged(load))).collect(),
        };
        let (loads, led) = (after.loads(1), after.led());
        let mut rows: Vec<NodeRow> = Vec::new();
        for (node, id) in after.nodes.iter() {
            let held = held.remove(id.as_str()).unwrap_or_default();
            let load = loads.get(id.as_str()).copied().unwrap_or(0);
            let quota = planner.exact_quota(node).unwrap_or(0.0);
            let led = led.get(id.as_str()).copied().unwrap_or(0);
            rows.push(NodeRow::of(after.nodes, node, (quota, load, led), held));
        }
        NodeRow::sorted(rows, held)
    }

    /// Every table on the way, and the planned one.
    fn write_tables(&self, label: &str, file: &mut Dump) -> Result<(), String> {
        if let Some(steps) = &self.steps {
            let count = steps.len();
            for step in 1..=count {
                file.table(&format!("{label} ({step} of {count})"), rows_after(steps, step))?;
            }
        }
        file.table(label, self.after.rows())
    }

    /// The transfers round by round, those of a round by partition and destination.
    fn write_schedule(&self, label: &str, file: &mut Dump) -> Result<(), String> {
        let Some((change, schedule)) = self.change.zip(self.schedule.as_ref()) else {
            return Ok(());
        };
        let transfers: Vec<_> = change.transfers().collect();
        let rounds = (1..).zip(schedule.iter());
        let lines = rounds.flat_map(|(round, members)| {
            let transfers = members.iter().filter_map(|number| transfers.get(*number as usize));
            transfers.map(move |(partition, from, to)| (round, *partition, *from, *to))
        });
        file.transfers(label, lines)
    }
}

fn copied((partition, from, to): (u32, Option<&str>, &str)) -> Copied {
    Copied { partition, from: from.map(str::to_owned), to: to.to_owned() }
}

fn deleted((partition, node): (u32, &str)) -> Deleted {
    Deleted { partition, node: node.to_owned() }
}

impl NodeRow {
    /// A node of the step with its quota, its load and the partitions that it leads.
    pub(crate) fn of(
        nodes: &Topology<String>,
        node: NodeIdx,
        (quota, load, led): (f64, u64, u64),
        Held { before, copied, peak }: Held,
    ) -> Self {
        let members = nodes.members();
        let path = members.domain(node).into_iter().flat_map(|domain| domain.path());
        Self {
            id: nodes.get(node).cloned().unwrap_or_default(),
            domains: path.map(|(level, name)| (level.to_owned(), name.to_owned())).collect(),
            weight: members.weight(node).map(|weight| weight.get()),
            quota,
            load,
            load_over_quota: (quota > 0.0).then(|| load as f64 / quota),
            led,
            moved_in: copied,
            moved_out: before + copied - load,
            peak,
        }
    }

    /// Rows in the order of their ids, then those of `gone` nodes that held replicas, in the same order.
    pub(crate) fn sorted(mut rows: Vec<Self>, gone: HashMap<&str, Held>) -> Vec<Self> {
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let mut gone: Vec<(&str, Held)> =
            gone.into_iter().filter(|(_, held)| held.before > 0).collect();
        gone.sort_unstable_by_key(|(id, _)| *id);
        rows.extend(gone.into_iter().map(|(id, held)| Self::gone(id, held.before)));
        rows
    }

    /// A node that held replicas before the step and is not among its nodes.
    fn gone(id: &str, held: u64) -> Self {
        Self { id: id.to_owned(), moved_out: held, peak: held, ..Self::default() }
    }
}
