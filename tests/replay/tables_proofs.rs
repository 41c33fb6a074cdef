//! Certificates and tables that somebody else made up: nothing is proved that is not so.

use super::input::Input;
use super::plans_check::{Side, movement, rules};
use super::plans_cluster::{Cluster, Rows};
use super::plans_quota::quotas;
use apportion::partition::{Certificate, Plan};
use apportion::{NodeIdx, PartitionTable, Planner};

pub fn run(input: &mut Input<'_>) {
    let cluster = Cluster::read(input);
    let topology = cluster.topology(input.byte());
    let Ok(planner) = cluster.planner(&topology) else { return };
    let Ok(fresh) = planner.fresh() else { return };
    let before = Side::new(topology, fresh.into_table());
    let mut next = cluster.clone();
    (0..=input.below(3)).for_each(|_| next.change(Some(&before.rows), input));
    let topology = next.topology(input.byte());
    let old = (&before.table, before.topology.members());
    let Ok(planner) = next.planner(&topology) else { return };
    let Ok(plan) = planner.rebalance(old.0, old.1) else { return };
    let least = planner.verify(&plan, Some(old)).unwrap();
    assert!(least.optimal(), "{next:?} from {:?}", before.rows);
    let before = before.split(next.partitions / cluster.partitions);
    // Rows are as long as the nodes and limits admit, where fewer replicas are allowed.
    let next = next.admitted();
    let planned = Side::new(topology.clone(), plan.table().clone()).rows;
    for _ in 0..4 {
        let (table, rows) = table(&planner, &plan, &before, input);
        let certificate = certificate(&plan, input);
        let expected = legal(&next, rows.as_ref(), &before.rows);
        let fits = [0, potentials_of(&plan, &next)].contains(&certificate.potentials().len());
        match planner.verify_table(&table, &certificate, Some(old)) {
            Ok(found) => {
                assert_eq!((&expected, fits), (&Ok(()), true), "{next:?}");
                let rows = rows.expect("a legal table");
                let moved = movement(&before.rows, &rows);
                assert_eq!(moved, (found.moved, found.partitions_moved_twice));
                // Under a soft freeze both speak of the tables that keep the holders which this
                // one keeps of those partitions. The plan is such a table, or this one is for the
                // plan, only if one keeps all that the other keeps.
                assert!(found.minimum <= found.moved, "{found:?}: {next:?}");
                let keeps_all = |table: &Rows, of: &Rows| {
                    next.soft.iter().all(|p| stays(of, &before.rows, table, *p))
                };
                if keeps_all(&planned, &rows) {
                    assert!(found.minimum <= plan.moved(), "{found:?} of {}", plan.moved());
                }
                if keeps_all(&rows, &planned) {
                    assert!(found.moved >= plan.moved(), "{found:?} of {}", plan.moved());
                }
            }
            Err(error) => {
                assert!(expected.is_err() || !fits, "{error}: {next:?} {rows:?}");
                assert!(!error.to_string().contains('\n'));
            }
        }
        reported(&planner, &next, &table, expected.is_ok());
    }
}

/// True if a partition has the holders that it had.
fn keeps(partition: u32, before: &Rows, rows: &Rows) -> bool {
    let (is, was) = (&rows[partition as usize], &before[partition as usize]);
    is.len() == was.len() && is.iter().all(|name| was.contains(name))
}

/// True if a partition keeps in `rows` all holders that it keeps in `other`.
fn stays(other: &Rows, before: &Rows, rows: &Rows, partition: u32) -> bool {
    let row = |rows: &'_ Rows| rows[partition as usize].clone();
    let (is, was) = (row(rows), row(before));
    row(other).iter().all(|name| !was.contains(name) || is.contains(name))
}

/// Root, domains and nodes.
fn potentials_of(plan: &Plan, cluster: &Cluster) -> usize {
    let size = 1 + cluster.domains().len() + cluster.nodes.len();
    assert!([0, size].contains(&plan.certificate().potentials().len()));
    size
}

