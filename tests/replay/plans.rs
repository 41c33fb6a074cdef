//! Partition tables planned along a history, each plan recounted.

use super::formulas::word;
use super::input::Input;
use super::plans_check::{self as check, Side, movement};
use super::plans_cluster::{Cluster, Rows, rows};
use super::plans_quota::quotas;
use super::plans_spread;
use apportion::partition::Plan;
use apportion::{Error, NodeIdx, PartitionTable, Planner, Topology};

const STEPS: usize = 28;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let mut cluster = Cluster::read(&mut input);
    let mut side: Option<Side> = None;
    for _ in 0..STEPS {
        let looks = Looks(input.byte());
        let mut next = cluster.clone();
        if let Some(before) = side.as_ref().filter(|_| looks.only_splits()) {
            next.multiply(2);
            let ways = next.partitions / cluster.partitions;
            side = Some(split(before, ways));
            cluster = next;
            continue;
        }
        if looks.begins_elsewhere() {
            side = side.map(|side| elsewhere(&cluster, &side, &mut input));
        }
        for _ in 0..looks.changes() {
            next.change(side.as_ref().map(|side| &side.rows), &mut input);
        }
        match step(&next, side.as_ref(), looks, &mut input) {
            Some(now) => (cluster, side) = (next, Some(now)),
            // The old table stays in use.
            None if side.is_some() => {}
            None => cluster = next,
        }
        if input.is_empty() {
            break;
        }
    }
}

/// How much of a step is looked at: all of it would take too long.
#[derive(Clone, Copy)]
struct Looks(u8);

impl Looks {
    fn only_splits(self) -> bool {
        self.0 % 32 == 31
    }

    fn begins_elsewhere(self) -> bool {
        self.0 % 32 == 30
    }

    /// One change mostly, at times several at once.
    fn changes(self) -> usize {
        [0, 1, 1, 1, 1, 1, 2, 4][usize::from(self.0 % 8)]
    }

    fn disperses(self) -> bool {
        self.0 / 8 % 4 == 1 || self.through_the_facade()
    }

    fn permutes(self) -> bool {
        self.0 / 32 % 4 == 1
    }

    fn saves(self) -> bool {
        self.0 / 64 == 1
    }

    fn through_the_facade(self) -> bool {
        self.0 / 16 == 8
    }

    fn spreads(self) -> bool {
        self.0 / 64 == 3
    }
}

/// One plan; `None` if it is refused.
fn step(
    cluster: &Cluster,
    before: Option<&Side>,
    looks: Looks,
    input: &mut Input<'_>,
) -> Option<Side> {
    let mut cluster = cluster.clone();
    if before.is_none() {
        cluster.frozen.clear();
    }
    let cluster = &cluster;
    let turn = input.byte();
    let topology = match before {
        // Slots stay and have holes.
        Some(before) if turn > 127 => before.topology.replaced_by(cluster.turned(turn)).unwrap().0,
        _ => cluster.topology(turn),
    };
    let parted = before.map(|b| split(b, cluster.partitions / b.table.partitions()));
    let old = before.map(|before| (&before.table, &before.topology));
    let planned = planned(cluster, &topology, old, looks);
    if looks.permutes() {
        permuted(cluster, before, &planned, &topology, looks);
    }
    let (plan, dispersed) = match planned {
        Ok(plans) => plans,
        Err(error) => {
            check::refused(&cluster.admitted(), &error, parted.as_ref());
            if let Some(before) = before {
                assert_eq!(rows(&before.table, &before.topology), before.rows);
            }
            return None;
        }
    };
    let planner = cluster.planner(&topology).unwrap();
    let now = Side::new(topology.clone(), plan.table().clone());
    let admitted = cluster.admitted();
    let missing = u64::from(cluster.replicas - admitted.replicas) * u64::from(cluster.partitions);
    assert_eq!(plan.missing_replicas(), missing, "{cluster:?}");
    check::plan(&admitted, &planner, &plan, &now, parted.as_ref());
    led(&admitted, &planner, &plan, &topology, parted.as_ref());
    let mut last = now.clone();
    if let Some(dispersed) = dispersed {
        let spread = Side::new(topology.clone(), dispersed.table().clone());
        let (moved, twice) =
            parted.as_ref().map_or((0, 0), |before| movement(&before.rows, &spread.rows));
        assert_eq!((dispersed.moved(), moved), (plan.moved(), plan.moved()));
        assert!(twice <= plan.partitions_moved_twice(), "dispersal moves more partitions twice");
        assert!(dispersed.thawed().iter().all(|p| plan.thawed().contains(p)), "{cluster:?}");
        check::plan(&admitted, &planner, &dispersed, &spread, parted.as_ref());
        if looks.through_the_facade() {
            through_the_facade(cluster, before, &spread, turn);
        }
        last = spread;
    }
    #[cfg(feature = "serde")]
    if looks.saves() {
        saved(&last);
    }
    if looks.spreads() {
        plans_spread::check(cluster, &topology, input);
    }
    Some(last)
}

