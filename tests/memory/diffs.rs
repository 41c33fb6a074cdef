//! What the matrix of a diff takes in memory at most.

use crate::meter::most_held;
use apportion::diff::Flow;
use apportion::maglev::MaglevConfig;
use apportion::placement::Exact;
use apportion::{Locator, Node, PartitionTable, Placement, Topology, Xxh3};

fn nodes(ids: std::ops::Range<u32>) -> Topology<u32> {
    Topology::of(ids.map(Node::new)).unwrap()
}

/// Bytes held at most for each transfer of the matrix, the result included.
fn bytes_for_each<P: Exact>(old: &Locator<u32, P>, new: &Locator<u32, P>) -> f64 {
    let diff = old.diff(new).unwrap();
    let (matrix, bytes) = most_held(|| diff.matrix().unwrap());
    println!("{} transfers, {bytes} bytes", matrix.len());
    assert!(matrix.len() > 50_000);
    bytes as f64 / matrix.len() as f64
}

/// The transfers, an entry of 16 bytes for each, and half of the entries once more when they shrink.
#[test]
fn a_matrix_takes_little_more_than_its_result() {
    assert_eq!(size_of::<Flow<'_, u32>>(), 80);
    for (n, m) in [(400, 2_400), (1_000, 3_000), (1_000, 4_600)] {
        let rings = [nodes(0..n), nodes(0..m)];
        let [old, new] = rings.map(|nodes| Locator::ring_of(nodes, Default::default()).unwrap());
        let bytes = bytes_for_each(&old, &new);
        assert!(bytes < 80.0 + 25.0, "rings of {n} and {m}: {bytes}");
    }
    let table = |ids| {
        let ring = Locator::ring_of(nodes(ids), Default::default()).unwrap();
        let holders = |key, out: &mut [_]| ring.placement().replicas(key, out);
        let members = ring.topology().members();
        let table = PartitionTable::derived(members, 1 << 18, 1, holders).unwrap();
        Locator::from_parts(ring.topology().clone(), table, Xxh3).unwrap()
    };
    let bytes = bytes_for_each(&table(0..400), &table(401..901));
    assert!(bytes < 80.0 + 25.0, "tables: {bytes}");
    let config = || MaglevConfig::default().table_size(262_147);
    let tables = [nodes(0..400), nodes(401..901)];
    let [old, new] = tables.map(|nodes| Locator::maglev_of(nodes, config()).unwrap());
    let bytes = bytes_for_each(&old, &new);
    assert!(bytes < 80.0 + 25.0, "maglev: {bytes}");
}
