//! An error of each kind, and how errors name nodes.
#![cfg(feature = "alloc")]

use crate::support::scripted::Scripted;
use apportion::anchor::{AnchorBuckets, AnchorConfig};
use apportion::bounded::{BoundedLoads, LoadFactor};
use apportion::partition::TableConfig;
use apportion::ring::{GivenPointsConfig, RingConfig};
use apportion::{
    Error, ErrorKind, Locator, Node, NodeIdx, PartitionTable, Planner, Spread, Topology, Xxh3,
};
use std::net::{IpAddr, SocketAddr};

fn error<T>(result: Result<T, Error>) -> Error {
    result.err().expect("an error")
}

fn message<T>(result: Result<T, Error>) -> String {
    error(result).to_string()
}

/// Every kind but those of saved forms.
#[test]
fn every_kind_of_error_has_an_example() {
    use ErrorKind::*;
    let pool = Locator::rendezvous(["a", "b"]).unwrap();
    let shards = Locator::jump(["a", "b"]).unwrap();
    let topology = |nodes: usize| Topology::new((0..nodes).map(|i| format!("n{i}"))).unwrap();
    let table = |config: TableConfig| Locator::table_of(topology(3), config).map(drop);
    let tables = Locator::table_of(topology(3), TableConfig::new(8, 2)).unwrap();
    let planner = || Planner::new(tables.topology().members(), &TableConfig::new(8, 2)).unwrap();
    let spread = |replicas, levels: &[(&str, u32)]| {
        Spread::strict(topology(2).members(), replicas, levels.iter().copied()).map(drop)
    };
    let mut anchor = AnchorBuckets::new(2).unwrap();
    anchor.remove(1).unwrap();
    let secret = |n| pool.clone().with_hasher(apportion::SipHash13::new([n; 16]));
    let zone = |zone: &str| Node::new("x").domain(zone, "z").domain(zone, "y");

    let cases: Vec<(Error, ErrorKind)> = vec![
        (error(pool.without("c")), UnknownNode),
        (error(pool.reweighted("c", 1)), UnknownNode),
        (error(anchor.remove(1)), UnknownNode),
        (error(planner().pinned([(0, NodeIdx::new(7))])), UnknownNode),
        (error(pool.with("a")), DuplicateLabel),
        (error(Topology::new(["a", "a"])), DuplicateLabel),
        (error(pool.with_node(Node::new("c").weight(2))), UnequalWeights),
        (error(shards.without("a")), CannotRemove),
        (error(anchor.remove(0)), CannotRemove),
        (error(Locator::ring_of(topology(2), RingConfig::default().budget(9))), OverLimit),
        (error(Topology::new(["x".repeat(70_000)])), OverLimit),
        (error(AnchorBuckets::new(u32::MAX)), OverLimit),
        (error(Locator::anchor_of(topology(3), AnchorConfig::default().capacity(2))), OverLimit),
        (error(table(TableConfig::new(1 << 24, 64))), OverLimit),
        (error(table(TableConfig::new(8, 4))), Infeasible),
        (error(spread(3, &[])), Infeasible),
        (
            error(
                BoundedLoads::online(
                    Locator::ring_of(Topology::<&str>::default(), RingConfig::default()).unwrap(),
                    LoadFactor::ONE,
                )
                .insert("key"),
            ),
            Infeasible,
        ),
        (error(Topology::of([zone("zone")])), InvalidDomain),
        (error(Topology::of([Node::new("x").domain("", "z")])), InvalidDomain),
        (
            error(Locator::ring_of(topology(2), RingConfig::default().scale(0, 1))),
            InvalidConfiguration,
        ),
        (error(Locator::given_points_of(topology(1), GivenPointsConfig::default())), {
            InvalidConfiguration
        }),
        (error(LoadFactor::new(1, 2)), InvalidConfiguration),
        (error("anchor:0".parse::<apportion::Algorithm>()), InvalidConfiguration),
        (error(spread(1, &[("zone", 1)])), InvalidConfiguration),
        (error("ring:x".parse::<apportion::Algorithm>()), InvalidConfiguration),
        (error("rings".parse::<apportion::Algorithm>()), UnknownAlgorithm),
        (error(planner().frozen([9])), InvalidArgument),
        (error(spread(0, &[])), InvalidArgument),
        (error(pool.diff_replicas(&pool, 0)), InvalidArgument),
        (error(Locator::from_parts(topology(3), pool.placement().clone(), Xxh3)), InvalidPlacement),
        (error(shards.diff_replicas(&shards, 2)), NotComparable),
        (error(pool.diff(&shards)), NotComparable),
        (error(secret(1).diff(&secret(2))), OtherHasher),
        (
            error({
                let rows = vec![NodeIdx::new(0); 8].into_iter().zip(vec![NodeIdx::new(1); 8]);
                let rows: Vec<NodeIdx> = rows.flat_map(|(a, b)| [a, b]).collect();
                let members = tables.topology().members();
                let uneven = PartitionTable::from_rows(members, 8, 2, &rows).unwrap();
                let plan = planner().fresh().unwrap();
                planner().verify_table(&uneven, plan.certificate(), None)
            }),
            NotVerified,
        ),
    ];
    for (error, kind) in &cases {
        assert_eq!(error.kind(), *kind, "{error}");
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(error(table(TableConfig::new(8, 4))).infeasible().map(|why| why.admitted), Some(3));
    assert!(error(spread(3, &[])).infeasible().is_none());
}

/// A placement of one's own that ends its walk too early.
#[test]
fn a_users_placement_that_ends_early_is_an_error() {
    let ends_early = Scripted { nodes: 2, candidates: &[0] };
    let first = Locator::from_parts(Topology::new(["a", "b"]).unwrap(), ends_early, Xxh3).unwrap();
    let mut held = BoundedLoads::online(first, LoadFactor::ONE);
    let error = error(held.extend(["a", "b", "c"]));
    assert_eq!(error.kind(), ErrorKind::InvalidPlacement, "{error}");
}

#[cfg(feature = "serde")]
#[test]
fn saved_forms_have_their_kinds_of_error() {
    use apportion::bucket::{Jump, Numbered};
    use apportion::saved::Saved;
    use apportion::{AnyPlacement, Ring, SipHash13};
    use serde_json::{Value, from_value, to_value};

    let ring = Locator::ring(["a".to_string(), "b".to_string()]).unwrap();
    let saved = |edit: &dyn Fn(&mut Value)| -> Saved<String> {
        let mut value = to_value(ring.save().unwrap()).unwrap();
        edit(&mut value);
        from_value(value).unwrap()
    };
    let same = || saved(&|_| {});
    let kind = |result: Result<Locator<String, Ring>, Error>| error(result).kind();
    assert!(same().restore::<Ring, _>(Xxh3).is_ok());
    assert!(same().restore::<AnyPlacement, _>(Xxh3).is_ok_and(|any| any.get("key").is_some()));
    let altered = saved(&|value| value["nodes"][0]["weight"] = 2.into());
    assert_eq!(kind(altered.restore(Xxh3)), ErrorKind::Altered);
    let label = saved(&|value| value["nodes"][0]["label"] = serde_json::json!({"hex": "0"}));
    assert_eq!(kind(label.restore(Xxh3)), ErrorKind::Altered);
    let other = same().restore::<Ring, _>(SipHash13::new([0; 16])).map(drop);
    assert_eq!(error(other).kind(), ErrorKind::OtherHasher);
    let other = same().restore::<Numbered<Jump>, _>(Xxh3).map(drop);
    assert_eq!(error(other).kind(), ErrorKind::OtherAlgorithm);
    assert_eq!(kind(same().restore_within(Xxh3, 100)), ErrorKind::OverLimit);
    assert_eq!(error(ring.save_within(100)).kind(), ErrorKind::OverLimit);
    // Reading ends before there is a value to restore; the kind is that of the message then.
    let mut newer = to_value(ring.save().unwrap()).unwrap();
    newer["version"] = 1000.into();
    let said = from_value::<Saved<String>>(newer).err().unwrap().to_string();
    assert!(said.starts_with("saved by a newer release"), "{said}");
}

/// A label prints as what it is, not as its bytes.
#[test]
fn nodes_are_named_as_what_they_are() {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let unknown = "there is no node";
    let existing = "give the label of an existing node";
    let numbers = Locator::ring(0..3_u64).unwrap();
    assert_eq!(message(numbers.without(&42_u64)), format!("{unknown} 42; {existing}"));
    assert_eq!(message(numbers.without("x")), format!("{unknown} \"x\"; {existing}"));
    let twice = "is given twice; list each node once";
    assert_eq!(message(numbers.with(2)), format!("node 2 {twice}"));
    assert_eq!(message(Topology::new([300, 300])), format!("node 300 {twice}"));
    assert_eq!(message(Topology::new([-1, -1])), format!("node -1 {twice}"));
    assert_eq!(message(Topology::new(["a\n", "a\n"])), format!("node \"a\\n\" {twice}"));
    let replaced = numbers.replaced_by([7, 7].map(Node::new));
    assert_eq!(message(replaced), format!("node 7 {twice}"));

    let servers = ["10.0.0.1:11211", "[2001:db8::1]:80"].map(address);
    let pool = Locator::jump(servers).unwrap();
    assert_eq!(
        message(pool.without(&address("10.0.0.9:1"))),
        format!("{unknown} 10.0.0.9:1; {existing}")
    );
    assert_eq!(message(pool.with(servers[1])), format!("node [2001:db8::1]:80 {twice}"));
    let first = message(pool.without(&servers[0]));
    assert!(
        first.contains("and node 10.0.0.1:11211 is bucket 0; remove 1 node after it"),
        "{first}"
    );
    let ip: IpAddr = "::1".parse().unwrap();
    assert_eq!(message(Topology::new([ip, ip])), format!("node ::1 {twice}"));
    assert_eq!(message(Topology::new([(1, "a"), (1, "a")])), format!("node (1, \"a\") {twice}"));
    let weighted = message(Locator::rendezvous(0..2).unwrap().reweighted(&1, 5));
    assert!(weighted.contains("node 1 has weight 5 and node 0 has weight 1"), "{weighted}");

    // Bytes are text where they can be.
    let labelled = |label: &[u8]| message(Topology::of([0, 1].map(|i| Node::labelled(i, label))));
    assert_eq!(labelled(b"a"), format!("node \"a\" {twice}"));
    assert_eq!(labelled(&[1, 2]), format!("node 0x0102 {twice}"));
    assert_eq!(labelled(&7_u64.to_le_bytes()), {
        format!("node 0x0700000000000000 (little-endian 7) {twice}")
    });
    // A plan names nodes without quotes among its domains.
    let nodes = Topology::of((0..2_u64).map(|i| Node::new(i).domain("zone", "z"))).unwrap();
    let planner = Planner::new(nodes.members(), &TableConfig::new(8, 1)).unwrap();
    let pinned = planner.pinned((0..8).map(|p| (p, NodeIdx::new(1))));
    let error = error(pinned.and_then(|planner| planner.fresh()));
    assert_eq!(error.infeasible().map(|why| why.domain.as_str()), Some("z/1"), "{error}");

    let shown = format!("{:?}", Node::new(42));
    assert!(shown.contains("label: 42"), "{shown}");
    let shown = format!("{:?}", numbers.topology().members());
    assert!(shown.contains("label: 2,"), "{shown}");
}

/// What a saved form does not say is known again as soon as the list of nodes is given.
#[cfg(feature = "serde")]
#[test]
fn restored_labels_are_bytes_until_nodes_are_given() {
    let ring = Locator::rendezvous(0..3_u64).unwrap();
    let text = serde_json::to_string(&ring).unwrap();
    let restored: Locator<u64, apportion::Rendezvous> = serde_json::from_str(&text).unwrap();
    let weighted = |pool: &Locator<u64, apportion::Rendezvous>| message(pool.reweighted(&1, 5));
    assert!(weighted(&restored).contains("node 0x0100000000000000 (little-endian 1) has weight 5"));
    let listed = restored.replaced_by((0..3).map(Node::new)).unwrap();
    assert!(weighted(&listed).contains("node 1 has weight 5"));
    assert_eq!(listed.fingerprint(), ring.fingerprint());
}

#[test]
fn messages_are_right_for_one_and_for_many() {
    let one = |nodes: usize| Topology::new((0..nodes).map(|i| format!("n{i}"))).unwrap();
    assert_eq!(
        message(Spread::strict(one(1).members(), 2, [])),
        "2 replicas need 2 live nodes, and there is 1"
    );
    assert!(
        message(Locator::ring_of(one(2), RingConfig::default().scale(1, 1).budget(1)))
            .starts_with("2 nodes need 2 points, 1 point for a weight of 1, over")
    );
    assert!(message(AnchorBuckets::from_state(&[0])).ends_with("got 1 byte"));
    assert!(message(AnchorBuckets::new(1).unwrap().remove(1)).contains("has 1 bucket, numbered"));
    let table = Locator::table_of(one(1), TableConfig::new(1, 1)).unwrap();
    let planner = Planner::new(table.topology().members(), &TableConfig::new(1, 1)).unwrap();
    assert!(message(planner.frozen([1])).ends_with("there is 1 partition, numbered from 0"));
}
