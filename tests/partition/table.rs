//! Partition tables: lookups, changes, differences, saved forms, wrong input.

use crate::support::Draws;
use apportion::diff::Extent;
use apportion::partition::TableConfig;
use apportion::{
    Candidates, Error, KeyHash, Locator, Node, NodeIdx, PartitionTable, Placement, Planner, Spread,
    Topology, Xxh3,
};
use std::collections::{BTreeMap, BTreeSet};

type Table = Locator<String, PartitionTable, Xxh3>;

fn node(i: usize) -> Node<String> {
    Node::new(format!("n{i}")).domain("zone", &format!("z{}", i % 4)).weight(1 + i as u64 % 3)
}

fn nodes(count: usize) -> Topology<String> {
    Topology::of((0..count).map(node)).unwrap()
}

fn table(count: usize, partitions: u32, replicas: u32) -> Table {
    let config = TableConfig::new(partitions, replicas).max_per_domain("zone", 1);
    Locator::table_of(nodes(count), config).unwrap()
}

fn sets(table: &Table) -> Vec<BTreeSet<&String>> {
    let name = |node| table.topology().get(node).unwrap();
    let placement = table.placement();
    (0..placement.partitions()).map(|p| placement.row(p).map(name).collect()).collect()
}

#[test]
fn a_key_finds_its_partition() {
    for partitions in [1, 3, 64, 1000] {
        let table = table(9, partitions, 3);
        let placement = table.placement();
        for key in Draws(1).keys(2000) {
            let wide = (u128::from(key.get()) * u128::from(partitions)) >> 64;
            assert_eq!(u128::from(placement.partition(key)), wide);
            let row: Vec<NodeIdx> = placement.row(wide as u32).collect();
            assert_eq!(placement.locate(key), row.first().copied());
            let mut out = [NodeIdx::default(); 8];
            assert_eq!(placement.replicas(key, &mut out), 3);
            assert_eq!(out[..3], row);
            // Behind the holders come all other live nodes.
            let all: Vec<NodeIdx> = Candidates::new(placement, key).collect();
            assert_eq!((&all[..3], all.len()), (&*row, 9));
        }
        assert_eq!(placement.row(partitions).count(), 0);
        assert_eq!(placement.guarantees().max_replicas, 3);
    }
}

#[test]
fn a_change_of_nodes_rebalances() {
    let mut table = table(10, 256, 3);
    for step in 0..12 {
        let next = match step % 4 {
            0 | 1 => table.with_node(node(10 + step)).unwrap(),
            2 => table.reweighted(&format!("n{step}"), 5).unwrap(),
            _ => table.without(&format!("n{step}")).unwrap(),
        };
        let (old, new) = (sets(&table), sets(&next));
        let moved: usize = old.iter().zip(&new).map(|(a, b)| b.difference(a).count()).sum();
        let diff = table.diff_replicas(&next, 3).unwrap();
        assert_eq!(diff.moved(), Some(((moved as u128) << 56, 3 << 64)));
        let mut rows = old.clone();
        for m in diff.moves() {
            let Extent::Partition(p) = m.extent else { panic!("{m:?}") };
            assert!(rows[p as usize].remove(m.from.unwrap()));
            assert!(rows[p as usize].insert(m.to.unwrap()));
        }
        assert_eq!(rows, new);
        let matrix: f64 = diff.matrix().unwrap().iter().map(|t| t.fraction).sum();
        assert!((matrix - diff.moved_fraction().unwrap()).abs() < 1e-12);
        assert!(diff.excess().is_some_and(|excess| excess >= 0.0));
        let config = next.placement().config().clone();
        let planner = Planner::new(next.topology().members(), &config).unwrap();
        let report = planner.report(next.placement());
        assert_eq!((report.outside_floor_ceil, report.domain_violations), (0, 0));
        table = next;
    }
}

/// Tables of two sizes, hash by hash.
#[test]
fn diffs_of_tables_of_two_sizes() {
    let (old, new) = (table(8, 48, 2), table(9, 64, 2));
    let diff = old.diff_replicas(&new, 2).unwrap();
    let mut counted: BTreeMap<(Option<&String>, Option<&String>), i64> = BTreeMap::new();
    let names = |table: &'static Table, key| -> BTreeSet<&'static String> {
        let mut out = [NodeIdx::default(); 2];
        table.placement().replicas(key, &mut out);
        out.iter().map(|node| table.topology().get(*node).unwrap()).collect()
    };
    let (old, new): (&'static Table, &'static Table) =
        (Box::leak(Box::new(old.clone())), Box::leak(Box::new(new.clone())));
    // 192 is a multiple of both: one hash of each 192nd stands for all of it.
    let mut moved = 0;
    for piece in 0..192_u128 {
        let key = KeyHash::from_hash(((piece << 64) / 192 + 7) as u64);
        let (before, after) = (names(old, key), names(new, key));
        moved += after.difference(&before).count() as u128;
    }
    let (part, whole) = diff.moved().unwrap();
    assert_eq!(whole, 2 << 64);
    let exact = (part * 192) as f64 / (1_u128 << 64) as f64;
    assert!((exact - moved as f64).abs() < 1e-6, "{exact} {moved}");
    for m in diff.moves() {
        assert!(matches!(m.extent, Extent::Hashes { first, last } if first <= last), "{m:?}");
        *counted.entry((m.from, m.to)).or_default() += 1;
    }
    assert!(!counted.is_empty());
}

