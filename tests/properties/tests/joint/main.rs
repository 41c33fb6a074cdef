//! Several tables together, against definitions: quotas in exact fractions, and the fewest moves by a
//! flow in which every edge is written down.

mod oracle;
mod random;
#[allow(dead_code)] // what is asked of one table alone
#[path = "../copies/oracle.rs"]
mod table;

use apportion::partition::{Certificate, JointPlan, JointPlanner, TableConfig};
use apportion::topology::Members;
use apportion::{Error, ErrorKind, Node, NodeIdx, PartitionTable, Planner, Topology};
use apportion_properties::support::Draws;
use oracle::{Joint, Rows, Sums};
use table::{Case, Quotas, State};

/// The nodes in this order.
fn topology(case: &Case, order: &[usize]) -> Topology<String> {
    let node = |v: &usize| {
        let at = &case.nodes[*v];
        let node = Node::new(format!("n{v}")).weight(at.weight);
        let domains = at.path.iter().enumerate();
        domains.fold(node, |node, (level, name)| {
            node.domain(&format!("l{level}"), &format!("d{name}"))
        })
    };
    Topology::of(order.iter().map(node)).unwrap()
}

fn config(case: &Case, name: &str) -> TableConfig {
    let copies = (0..).zip(&case.copies).map(|(p, r)| (p, *r as u32));
    let config = TableConfig::new(case.copies.len() as u32, 1).copies(copies).named(name);
    let limits = case.caps.iter().enumerate().filter_map(|(i, cap)| Some((i, (*cap)?)));
    limits.fold(config, |config, (level, cap)| {
        config.max_per_domain(&format!("l{level}"), cap as u32)
    })
}

/// The old table and its nodes, those that are gone among them.
fn old(case: &Case) -> Option<(PartitionTable, Topology<String>)> {
    let rows = case.old.as_ref()?;
    let most = rows.iter().flatten().max();
    let all = case.nodes.len().max(most.map_or(0, |v| v + 1));
    let before = Topology::new((0..all).map(|v| format!("n{v}"))).unwrap();
    let slot = |v: &usize| before.find(format!("n{v}").as_str()).unwrap();
    let rows: Vec<Vec<NodeIdx>> = rows.iter().map(|row| row.iter().map(slot).collect()).collect();
    Some((PartitionTable::from_lists(before.members(), &rows).unwrap(), before))
}

/// The old tables with their nodes.
type Old<'t> = Vec<Option<(&'t PartitionTable, &'t Members)>>;

/// A cluster's nodes and the old tables.
struct Setting<'c> {
    joint: &'c Joint,
    nodes: Topology<String>,
    old: Vec<Option<(PartitionTable, Topology<String>)>>,
}

impl<'c> Setting<'c> {
    fn new(joint: &'c Joint, order: &[usize]) -> Self {
        let nodes = topology(&joint.tables[0], order);
        Self { joint, nodes, old: joint.tables.iter().map(old).collect() }
    }

    fn node(&self, v: usize) -> NodeIdx {
        self.nodes.find(format!("n{v}").as_str()).unwrap()
    }

    fn planner(&self, t: usize) -> Result<Planner<'_>, Error> {
        let case = &self.joint.tables[t];
        let planner = Planner::new(self.nodes.members(), &config(case, &format!("t{t}")))?;
        let all = 0..case.nodes.len();
        let open = all.clone().filter(|v| case.nodes[*v].state != State::Maintenance);
        let slots: Vec<(NodeIdx, u64)> =
            open.filter_map(|v| Some((self.node(v), case.nodes[v].slots?))).collect();
        let mut planner = planner.slots(slots)?;
        if let Some((old, before)) = &self.old[t] {
            let of = |state: State| -> Vec<NodeIdx> {
                let of = all.clone().filter(|v| case.nodes[*v].state == state);
                of.map(|v| self.node(v)).collect()
            };
            planner = planner.cordoned(of(State::NoNew), old, before.members())?;
            planner = planner.in_maintenance(of(State::Maintenance), old, before.members())?;
        }
        let held = |(p, v): &(usize, usize)| planner_pins(case, *p, *v);
        let pins: Vec<(u32, NodeIdx)> = self.joint.pins[t]
            .iter()
            .filter(|pin| !held(pin))
            .map(|(p, v)| (*p as u32, self.node(*v)))
            .collect();
        planner.pinned(pins)?.frozen(self.joint.frozen[t].iter().map(|p| *p as u32))
    }

    /// The planners of the tables in this order.
    fn planners(&self, order: &[usize]) -> Result<Vec<Planner<'_>>, Error> {
        order.iter().map(|t| self.planner(*t)).collect()
    }

    fn old(
        &self,
        order: &[usize],
    ) -> Vec<Option<(&PartitionTable, &apportion::topology::Members)>> {
        let old = |t: &usize| self.old[*t].as_ref().map(|(old, nodes)| (old, nodes.members()));
        order.iter().map(old).collect()
    }

    /// Rows as numbers of nodes.
    fn rows(&self, plan: &JointPlan) -> Rows {
        let id = |node| self.nodes.get(node).unwrap().trim_start_matches('n').parse().unwrap();
        let rows = |table: &PartitionTable| {
            (0..table.partitions()).map(|p| table.row(p).map(id).collect()).collect()
        };
        plan.tables().map(rows).collect()
    }
}

