//! The small types of a node: printed, parsed and converted.

use apportion::{KeyHash, Node, NodeIdx, Topology, Weight};
use std::str::FromStr;

#[test]
fn slots_print_as_numbers() {
    let slot = NodeIdx::new(7);
    assert_eq!(format!("{slot} {slot:3}|{slot:<3}|{slot:03} {slot:?}"), "7   7|7  |007 NodeIdx(7)");
    let none = NodeIdx::NONE;
    assert_eq!(format!("{none} {none:>6} {none:?}"), "none   none NodeIdx(none)");
}

#[test]
fn slots_and_integers() {
    assert_eq!((u32::from(NodeIdx::new(7)), usize::from(NodeIdx::new(7))), (7, 7));
    let highest = NodeIdx::new(u32::MAX - 2);
    assert_eq!(NodeIdx::try_from(u32::from(highest)).unwrap(), highest);
    assert_eq!(NodeIdx::try_from(usize::from(highest)).unwrap(), highest);
    assert_eq!(NodeIdx::try_from(0_u64).unwrap(), NodeIdx::new(0));
    let slots: Result<Vec<NodeIdx>, _> = (0..3_usize).map(NodeIdx::try_from).collect();
    assert_eq!(slots.unwrap(), [0, 1, 2].map(NodeIdx::new));
    // The two numbers of no node, and what does not fit.
    let refused = |number: &str| {
        format!("{number} is not the number of a slot: expected a number from 0 to 4294967293")
    };
    for number in [u32::MAX - 1, u32::MAX, NodeIdx::NONE.into()] {
        let message = refused(&number.to_string());
        assert_eq!(NodeIdx::try_from(number).unwrap_err().to_string(), message);
        assert_eq!(NodeIdx::try_from(u64::from(number)).unwrap_err().to_string(), message);
        assert_eq!(NodeIdx::try_from(number as usize).unwrap_err().to_string(), message);
    }
    // Not cut to 32 bits, which would be slot 1.
    assert_eq!(
        NodeIdx::try_from((1_u64 << 32) + 1).unwrap_err().to_string(),
        refused("4294967297")
    );
    assert_eq!(
        NodeIdx::try_from(u64::MAX).unwrap_err().to_string(),
        refused("18446744073709551615")
    );
}

#[test]
fn hashes_print_with_all_digits() {
    let hash = KeyHash::from_hash(0xAB);
    assert_eq!(hash.to_string(), "0x00000000000000ab");
    assert_eq!(KeyHash::from_hash(u64::MAX).to_string(), "0xffffffffffffffff");
}

#[test]
fn weights_are_numbers_and_text() {
    assert_eq!((u64::from(Weight::new(40)), Weight::from(40)), (40, Weight::new(40)));
    for weight in [0, 1, 40, u64::MAX].map(Weight::new) {
        assert_eq!(weight.to_string().parse(), Ok(weight));
    }
    assert_eq!(
        (format!("{:4}|", Weight::ONE), Weight::from_str("007")),
        ("   1|".into(), Ok(Weight::new(7)))
    );
    for wrong in
        ["", " 1", "1 ", "-1", "+1", "1.0", "1k", "heavy", "18446744073709551616", "\u{661}"]
    {
        let message = Weight::from_str(wrong).unwrap_err().to_string();
        let expected = "is not a weight: expected a whole number from 0 to 18446744073709551615";
        assert_eq!(message, format!("{wrong:?} {expected}"));
    }
    // A message does not grow with its input.
    assert!(Weight::from_str(&"9".repeat(1000)).unwrap_err().to_string().len() < 200);
}

#[test]
fn domains_print_as_paths() {
    let nodes = [Node::new("a").domain("region", "eu").domain("zone", "eu-1"), Node::new("b")];
    let nodes = Topology::of(nodes).unwrap();
    let shown = ["a", "b"].map(|id| nodes.domain(id).unwrap().to_string());
    assert_eq!(shown, ["eu/eu-1", ""]);
}

#[test]
fn a_node_keeps_all_but_its_value() {
    let node = Node::new("a").weight(3).domain("zone", "z").map(str::len);
    let nodes = Topology::of([node]).unwrap();
    assert_eq!((nodes.nodes().next(), nodes.weight("a")), (Some(&1), Some(Weight::new(3))));
    assert_eq!(nodes.domain("a").unwrap().at("zone"), Some("z"));
}
