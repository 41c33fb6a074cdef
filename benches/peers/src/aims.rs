//! Targets for ratios, beside what was reached.

use crate::results::Entry;
use std::fmt::Write as _;

/// A ratio that a row should reach at these numbers of nodes.
struct Aim {
    at_least: f64,
    sizes: &'static [u32],
    family: &'static str,
    question: &'static str,
    ours: &'static str,
    theirs: &'static str,
    /// Why it is missed where it is.
    why: &'static str,
}

const fn aim(
    at_least: f64,
    sizes: &'static [u32],
    [family, question, ours, theirs]: [&'static str; 4],
) -> Aim {
    Aim { at_least, sizes, family, question, ours, theirs, why: "" }
}

impl Aim {
    const fn because(self, why: &'static str) -> Self {
        Self { why, ..self }
    }
}

const U64: &str = "lookup, u64, ns";
const DEPENDENT: &str = "lookup, u64, dependent, ns";
const TEXT: &str = "lookup, string, ns";
const THREE: &str = "three replicas, u64, ns";
const BUILD: &str = "build, ns";
const MORE: &str = "one node more, ns";
const COLUMN: &str = "4,096 hashes to owners, ns a key";
const RING: &str = "apportion ring (slot)";
const RING_NODE: &str = "apportion ring (node)";
const KETAMA: &str = "pingora-ketama";
const FUNCTION: &str = "bucket function";
const LEAVE: &str = "any node may leave";
const MAGLEV: &str = "apportion maglev";
const JUMP_BACK: &str = "apportion jump-back";
const JUMP_BACK_BATCH: &str = "apportion jump-back (batch)";
const JUMP_CRATE: &str = "jump-consistent-hash";
const CHOOSE_K: &str = "consistent-choose-k";
const MIXED: &str = "consistent-choose-k (SplitMix64)";

const THOUSAND: &[u32] = &[1000];
const HUNDRED_ON: &[u32] = &[100, 1000];
const ABOVE_TOO: &[u32] = &[1000, 1025];
const TEN: &[u32] = &[10];
const TO_THOUSAND: &[u32] = &[10, 100, 1000];
const TEN_THOUSAND: &[u32] = &[10_000];
const LARGE: &[u32] = &[10_000, 100_000];

const PAGES: &str =
    "a page's cuts and its words are two dependent reads; the hash takes a quarter of it";
const COPIES: &str = "a change counts a reference for each page and each node that it shares";
const MADE_TWICE: &str = "points are made twice, so that no list of all of them is in memory";
const FOUND: &str = "160 points are found, each with what is next to it, in 50 ns";
const HALF_TAKEN: &str = "the nodes take half of the board, so a key throws two darts";
const THEIRS: &str = "ours takes the same time on all machines; the other crate's reads do not";
const TRIES: &str = "a table of N entries takes about N ln N tries, 2 ns each";
const HASHED: &str = "half of the lookup is the hash of the key: see hashed keys";
const FIRST_DRAW: &str = "its draws are those of hash4j; AnchorHash draws cheaper";
const REPLICAS: &str = "11 words of 12 instructions an element; fewer need other answers";
const EMULATED: &str = "AVX2 multiplies no 64-bit words, and lanes wait for the slowest key";

const AIMS: [Aim; 45] = [
    aim(7.0, THOUSAND, ["ring", U64, RING, KETAMA]).because(PAGES),
    aim(6.0, THOUSAND, ["ring", TEXT, RING, KETAMA]).because(PAGES),
    aim(3.5, THOUSAND, ["ring", DEPENDENT, RING, KETAMA]).because(PAGES),
    aim(5.0, TEN, ["ring", U64, RING, KETAMA]).because("the hash takes a third of the lookup"),
    aim(5.0, TEN, ["ring", TEXT, RING, KETAMA])
        .because("the hash of the text takes more than half of the lookup"),
    // What rings in one piece reached, before there were pages.
    aim(8.6, TEN_THOUSAND, ["ring", U64, RING, KETAMA]).because(PAGES),
    aim(5.0, THOUSAND, ["ring", THREE, RING, KETAMA]),
    aim(1.0, THOUSAND, ["ring", "live memory, bytes", RING, KETAMA]),
    aim(1.0, THOUSAND, ["ring", "peak memory of a build, bytes", RING, KETAMA]),
    aim(1.5, TO_THOUSAND, ["ring", BUILD, RING, KETAMA]).because(MADE_TWICE),
    aim(1.2, LARGE, ["ring", BUILD, RING, KETAMA])
        .because("16 million points go into 131,072 pages in random order"),
    aim(1.0, THOUSAND, ["ring", MORE, RING, "BTreeMap, copied"]),
    aim(20.0, THOUSAND, ["ring", MORE, RING, "hashring"]).because(COPIES),
    aim(
        150.0,
        THOUSAND,
        ["ring diff", "one node more, diff, ns", "apportion ring (moves)", "consistent_hash_ring"],
    )
    .because(FOUND),
    // At most 10 % more for the node than for its slot.
    aim(0.909, TO_THOUSAND, ["ring", U64, RING_NODE, RING])
        .because("the program reads the node, which is in no cache line of the ring"),
    aim(15.0, THOUSAND, ["rendezvous", U64, "apportion rendezvous", "hrw"])
        .because("AVX2 has no product of 64-bit words: three of 32 bits make one"),
    aim(8.0, &[100], ["rendezvous", U64, "apportion rendezvous", "hrw"]),
    aim(25.0, HUNDRED_ON, ["rendezvous", U64, "apportion weighted-rendezvous", "hrw-hash"])
        .because("at 100 nodes the exact comparison of the best few takes a third"),
    aim(3.0, ABOVE_TOO, ["batch", COLUMN, JUMP_BACK_BATCH, MIXED])
        .because("just above a power of two half of the keys draw again"),
    aim(
        1.3,
        TEN_THOUSAND,
        ["batch", COLUMN, "apportion ring (batch)", "apportion ring (hashed keys)"],
    )
    .because("independent lookups overlap in a loop too"),
    aim(
        1.3,
        TEN_THOUSAND,
        ["batch", COLUMN, "apportion maglev (batch)", "apportion maglev (hashed keys)"],
    ),
    aim(1.0, &[10, 1000, 1025], [FUNCTION, THREE, JUMP_BACK, MIXED]).because(REPLICAS),
    aim(13.0, THOUSAND, [FUNCTION, U64, JUMP_BACK, JUMP_CRATE]),
    aim(0.9, THOUSAND, [FUNCTION, U64, JUMP_BACK, MIXED]),
    aim(3.5, THOUSAND, ["batch", COLUMN, "apportion jump (batch)", JUMP_CRATE]).because(EMULATED),
    aim(2.5, THOUSAND, ["batch", COLUMN, JUMP_BACK_BATCH, CHOOSE_K]),
    aim(3.0, THOUSAND, [LEAVE, U64, "apportion jump-back-anchor", "anchorhash"])
        .because(FIRST_DRAW),
    aim(
        3.0,
        THOUSAND,
        [LEAVE, U64, "apportion jump-back-anchor (10 % removed)", "anchorhash (10 % removed)"],
    )
    .because(FIRST_DRAW),
    aim(
        3.0,
        THOUSAND,
        [LEAVE, U64, "apportion jump-back-anchor (50 % removed)", "anchorhash (50 % removed)"],
    )
    .because(FIRST_DRAW),
    aim(
        1.0,
        HUNDRED_ON,
        [LEAVE, U64, "apportion anchor (hashed keys)", "anchorhash (hashed keys)"],
    ),
    aim(
        1.0,
        HUNDRED_ON,
        [
            LEAVE,
            U64,
            "apportion anchor (hashed keys, 10 % removed)",
            "anchorhash (hashed keys, 10 % removed)",
        ],
    ),
    aim(
        1.0,
        HUNDRED_ON,
        [
            LEAVE,
            U64,
            "apportion anchor (hashed keys, 50 % removed)",
            "anchorhash (hashed keys, 50 % removed)",
        ],
    ),
    aim(8.0, HUNDRED_ON, [LEAVE, U64, "apportion asura", "asura"]),
    aim(8.0, HUNDRED_ON, [LEAVE, U64, "apportion asura (hashed keys)", "asura"]),
    aim(8.0, HUNDRED_ON, [LEAVE, U64, "apportion asura (weights 1..10)", "asura (weights 1..10)"])
        .because(HALF_TAKEN),
    aim(15.0, THOUSAND, ["maglev", U64, MAGLEV, "maglev"]).because(HASHED),
    aim(15.0, THOUSAND, ["maglev", U64, "apportion maglev (hashed keys)", "maglev"])
        .because(THEIRS),
    aim(450.0, THOUSAND, ["maglev", "build, ns", MAGLEV, "maglev"]).because(TRIES),
    aim(1000.0, THOUSAND, ["maglev", "peak memory of a build, bytes", MAGLEV, "maglev"]),
    aim(
        8.0,
        HUNDRED_ON,
        [
            "rendezvous",
            U64,
            "apportion weighted-rendezvous (weights 1..10)",
            "hrw-hash (weights 1..10)",
        ],
    ),
    aim(4.0, THOUSAND, ["interop", U64, "apportion nginx", "pingora-ketama"]).because(THEIRS),
    aim(1.0, THOUSAND, ["interop", "build, ns", "apportion nginx", "pingora-ketama"]),
    aim(1.0, THOUSAND, ["interop", U64, "apportion uhashring (ketama)", "ketama"]),
    aim(1.0, THOUSAND, ["interop", U64, "apportion redis slot", "redis-protocol"]),
    aim(1.0, THOUSAND, ["interop", U64, "apportion kafka (murmur2)", "murmur2"]),
];

/// The size just above a power of two that is shown beside a target just below one.
const BESIDE: (u32, u32) = (1000, 1025);

const HEAD: &str = "
### Aims

| | apportion | beside | N | aim | ratio | | at N = 1025 | why it is missed |
|---|---|---|---|---|---|---|---|---|
";

/// A Markdown table with a line for each target and size that has a figure.
pub fn table(entries: &[Entry]) -> String {
    let mut out = String::new();
    for aim in &AIMS {
        let ratio = |n: u32| entries.iter().find(|entry| aim.is_about(entry, n)).map(|e| e.ratio);
        for size in aim.sizes {
            let Some(reached) = ratio(*size) else { continue };
            let word = if reached >= aim.at_least { "reached" } else { "**missed**" };
            let beside = ratio(BESIDE.1).filter(|_| *size == BESIDE.0);
            let beside = beside.map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let Aim { at_least, family, question, ours, theirs, why, .. } = aim;
            let why = if reached >= *at_least { "" } else { why };
            let _ = writeln!(
                out,
                "| {family}: {question} | {ours} | {theirs} | {size} | {at_least} | {reached:.2} \
                 | {word} | {beside} | {why} |"
            );
        }
    }
    if out.is_empty() { out } else { format!("{HEAD}{out}") }
}

impl Aim {
    fn is_about(&self, entry: &Entry, n: u32) -> bool {
        let of_aim = [self.family, self.question, self.ours, self.theirs];
        n == entry.of.n && entry.of.is_about(of_aim)
    }
}