/// What a node in maintenance keeps is pinned already.
fn planner_pins(case: &Case, p: usize, v: usize) -> bool {
    case.nodes[v].state == State::Maintenance && case.held_before(p, v)
}

fn check(joint: &Joint, seed: u64, draws: &mut Draws) -> &'static str {
    let n = joint.tables[0].nodes.len();
    let order: Vec<usize> = (0..n).collect();
    let tables: Vec<usize> = (0..joint.tables.len()).collect();
    let setting = Setting::new(joint, &order);
    let fixed = joint.pins.iter().any(|pins| !pins.is_empty())
        || joint.frozen.iter().any(|frozen| !frozen.is_empty())
        || joint.tables.iter().flat_map(|table| &table.nodes).any(|n| n.state != State::Open);
    let quotas: Option<Vec<Quotas>> = joint.tables.iter().map(Case::quotas).collect();
    let planners = match setting.planners(&tables) {
        Ok(planners) => planners,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Infeasible, "{seed}: {error}");
            assert!(fixed || quotas.is_none(), "{seed}: {error}: {joint:?}");
            return "no table";
        }
    };
    let quotas = quotas.unwrap_or_else(|| panic!("{seed}: there are no quotas: {joint:?}"));
    let sums = Sums::new(joint, &quotas);
    let planner = JointPlanner::new(planners.clone()).unwrap();
    for v in 0..n {
        let node = setting.node(v);
        assert_eq!(planner.quota(node), Some(sums.nodes[v]), "{seed}: node {v} of {joint:?}");
        for (t, own) in planner.planners().iter().enumerate() {
            assert_eq!(own.quota(node), Some(sums.tables[t][v]), "{seed}: {t} {v} {joint:?}");
        }
    }
    let old = setting.old(&tables);
    let fresh = old.iter().all(Option::is_none);
    let best = joint.least_moves(&sums);
    let plan = if fresh { planner.fresh() } else { planner.rebalance(&old) };
    let Some(least) = best else {
        assert!(fixed, "{seed}: where there are quotas, there are tables: {joint:?}");
        let error = plan.err().unwrap_or_else(|| panic!("{seed}: no tables exist: {joint:?}"));
        assert_eq!(error.kind(), ErrorKind::Infeasible, "{seed}: {error}");
        return "no tables";
    };
    let plan = plan.unwrap_or_else(|error| panic!("{seed}: {error}: {joint:?}"));
    let rows = setting.rows(&plan);
    joint.check(&sums, &rows).unwrap_or_else(|why| panic!("{seed}: {why}: {joint:?} {rows:?}"));
    let verified = planner.verify(&plan, &old).unwrap_or_else(|e| panic!("{seed}: {e}: {joint:?}"));
    if !fresh {
        assert_eq!((plan.moved(), joint.moved(&rows)), (least, least), "{seed}: {joint:?}");
        assert!(verified.optimal(), "{seed}: {verified:?} {joint:?}");
        assert!(plan.lower_bound() <= least, "{seed}");
    }
    // Each table's plan is one of its own planner.
    for ((own, plan), old) in planner.planners().iter().zip(plan.plans()).zip(&old) {
        let verified = own.verify(plan, *old).unwrap_or_else(|e| panic!("{seed}: {e}: {joint:?}"));
        assert!(verified.minimum <= plan.moved(), "{seed}");
    }
    // Once more.
    let now: Vec<_> = plan.tables().map(|table| Some((table, setting.nodes.members()))).collect();
    let again = planner.rebalance(&now).unwrap_or_else(|e| panic!("{seed}: {e}: {joint:?}"));
    let tables_are = |plan: &JointPlan| plan.tables().cloned().collect::<Vec<_>>();
    assert_eq!((again.moved(), tables_are(&again)), (0, tables_are(&plan)), "{seed}: {joint:?}");
    // Dispersed, with leaders in balance.
    let led = planners.iter().cloned().map(Planner::balance_leaders);
    let led = JointPlanner::new(led).unwrap();
    let mut dispersed = if fresh { led.fresh() } else { led.rebalance(&old) }.unwrap();
    for _ in 0..2 {
        let verified = led.verify(&dispersed, &old).unwrap();
        assert!(verified.optimal(), "{seed}: {joint:?}");
        assert!(fresh || dispersed.moved() == least, "{seed}: {joint:?}");
        for ((own, plan), old) in led.planners().iter().zip(dispersed.plans()).zip(&old) {
            let certificate = plan.leader_certificate().unwrap();
            let verified = own.verify_leaders(plan.table(), certificate, *old).unwrap();
            assert!(verified.optimal(), "{seed}: {joint:?}");
        }
        led.disperse(&mut dispersed).unwrap();
        joint.check(&sums, &setting.rows(&dispersed)).unwrap();
    }
    certificates(&planner, &plan, &old, least, draws);
    if !fresh {
        frozen_if_possible(&planners, (joint, &sums, &setting), &old, draws);
    }
    same_in_any_order(joint, (seed, draws), &rows, plan.moved());
    if least > 0 { "moves" } else { "nothing moves" }
}

