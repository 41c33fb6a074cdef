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
}

const fn aim(
    at_least: f64,
    sizes: &'static [u32],
    [family, question, ours, theirs]: [&'static str; 4],
) -> Aim {
    Aim { at_least, sizes, family, question, ours, theirs }
}

const U64: &str = "lookup, u64, ns";
const COLUMN: &str = "4,096 hashes to owners, ns a key";
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

const AIMS: [Aim; 26] = [
    aim(13.0, THOUSAND, [FUNCTION, U64, JUMP_BACK, JUMP_CRATE]),
    aim(0.9, THOUSAND, [FUNCTION, U64, JUMP_BACK, MIXED]),
    aim(3.5, THOUSAND, ["batch", COLUMN, "apportion jump (batch)", JUMP_CRATE]),
    aim(2.5, THOUSAND, ["batch", COLUMN, JUMP_BACK_BATCH, CHOOSE_K]),
    aim(1.1, THOUSAND, ["batch", COLUMN, JUMP_BACK_BATCH, MIXED]),
    aim(3.0, THOUSAND, [LEAVE, U64, "apportion jump-back-anchor", "anchorhash"]),
    aim(
        3.0,
        THOUSAND,
        [LEAVE, U64, "apportion jump-back-anchor (10 % removed)", "anchorhash (10 % removed)"],
    ),
    aim(
        3.0,
        THOUSAND,
        [LEAVE, U64, "apportion jump-back-anchor (50 % removed)", "anchorhash (50 % removed)"],
    ),
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
    aim(8.0, HUNDRED_ON, [LEAVE, U64, "apportion asura (weights 1..10)", "asura (weights 1..10)"]),
    aim(15.0, THOUSAND, ["maglev", U64, MAGLEV, "maglev"]),
    aim(15.0, THOUSAND, ["maglev", U64, "apportion maglev (hashed keys)", "maglev"]),
    aim(450.0, THOUSAND, ["maglev", "build, ns", MAGLEV, "maglev"]),
    aim(1000.0, THOUSAND, ["maglev", "peak memory of a build, bytes", MAGLEV, "maglev"]),
    aim(5.5, THOUSAND, ["rendezvous", U64, "apportion rendezvous", "hrw"]),
    aim(8.0, HUNDRED_ON, ["rendezvous", U64, "apportion weighted-rendezvous", "hrw-hash"]),
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
    aim(4.0, THOUSAND, ["interop", U64, "apportion nginx", "pingora-ketama"]),
    aim(1.0, THOUSAND, ["interop", "build, ns", "apportion nginx", "pingora-ketama"]),
    aim(1.0, THOUSAND, ["interop", U64, "apportion uhashring (ketama)", "ketama"]),
    aim(1.0, THOUSAND, ["interop", U64, "apportion redis slot", "redis-protocol"]),
    aim(1.0, THOUSAND, ["interop", U64, "apportion kafka (murmur2)", "murmur2"]),
];

/// The size just above a power of two that is shown beside a target just below one.
const BESIDE: (u32, u32) = (1000, 1025);

const HEAD: &str = "
### Aims

| | apportion | beside | N | aim | ratio | | at N = 1025 |
|---|---|---|---|---|---|---|---|
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
            let Aim { at_least, family, question, ours, theirs, .. } = aim;
            let _ = writeln!(
                out,
                "| {family}: {question} | {ours} | {theirs} | {size} | {at_least} | {reached:.2} \
                 | {word} | {beside} |"
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
