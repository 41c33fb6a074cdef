//! What has to hold of a plan, recounted from the rows.

use super::plans_cluster::{Cluster, Rows, label, rows};
use super::plans_flow::possible;
use super::plans_quota::{Quotas, quotas};
use apportion::diff::Extent;
use apportion::error::InfeasibleKind;
use apportion::partition::Plan;
use apportion::{Error, Locator, PartitionTable, Planner, Topology, Xxh3};

/// A table, its nodes, and the holders by name.
#[derive(Clone)]
pub struct Side {
    pub topology: Topology<String>,
    pub table: PartitionTable,
    pub rows: Rows,
}

impl Side {
    pub fn new(topology: Topology<String>, table: PartitionTable) -> Self {
        let rows = rows(&table, &topology);
        Self { topology, table, rows }
    }

    pub fn split(&self, ways: u32) -> Self {
        Self::new(self.topology.clone(), self.table.split(ways).unwrap())
    }

    pub fn locator(&self) -> Locator<String, PartitionTable> {
        Locator::from_parts(self.topology.clone(), self.table.clone(), Xxh3).unwrap()
    }
}

/// Distinct live nodes within every limit, pins among them, and floor or ceiling of every quota.
pub fn rules(cluster: &Cluster, quotas: &Quotas, rows: &Rows) -> Result<(), String> {
    if rows.len() != cluster.partitions as usize {
        return Err("partitions".into());
    }
    let domains = cluster.domains();
    let sets: Vec<u32> = rows.iter().map(|row| cluster.bits(row)).collect();
    for ((p, row), set) in (0..).zip(rows).zip(&sets) {
        let live = |name: &&u8| cluster.nodes.iter().any(|n| n.name == **name && n.weight > 0);
        let distinct = set.count_ones() as usize == row.len();
        if row.len() != cluster.replicas as usize || !distinct || !row.iter().all(|n| live(&n)) {
            return Err(format!("partition {p} is not of distinct live nodes: {row:?}"));
        }
        if cluster.over(&domains, row) {
            return Err(format!("partition {p} breaks a limit: {row:?}"));
        }
        if cluster.pins_of(p).iter().any(|pin| !row.contains(pin)) {
            return Err(format!("partition {p} is without a pin: {row:?}"));
        }
    }
    let held =
        |bits: u32| -> u64 { sets.iter().map(|set| u64::from((set & bits).count_ones())).sum() };
    let within = |bits: u32, (floor, ceil): (u64, u64)| (floor..=ceil).contains(&held(bits));
    for (at, bounds) in quotas.nodes.iter().enumerate() {
        if !within(1 << at, *bounds) {
            return Err(format!("{:?} does not hold {bounds:?}", cluster.nodes[at]));
        }
    }
    for ((path, (bits, _)), bounds) in domains.iter().zip(quotas.domains.values()) {
        if !within(*bits, *bounds) {
            return Err(format!("{path:?} does not hold {bounds:?}"));
        }
    }
    Ok(())
}

/// Replicas that left a node for another, and partitions with two of them or more.
pub fn movement(before: &Rows, after: &Rows) -> (u64, u64) {
    let moves = before.iter().zip(after).map(|(before, after)| {
        let kept = after.iter().filter(|name| before.contains(name)).count();
        before.len().min(after.len()) - kept
    });
    moves.fold((0, 0), |(all, twice), moves| (all + moves as u64, twice + u64::from(moves > 1)))
}

/// A plan and everything it says. `before` has as many partitions as there are now.
pub fn plan(
    cluster: &Cluster,
    planner: &Planner<'_>,
    plan: &Plan,
    now: &Side,
    before: Option<&Side>,
) {
    let quotas = quotas(cluster).expect("planned, but not all replicas can be placed");
    rules(cluster, &quotas, &now.rows).unwrap_or_else(|why| panic!("{why}: {cluster:?}"));
    for (node, bounds) in cluster.nodes.iter().zip(&quotas.nodes) {
        let slot = now.topology.members().find(label(node.name).as_bytes()).unwrap();
        assert_eq!(planner.quota(slot), Some(*bounds));
    }
    let (moved, twice) = before.map_or((0, 0), |before| movement(&before.rows, &now.rows));
    assert_eq!((plan.moved(), plan.partitions_moved_twice()), (moved, twice), "{cluster:?}");
    assert!(plan.lower_bound() <= moved, "{cluster:?}");
    let old = before.map(|before| (&before.table, before.topology.members()));
    let verified = planner.verify(plan, old).unwrap_or_else(|why| panic!("{why}: {cluster:?}"));
    assert!(verified.optimal(), "{verified:?}: {cluster:?} from {:?}", before.map(|b| &b.rows));
    let report = planner.report(plan.table());
    assert_eq!((report.outside_floor_ceil, report.domain_violations), (0, 0));
    assert_eq!(report.unknown_holders, 0);
    if let Some(before) = before {
        for p in &cluster.frozen {
            let sorted = |side: &Side| {
                let mut row = side.rows[*p as usize].clone();
                row.sort_unstable();
                row
            };
            assert_eq!(sorted(before), sorted(now), "{p} is frozen");
        }
        let thawed = |p: &u32| {
            let p = *p as usize..*p as usize + 1;
            movement(&before.rows[p.clone()].to_vec(), &now.rows[p].to_vec()).0 > 0
        };
        let thawed: Vec<u32> = cluster.soft.iter().copied().filter(thawed).collect();
        assert_eq!(plan.thawed(), thawed, "{cluster:?} from {:?}", before.rows);
        for (old, new) in before.rows.iter().zip(&now.rows) {
            let stays = |(place, name): (usize, &u8)| !new.contains(name) || new[place] == *name;
            let kept = new.len() < old.len() || old.iter().enumerate().all(stays);
            assert!(kept, "places changed: {old:?} {new:?}");
        }
        diff(before, now, moved);
    }
}

