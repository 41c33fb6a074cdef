//! One value and more of every saved form. Their files are read for ever: a value here may be added,
//! never changed.

use super::table::{Form, Sample, direct, plain};
use apportion::analysis::{SavedMoveReport, count_moves};
use apportion::anchor::AnchorConfig;
use apportion::asura::AsuraConfig;
use apportion::bounded::{BoundedLoads, LoadFactor, Mode};
use apportion::diff::Extent;
use apportion::maglev::MaglevConfig;
use apportion::migration::{Limits, Migration, Schedule, Transition, Version};
use apportion::partition::{Plan, SavedPlan, TableConfig};
use apportion::ring::{GivenPointsConfig, RingConfig, Rule, Scale};
use apportion::saved::Savable;
use apportion::{
    Algorithm, AnyPlacement, Locator, Node, PartitionTable, Planner, Rendezvous, Ring, Topology,
    Xxh3,
};
use std::rc::Rc;

pub(crate) const LOCATOR: &str = "saved/form.rs";
pub(crate) const TOPOLOGY: &str = "saved/topology.rs";
pub(crate) const BOUNDED: &str = "bounded/saved.rs";
pub(crate) const MIGRATION: &str = "migration/saved.rs";
pub(crate) const SCHEDULE: &str = "migration/schedule/saved.rs";
pub(crate) const PROGRESS: &str = "migration/transition/saved.rs";
pub(crate) const MOVES: &str = "analysis/saved.rs";
pub(crate) const PLAN: &str = "partition/saved_plan.rs";
pub(crate) const REPORT: &str = "partition/saved_report.rs";

pub(crate) fn all() -> Vec<Sample> {
    let mut samples = locators();
    samples.extend(configurations());
    samples.extend(plans());
    samples.extend(migrations());
    samples.extend(loads());
    samples
}

fn names(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|i| format!("n{i}"))
}

/// Nodes in two zones, of weights 1 to 3.
pub(crate) fn zoned(count: u64) -> Topology<String> {
    let node = |i: u64| {
        let zone = format!("z{}", i % 2);
        Node::new(format!("n{i}")).weight(1 + i % 3).domain("zone", &zone)
    };
    Topology::of((0..count).map(node)).unwrap()
}

fn locator<P: Savable + 'static>(name: &'static str, value: Locator<String, P>) -> Sample {
    let same = |a: &Locator<String, P>, b: &Locator<String, P>| {
        let epochs = (a.topology().epoch(), b.topology().epoch());
        epochs.0 == epochs.1 && a.fingerprint() == b.fingerprint() && a.topology() == b.topology()
    };
    Form { source: Some(LOCATOR), restore: Rc::new(Ok), same }.sample(name, value)
}

/// Holes, reused slots, domains, and weights where the algorithm has them.
fn with_history(algorithm: Algorithm) -> Locator<String, AnyPlacement> {
    let mut any = Locator::any_of(Topology::new(names(6)).unwrap(), algorithm).unwrap();
    let guarantees = apportion::Placement::guarantees(any.placement());
    any = any.with("x".into()).unwrap();
    if guarantees.any_removal {
        any = any.without("n1").unwrap().without("n4").unwrap().with("y".into()).unwrap();
    }
    let rack = |n: Node<String>| n.domain("zone", "z").domain("rack", "r");
    any = any.with_node(rack(Node::new("z".into()))).unwrap();
    if guarantees.weights {
        any = any.reweighted("n0", 7).unwrap().reweighted("n2", 0).unwrap();
    }
    any
}

