//! Several tables over the same nodes, planned together.

use super::change::{Change, Held, TableOf};
use super::dump::Dump;
use super::figures::Files;
use super::heap::Watch;
use super::json::{Fields, Json};
use super::options::Options;
use super::outcome::{Check, Done, NodeRow, Outcome, Stopped};
use super::page::{Pages, Shown, ShownTable};
use super::paper;
use super::scenario::{self, Scenario, Step};
use super::steps::{self, in_step};
use super::text::{counted, is_control, quoted, short};
use super::{carried, nodes::Member};
use apportion::limits::MAX_DOMAIN_BYTES;
use apportion::migration::Schedule;
use apportion::partition::{JointPlan, JointPlanner, TableConfig};
use apportion::{Error, PartitionTable, Planner, Topology};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

/// A table of the scenario.
pub(crate) struct Table {
    pub(crate) name: String,
    partitions: u32,
    replicas: u32,
    /// In place of the scenario's.
    pub(crate) limits: Option<BTreeMap<String, u32>>,
}

/// Reads the field `tables`; empty if the scenario has one table alone.
pub(crate) fn given(fields: &mut Fields, levels: &[String]) -> Result<Vec<Table>, String> {
    let Some(given) = fields.take("tables") else { return Ok(Vec::new()) };
    for other in ["partitions", "replicas", "name"] {
        if fields.has(other) {
            return Err(format!("tables and {other}: give one of them; each table has its own"));
        }
    }
    let mut tables: Vec<Table> = Vec::new();
    for (i, given) in given.list("tables")?.into_iter().enumerate() {
        let here = format!("tables: table {} of the list", i + 1);
        let mut fields = given.object(&here)?;
        let name = fields.need("name").and_then(name).map_err(|why| format!("{here}: {why}"))?;
        let here = format!("tables: {}", quoted(name.as_bytes()));
        let table = table(name, fields, levels).map_err(|why| format!("{here}: {why}"))?;
        if tables.iter().any(|other| other.name == table.name) {
            return Err(format!("{here} is given twice"));
        }
        tables.push(table);
    }
    if tables.is_empty() {
        return Err("tables []: needs at least one table".to_owned());
    }
    Ok(tables)
}

/// A name that can stand in a line of a dump.
fn name(given: Json) -> Result<String, String> {
    let name = given.text("name")?;
    if name.is_empty() || name.starts_with('#') || name.chars().any(is_control) {
        let name = quoted(name.as_bytes());
        return Err(format!(
            "name {name}: not a name without control characters and `#` before it"
        ));
    }
    if name.len() > MAX_DOMAIN_BYTES {
        return Err(format!("name: {} bytes, more than {MAX_DOMAIN_BYTES}", name.len()));
    }
    Ok(name)
}

fn table(name: String, mut fields: Fields, levels: &[String]) -> Result<Table, String> {
    let partitions = carried::partitions(&fields.need("partitions")?)?;
    let replicas = carried::replicas(&fields.need("replicas")?)?;
    let limits = fields.take("max_per_domain").map(scenario::limits).transpose()?;
    let known = |level: &&String| !levels.contains(level);
    if let Some(level) = limits.iter().flat_map(BTreeMap::keys).find(known) {
        let level = quoted(level.as_bytes());
        return Err(format!("max_per_domain: {level} is not in levels"));
    }
    fields.done()?;
    Ok(Table { name, partitions, replicas, limits })
}

/// Refuses what a step cannot say of several tables: settings of partitions by their numbers, and of
/// nodes for one table.
pub(crate) fn refuse(fields: &Fields, members: &[Member]) -> Result<(), String> {
    const OF_ONE_TABLE: [&str; 8] = [
        "partitions",
        "replicas",
        "copies",
        "pins",
        "frozen",
        "frozen_if_possible",
        "sizes",
        "affinity",
    ];
    if let Some(field) = OF_ONE_TABLE.iter().find(|field| fields.has(field)) {
        return Err(format!("{field}: for one table; a scenario with tables has none of it"));
    }
    if let Some(member) = members.iter().find(|member| member.slots.is_some()) {
        let id = quoted(member.id.as_bytes());
        return Err(format!("node {id}: slots: for one table; a scenario with tables has none"));
    }
    Ok(())
}

