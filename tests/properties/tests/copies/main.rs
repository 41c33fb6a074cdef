//! Copies of partitions and slots of nodes, against definitions: quotas by every set of nodes, in exact
//! fractions, and the least movement by a flow in which every edge is written down.

mod oracle;
mod random;

use apportion::error::InfeasibleKind;
use apportion::partition::TableConfig;
use apportion::{ErrorKind, Node, NodeIdx, PartitionTable, Planner, Topology};
use apportion_properties::support::Draws;
use oracle::{Case, State};

impl Case {
    fn topology(&self) -> Topology<String> {
        let node = |v: usize| {
            let at = &self.nodes[v];
            let mut node = Node::new(format!("n{v}")).weight(at.weight);
            for (level, name) in at.path.iter().enumerate() {
                node = node.domain(&format!("l{level}"), &format!("d{name}"));
            }
            node
        };
        Topology::of((0..self.nodes.len()).map(node)).unwrap()
    }

    fn config(&self) -> TableConfig {
        let copies = (0..).zip(&self.copies).map(|(p, r)| (p, *r as u32));
        let config = TableConfig::new(self.copies.len() as u32, 1).copies(copies);
        let limits = self.caps.iter().enumerate().filter_map(|(i, cap)| Some((i, (*cap)?)));
        limits.fold(config, |config, (level, cap)| {
            config.max_per_domain(&format!("l{level}"), cap as u32)
        })
    }

    /// The nodes of the old table, those that are gone among them.
    fn before(&self) -> Topology<String> {
        let most = self.old.iter().flatten().flatten().max();
        let all = self.nodes.len().max(most.map_or(0, |v| v + 1));
        Topology::new((0..all).map(|v| format!("n{v}"))).unwrap()
    }

    /// The old table, whose nodes are all there.
    fn old(&self, before: &Topology<String>) -> Option<PartitionTable> {
        let slot = |v: &usize| before.find(format!("n{v}").as_str()).unwrap();
        let rows: Vec<Vec<NodeIdx>> =
            self.old.as_ref()?.iter().map(|row| row.iter().map(slot).collect()).collect();
        Some(PartitionTable::from_lists(before.members(), &rows).unwrap())
    }
}