fn locators() -> Vec<Sample> {
    let mut samples: Vec<Sample> = Algorithm::NAMES
        .iter()
        .map(|name| {
            let name: &'static str = name;
            let file: &'static str = Box::leak(format!("locator-{name}").into_boxed_str());
            // A small table, so that its file is small.
            let algorithm = match name {
                "asura" => Algorithm::Asura(AsuraConfig::default().unit(4)),
                name => name.parse().unwrap(),
            };
            locator(file, with_history(algorithm))
        })
        .collect();
    let points = GivenPointsConfig::default().points("n0", [5, 9]).points("n1", [7, u64::MAX]);
    let points = points.rule(Rule::LastAtOrBefore);
    let given = Locator::given_points_of(Topology::new(names(2)).unwrap(), points).unwrap();
    samples.push(locator("locator-given-points", given));
    let config = TableConfig::new(16, 3).max_per_domain("zone", 2).named("users");
    samples.push(locator("locator-partition-table", Locator::table_of(zoned(6), config).unwrap()));
    let copies = TableConfig::new(16, 2).max_per_domain("zone", 3).copies([(3, 5), (9, 1)]);
    samples.push(locator(
        "locator-partition-table-copies",
        Locator::table_of(zoned(6), copies).unwrap(),
    ));
    let fewer = TableConfig::new(8, 3).allow_under_replicated();
    samples.push(locator("locator-under-replicated", Locator::table_of(zoned(2), fewer).unwrap()));
    let labels =
        [Node::labelled("a".to_string(), [0xFF, 0x00]), Node::labelled("b".into(), "text")];
    let labels = Locator::rendezvous_of(Topology::of(labels).unwrap()).unwrap();
    samples.push(locator::<Rendezvous>("locator-labels", labels));
    let ring = Locator::<String>::ring([]).unwrap();
    samples.push(locator::<Ring>("locator-empty", ring));
    let (topology, _) = zoned(5).without("n1").unwrap();
    samples.push(direct(TOPOLOGY).sample("topology", topology));
    samples.push(direct(TOPOLOGY).sample("topology-empty", Topology::<String>::default()));
    samples
}

fn configurations() -> Vec<Sample> {
    let table = TableConfig::new(4096, 3).max_per_domain("zone", 1).named("users");
    vec![
        plain().sample("config-algorithm", "ring:320".parse::<Algorithm>().unwrap()),
        plain().sample("config-ring", RingConfig::default().points_per_node(7).budget(1 << 20)),
        plain().sample("config-maglev", MaglevConfig::default()),
        plain().sample("config-asura", AsuraConfig::default().unit(4)),
        plain().sample("config-anchor", AnchorConfig::default().capacity(1000)),
        plain().sample("config-table", table),
        plain().sample("config-table-copies", TableConfig::new(8, 2).copies([(0, 3), (7, 1)])),
        plain().sample("config-table-fewer", TableConfig::new(8, 2).allow_under_replicated()),
        plain().sample("config-scale", "160/3".parse::<Scale>().unwrap()),
        plain().sample("config-rule", Rule::LastAtOrBefore),
        plain().sample("config-load-factor", LoadFactor::new(21, 20).unwrap()),
        plain().sample("config-mode", Mode::Online),
        plain().sample(
            "config-certificate",
            apportion::partition::Certificate::from_potentials(vec![0, -1, i32::MAX]),
        ),
    ]
}

/// A change of nodes that a plan leads through.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) config: TableConfig,
    pub(crate) before: Topology<String>,
    pub(crate) after: Topology<String>,
    pub(crate) old: Option<PartitionTable>,
    pins: Vec<(u32, &'static str)>,
    soft: Vec<u32>,
    /// True if leaders are balanced.
    led: bool,
}

impl Cluster {
    pub(crate) fn planner(&self) -> Planner<'_> {
        let pin = |(p, id): &(u32, &str)| (*p, self.after.find(*id).unwrap());
        let planner = Planner::new(self.after.members(), &self.config).unwrap();
        let planner = planner.pinned(self.pins.iter().map(pin)).unwrap();
        let planner = planner.frozen_if_possible(self.soft.iter().copied()).unwrap();
        if self.led { planner.balance_leaders() } else { planner }
    }

    pub(crate) fn old(&self) -> Option<(&PartitionTable, &apportion::topology::Members)> {
        self.old.as_ref().map(|old| (old, self.before.members()))
    }

    pub(crate) fn plan(&self) -> Plan {
        let planner = self.planner();
        match self.old() {
            Some((old, members)) => planner.rebalance(old, members).unwrap(),
            None => planner.fresh().unwrap(),
        }
    }

    fn sample(self, name: &'static str, plan: Plan) -> Sample {
        let restore = move |saved: SavedPlan| {
            saved.restore(&self.planner(), self.old()).map_err(|error| error.to_string())
        };
        Form { source: Some(PLAN), restore: Rc::new(restore), same: Plan::eq }.sample(name, plan)
    }
}