/// Refuses options that are about one table.
pub(crate) fn check(options: &Options) -> Result<(), String> {
    let of_one_table = [
        ("--from", options.from.is_some()),
        ("--explain", options.explain.is_some()),
        ("--dry-run", options.dry_run),
        ("--moves", options.moves),
        ("--steps", options.steps.is_some()),
        ("--dump-schedule", options.dump_schedule.is_some()),
        ("--export", options.export.is_some()),
    ];
    match of_one_table.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(format!("{option}: for one table, and the scenario has tables")),
    }
}

impl Table {
    /// Its configuration in a step; `limits` are the scenario's.
    pub(crate) fn config(&self, limits: &BTreeMap<String, u32>, any: bool) -> TableConfig {
        let config = TableConfig::new(self.partitions, self.replicas).named(&self.name);
        // Without nodes no level exists, and the error should not be about levels.
        let limits = self.limits.as_ref().unwrap_or(limits).iter().filter(|_| any);
        limits.fold(config, |config, (level, limit)| config.max_per_domain(level, *limit))
    }
}

/// The tables of the step before, and its nodes.
#[derive(Clone)]
struct Before<'a> {
    tables: Vec<PartitionTable>,
    nodes: &'a Topology<String>,
}

impl Before<'_> {
    fn table(&self, number: usize) -> Option<TableOf<'_>> {
        self.tables.get(number).map(|table| TableOf { table, nodes: self.nodes })
    }
}

/// Plans all steps.
pub(crate) fn run(
    scenario: &Scenario,
    options: &Options,
    files: &mut Files,
) -> Result<Outcome, String> {
    let mut outcome = Outcome { steps: Vec::new(), error: None };
    let mut last: Option<Before<'_>> = None;
    for step in &scenario.steps {
        let pages = files.pages.as_mut();
        let (done, tables) = match plan(step, last.as_ref(), options, pages) {
            Ok(planned) => planned,
            Err((field, error)) => {
                let message = in_step(&step.label, &format!("{field}{error}"));
                let Some(infeasible) = error.infeasible() else { return Err(message) };
                outcome.error = Some(Stopped::new(&step.label, infeasible, message));
                return Ok(outcome);
            }
        };
        if let Some(file) = &mut files.tables {
            dump(file, step, &tables)?;
        }
        outcome.steps.push(done);
        last = Some(Before { tables, nodes: &step.nodes });
    }
    Ok(outcome)
}

fn dump(file: &mut Dump, step: &Step, tables: &[PartitionTable]) -> Result<(), String> {
    let rows = tables.iter().flat_map(|table| {
        let rows = TableOf { table, nodes: &step.nodes }.rows().enumerate();
        rows.map(|(partition, row)| (format!("{}/{partition}", table.config().name()), row))
    });
    file.rows(&step.label, rows)
}

fn plan(
    step: &Step,
    before: Option<&Before<'_>>,
    options: &Options,
    pages: Option<&mut Pages>,
) -> Result<(Done, Vec<PartitionTable>), (String, Error)> {
    let own = |error| (String::new(), error);
    let watch = Watch::start();
    let started = Instant::now();
    let mut planners = Vec::new();
    for (number, config) in step.tables.iter().enumerate() {
        let of_table = |(field, error): steps::Refused| {
            (format!("table {}: {field}", quoted(config.name().as_bytes())), error)
        };
        let planner = Planner::new(step.nodes.members(), config);
        let planner = planner.map_err(|error| of_table(("", error)))?;
        let before = before.and_then(|before| before.table(number));
        let planner = steps::with_states(planner, step, before);
        let planner = planner.map_err(|error| of_table(("state: ", error)))?;
        planners.push(steps::with_leaders(planner, step).map_err(of_table)?);
    }
    let planner = JointPlanner::new(planners).map_err(own)?;
    let old: Vec<_> = (0..step.tables.len())
        .map(|number| {
            let before = before.and_then(|before| before.table(number));
            before.map(|before| (before.table, before.nodes.members()))
        })
        .collect();
    let plan = match before {
        None => planner.fresh(),
        Some(_) => planner.rebalance(&old),
    };
    let mut plan = plan.map_err(own)?;
    let plan_ms = milliseconds(started);
    let started = Instant::now();
    if !options.no_disperse {
        planner.disperse(&mut plan).map_err(own)?;
    }
    let disperse_ms = if options.no_disperse { 0.0 } else { milliseconds(started) };
    let peak_bytes = watch.peak() as u64;
    let started = Instant::now();
    let verified = planner.verify(&plan, &old).map_err(own)?;
    let certificate_ms = milliseconds(started);
    let mut done = Done {
        label: step.label.clone(),
        moved: plan.moved(),
        lower_bound: plan.lower_bound(),
        optimal: verified.optimal(),
        partitions_with_two_or_more_moved: plan.partitions_moved_twice(),
        leaders_moved: plan.leaders_moved(),
        leaders_lower_bound: plan.leaders_lower_bound(),
        missing_replicas: plan.missing_replicas(),
        plan_ms,
        disperse_ms,
        certificate_ms,
        peak_bytes,
        ..figures(step, &planner, &plan)
    };
    if options.carries_out() {
        let carried = Carried::new(step, &plan, before, options).map_err(own)?;
        let rows = carried.rows(step, (&planner, &plan), before);
        if let Some(pages) = pages {
            let shown = shown(step, &plan, before, &carried, rows.clone(), done.optimal);
            pages.add(&shown.map_err(own)?);
        }
        carried.figures(&mut done, rows, options);
    }
    Ok((done, plan.into_tables()))
}