/// The diff of two tables of as many partitions counts as the plan does, and its moves lead from
/// the one to the other.
fn diff(before: &Side, now: &Side, moved: u64) {
    let (old, new) = (before.locator(), now.locator());
    let each = before.table.replication_factor().max(now.table.replication_factor());
    let diff = old.diff_replicas(&new, each as usize).unwrap();
    let (mut rows, mut replaced, mut width) = (before.rows.clone(), 0, 0);
    let partitions = u128::from(now.table.partitions());
    let first = |p: u32| (u128::from(p) << 64).div_ceil(partitions);
    for one in diff.moves() {
        let Extent::Partition(p) = one.extent else { panic!("{:?} is no partition", one.extent) };
        let row = &mut rows[p as usize];
        let name = |node: &String| node[1..].parse::<u8>().unwrap();
        if let Some(from) = one.from.map(name) {
            let at = row.iter().position(|held| *held == from).expect("moved from elsewhere");
            row.swap_remove(at);
        }
        if let Some(to) = one.to.map(name) {
            assert!(now.rows[p as usize].contains(&to), "moved elsewhere");
            row.push(to);
        }
        replaced += u64::from(one.from.is_some() && one.to.is_some());
        width += first(p + 1) - first(p);
    }
    assert_eq!(replaced, moved, "the diff counts otherwise");
    assert_eq!(diff.moved(), Some((width, u128::from(each) << 64)));
    for (row, wanted) in rows.iter_mut().zip(&now.rows) {
        let mut wanted = wanted.clone();
        row.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(*row, wanted, "the moves lead elsewhere");
    }
}

/// Why there is no plan, for a reason that is there. `before` has as many partitions as there are
/// now.
pub fn refused(cluster: &Cluster, error: &Error, before: Option<&Side>) {
    let Some(infeasible) = error.infeasible() else {
        let nothing = cluster.nodes.is_empty() && cluster.limits.iter().any(Option::is_some);
        assert!(nothing && error.to_string().contains("level"), "{error}: {cluster:?}");
        return;
    };
    let expected = reason(cluster, before);
    // Too much on some nodes, or too little room on the others: two sides of one cut.
    let kind = match infeasible.kind {
        InfeasibleKind::NoRoom => InfeasibleKind::Bound,
        kind => kind,
    };
    if expected == Some(InfeasibleKind::Bound) {
        assert!(infeasible.quota > infeasible.limit, "{error}: {cluster:?}");
    }
    assert_eq!(Some(kind), expected, "{error}: {cluster:?} {:?}", before.map(|b| &b.rows));
    assert!(!error.to_string().contains('\n'));
}

/// What is impossible, in the order in which it is found.
fn reason(cluster: &Cluster, before: Option<&Side>) -> Option<InfeasibleKind> {
    if cluster.nodes.iter().all(|node| node.weight == 0) {
        return Some(InfeasibleKind::NoLiveNode);
    }
    let Some(quotas) = quotas(cluster) else { return Some(InfeasibleKind::Capacity) };
    let each = cluster.replicas as usize;
    for (p, _) in &cluster.pins {
        let pins = cluster.pins_of(*p);
        if pins.len() > each || cluster.breaks(&pins) {
            return Some(InfeasibleKind::Pinned);
        }
    }
    let rows = before.map(|before| &before.rows);
    for p in &cluster.frozen {
        let row = &rows?[*p as usize];
        let there = cluster.bits(row).count_ones() as usize;
        let pinned = cluster.pins_of(*p).iter().all(|pin| row.contains(pin));
        if there != each || row.len() != each || !pinned || cluster.breaks(row) {
            return Some(InfeasibleKind::Frozen);
        }
    }
    (!possible(cluster, &quotas, rows)).then_some(InfeasibleKind::Bound)
}