/// With balanced leaders a plan moves as much and keeps the same rules, every node leads its share, the
/// fewest leaders change, and planned again nothing does.
fn led(
    cluster: &Cluster,
    planner: &Planner<'_>,
    plain: &Plan,
    topology: &Topology<String>,
    before: Option<&Side>,
) {
    let planner = planner.clone().balance_leaders();
    let old = before.map(|before| (&before.table, before.topology.members()));
    let plan = match old {
        Some((table, members)) => planner.rebalance(table, members),
        None => planner.fresh(),
    };
    let plan = plan.unwrap_or_else(|why| panic!("{why}: {cluster:?}"));
    assert_eq!(plan.moved(), plain.moved(), "{cluster:?}");
    assert_eq!(plan.partitions_moved_twice(), plain.partitions_moved_twice(), "{cluster:?}");
    // Only leaders and second holders change their places.
    let verified = planner.verify(&plan, old).unwrap_or_else(|why| panic!("{why}: {cluster:?}"));
    assert!(verified.optimal(), "{verified:?}: {cluster:?}");
    let certificate = plan.leader_certificate().unwrap();
    let led = planner.verify_leaders(plan.table(), certificate, old).unwrap();
    assert!(led.optimal() && led.moved == plan.leaders_moved(), "{led:?}: {cluster:?}");
    assert_eq!(planner.report(plan.table()).leaders_outside_floor_ceil, 0, "{cluster:?}");
    let again = planner.lead(plan.table(), topology.members()).unwrap();
    assert_eq!(again.table(), plan.table(), "{cluster:?}");
}

/// A plan, and the same one dispersed if that is looked at.
type Plans = (Plan, Option<Plan>);

fn planned(
    cluster: &Cluster,
    topology: &Topology<String>,
    old: Option<(&PartitionTable, &Topology<String>)>,
    looks: Looks,
) -> Result<Plans, Error> {
    let planner = cluster.planner(topology)?;
    let plan = match old {
        Some((table, nodes)) => planner.rebalance(table, nodes.members())?,
        None => planner.fresh()?,
    };
    let mut dispersed = looks.disperses().then(|| plan.clone());
    dispersed.iter_mut().for_each(|plan| planner.disperse(plan).unwrap());
    Ok((plan, dispersed))
}

/// The same nodes in another order, before and after, come to the same.
fn permuted(
    cluster: &Cluster,
    before: Option<&Side>,
    planned_first: &Result<Plans, Error>,
    topology: &Topology<String>,
    looks: Looks,
) {
    let other = cluster.topology(looks.0.wrapping_mul(7) ^ 1);
    let moved_over = before.map(|before| {
        let mut nodes: Vec<&String> = before.topology.iter().map(|(_, node)| node).collect();
        nodes.reverse();
        let nodes = Topology::new(nodes.into_iter().cloned()).unwrap();
        let slot = |name: &u8| -> NodeIdx {
            nodes.members().find(super::plans_cluster::label(*name).as_bytes()).unwrap()
        };
        let holders: Vec<NodeIdx> = before.rows.iter().flatten().map(slot).collect();
        let (p, r) = (before.table.partitions(), before.table.replication_factor());
        (PartitionTable::from_rows(nodes.members(), p, r, &holders).unwrap(), nodes)
    });
    let old = moved_over.as_ref().map(|(table, nodes)| (table, nodes));
    let again = planned(cluster, &other, old, looks);
    match (planned_first, again) {
        (Ok(first), Ok(again)) => {
            let dispersed = first.1.iter().zip(&again.1);
            for (a, b) in std::iter::once((&first.0, &again.0)).chain(dispersed) {
                let same: Rows = rows(b.table(), &other);
                assert_eq!(rows(a.table(), topology), same, "the order decides: {cluster:?}");
                assert_eq!((a.moved(), a.lower_bound()), (b.moved(), b.lower_bound()));
                assert_eq!(a.certificate(), b.certificate());
            }
        }
        (Err(a), Err(b)) => assert_eq!(a.infeasible(), b.infeasible()),
        (first, again) => panic!("{first:?} or {again:?}: {cluster:?}"),
    }
}