/// No certificate proves more than is true.
fn certificates(
    planner: &JointPlanner<'_>,
    plan: &JointPlan,
    old: &Old<'_>,
    least: u64,
    draws: &mut Draws,
) {
    let tables: Vec<&PartitionTable> = plan.tables().collect();
    let good = plan.certificate().potentials();
    for _ in 0..2 {
        let change = |good: &i32| good + draws.below(3) as i32 - 1;
        let certificate = Certificate::from_potentials(good.iter().map(change).collect());
        let verified = planner.verify_tables(&tables, &certificate, old).unwrap();
        assert!(verified.minimum <= least);
    }
}

/// Partitions that are frozen if possible: those that are not listed have not moved, and what moves is
/// the minimum for what stays.
fn frozen_if_possible(
    planners: &[Planner<'_>],
    (joint, sums, setting): (&Joint, &Sums, &Setting<'_>),
    old: &Old<'_>,
    draws: &mut Draws,
) {
    let mut soft = Vec::new();
    let planners = planners.iter().zip(old).zip(&joint.tables).map(|((planner, old), case)| {
        let all = 0..case.copies.len() as u32;
        let chosen: Vec<u32> = all.filter(|_| old.is_some() && draws.below(3) == 0).collect();
        soft.push(chosen.clone());
        planner.clone().frozen_if_possible(chosen).unwrap()
    });
    let planners: Vec<Planner<'_>> = planners.collect();
    let planner = JointPlanner::new(planners).unwrap();
    let mut plan = planner.rebalance(old).unwrap();
    for _ in 0..2 {
        let rows = setting.rows(&plan);
        joint.check(sums, &rows).unwrap_or_else(|why| panic!("{why}: {joint:?} {rows:?}"));
        let verified = planner.verify(&plan, old).unwrap();
        assert!(verified.optimal(), "{verified:?} {soft:?} {joint:?}");
        for (t, plan) in plan.plans().iter().enumerate() {
            for p in soft[t].iter().filter(|p| !plan.thawed().contains(p)) {
                let case = &joint.tables[t];
                let p = *p as usize;
                let kept = rows[t][p].iter().filter(|v| case.held_before(p, **v)).count();
                assert_eq!(kept, case.keepable(p), "{joint:?}");
            }
        }
        planner.disperse(&mut plan).unwrap();
    }
}

/// The order of nodes, slots and tables does not matter.
fn same_in_any_order(joint: &Joint, (seed, draws): (u64, &mut Draws), rows: &Rows, moved: u64) {
    let mut order: Vec<usize> = (0..joint.tables[0].nodes.len()).collect();
    let mut tables: Vec<usize> = (0..joint.tables.len()).collect();
    draws.shuffle(&mut order);
    draws.shuffle(&mut tables);
    let setting = Setting::new(joint, &order);
    let planner = JointPlanner::new(setting.planners(&tables).unwrap()).unwrap();
    let plan = planner.rebalance(&setting.old(&tables)).unwrap();
    let wanted: Rows = tables.iter().map(|t| rows[*t].clone()).collect();
    assert_eq!((plan.moved(), setting.rows(&plan)), (moved, wanted), "{seed}: {joint:?}");
}

fn run(seeds: std::ops::Range<u64>) {
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let mut draws = Draws(seed);
        let joint = random::joint(&mut draws);
        *seen.entry(check(&joint, seed, &mut draws)).or_default() += 1;
    }
    println!("{seen:?}");
    assert!(u64::from(seen["moves"]) * 3 > count, "{seen:?}");
}

#[test]
fn random_tables() {
    run(0..600);
}

#[test]
#[ignore = "the evidence: 20,000 cases"]
fn many_random_tables() {
    run(0..20_000);
}
