//! Bounded loads: against a model that knows the order of preference from the library and nothing
//! else.

use super::refused::refused;
use super::{run, text};
use apportion::hash::BytesHasher;
use apportion::{
    Algorithm, AnyPlacement, Candidates, KeyHash, Locator, Node, SipHash13, Topology, Xxh3,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

type Nodes<'a> = &'a [(&'a str, u64)];

/// Who holds which hash.
struct Model<'a> {
    locator: Locator<String, AnyPlacement>,
    nodes: Nodes<'a>,
    ratio: (u128, u128),
    held: BTreeMap<u64, String>,
}

impl<'a> Model<'a> {
    fn new(over: &str, nodes: Nodes<'a>, ratio: (u128, u128)) -> Self {
        let named =
            nodes.iter().map(|(name, weight)| Node::new((*name).to_owned()).weight(*weight));
        let algorithm: Algorithm = over.parse().unwrap();
        let locator = Locator::any_of(Topology::of(named).unwrap(), algorithm).unwrap();
        Self { locator, nodes, ratio, held: BTreeMap::new() }
    }

    fn cap(&self, name: &str, keys: usize) -> u128 {
        let total: u128 = self.nodes.iter().map(|(_, w)| u128::from(*w)).sum();
        let weight = self.nodes.iter().find(|(other, _)| *other == name).unwrap().1;
        let part = self.ratio.0 * keys as u128 * u128::from(weight);
        part.div_ceil(self.ratio.1 * total)
    }

    fn load(&self, name: &str) -> u128 {
        self.held.values().filter(|holder| *holder == name).count() as u128
    }

    fn place(&mut self, hash: u64, keys: usize) {
        let mut walk = Candidates::new(self.locator.placement(), KeyHash::from_hash(hash))
            .map(|at| self.locator.topology().get(at).unwrap());
        let name = walk.find(|name| self.load(name) < self.cap(name, keys)).unwrap().clone();
        self.held.insert(hash, name);
    }

    fn canonical(mut self, hashes: &[u64]) -> Self {
        let keys: BTreeSet<u64> = hashes.iter().copied().collect();
        keys.iter().for_each(|hash| self.place(*hash, keys.len()));
        self
    }

    fn online(mut self, hashes: &[u64]) -> Self {
        for hash in hashes {
            if !self.held.contains_key(hash) {
                self.place(*hash, self.held.len() + 1);
            }
        }
        self
    }
}

fn arguments(over: &str, nodes: Nodes, ratio: (u128, u128), mode: &str) -> Vec<String> {
    let mut args = vec!["--algorithm=bounded".to_owned(), format!("--mode={mode}")];
    args.push(format!("--ratio={}/{}", ratio.0, ratio.1));
    args.push(format!("--over={over}"));
    args.extend(nodes.iter().map(|(name, weight)| format!("--node={name}={weight}")));
    args
}

fn answers(args: &[String], more: &[&str], input: &str) -> String {
    let args: Vec<&str> = args.iter().map(String::as_str).chain(more.iter().copied()).collect();
    text(&args, input.as_bytes())
}

fn check(over: &str, nodes: Nodes, ratio: (u128, u128), hasher: (&str, &dyn BytesHasher)) {
    // Some keys come again, at once and much later.
    let keys: Vec<String> = (0..600_u64)
        .map(|i| format!("user:{}", if i % 7 == 0 { i / 2 } else { i }))
        .flat_map(|key| if key.ends_with("33") { vec![key.clone(), key] } else { vec![key] })
        .collect();
    let hashes: Vec<u64> =
        keys.iter().map(|key| hasher.1.hash_bytes(key.as_bytes()).get()).collect();
    let mut inputs = [String::new(), String::new(), String::new()];
    for (key, hash) in keys.iter().zip(&hashes) {
        writeln!(inputs[0], "{key}").unwrap();
        key.bytes().for_each(|byte| write!(inputs[1], "{byte:02x}").unwrap());
        writeln!(inputs[1]).unwrap();
        writeln!(inputs[2], "{hash:016x}").unwrap();
    }
    let forms: [&[&str]; 3] =
        [&["--hasher", hasher.0], &["--hex", "--hasher", hasher.0], &["--raw"]];
    for mode in ["canonical", "online"] {
        let model = Model::new(over, nodes, ratio);
        let online = mode == "online";
        let model = if online { model.online(&hashes) } else { model.canonical(&hashes) };
        let args = arguments(over, nodes, ratio, mode);
        for (input, form) in inputs.iter().zip(forms) {
            let lines = input.lines().zip(&hashes);
            let expected: String =
                lines.map(|(line, hash)| format!("{line}\t{}\n", model.held[hash])).collect();
            let said = answers(&args, form, input);
            assert!(said == expected, "{args:?} {form:?}");
            // The caps, from the output alone: each key once.
            let distinct: BTreeSet<&str> = said.lines().collect();
            for (name, _) in nodes {
                let ending = format!("\t{name}");
                let load = distinct.iter().filter(|line| line.ends_with(&ending)).count();
                assert!(load as u128 <= model.cap(name, model.held.len()), "{args:?}: {name}");
            }
        }
    }
}

#[test]
fn answers_equal_the_model() {
    let equal = [("a", 1), ("b", 1), ("c", 1), ("d", 0), ("e", 1)];
    let unequal = [("a", 3), ("b", 1), ("c", 0), ("d", 9)];
    let siphash = SipHash13::new([7; 16]);
    let secret = format!("siphash:{}", "07".repeat(16));
    for ratio in [(1, 1), (21, 20), (5, 4), (2, 1)] {
        check("ring", &unequal, ratio, ("xxh3", &Xxh3));
        check("rendezvous", &equal, ratio, ("xxh3", &Xxh3));
        check("weighted-rendezvous", &unequal, ratio, (&secret, &siphash));
    }
    check("maglev", &unequal, (5, 4), ("xxh3", &Xxh3));
    check("jump-back", &equal[..3], (5, 4), ("xxh3", &Xxh3));
}

#[test]
fn canonical_answers_do_not_depend_on_the_order_of_the_lines() {
    let nodes = [("a", 1), ("b", 2), ("c", 1)];
    let input: Vec<String> = (0..100).map(|i| format!("key {i}\n")).collect();
    let reversed: String = input.iter().rev().map(String::as_str).collect();
    for (mode, alike) in [("canonical", true), ("online", false)] {
        let args = arguments("ring", &nodes, (1, 1), mode);
        let (one, other) = (answers(&args, &[], &input.concat()), answers(&args, &[], &reversed));
        let sorted = |said: &str| {
            let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&one) == sorted(&other), alike, "{mode}");
    }
}

#[test]
fn a_ring_unless_asked_otherwise() {
    let nodes = [("a", 1), ("b", 1)];
    let ring = arguments("ring", &nodes, (5, 4), "online");
    let args: Vec<String> = ring.iter().filter(|arg| !arg.starts_with("--over")).cloned().collect();
    let input = "one\ntwo\nthree\n\nfour";
    assert_eq!(answers(&args, &[], input), answers(&ring, &[], input));
}

#[test]
fn no_lines_and_no_live_nodes() {
    for mode in ["canonical", "online"] {
        for nodes in [&[("a", 0)][..], &[("a", 0), ("b", 0)]] {
            let args = arguments("ring", nodes, (5, 4), mode);
            assert_eq!(answers(&args, &[], ""), "");
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            refused(&args, "no node has a weight above 0 to hold 1 key");
        }
    }
}

#[test]
fn wrong_options() {
    let with = |args: &[&str], named: &str| {
        refused(&[&["--algorithm=bounded", "--node=a"], args].concat(), named);
    };
    let (ratio, mode) = ("--ratio=5/4", "--mode=online");
    with(&["--ratio", "9/10", mode], "--ratio \"9/10\": a load factor is at least 1, got 9/10");
    with(
        &["--ratio", "5/0", mode],
        "--ratio \"5/0\": a load factor is a ratio of at least 1, got 5/0",
    );
    for wrong in ["", "5", "5/", "/4", "5/4/3", "1.25", "5/x", "+5/4", "5 / 4", "4294967296/1"] {
        let named =
            format!("--ratio \"{wrong}\": not NUM/DEN, two whole numbers from 0 to 4294967295");
        with(&[&format!("--ratio={wrong}"), mode], &named);
    }
    with(&["--ratio=-5/4", mode], "--ratio \"-5/4\": not NUM/DEN");
    with(&[mode], "needs --ratio NUM/DEN");
    with(&[ratio], "needs --mode canonical or --mode online");
    for wrong in ["", "Online", "offline"] {
        let named = format!("--mode \"{wrong}\": expected canonical or online");
        with(&[ratio, &format!("--mode={wrong}")], &named);
    }
    with(&[ratio, mode, "--over=tree"], "--over: unknown algorithm \"tree\"");
    with(&[ratio, mode, "--over=bounded"], "--over: unknown algorithm \"bounded\"");
    for option in ["--replicas", "--buckets", "--seed", "--end", "--table", "--weights"] {
        with(
            &[ratio, mode, &format!("{option}=2")],
            &format!("{option} \"2\": not with --algorithm bounded"),
        );
    }
    with(&[ratio, mode, "--hex", "--raw"], "--hex and --raw");
    with(&[ratio, mode, "--hasher=crc"], "--hasher \"crc\"");
    with(&[ratio, mode, "--node=a"], "\"a\" is given twice");
    with(&[ratio, mode, "--node=b=2", "--over=rendezvous"], "rendezvous has no weights");
    for (option, value) in [("--ratio", "5/4"), ("--mode", "online"), ("--over", "ring")] {
        refused(&[option, value, option, value], &format!("{option} is given twice"));
        refused(&[option, value], &format!("{option} \"{value}\": only with --algorithm bounded"));
        refused(&[option], &format!("{option} needs a value"));
    }
    refused(&["--algorithm=modulo"], "weighted-rendezvous, anchor, bounded");
}

#[test]
fn a_wrong_line_leaves_all_lines_unanswered() {
    let args = ["--algorithm=bounded", "--ratio=1/1", "--mode=online", "--node=a", "--raw"];
    for batch in [&[][..], &["--batch"]] {
        let ended = run(&[&args, batch].concat(), b"0123456789abcdef\nxyz\n0123456789abcdef\n");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(said, "route: line 2: not 16 hex digits: \"xyz\"\n");
        assert_eq!((ended.status.code(), ended.stdout.as_slice()), (Some(2), &b""[..]));
    }
}
