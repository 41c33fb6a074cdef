//! Plans do not thrash: planned again without a change nothing moves, leaders included, and a small
//! change of weights moves only what floors and ceilings require.

use crate::support::Draws;
use apportion::partition::{Plan, TableConfig};
use apportion::{Node, NodeIdx, PartitionTable, Planner, Topology};

type Nodes = Topology<u64>;

/// A cluster with copies, slots, limits, states and weights of leaders, each of them in some cases.
#[derive(Clone, Debug)]
struct Cluster {
    /// Weights; node i is in zone i % zones.
    weights: Vec<u64>,
    zones: u64,
    config: TableConfig,
    /// For each node 0, or its slots.
    slots: Vec<u64>,
    /// Weights of leaders; none if the weights of the nodes count.
    leaders: Vec<u64>,
    cordoned: Option<usize>,
    maintained: Option<usize>,
}

impl Cluster {
    fn new(draws: &mut Draws) -> Self {
        let (zones, count) = (3 + draws.below(3), 6 + draws.below(18));
        let partitions = [30, 100, 256][draws.below(3) as usize];
        let replicas = 1 + draws.below(3) as u32;
        let mut config = TableConfig::new(partitions, replicas);
        let limit = 1 + draws.below(2) as u32;
        if draws.below(3) > 0 {
            config = config.max_per_domain("zone", limit);
        }
        if draws.below(2) == 0 {
            let most = (u64::from(limit) * zones).min(count).min(5);
            let some = (0..partitions).filter(|p| p % 3 == 0);
            config =
                config.copies(some.map(|p| (p, 1 + draws.below(most) as u32)).collect::<Vec<_>>());
        }
        let weights: Vec<u64> = (0..count).map(|_| 500 + draws.below(1000)).collect();
        let fair = config.total_replicas() / count;
        let few = |draws: &mut Draws| draws.below(fair + 3) * u64::from(draws.below(4) == 0);
        let slots = (0..count).map(|_| few(draws)).collect();
        let leaders = if draws.below(2) == 0 {
            (0..count).map(|_| 500 + draws.below(1000)).collect()
        } else {
            Vec::new()
        };
        let state = |draws: &mut Draws| (draws.below(3) == 0).then(|| draws.below(count) as usize);
        let (cordoned, maintained) = (state(draws), state(draws));
        Self { weights, zones, config, slots, leaders, cordoned, maintained }
    }

    fn topology(&self) -> Nodes {
        let node = |(i, weight): (u64, &u64)| {
            Node::new(i).weight(*weight).domain("zone", &format!("z{}", i % self.zones))
        };
        Topology::of((0..).zip(&self.weights).map(node)).unwrap()
    }

    /// `None` if the requests exclude each other.
    fn planner<'a>(
        &self,
        nodes: &'a Nodes,
        old: Option<(&PartitionTable, &Nodes)>,
    ) -> Option<Planner<'a>> {
        let find = |i: u64| nodes.find(&i).unwrap();
        let slots = (0..).zip(&self.slots).filter(|(_, slots)| **slots > 0);
        let slots = slots.map(|(i, slots)| (find(i), *slots));
        let leaders = (0..).zip(&self.leaders).map(|(i, weight)| (find(i), *weight));
        let planner = Planner::new(nodes.members(), &self.config).ok()?.slots(slots).ok()?;
        let planner = planner.balance_leaders().leader_weights(leaders).ok()?;
        let Some((table, before)) = old else { return Some(planner) };
        let at = |state: Option<usize>| state.map(|i| find(i as u64));
        let planner = planner.cordoned(at(self.cordoned), table, before.members()).ok()?;
        let maintained = self.maintained.filter(|i| self.cordoned != Some(*i));
        planner.in_maintenance(at(maintained), table, before.members()).ok()
    }

    /// The plan from this table, proved in replicas and leaders; `None` if there is none.
    fn plan(&self, nodes: &Nodes, old: (&PartitionTable, &Nodes)) -> Option<Plan> {
        let planner = self.planner(nodes, Some(old))?;
        let members = (old.0, old.1.members());
        let plan = planner.rebalance(members.0, members.1).ok()?;
        assert!(planner.verify(&plan, Some(members)).unwrap().optimal(), "{self:?}");
        let leaders = plan.leader_certificate().unwrap();
        let led = planner.verify_leaders(plan.table(), leaders, Some(members)).unwrap();
        assert!(led.optimal() && led.moved == plan.leaders_moved(), "{self:?}: {led:?}");
        Some(plan)
    }
}