#[test]
fn splitting_moves_nothing() {
    let old = table(10, 60, 3);
    let split = old.placement().split(4).unwrap();
    assert_eq!((split.partitions(), split.replication_factor()), (240, 3));
    for key in Draws(2).keys(5000) {
        assert!(
            split.row(split.partition(key)).eq(old.placement().row(old.placement().partition(key)))
        );
    }
    let new = Locator::from_parts(old.topology().clone(), split, Xxh3).unwrap();
    assert_eq!(old.diff_replicas(&new, 3).unwrap().moved(), Some((0, 3 << 64)));
    for (ways, message) in [
        (0, "60 partitions cannot be split 0 ways"),
        (u32::MAX, "60 partitions cannot be split 4294967295 ways"),
    ] {
        assert_eq!(old.placement().split(ways).unwrap_err().to_string(), message);
    }
}

/// A ring with one replica a zone, seen as a table.
#[test]
fn a_table_derived_from_a_ring() {
    let ring = Locator::ring_of(nodes(12), apportion::ring::RingConfig::default()).unwrap();
    let members = ring.topology().members();
    let spread = Spread::strict(members, 3, [("zone", 1)]).unwrap();
    let holders = |key, out: &mut [NodeIdx]| spread.replicas(ring.placement(), key, out);
    let derived = PartitionTable::derived(members, 128, 3, holders).unwrap();
    for p in 0..128 {
        let zones: BTreeSet<_> =
            derived.row(p).map(|node| members.domain(node).unwrap().at("zone")).collect();
        assert_eq!(zones.len(), 3);
    }
    let kept = derived.under(TableConfig::new(128, 3).max_per_domain("zone", 1), members).unwrap();
    assert_eq!(kept.config().limits().collect::<Vec<_>>(), [("zone", 1)]);
    let few = |_: KeyHash, _: &mut [NodeIdx]| 2;
    let error = PartitionTable::derived(members, 128, 3, few).unwrap_err().to_string();
    assert_eq!(error, "partition 0 needs 3 replicas and got 2 nodes");
}

#[test]
fn order_does_not_matter() {
    let config = TableConfig::new(128, 3).max_per_domain("zone", 1);
    let mut order: Vec<usize> = (0..13).collect();
    let first = Locator::<_, PartitionTable>::table_of(nodes(13), config.clone()).unwrap();
    for seed in 0..5 {
        Draws(seed).shuffle(&mut order);
        let other = Topology::of(order.iter().map(|i| node(*i))).unwrap();
        let other = Locator::table_of(other, config.clone()).unwrap();
        assert_eq!(other.fingerprint(), first.fingerprint());
        assert_eq!(sets(&other), sets(&first));
        let (a, b) = (first.without("n4").unwrap(), other.without("n4").unwrap());
        assert_eq!(a.fingerprint(), b.fingerprint());
    }
    let other = Locator::table_of(nodes(13), TableConfig::new(128, 3)).unwrap();
    assert_ne!(other.fingerprint(), first.fingerprint());
}

#[test]
fn wrong_rows_are_refused() {
    let members = nodes(4);
    let members = members.members();
    let rows = |slots: &[u32], partitions, replicas| -> Result<PartitionTable, Error> {
        let rows: Vec<NodeIdx> = slots.iter().map(|slot| NodeIdx::new(*slot)).collect();
        PartitionTable::from_rows(members, partitions, replicas, &rows)
    };
    assert!(rows(&[0, 1, 2, 3], 2, 2).is_ok());
    for (slots, partitions, replicas, message) in [
        (&[0, 1, 2][..], 2, 2, "a table of 2 partitions of 2 replicas does not fit 3 slots"),
        (&[0, 1, 4, 3], 2, 2, "a partition's row: there is no node in slot 4"),
        (&[0, 1, 3, 3], 2, 2, "partition 1: it has two replicas on one node"),
        (&[], 0, 2, "a partition table has 1..=16777216 partitions, got 0"),
        (&[], 2, 0, "a partition table has 1..=64 replicas, got 0"),
        (&[], 2, 65, "a partition table has 1..=64 replicas, got 65"),
        (&[], (1 << 24) + 1, 1, "a partition table has 1..=16777216 partitions, got 16777217"),
        (
            &[],
            1 << 24,
            17,
            "a partition table has at most 268435456 replicas in all, got 16777216 partitions of 17 replicas",
        ),
    ] {
        assert_eq!(rows(slots, partitions, replicas).unwrap_err().to_string(), message);
    }
    let near = rows(&[0, 1, 0, 2], 2, 2).unwrap();
    let config = TableConfig::new(2, 2).max_per_domain("zone", 1);
    assert!(near.clone().under(config.clone(), members).is_ok());
    let far = Topology::of((0..4).map(|i| node(4 * i))).unwrap();
    let rows: Vec<NodeIdx> = [0, 1, 2, 3].map(NodeIdx::new).to_vec();
    let same = PartitionTable::from_rows(far.members(), 2, 2, &rows).unwrap();
    let error = same.under(config, far.members()).unwrap_err().to_string();
    assert_eq!(error, "partition 0 has more than 1 replica in \"z0\"");
}