/// A fresh plan; one after a node joined, one left and the partitions were split, with pins and a
/// soft freeze; the second one dispersed.
pub(crate) fn clusters() -> [(Cluster, Plan); 3] {
    let config = TableConfig::new(32, 3).max_per_domain("zone", 2);
    let before = zoned(7);
    let fresh = Cluster {
        config,
        before: before.clone(),
        after: before.clone(),
        old: None,
        pins: Vec::new(),
        soft: Vec::new(),
        led: false,
    };
    let first = fresh.plan();
    let (after, _) = before.without("n2").unwrap();
    let (after, _) = after.with_node(Node::new("n9".into()).domain("zone", "z0")).unwrap();
    let change = Cluster {
        config: TableConfig::new(64, 3).max_per_domain("zone", 2),
        after,
        old: Some(first.table().clone()),
        pins: vec![(3, "n9")],
        soft: vec![0, 1, 2, 40],
        ..fresh.clone()
    };
    let second = change.plan();
    let mut third = second.clone();
    change.planner().disperse(&mut third).unwrap();
    [(fresh, first), (change.clone(), second), (change, third)]
}

fn plans() -> Vec<Sample> {
    let [(fresh, first), (change, second), (_, third)] = clusters();
    let report = change.planner().report(third.table());
    let infinite = fresh.planner().report(third.table());
    let led = Cluster { led: true, ..change.clone() };
    let leading = led.plan();
    vec![
        led.sample("plan-led", leading),
        fresh.sample("plan-fresh", first),
        change.clone().sample("plan-change", second),
        change.sample("plan-dispersed", third),
        direct(REPORT).sample("table-report", report),
        direct(REPORT).sample("table-report-other-nodes", infinite),
    ]
}

/// Between tables, with sizes and a lost node; between rings; between numberings.
pub(crate) fn all_migrations() -> [Migration<String>; 3] {
    let table = |nodes, config| Locator::table_of(nodes, config).unwrap();
    let old = table(zoned(6), TableConfig::new(16, 2));
    let (fewer, _) = zoned(6).without("n3").unwrap();
    let new = table(fewer, TableConfig::new(32, 3));
    let tables = Migration::of(&old.diff_replicas(&new, 3).unwrap());
    let size = |extent| match extent {
        Extent::Partition(partition) => 100 + u64::from(partition),
        _ => 1,
    };
    let tables = tables.sized(size).lost(["n3"]).unwrap();
    let config = RingConfig::default().points_per_node(8);
    let old = Locator::ring_of(Topology::new(names(4)).unwrap(), config).unwrap();
    let new = old.with("n7".into()).unwrap().without("n0").unwrap();
    let rings = Migration::of(&old.diff_replicas(&new, 2).unwrap());
    let old = Locator::jump_back(names(4)).unwrap();
    let numbers = Migration::of(&old.diff(&old.with("n4".into()).unwrap()).unwrap());
    [tables, rings, numbers]
}

pub(crate) fn schedules(migrations: &[Migration<String>; 3]) -> [Schedule; 3] {
    let [tables, rings, numbers] = migrations;
    [
        tables.schedule(&Limits::each(2, 1)).unwrap(),
        rings.schedule(&Limits::joint(3)).unwrap(),
        numbers.schedule(&Limits::each(1, 2)).unwrap(),
    ]
}

pub(crate) type Move = Transition<String, Xxh3, 2>;