/// More partitions and nothing else: nothing moves.
fn split(before: &Side, ways: u32) -> Side {
    let parted = before.split(ways);
    let each = before.table.replication_factor() as usize;
    let (old, new) = (before.locator(), parted.locator());
    let diff = old.diff_replicas(&new, each).unwrap();
    assert_eq!((diff.moves().count(), diff.moved().unwrap().0), (0, 0));
    let rows = before.rows.iter().flat_map(|row| std::iter::repeat_n(row, ways as usize));
    assert!(rows.eq(&parted.rows));
    parted
}

/// The table that somebody else has for these nodes: no balance, any number of replicas, the limits
/// only at times.
fn elsewhere(cluster: &Cluster, side: &Side, input: &mut Input<'_>) -> Side {
    let members = side.topology.members();
    let live: Vec<NodeIdx> = members.iter_live().collect();
    let (each, seed) = (1 + input.below(5) % live.len(), input.word());
    let partitions = side.table.partitions();
    let mut holders = Vec::new();
    for p in 0..u64::from(partitions) {
        let mut left = live.clone();
        let mut row: Vec<NodeIdx> = Vec::new();
        let name = |slot: &NodeIdx| side.topology.get(*slot).unwrap()[1..].parse().unwrap();
        let mut refused = Vec::new();
        for i in 0.. {
            if row.len() == each {
                break;
            }
            if left.is_empty() {
                // As many as the limits let it have are too few.
                left = std::mem::take(&mut refused);
            }
            let at = word(seed, 8 * p + i) as usize % left.len();
            row.push(left.swap_remove(at));
            let names: Vec<u8> = row.iter().map(name).collect();
            if seed % 2 == 1 && i < live.len() as u64 && cluster.breaks(&names) {
                refused.extend(row.pop());
            }
        }
        holders.extend(row);
    }
    let table = PartitionTable::from_rows(members, partitions, each as u32, &holders).unwrap();
    Side::new(side.topology.clone(), table)
}

/// A locator's change of nodes is this plan, if nothing else changes and nothing is bound.
fn through_the_facade(cluster: &Cluster, before: Option<&Side>, now: &Side, turn: u8) {
    let Some(before) = before else { return };
    let free = cluster.pins.is_empty() && cluster.frozen.is_empty() && cluster.soft.is_empty();
    let config = cluster.config();
    if !free || *before.table.config() != config || quotas(&cluster.admitted()).is_none() {
        return;
    }
    let changed = before.locator().replaced_by(cluster.turned(turn)).unwrap();
    assert_eq!(rows(changed.placement(), changed.topology()), now.rows);
    assert_eq!(changed.fingerprint(), now.locator().fingerprint());
    let gone = before.locator().replaced_by([]);
    assert!(gone.is_err(), "a table without a node");
}

#[cfg(feature = "serde")]
fn saved(side: &Side) {
    type Of = apportion::Locator<String, PartitionTable>;
    let locator = side.locator();
    let text = serde_json::to_string(&locator).unwrap();
    let bytes = postcard::to_allocvec(&locator).unwrap();
    let read: [Of; 2] =
        [serde_json::from_str(&text).unwrap(), postcard::from_bytes(&bytes).unwrap()];
    for read in read {
        assert_eq!(read.fingerprint(), locator.fingerprint());
        assert_eq!(read.placement().config(), locator.placement().config());
        assert_eq!(rows(read.placement(), read.topology()), side.rows);
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