/// The plan's table, some of its holders exchanged for others, or another one altogether; and the
/// holders by name, unless one is nobody.
fn table(
    planner: &Planner<'_>,
    plan: &Plan,
    before: &Side,
    input: &mut Input<'_>,
) -> (PartitionTable, Option<Rows>) {
    let members = planner.members();
    let name = |slot: NodeIdx| -> Option<u8> {
        std::str::from_utf8(members.label(slot)?).unwrap()[1..].parse().ok()
    };
    let named = |table: &PartitionTable| -> Option<Rows> {
        (0..table.partitions()).map(|p| table.row(p).map(name).collect()).collect()
    };
    let (partitions, each) = (plan.table().partitions(), plan.table().replication_factor());
    let mut rows: Vec<NodeIdx> = (0..partitions).flat_map(|p| plan.table().row(p)).collect();
    let choice = input.below(4);
    if choice == 0 {
        // Its slots mean other nodes now, or none.
        return (before.table.clone(), named(&before.table));
    }
    for _ in 1..choice {
        let (a, b) = (input.byte(), input.byte());
        let (a, b) = (usize::from(a) % rows.len(), usize::from(b) % rows.len());
        if input.below(4) > 0 {
            rows.swap(a, b);
        } else {
            rows[a] = rows[b];
        }
    }
    let table = PartitionTable::from_rows(members, partitions, each, &rows);
    let table = table.unwrap_or_else(|_| plan.table().clone());
    let rows = named(&table);
    (table, rows)
}

fn certificate(plan: &Plan, input: &mut Input<'_>) -> Certificate {
    let potential = |input: &mut Input<'_>| match input.below(6) {
        0 => i32::MIN,
        1 => i32::MAX,
        2 => input.word() as i32,
        _ => input.below(7) as i32 - 3,
    };
    let mut potentials = plan.certificate().potentials().to_vec();
    match input.below(8) {
        0 => {
            let len = input.below(64);
            let bytes = input.bytes(len);
            let read =
                serde_json::from_slice(bytes).ok().or_else(|| postcard::from_bytes(bytes).ok());
            return read.unwrap_or_default();
        }
        1 => drop(potentials.pop()),
        2 | 3 => potentials.iter_mut().for_each(|value| *value = potential(input)),
        _ => {
            for _ in 0..=input.below(4) {
                let at = usize::from(input.byte()) % potentials.len().max(1);
                if let Some(value) = potentials.get_mut(at) {
                    *value = potential(input);
                }
            }
        }
    }
    let certificate = Certificate::from_potentials(potentials);
    let text = serde_json::to_string(&certificate).unwrap();
    assert_eq!(serde_json::from_str::<Certificate>(&text).unwrap(), certificate);
    certificate
}

/// Whether a table keeps every rule of the cluster.
fn legal(cluster: &Cluster, rows: Option<&Rows>, before: &Rows) -> Result<(), String> {
    let rows = rows.ok_or("a slot without a node")?;
    rules(cluster, &quotas(cluster).ok_or("no quotas")?, rows)?;
    for p in &cluster.frozen {
        if !keeps(*p, before, rows) {
            return Err(format!("{p} is frozen"));
        }
    }
    Ok(())
}

/// The report finds nothing in a legal table, and something in one that is not, but for what only
/// pins, frozen partitions, sizes and drained nodes say.
fn reported(planner: &Planner<'_>, cluster: &Cluster, table: &PartitionTable, legal: bool) {
    let report = planner.report(table);
    let found = report.outside_floor_ceil + report.domain_violations + report.unknown_holders;
    if legal {
        assert_eq!(found, 0, "{report:?} {cluster:?}");
        assert!(report.max_over_quota >= 1.0 - 1e-9 && report.min_over_quota <= 1.0 + 1e-9);
    }
    let bound = !cluster.pins.is_empty() || !cluster.frozen.is_empty();
    let sizes = (table.partitions(), table.replication_factor());
    if !legal && !bound && sizes == (cluster.partitions, cluster.replicas) {
        assert!(found > 0, "{report:?} {cluster:?}");
    }
}