#[test]
fn the_largest_sizes_are_accepted_and_larger_ones_refused() {
    use apportion::limits::{MAX_PARTITION_REPLICAS, MAX_PARTITIONS};
    let one = table(4, 1, 1);
    let widest = one.placement().split(MAX_PARTITIONS).unwrap();
    assert_eq!(widest.locate(KeyHash::from_hash(u64::MAX)), one.locate("any"));
    assert!(one.placement().split(MAX_PARTITIONS + 1).is_err());
    // Many more partitions of far fewer replicas: the rows before are not multiplied.
    let config = TableConfig::new(4, MAX_PARTITION_REPLICAS);
    let full = Locator::table_of(nodes(64), config).unwrap();
    let members = full.topology().members();
    for partitions in [64, 1 << 16] {
        let planner = Planner::new(members, &TableConfig::new(partitions, 1)).unwrap();
        assert_eq!(planner.rebalance(full.placement(), members).unwrap().moved(), 0);
    }
    let mut out = [NodeIdx::default(); 64];
    assert_eq!(full.replicas_into("any", &mut out), 64);
    assert_eq!(out.iter().collect::<BTreeSet<_>>().len(), 64);
}

#[test]
fn wrong_requests_are_refused() {
    let members = nodes(8);
    let members = members.members();
    let asked =
        |config: TableConfig| Planner::new(members, &config).map(drop).unwrap_err().to_string();
    assert_eq!(
        asked(TableConfig::new(8, 2).max_per_domain("rack", 1)),
        "no node has a failure domain of level \"rack\"; there are [zone]"
    );
    assert_eq!(
        asked(TableConfig::new(8, 2).max_per_domain("zone", 0)),
        "expected a limit of at least 1 replica in a domain of level \"zone\", got 0"
    );
    assert_eq!(
        asked(TableConfig::new(8, 2).max_per_domain("zone", 1).max_per_domain("zone", 2)),
        "the failure domain level \"zone\" has two limits; give it one"
    );
    assert_eq!(
        asked(TableConfig::new(8, 5).max_per_domain("zone", 1)),
        "each partition is to have 5 replicas, and the limits admit 4: there are 8 live nodes, in 4 \
         domains of level \"zone\" with at most 1 replica each; add failure domains, raise the limits, \
         ask for 4 replicas, or allow under-replicated tables"
    );
    let ragged = Topology::of([node(0), Node::new("x".to_owned())]).unwrap();
    let error = Planner::new(ragged.members(), &TableConfig::new(8, 1)).map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        "all nodes of a plan need the same levels of failure domains, and node \"n0\" has [zone], node \
         \"x\" has []"
    );
    let nobody = Topology::<String>::default();
    let error = Planner::new(nobody.members(), &TableConfig::new(8, 2).max_per_domain("zone", 1));
    let error = error.map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no node has a weight above 0 to hold 16 replicas; add a node or give one a weight"
    );
    assert_eq!(
        error.infeasible().map(|why| (why.kind.name(), why.quota)),
        Some(("no-live-node", 16))
    );
    let planner = || Planner::new(members, &TableConfig::new(8, 2)).unwrap();
    let pin = |pins: &[(u32, u32)]| {
        let pins = pins.iter().map(|(p, slot)| (*p, NodeIdx::new(*slot)));
        planner().pinned(pins).map(drop).unwrap_err().to_string()
    };
    assert_eq!(
        pin(&[(8, 0)]),
        "the pinned partition 8 is out of range: there are 8 partitions, numbered from 0"
    );
    assert_eq!(pin(&[(0, 8)]), "a pin: there is no node in slot 8");
    assert_eq!(pin(&[(3, 1), (3, 1)]), "partition 3 is pinned to node \"n1\" twice; pin it once");
    let error = planner().frozen([9]).map(drop).unwrap_err().to_string();
    assert_eq!(
        error,
        "the frozen partition 9 is out of range: there are 8 partitions, numbered from 0"
    );
    let error = planner().frozen([3]).unwrap().fresh().unwrap_err().to_string();
    assert_eq!(
        error,
        "partition 3 is frozen, but a fresh plan has no holders to keep; rebalance a table, or remove the \
         freeze"
    );
    let old = table(8, 12, 2);
    let error = planner().rebalance(old.placement(), members).unwrap_err().to_string();
    assert_eq!(error, "12 partitions can be split into a multiple of 12, got 8");
}

