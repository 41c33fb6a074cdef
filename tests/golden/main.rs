//! Answers that must never change: a short table a person can read for each algorithm and a
//! checksum over many calls.
//!
//! A difference here is a placement-breaking change. It needs a line under that heading in
//! CHANGELOG.md, and a reason; `cargo test --test golden -- --ignored` then writes the tables.

mod copies;
mod picks;
mod subsets;

use apportion::bounded::{BoundedLoads, LoadFactor, Mode};
use apportion::bucket::{Buckets, Jump, JumpGuava};
use apportion::hash::{BytesHasher, KeyHasher};
use apportion::partition::TableConfig;
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::ring::RingConfig;
use apportion::{
    Algorithm, AnyPlacement, JumpBack, KeyHash, Locator, Node, NodeIdx, PartitionTable, Placement,
    Planner, SipHash13, Spread, Topology, Xxh3,
};
use std::fmt::Write;

/// Folds answers into one number (FNV-1a, 64 bits).
struct Checksum(u64);

impl Checksum {
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn add(&mut self, value: u64) {
        for byte in value.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}

/// A Weyl sequence: keys that need no generator to be written down.
fn key(i: u64) -> KeyHash {
    KeyHash::of_id(i.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn nodes(weights: &[u64]) -> Topology<String> {
    let node = |(i, w): (usize, &u64)| Node::new(format!("node-{i}")).weight(*w);
    Topology::of(weights.iter().enumerate().map(node)).unwrap()
}

/// The checksum of owners and three replicas over sizes and histories, `calls` calls in all.
fn checksum(algorithm: &Algorithm, calls: u64) -> u64 {
    let mut sum = Checksum::new();
    let promised = Locator::any_of(nodes(&[1]), algorithm.clone()).unwrap();
    let promised = promised.placement().guarantees();
    let sizes: [&[u64]; 5] = [&[1], &[1; 3], &[1; 10], &[1; 65], &[1; 130]];
    let mut values: Vec<_> = sizes
        .iter()
        .map(|weights| Locator::any_of(nodes(weights), algorithm.clone()).unwrap())
        .collect();
    let grown = values[2].with("late".into()).unwrap();
    values.push(grown.without("late").unwrap().with("later".into()).unwrap());
    if promised.any_removal && !promised.order_free {
        // What was removed, and in which order, decides.
        let fewer = values[3].without("node-3").unwrap().without("node-60").unwrap();
        values.push(fewer.without("node-7").unwrap().with("newer".into()).unwrap());
        values.push(fewer);
    }
    if promised.weights {
        values.push(Locator::any_of(nodes(&[1, 2, 3, 0, 50]), algorithm.clone()).unwrap());
        values.push(values[2].reweighted("node-4", 3).unwrap());
    }
    for i in 0..calls {
        let value = &values[i as usize % values.len()];
        let mut out = [NodeIdx::default(); 3];
        let found = value.placement().replicas(key(i), &mut out);
        for slot in &out[..found] {
            sum.add(u64::from(slot.get()));
        }
    }
    sum.0
}

fn table(algorithm: &Algorithm) -> String {
    let mut text = String::new();
    let plain = Locator::any_of(nodes(&[1; 5]), algorithm.clone()).unwrap();
    let mut show = |what: &str, locator: &Locator<String, _>| {
        writeln!(text, "{what}, fingerprint {:016x}", locator.fingerprint()).unwrap();
        for key in ["", "a", "user:42", "user:43", "/var/log/syslog", "ключ"] {
            let holders: Vec<&String> = locator.replicas::<3>(key).iter().collect();
            writeln!(text, "  {key:<16} {holders:?}").unwrap();
        }
        for key in [0, 42, u64::MAX] {
            let holders: Vec<&String> = locator.replicas::<3>(&key).iter().collect();
            writeln!(text, "  {key:<20} {holders:?}").unwrap();
        }
    };
    show("five nodes", &plain);
    show("one more", &plain.with("node-5".into()).unwrap());
    let promised = plain.placement().guarantees();
    if promised.any_removal && !promised.order_free {
        let fewer = plain.without("node-3").unwrap().without("node-0").unwrap();
        show("without node-3 and node-0", &fewer);
        show("and one more", &fewer.with("node-6".into()).unwrap());
    }
    if promised.weights {
        let weights = Locator::any_of(nodes(&[1, 2, 3, 4, 0]), algorithm.clone()).unwrap();
        show("weights 1, 2, 3, 4 and 0", &weights);
    }
    writeln!(text, "checksum of 100000 calls {:016x}", checksum(algorithm, 100_000)).unwrap();
    text
}

/// Key hashes, and the placements that exist in `core`.
fn hashes() -> String {
    let mut text = String::new();
    let sip = SipHash13::new(*b"sixteen byte key");
    let mut row = |what: &str, key: &dyn Fn(&dyn BytesHasher) -> KeyHash| {
        writeln!(text, "{what:<34} {:016x} {:016x}", key(&Xxh3).get(), key(&sip).get()).unwrap();
    };
    row("\"\"", &|h| apportion::StableHash::hash_whole("", h));
    row("\"user:42\"", &|h| apportion::StableHash::hash_whole("user:42", h));
    row("42", &|h| apportion::StableHash::hash_whole(&42, h));
    row("-1", &|h| apportion::StableHash::hash_whole(&-1, h));
    row("1_u128", &|h| apportion::StableHash::hash_whole(&1_u128, h));
    row("(7, \"a\")", &|h| apportion::StableHash::hash_whole(&(7, "a"), h));
    row("[\"a\", \"bc\"]", &|h| apportion::StableHash::hash_whole(&["a", "bc"], h));
    row("Some([1_u8, 2])", &|h| apportion::StableHash::hash_whole(&Some([1_u8, 2]), h));
    row("('x', true, (), -7_i8)", &|h| {
        apportion::StableHash::hash_whole(&('x', true, (), -7_i8), h)
    });
    row("10.0.0.1:80", &|h| {
        let address: std::net::SocketAddr = "10.0.0.1:80".parse().unwrap();
        apportion::StableHash::hash_whole(&address, h)
    });
    for len in [100, 119, 120, 121, 240, 241, 1000] {
        let long = vec![b'x'; len];
        row(&format!("({len} times 'x', 1)"), &|h| {
            apportion::StableHash::hash_whole(&(&long[..], 1), h)
        });
    }
    let mut sum = Checksum::new();
    let ids: [u64; 7] = std::array::from_fn(|i| i as u64);
    let weights: [(u64, u64); 7] = std::array::from_fn(|i| (i as u64, i as u64));
    let rendezvous = RendezvousSlice::new(&ids).unwrap();
    let weighted = WeightedRendezvousSlice::new(&weights).unwrap();
    for i in 0..20_000 {
        let n = (i as u32).wrapping_mul(0x9E37_79B9) >> (i % 32);
        let n = n.clamp(1, i32::MAX as u32);
        let placements: [&dyn Placement; 5] = [
            &Buckets::new(Jump, n).unwrap(),
            &Buckets::new(JumpGuava, n).unwrap(),
            &Buckets::new(JumpBack, n).unwrap(),
            &rendezvous,
            &weighted,
        ];
        for placement in placements {
            let mut out = [NodeIdx::default(); 4];
            let found = placement.replicas(key(i), &mut out);
            out[..found].iter().for_each(|slot| sum.add(u64::from(slot.get())));
        }
        sum.add(Xxh3.hash_key(&(i, "key")).get());
    }
    writeln!(text, "checksum of the core placements {:016x}", sum.0).unwrap();
    text
}

/// What each node holds through a history of keys and nodes, and a checksum of who holds what.
fn bounded() -> String {
    let mut text = String::new();
    for (over, num, den) in [("ring", 1, 1), ("ring", 5, 4), ("weighted-rendezvous", 21, 20)] {
        let nodes = nodes(&[1, 2, 3, 4, 0]);
        let locator = Locator::any_of(nodes, over.parse().unwrap()).unwrap();
        let factor = LoadFactor::new(num, den).unwrap();
        for mut held in [
            BoundedLoads::canonical(locator.clone(), factor),
            BoundedLoads::online(locator.clone(), factor),
        ] {
            let mode = if held.mode() == Mode::Online { "online" } else { "canonical" };
            writeln!(text, "{num}/{den} over {over}, {mode}").unwrap();
            let mut show = |what: &str, held: &BoundedLoads<String, AnyPlacement>, moved: u32| {
                let mut sum = Checksum::new();
                for (key, node) in held.iter() {
                    sum.add(key.get());
                    sum.add(held.locator().topology().members().identity(node).unwrap());
                }
                let loads: Vec<String> = held
                    .locator()
                    .topology()
                    .iter()
                    .map(|(node, name)| format!("{name} {}", held.load(node)))
                    .collect();
                writeln!(text, "  {what:<20} {:016x} {moved:>4} {}", sum.0, loads.join(", "))
                    .unwrap();
            };
            let moves = held.extend_hashes((0..1000).map(key)).unwrap();
            show("1000 keys", &held, moves.moved);
            let moves = held.change(held.locator().without("node-1").unwrap()).unwrap();
            show("node-1 leaves", &held, moves.moved);
            let late = Node::new("late".to_owned()).weight(2);
            let moves = held.change(held.locator().with_node(late).unwrap()).unwrap();
            show("late takes its slot", &held, moves.moved);
            let moved = (0..200).map(|i| held.remove_hash(key(i * 5)).unwrap().moved).sum();
            show("200 keys go", &held, moved);
        }
    }
    text
}

/// Replicas in zones and racks, by each rule, on a ring and by weighted rendezvous hashing.
fn spread() -> String {
    let mut text = String::new();
    let node = |(i, zone, rack, weight): (u32, &str, &str, u64)| {
        let node = Node::new(format!("{zone}{rack}-{i}")).weight(weight);
        node.domain("zone", zone).domain("rack", rack)
    };
    let nodes = [
        (0, "a", "1", 1),
        (1, "a", "1", 2),
        (2, "a", "2", 1),
        (3, "a", "2", 3),
        (4, "a", "3", 1),
        (5, "b", "1", 1),
        (6, "b", "1", 4),
        (7, "b", "2", 1),
        (8, "c", "1", 5),
        (9, "c", "1", 0),
    ];
    for over in ["ring", "weighted-rendezvous"] {
        let topology = Topology::of(nodes.map(node)).unwrap();
        let locator = Locator::any_of(topology, over.parse().unwrap()).unwrap();
        let members = locator.topology().members();
        let limits = [("zone", 2), ("rack", 1)];
        let rules = [
            ("strict", Spread::strict(members, 5, limits).unwrap()),
            ("best effort", Spread::best_effort(members, 7, limits).unwrap()),
            ("even", Spread::even(members, 7, ["zone", "rack"]).unwrap()),
        ];
        for (rule, spread) in rules {
            writeln!(text, "{rule} over {over}").unwrap();
            for key in ["", "a", "user:42", "user:43", "/var/log/syslog", "ключ"] {
                let holders = locator.replicas_under::<7>(&spread, key);
                let (kept, names) = (spread.kept(holders.indices()), holders.iter());
                let names: Vec<&String> = names.collect();
                writeln!(text, "  {key:<16} {kept} {names:?}").unwrap();
            }
            let mut sum = Checksum::new();
            for i in 0..10_000 {
                let mut out = [NodeIdx::default(); 7];
                let up = |node: NodeIdx| u64::from(node.get()) != i % 10;
                let found = spread.replicas_where(locator.placement(), key(i), &mut out, up);
                out[..found].iter().for_each(|slot| sum.add(u64::from(slot.get())));
            }
            writeln!(text, "  10000 keys, one node down {:016x}", sum.0).unwrap();
        }
    }
    text
}

/// Tables through a history of changes: movement, a few rows, and who holds what.
fn plans() -> String {
    type Nodes = Vec<(u32, u32, u64)>;
    let mut text = String::new();
    let node = |(i, zone, weight): (u32, u32, u64)| {
        let node =
            Node::new(format!("node-{i}")).weight(weight).domain("zone", &format!("z{zone}"));
        node.domain("rack", &format!("r{}", i % 3))
    };
    let cluster = |weight: fn(u32) -> u64| (0..40).map(move |i| (i, i % 4, weight(i))).collect();
    let clusters: [(&str, Nodes); 2] =
        [("equal", cluster(|_| 100)), ("weighted", cluster(|i| 1 + u64::from(i * i % 11)))];
    for (what, mut list) in clusters {
        let mut sizes = (512, 3);
        let mut before: Option<(PartitionTable, Topology<String>)> = None;
        writeln!(text, "{what}").unwrap();
        for step in [
            "fresh",
            "one more",
            "one less",
            "drained",
            "heavier",
            "a zone more",
            "four",
            "two",
            "split",
            "moved",
        ] {
            match step {
                "one more" => list.push((40, 1, 5)),
                "one less" => list.retain(|(i, ..)| *i != 7),
                "drained" => list.iter_mut().for_each(|(i, _, w)| *w *= u64::from(*i != 12)),
                "heavier" => list.iter_mut().for_each(|(i, _, w)| *w *= 1 + u64::from(*i == 20)),
                "a zone more" => list.extend((50..60).map(|i| (i, 4, 3 + u64::from(i % 2)))),
                "four" => sizes.1 = 4,
                "two" => sizes.1 = 2,
                "split" => sizes.0 = 1024,
                "moved" => list.iter_mut().for_each(|(i, zone, _)| *zone = (*zone + *i / 38) % 5),
                _ => {}
            }
            let nodes = Topology::of(list.iter().copied().map(node)).unwrap();
            let config = TableConfig::new(sizes.0, sizes.1).max_per_domain("zone", 1 + sizes.1 / 4);
            let planner = Planner::new(nodes.members(), &config.max_per_domain("rack", 1)).unwrap();
            let mut plan = match &before {
                None => planner.fresh().unwrap(),
                Some((table, old)) => planner.rebalance(table, old.members()).unwrap(),
            };
            let sum = |table: &PartitionTable| {
                let mut sum = Checksum::new();
                for node in (0..table.partitions()).flat_map(|p| table.row(p)) {
                    sum.add(nodes.members().identity(node).unwrap());
                }
                sum.0
            };
            let planned = sum(plan.table());
            planner.disperse(&mut plan).unwrap();
            writeln!(
                text,
                "  {step:<12} moved {:>4} bound {:>4} twice {:>2} {planned:016x} dispersed {:016x}",
                plan.moved(),
                plan.lower_bound(),
                plan.partitions_moved_twice(),
                sum(plan.table()),
            )
            .unwrap();
            for partition in [0, 100, 511] {
                let names = plan.table().row(partition).map(|node| nodes.get(node).unwrap());
                writeln!(text, "    {partition:<4} {:?}", names.collect::<Vec<_>>()).unwrap();
            }
            before = Some((plan.into_table(), nodes));
        }
    }
    text
}

fn recorded(name: &str) -> &'static str {
    match name {
        "hashes" => include_str!("hashes.txt"),
        "bounded" => include_str!("bounded.txt"),
        "spread" => include_str!("spread.txt"),
        "plans" => include_str!("plans.txt"),
        "copies" => include_str!("copies.txt"),
        "picks" => include_str!("picks.txt"),
        "subsets" => include_str!("subsets.txt"),
        "ring" => include_str!("ring.txt"),
        "jump" => include_str!("jump.txt"),
        "jump-guava" => include_str!("jump-guava.txt"),
        "jump-back" => include_str!("jump-back.txt"),
        "flip" => include_str!("flip.txt"),
        "jump-back-anchor" => include_str!("jump-back-anchor.txt"),
        "asura" => include_str!("asura.txt"),
        "maglev" => include_str!("maglev.txt"),
        "rendezvous" => include_str!("rendezvous.txt"),
        "weighted-rendezvous" => include_str!("weighted-rendezvous.txt"),
        "anchor" => include_str!("anchor.txt"),
        _ => panic!("no golden table of {name}"),
    }
}

#[test]
fn readable_tables() {
    assert_eq!(hashes(), recorded("hashes"));
    assert_eq!(bounded(), recorded("bounded"));
    assert_eq!(spread(), recorded("spread"));
    assert_eq!(plans(), recorded("plans"));
    assert_eq!(copies::table(), recorded("copies"));
    assert_eq!(picks::table(), recorded("picks"));
    assert_eq!(subsets::table(), recorded("subsets"));
    for name in Algorithm::NAMES {
        assert_eq!(table(&name.parse().unwrap()), recorded(name), "{name}");
    }
}

/// Too long for emulated machines, which run the tables only.
#[test]
#[cfg_attr(apportion_short, ignore = "a million calls")]
fn a_million_calls() {
    let expected = include_str!("million.txt");
    assert_eq!(million(), expected);
}

fn million() -> String {
    let row = |name: &&str| {
        let algorithm: Algorithm = name.parse().unwrap();
        format!("{name} {:016x}\n", checksum(&algorithm, 1_000_000))
    };
    Algorithm::NAMES.iter().map(row).collect()
}

#[test]
#[ignore = "writes the tables: a placement-breaking change"]
fn write() {
    let put = |name: &str, text: String| {
        let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, text).unwrap();
    };
    put("hashes", hashes());
    put("bounded", bounded());
    put("spread", spread());
    put("plans", plans());
    put("copies", copies::table());
    put("picks", picks::table());
    put("subsets", subsets::table());
    put("million", million());
    for name in Algorithm::NAMES {
        put(name, table(&name.parse().unwrap()));
    }
    let nodes = [Node::new("a"), Node::new("b"), Node::new("c").domain("zone", "z")];
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), RingConfig::default()).unwrap();
    put("saved_fingerprint", format!("{:016x}\n", ring.without("b").unwrap().fingerprint()));
}