/// Fresh tables, changed ones and dispersed ones are planned again: no row changes, not even its order.
#[test]
fn planned_again_nothing_moves() {
    let (mut draws, mut counts) = (Draws(1411), [0; 3]);
    for _ in 0..300 {
        let mut cluster = Cluster::new(&mut draws);
        let nodes = cluster.topology();
        let Some(mut plan) = cluster.planner(&nodes, None).and_then(|p| p.fresh().ok()) else {
            continue;
        };
        counts[0] += 1;
        // The states apply to the table that there is.
        let unchanged = |cluster: &Cluster, nodes: &Nodes, table: &PartitionTable| {
            let again = cluster.plan(nodes, (table, nodes)).expect("the table as it is");
            assert_eq!((again.moved(), again.leaders_moved()), (0, 0), "{cluster:?}");
            assert_eq!(again.table(), table, "{cluster:?}");
        };
        if draws.below(2) == 0 {
            cluster.planner(&nodes, None).unwrap().disperse(&mut plan).unwrap();
        }
        let (cordoned, maintained) = (cluster.cordoned.take(), cluster.maintained.take());
        unchanged(&cluster, &nodes, plan.table());
        (cluster.cordoned, cluster.maintained) = (cordoned, maintained);

        let (before, table) = (nodes, plan.into_table());
        cluster.weights.iter_mut().for_each(|weight| *weight = *weight / 2 + draws.below(500));
        cluster.leaders.iter_mut().for_each(|weight| *weight = *weight / 2 + draws.below(500));
        let nodes = cluster.topology();
        let Some(plan) = cluster.plan(&nodes, (&table, &before)) else { continue };
        counts[1] += 1;
        counts[2] += u32::from(cluster.cordoned.or(cluster.maintained).is_some());
        unchanged(&cluster, &nodes, plan.table());
    }
    println!("{counts:?} fresh, changed, with states");
    assert!(counts[0] > 200 && counts[1] > 150 && counts[2] > 60, "{counts:?}");
}

/// A number up to 1 % higher or lower.
fn shaken(weight: u64, draws: &mut Draws) -> u64 {
    weight - weight / 100 + draws.below(2 * (weight / 100) + 1)
}

/// Weights and weights of leaders change by at most 1 %. Every plan is proved minimal; beside the proof
/// it moves no more than the quotas do, each node's difference rounded up.
#[test]
fn one_percent_moves_what_floors_and_ceilings_require() {
    let mut draws = Draws(1412);
    let (mut plans, mut moved, mut replicas, mut led, mut at_bound) = (0, 0, 0, 0, [0; 2]);
    for _ in 0..300 {
        let mut cluster = Cluster::new(&mut draws);
        (cluster.cordoned, cluster.maintained) = (None, None);
        let before = cluster.topology();
        let Some(planner) = cluster.planner(&before, None) else { continue };
        let Ok(old) = planner.fresh() else { continue };
        let quotas = |planner: &Planner<'_>, nodes: &Nodes| -> Vec<f64> {
            let exact = |(node, _): (NodeIdx, &u64)| planner.exact_quota(node).unwrap();
            nodes.iter().map(exact).collect()
        };
        let was = quotas(&planner, &before);

        cluster.weights = cluster.weights.iter().map(|w| shaken(*w, &mut draws)).collect();
        let nodes = cluster.topology();
        let plan = cluster.plan(&nodes, (old.table(), &before)).expect("the same rules");
        let is = quotas(&cluster.planner(&nodes, None).unwrap(), &nodes);
        let change: f64 = was.iter().zip(&is).map(|(was, is)| (is - was).abs().ceil()).sum();
        assert!(plan.moved() as f64 <= change, "{} of {change}: {cluster:?}", plan.moved());
        at_bound[0] += u32::from(plan.moved() == plan.lower_bound());
        moved += plan.moved();
        replicas += cluster.config.total_replicas();

        // Weights of leaders alone move no replica.
        cluster.leaders = (0..cluster.weights.len() as u64).map(|i| 700 + i % 7 * 100).collect();
        let table = cluster.plan(&nodes, (plan.table(), &nodes)).unwrap().into_table();
        cluster.leaders = cluster.leaders.iter().map(|w| shaken(*w, &mut draws)).collect();
        let plan = cluster.plan(&nodes, (&table, &nodes)).unwrap();
        assert_eq!(plan.moved(), 0);
        at_bound[1] += u32::from(plan.leaders_moved() == plan.leaders_lower_bound());
        led += plan.leaders_moved();
        plans += 1;
    }
    println!(
        "{plans} plans: {moved} of {replicas} replicas, {led} leaders, at bounds {at_bound:?}"
    );
    assert!(plans > 200 && moved > 0 && led > 0);
    assert!(at_bound.iter().all(|count| count * 100 >= plans * 90), "{at_bound:?} of {plans}");
}