/// Plans a case and compares everything; says what happened.
fn check(case: &Case, seed: u64) -> &'static str {
    let n = case.nodes.len();
    let live = case.topology();
    let config = case.config();
    // What a node in maintenance holds does not depend on its slots.
    let slots = (0..n)
        .filter(|v| case.nodes[*v].state != State::Maintenance)
        .filter_map(|v| Some((live.find(format!("n{v}").as_str())?, case.nodes[v].slots?)));
    let slots: Vec<(NodeIdx, u64)> = slots.collect();
    let before = case.before();
    let old = case.old(&before);
    let of = |state: State| -> Vec<NodeIdx> {
        let of = |v: &usize| case.nodes[*v].state == state;
        (0..n).filter(of).map(|v| live.find(format!("n{v}").as_str()).unwrap()).collect()
    };
    let planner = || {
        let planner = Planner::new(live.members(), &config)?.slots(slots.clone())?;
        let Some(old) = &old else { return Ok(planner) };
        let planner = planner.cordoned(of(State::NoNew), old, before.members())?;
        planner.in_maintenance(of(State::Maintenance), old, before.members())
    };
    let planner: Result<_, apportion::Error> = planner();
    let with_states = case.nodes.iter().any(|node| node.state != State::Open);
    let quotas = case.quotas();
    let (planner, quotas) = match (planner, quotas) {
        (Ok(planner), Some(quotas)) => (planner, quotas),
        (Err(error), None) => {
            assert_eq!(error.kind(), ErrorKind::Infeasible, "{seed}: {error}");
            return "no quotas";
        }
        (Err(error), _) if with_states && is_pinned(&error) => {
            return "no table";
        }
        (Err(error), Some(_)) => panic!("{seed}: {error}, and there are quotas: {case:?}"),
        (Ok(_), None) => panic!("{seed}: there are no quotas: {case:?}"),
    };
    for v in 0..n {
        let slot = live.find(format!("n{v}").as_str()).unwrap();
        assert_eq!(planner.quota(slot), Some(quotas.nodes[v]), "{seed}: node {v} of {case:?}");
        let exact = planner.exact_quota(slot).unwrap();
        assert!((exact - quotas.exact[v]).abs() < 1e-9, "{seed}: node {v} of {case:?}");
    }
    let best = case.least_moves(&quotas);
    let Some(least) = best else {
        // What nodes keep may contradict the quotas of the others.
        assert!(with_states, "{seed}: where there are quotas, there is a table: {case:?}");
        let error = planner.rebalance(old.as_ref().unwrap(), before.members()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Infeasible, "{seed}: {error}");
        return "no table";
    };
    let plan = match &old {
        Some(old) => planner.rebalance(old, before.members()),
        None => planner.fresh(),
    };
    let plan = plan.unwrap_or_else(|error| panic!("{seed}: {error}: {case:?}"));
    let rows: Vec<Vec<usize>> = (0..plan.table().partitions())
        .map(|p| {
            let id = |node| live.get(node).unwrap().trim_start_matches('n').parse().unwrap();
            plan.table().row(p).map(id).collect()
        })
        .collect();
    case.check(&quotas, &rows).unwrap_or_else(|why| panic!("{seed}: {why}: {case:?} {rows:?}"));
    let given = old.as_ref().map(|old| (old, before.members()));
    let verified = planner.verify(&plan, given).unwrap_or_else(|e| panic!("{seed}: {e}: {case:?}"));
    if old.is_some() {
        assert_eq!((plan.moved(), case.moved(&rows)), (least, least), "{seed}: {case:?}");
        assert!(verified.optimal(), "{seed}: {verified:?} {case:?}");
        assert!(plan.lower_bound() <= least, "{seed}");
    }
    // Once more, and dispersed.
    if !with_states {
        let again = planner.rebalance(plan.table(), live.members()).unwrap();
        assert_eq!((again.moved(), again.table()), (0, plan.table()), "{seed}: {case:?}");
    }
    let mut dispersed = plan.clone();
    planner.disperse(&mut dispersed).unwrap();
    let verified = planner.verify(&dispersed, given).unwrap();
    assert!(verified.optimal(), "{seed}: dispersed");
    let report = planner.report(dispersed.table());
    let wrong = (report.outside_floor_ceil, report.domain_violations, report.missing_replicas);
    assert_eq!(wrong, (0, 0, 0), "{seed}: {case:?}");
    // With leaders in balance, as few replicas move.
    let planner = planner.balance_leaders();
    let plan = match &old {
        Some(old) => planner.rebalance(old, before.members()),
        None => planner.fresh(),
    };
    let mut plan = plan.unwrap_or_else(|error| panic!("{seed}: {error}: {case:?}"));
    assert!(old.is_none() || plan.moved() == least, "{seed}: {case:?}");
    for dispersed in [false, true] {
        if dispersed {
            planner.disperse(&mut plan).unwrap();
        }
        assert!(planner.verify(&plan, given).unwrap().optimal(), "{seed}: {case:?}");
        let certificate = plan.leader_certificate().unwrap();
        let verified = planner.verify_leaders(plan.table(), certificate, given);
        let verified = verified.unwrap_or_else(|error| panic!("{seed}: {error}: {case:?}"));
        assert!(verified.optimal(), "{seed}: {case:?}");
        assert_eq!(planner.report(plan.table()).leaders_outside_floor_ceil, 0, "{seed}: {case:?}");
    }
    if least > 0 { "moves" } else { "nothing moves" }
}

/// Replicas that nodes in maintenance keep may break limits, or be more than a partition is to have.
fn is_pinned(error: &apportion::Error) -> bool {
    error.infeasible().is_some_and(|error| error.kind == InfeasibleKind::Pinned)
}

fn run(seeds: std::ops::Range<u64>) {
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let case = random::case(&mut Draws(seed));
        *seen.entry(check(&case, seed)).or_default() += 1;
    }
    println!("{seen:?}");
    assert!(u64::from(seen["moves"]) * 3 > count, "{seen:?}");
}

#[test]
fn random_cases() {
    run(0..700);
}

#[test]
#[ignore = "the evidence: 20,000 cases"]
fn many_random_cases() {
    run(0..20_000);
}
