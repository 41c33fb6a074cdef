//! Partitions of a table through the locator, and which tables and plans are equal.

use apportion::partition::TableConfig;
use apportion::{Locator, Node, NodeIdx, PartitionTable, Planner, Topology};

fn nodes(n: u32) -> Topology<String> {
    let zone = |i: u32| ["x", "y", "z"][i as usize % 3];
    Topology::of((0..n).map(|i| Node::new(format!("n{i}")).domain("zone", zone(i)))).unwrap()
}

fn config() -> TableConfig {
    TableConfig::new(64, 2).max_per_domain("zone", 1)
}

#[test]
fn partitions_and_their_holders() {
    let drained = nodes(6).reweighted("n4", 0).unwrap().0;
    let table = Locator::table_of(drained, config()).unwrap();
    for key in 0..200 {
        let partition = table.partition(&key);
        assert!(partition < 64);
        assert_eq!(partition, table.placement().partition(table.hash(&key)));
        assert!(table.holders(partition).eq(table.replicas::<2>(&key).iter()));
        let owner = table.get(&key).unwrap();
        assert!(table.partitions_of(owner).any(|held| held == partition));
    }
    let all: Vec<u32> = (0..200).map(|key| table.partition(&key)).collect();
    assert!(all.iter().any(|partition| *partition != all[0]));
    assert_eq!((table.holders(64).count(), table.holders(u32::MAX).count()), (0, 0));
    let mut held = 0;
    for node in table.nodes() {
        let partitions: Vec<u32> = table.partitions_of(node).collect();
        assert!(partitions.is_sorted_by(|a, b| a < b));
        for partition in 0..64 {
            let holds = table.holders(partition).any(|holder| holder == node);
            assert_eq!(partitions.contains(&partition), holds, "{node} {partition}");
        }
        assert!(
            table
                .placement()
                .partitions_of(table.find(node).unwrap())
                .eq(partitions.iter().copied())
        );
        held += partitions.len();
    }
    assert_eq!(held, 128);
    assert_eq!((table.partitions_of("n4").count(), table.partitions_of("n9").count()), (0, 0));
    assert_eq!(table.placement().partitions_of(NodeIdx::NONE).count(), 0);
    // An id that is gone before the answer is read.
    let of_borrowed = {
        let id = "n1".to_owned();
        table.partitions_of(&id).count()
    };
    assert!(of_borrowed > 0);
}

#[test]
fn tables_are_equal_if_they_answer_alike() {
    let plan = |nodes: &Topology<String>, config: TableConfig| {
        Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table()
    };
    let six = nodes(6);
    let table = plan(&six, config());
    assert_eq!(table, plan(&nodes(6), config()), "planning is a function");
    assert_eq!(table, table.clone());
    let heavier = six.reweighted("n0", 2).unwrap().0;
    let others = [
        plan(&six, TableConfig::new(64, 2)),
        plan(&six, TableConfig::new(128, 2).max_per_domain("zone", 1)),
        plan(&six, TableConfig::new(64, 3).max_per_domain("zone", 1)),
        plan(&nodes(7), config()),
        plan(&heavier, config()),
    ];
    for (i, other) in others.iter().enumerate() {
        assert_ne!(table, *other, "{i}");
    }
    // The same rows over nodes of other weights: the candidates behind the holders differ.
    let rows: Vec<NodeIdx> = (0..64).flat_map(|p| table.row(p)).collect();
    let of_rows = |nodes: &Topology<String>| {
        PartitionTable::from_rows(nodes.members(), 64, 2, &rows).unwrap()
    };
    assert_eq!(of_rows(&six), of_rows(&six));
    assert_ne!(of_rows(&six), of_rows(&heavier));
    assert_ne!(of_rows(&six), table, "it has other rules");
    assert_eq!(of_rows(&six).under(config(), six.members()).unwrap(), table);
    let mut swapped = rows.clone();
    swapped.swap(0, 1);
    let swapped = PartitionTable::from_rows(six.members(), 64, 2, &swapped).unwrap();
    assert_ne!(swapped, of_rows(&six), "another owner");
}

#[test]
fn plans_are_equal_if_all_their_parts_are() {
    let (six, seven) = (nodes(6), nodes(7));
    let before = Planner::new(six.members(), &config()).unwrap().fresh().unwrap().into_table();
    let planner = Planner::new(seven.members(), &config()).unwrap();
    let plan = planner.rebalance(&before, six.members()).unwrap();
    assert_eq!(plan, planner.rebalance(&before, six.members()).unwrap());
    let fresh = planner.fresh().unwrap();
    assert_ne!(plan, fresh);
    let again = planner.rebalance(plan.table(), seven.members()).unwrap();
    assert_eq!((again.moved(), again.table()), (0, plan.table()));
    assert_ne!(again, plan, "the same table from another one");
}