/// A transition that was changed and lost nodes midway.
pub(crate) fn transition() -> Move {
    let ring = |nodes: Vec<&str>| {
        Version::of(&Locator::ring(nodes.into_iter().map(String::from)).unwrap())
    };
    let mut transition = Move::new(ring(vec!["a", "b", "c"]), 12).unwrap();
    transition.change_to(ring(vec!["a", "b", "c", "d"])).unwrap();
    for partition in 0..8 {
        transition.begin(partition).unwrap();
    }
    for partition in 0..6 {
        transition.switch(partition).unwrap();
    }
    for partition in 0..4 {
        transition.complete(partition).unwrap();
    }
    transition.lose("b").unwrap();
    transition.change_to(ring(vec!["a", "c", "d", "e"])).unwrap();
    transition.begin(2).unwrap();
    transition.begin(9).unwrap();
    transition.switch(9).unwrap();
    transition
}

fn migrations() -> Vec<Sample> {
    let migrations = all_migrations();
    let [first, second, third] = schedules(&migrations);
    let [tables, rings, numbers] = migrations;
    let fresh = Version::of(&Locator::ring(names(2)).unwrap());
    let fresh = Transition::<_, _, 1>::new(fresh, 3).unwrap();
    // One schedule with each of the other guarantees.
    let claims = |optimality: &str, rounds: &str, extra_unit: &str| -> Schedule {
        let fields = format!(r#""version":1,"bound":2,"optimality":"{optimality}""#);
        let text = format!(r#"{{{fields},"extra_unit":{extra_unit},"rounds":{rounds}}}"#);
        serde_json::from_str(&text).unwrap()
    };
    let for_units = claims("optimal-but-for-units", "[2,0,1,1]", "7");
    let halves = claims("within-three-halves", "[0,1,2]", "null");
    let thrice = claims("within-three", "[4,0,1,2,3]", "0");
    vec![
        direct(SCHEDULE).sample("schedule-but-for-units", for_units),
        direct(SCHEDULE).sample("schedule-within-three-halves", halves),
        direct(SCHEDULE).sample("schedule-within-three", thrice),
        direct(MIGRATION).sample("migration-tables", tables),
        direct(MIGRATION).sample("migration-rings", rings),
        direct(MIGRATION).sample("migration-numbers", numbers),
        direct(SCHEDULE).sample("schedule-units", first),
        direct(SCHEDULE).sample("schedule-joint", second),
        direct(SCHEDULE).sample("schedule-each", third),
        direct(PROGRESS).sample("progress-begin", fresh.progress()),
        direct(PROGRESS).sample("progress-midway", transition().progress()),
    ]
}

pub(crate) fn bounded(mode: Mode) -> BoundedLoads<String, Ring> {
    let ring = Locator::ring_of(zoned(5), RingConfig::default().points_per_node(20)).unwrap();
    let factor = LoadFactor::new(5, 4).unwrap();
    let mut loads = match mode {
        Mode::Online => BoundedLoads::online(ring, factor),
        _ => BoundedLoads::canonical(ring, factor),
    };
    loads.extend(0..60_u64).unwrap();
    for key in 0..20_u64 {
        loads.remove(&(3 * key)).unwrap();
    }
    let next = loads.locator().without("n1").unwrap().with("n8".into()).unwrap();
    loads.change(next).unwrap();
    loads
}

fn loads() -> Vec<Sample> {
    let old = Locator::ring_of(zoned(5), RingConfig::default().points_per_node(20)).unwrap();
    let new = old.without("n1").unwrap().with("n8".into()).unwrap();
    let moves = count_moves(&old, &new, 2, (0..500_u64).map(|key| (key, key % 7))).unwrap();
    let moves: SavedMoveReport<String> =
        serde_json::from_str(&serde_json::to_string(&moves).unwrap()).unwrap();
    vec![
        direct(BOUNDED).sample("bounded-canonical", bounded(Mode::Canonical)),
        direct(BOUNDED).sample("bounded-online", bounded(Mode::Online)),
        direct(MOVES).sample("move-report", moves),
    ]
}