/// The quality figures: loads over quotas are those of nodes with all tables, the others the worst of
/// any table or the sum.
fn figures(step: &Step, planner: &JointPlanner<'_>, plan: &JointPlan) -> Done {
    let mut done = Done {
        min_over_quota: f64::INFINITY,
        min_led_over_quota: f64::INFINITY,
        ..Done::default()
    };
    let mut copysets = BTreeSet::new();
    for (own, table) in planner.planners().iter().zip(plan.tables()) {
        let report = own.report(table);
        done.domain_violations += report.domain_violations;
        done.leaders_outside_floor_ceil += report.leaders_outside_floor_ceil;
        done.max_led_over_quota = done.max_led_over_quota.max(report.max_led_over_quota);
        done.min_led_over_quota = done.min_led_over_quota.min(report.min_led_over_quota);
        done.max_leaders_over_quota =
            done.max_leaders_over_quota.max(report.max_leaders_over_quota);
        if (report.worst_pair, report.worst_pair_shared) > (done.worst_pair, done.worst_pair_shared)
        {
            (done.worst_pair, done.worst_pair_shared) =
                (report.worst_pair, report.worst_pair_shared);
        }
        let takeover = (report.worst_takeover, report.worst_takeover_led);
        if takeover > (done.worst_takeover, done.worst_takeover_led) {
            (done.worst_takeover, done.worst_takeover_led) = takeover;
        }
        for partition in 0..table.partitions() {
            let mut row: Vec<u32> = table.row(partition).map(|node| node.get()).collect();
            row.sort_unstable();
            copysets.insert(row);
        }
    }
    done.distinct_copysets = copysets.len() as u64;
    let tables: Vec<&PartitionTable> = plan.tables().collect();
    done.outside_floor_ceil = planner.outside_floor_ceil(&tables);
    let loads = loads(&tables, &step.nodes);
    for (node, id) in step.nodes.iter() {
        let load = loads.get(id.as_str()).copied().unwrap_or(0);
        let quota = planner.exact_quota(node).unwrap_or(0.0);
        if quota > 0.0 {
            let over = load as f64 / quota;
            done.max_over_quota = done.max_over_quota.max(over);
            done.min_over_quota = done.min_over_quota.min(over);
        }
    }
    done
}

/// How many replicas each node holds of all tables.
fn loads<'a>(tables: &[&'a PartitionTable], nodes: &'a Topology<String>) -> HashMap<&'a str, u64> {
    let mut all: HashMap<&str, u64> = HashMap::new();
    for table in tables {
        for (id, load) in (TableOf { table, nodes }).loads(1) {
            *all.entry(id).or_default() += load;
        }
    }
    all
}

/// What is copied, and in which rounds.
struct Carried {
    /// `None` for fresh tables.
    change: Option<Change>,
    schedule: Option<Schedule>,
}

