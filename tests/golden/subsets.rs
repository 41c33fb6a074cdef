//! Subsets of tenants, plain and in zones, through changes of the nodes.

use super::{Checksum, key};
use apportion::subset::Subsets;
use apportion::{Locator, Node, NodeIdx, Placement, Spread, Topology};
use std::fmt::Write;

fn node(i: u32) -> Node<String> {
    let node = Node::new(format!("node-{i}")).weight(1 + u64::from(i % 3));
    node.domain("zone", ["a", "b", "c"][i as usize % 3])
}

/// A few subsets, and a checksum of many.
pub(crate) fn table() -> String {
    let mut text = String::new();
    let first = Locator::ring_of(Topology::of((0..24).map(node)).unwrap(), Default::default());
    let first = first.unwrap();
    let second = first.with_node(node(24)).unwrap();
    let third = second.without("node-7").unwrap();
    for (what, cells) in [("24 nodes", first), ("node-24 joins", second), ("node-7 leaves", third)]
    {
        writeln!(text, "{what}").unwrap();
        let members = cells.topology().members();
        let zones = [
            ("strict", Spread::strict(members, 6, [("zone", 2)]).unwrap()),
            ("best effort", Spread::best_effort(members, 6, [("zone", 1)]).unwrap()),
            ("even", Spread::even(members, 6, ["zone"]).unwrap()),
        ];
        for tenant in ["", "a", "tenant:42", "ключ"] {
            let names: Vec<&String> = cells.subset::<4>(tenant).iter().collect();
            writeln!(text, "  {tenant:<12} {names:?}").unwrap();
            for (rule, spread) in &zones {
                let names = cells.subset_under::<6>(spread, tenant);
                let names: Vec<&String> = names.iter().collect();
                writeln!(text, "    {rule:<12} {names:?}").unwrap();
            }
        }
        let subsets = Subsets::new(members);
        let mut sum = Checksum::new();
        for i in 0..2000 {
            let mut out = [NodeIdx::default(); 20];
            let len = subsets.replicas(key(i), &mut out[..1 + i as usize % 20]);
            out[..len].iter().for_each(|slot| sum.add(slot.get().into()));
            for (_, spread) in &zones {
                let len = spread.replicas(&subsets, key(i), &mut out[..6]);
                out[..len].iter().for_each(|slot| sum.add(slot.get().into()));
            }
        }
        writeln!(text, "  checksum of 2000 tenants {:016x}", sum.0).unwrap();
    }
    text
}