/// A plan is dispersed by the planner that made it, or one for the same nodes, slots and rules.
#[test]
fn a_plan_of_another_planner_is_refused() {
    let (six, seven) = (nodes(6), nodes(7));
    let config = TableConfig::new(64, 3).max_per_domain("zone", 1);
    let old = Planner::new(six.members(), &config).unwrap().fresh().unwrap().into_table();
    let planner = Planner::new(seven.members(), &config).unwrap();
    let plan = planner.rebalance(&old, six.members()).unwrap();
    let heavier = seven.reweighted("n3", 9).unwrap().0;
    let moved = Topology::of((0..7).rev().map(node)).unwrap();
    let wider = config.clone().max_per_domain("zone", 2);
    let wider = TableConfig::new(64, 3).max_per_domain(wider.limits().next().unwrap().0, 2);
    let pin = || planner.clone().pinned([(1, NodeIdx::new(0))]).unwrap();
    for (what, other) in [
        ("other nodes", Planner::new(six.members(), &config).unwrap()),
        ("another weight", Planner::new(heavier.members(), &config).unwrap()),
        ("other slots", Planner::new(moved.members(), &config).unwrap()),
        ("another limit", Planner::new(seven.members(), &wider).unwrap()),
        ("another name", Planner::new(seven.members(), &config.clone().named("b")).unwrap()),
        ("a pin", pin()),
        ("a frozen partition", planner.clone().frozen([3]).unwrap()),
        ("one frozen if possible", planner.clone().frozen_if_possible([3]).unwrap()),
    ] {
        let mut copy = plan.clone();
        let error = other.disperse(&mut copy).expect_err(what).to_string();
        assert!(error.contains("disperse it with the planner that made it"), "{what}: {error}");
        let rows = |plan: &apportion::partition::Plan| {
            (0..64).flat_map(|p| plan.table().row(p).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert_eq!(rows(&copy), rows(&plan), "{what}");
        let mut own = other.clone().fresh();
        if let Ok(own) = &mut own {
            assert!(planner.disperse(own).is_err(), "{what}");
        }
    }
    let again = Planner::new(seven.members(), &config).unwrap();
    assert!(again.disperse(&mut plan.clone()).is_ok());
    assert!(planner.disperse(&mut plan.clone()).is_ok());
    assert!(pin().disperse(&mut pin().rebalance(&old, six.members()).unwrap()).is_ok());
}

#[cfg(feature = "serde")]
mod saved {
    use super::{Table, sets, table};
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<Table, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_table_is_saved_and_read() {
        let table = table(10, 64, 3).without("n3").unwrap();
        let text = serde_json::to_string(&table).unwrap();
        let again: Table = serde_json::from_str(&text).unwrap();
        assert_eq!(again.fingerprint(), table.fingerprint());
        assert_eq!(sets(&again), sets(&table));
        assert_eq!(again.placement().config(), table.placement().config());
        let with = |n| table.with_node(super::node(n)).unwrap().fingerprint();
        assert_eq!(again.with_node(super::node(11)).unwrap().fingerprint(), with(11));
    }

    #[test]
    fn altered_values_are_refused() {
        let good = serde_json::to_value(table(6, 8, 2)).unwrap();
        let altered = |pointer: &str, value: Value| {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            read(bad).unwrap_err()
        };
        let at = |field: &str| format!("/placement/partition-table/{field}");
        for (field, value, message) in [
            ("partitions", json!(9), "9 partitions of 2 replicas does not fit 16 slots"),
            ("partitions", json!(0), "1..=16777216 partitions, got 0"),
            ("replicas", json!(0), "1..=64 replicas, got 0"),
            ("holders/3", json!(6), "there is no node in slot 6"),
            ("limits", json!([["rack", 1]]), "no node has a failure domain of level \"rack\""),
            ("limits", json!([["zone", 0]]), "a limit of at least 1 replica"),
            ("limits", json!([]), "the saved value was altered"),
        ] {
            let error = altered(&at(field), value);
            assert!(error.contains(message), "{error} does not say {message}");
        }
        let swapped = good.pointer(&at("holders/0")).unwrap().clone();
        let error = altered(&at("holders/1"), swapped);
        assert!(error.contains("two replicas on one node"), "{error}");
    }
}