impl Carried {
    fn new(
        step: &Step,
        plan: &JointPlan,
        before: Option<&Before<'_>>,
        options: &Options,
    ) -> Result<Self, Error> {
        let change = before.map(|before| Change::joint(plan, before.nodes, &step.nodes));
        let change = change.transpose()?;
        let schedule = change.as_ref().map(|change| change.schedule(options.limits()));
        Ok(Self { schedule: schedule.transpose()?, change })
    }

    fn figures(&self, done: &mut Done, rows: Vec<NodeRow>, options: &Options) {
        "optimal".clone_into(&mut done.guarantee);
        if let Some((change, schedule)) = self.change.as_ref().zip(self.schedule.as_ref()) {
            done.transfers = change.transfers().count() as u64;
            (done.rounds, done.round_bound) = (schedule.rounds(), schedule.bound());
            done.guarantee = schedule.optimality().to_string();
        }
        let peaks = rows.iter().filter(|row| row.quota > 0.0);
        done.peak_over_quota = peaks.map(|row| row.peak as f64 / row.quota).fold(0.0, f64::max);
        done.nodes = options.nodes.then_some(rows);
    }

    /// What each node holds of all tables, the nodes of the step by id, then those that held replicas
    /// before it and are gone.
    fn rows(
        &self,
        step: &Step,
        (planner, plan): (&JointPlanner<'_>, &JointPlan),
        before: Option<&Before<'_>>,
    ) -> Vec<NodeRow> {
        let tables: Vec<&PartitionTable> = plan.tables().collect();
        let now = loads(&tables, &step.nodes);
        let old = before.map_or_else(
            || now.clone(),
            |Before { tables, nodes }| loads(&tables.iter().collect::<Vec<_>>(), nodes),
        );
        let mut held: HashMap<&str, Held> = match &self.change {
            Some(change) => change.held(old, None),
            None => old.into_iter().map(|(id, load)| (id, Held::unchanged(load))).collect(),
        };
        let mut led: HashMap<&str, u64> = HashMap::new();
        for table in &tables {
            for (id, partitions) in (TableOf { table, nodes: &step.nodes }).led() {
                *led.entry(id).or_default() += partitions;
            }
        }
        let mut rows: Vec<NodeRow> = Vec::new();
        for (node, id) in step.nodes.iter() {
            let held = held.remove(id.as_str()).unwrap_or_default();
            let (load, quota) = (now.get(id.as_str()).copied(), planner.exact_quota(node));
            let led = led.get(id.as_str()).copied().unwrap_or(0);
            let (load, quota) = (load.unwrap_or(0), quota.unwrap_or(0.0));
            rows.push(NodeRow::of(&step.nodes, node, (quota, load, led), held));
        }
        NodeRow::sorted(rows, held)
    }
}

/// What the report shows of a step.
fn shown<'a>(
    step: &'a Step,
    plan: &'a JointPlan,
    before: Option<&'a Before<'_>>,
    carried: &'a Carried,
    rows: Vec<NodeRow>,
    optimal: bool,
) -> Result<Shown<'a>, Error> {
    let (mut tables, mut checks) = (Vec::new(), Vec::new());
    for (number, one) in plan.plans().iter().enumerate() {
        let before = before.and_then(|before| before.table(number));
        let after = TableOf { table: one.table(), nodes: &step.nodes };
        tables.push(ShownTable { before, after, plan: Some(one) });
        let tried = paper::dry_run(Some(one), before, after, None)?;
        // A table alone may need fewer moves than it makes: the proof is that of the sum.
        let own = tried.checks.into_iter().filter(|check| check.name != "movement");
        let named = |check: Check| Check {
            name: format!("{}: {}", short(one.table().config().name()), check.name),
            ..check
        };
        checks.extend(own.map(named));
    }
    let (verdict, proved) = if optimal {
        ("PASS", "the certificate of all tables proves that no fewer can move")
    } else {
        ("WARN", "the certificate of all tables does not prove that no fewer can move")
    };
    let finding = format!("{} move: {proved}", counted(plan.moved(), "replica"));
    checks.push(Check { name: "movement".to_owned(), verdict: verdict.to_owned(), finding });
    Ok(Shown {
        label: &step.label,
        tables,
        certificate: Some(plan.certificate()),
        change: carried.change.as_ref(),
        schedule: carried.schedule.as_ref(),
        steps: None,
        rows,
        checks,
    })
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
