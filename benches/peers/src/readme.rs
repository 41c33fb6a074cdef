//! The table of the README's section on speed.

use crate::results::Entry;
use std::fmt::Write as _;

/// What a function of (hash, n) costs jumps at each power of two: hence 1025 beside 1000.
const SIZES: [u32; 5] = [10, 100, 1000, 1025, 10_000];

const HEAD: &str = "\
| theirs / ours | against | 10 nodes | 100 | 1000 | 1025 | 10,000 |
|---|---|---|---|---|---|---|
";

/// A line of the table: what it says and against whom, and the rows it comes from.
struct Line {
    says: &'static str,
    against: &'static str,
    family: &'static str,
    question: &'static str,
    ours: &'static str,
    theirs: &'static str,
}

const fn line(
    [says, against]: [&'static str; 2],
    [family, question, ours, theirs]: [&'static str; 4],
) -> Line {
    Line { says, against, family, question, ours, theirs }
}

const SLOT: &str = "apportion ring (slot)";
const PINGORA: &str = "pingora-ketama";
const U64: &str = "lookup, u64, ns";
const CHAIN: &str = "lookup, u64, dependent, ns";
const TEXT: &str = "lookup, string, ns";
const THREE: &str = "three replicas, u64, ns";
const GROW: &str = "one node more, ns";
const BYTES: &str = "live memory, bytes";
const MOVES: &str = "one node more, diff, ns";
const HALF: &str = "two arbitrary rings, diff, ns a point";
const SOURCES: &str = "three replicas, where to fetch from, ns";
const JUMP: &str = "jump-consistent-hash";
const MIXED: &str = "consistent-choose-k (SplitMix64)";
const PLAIN: &str = "apportion rendezvous";
const WEIGHTED: &str = "apportion weighted-rendezvous";
const MAGLEV: &str = "apportion maglev";
const LEAVE: &str = "any node may leave";
const COLUMN: &str = "4,096 hashes to owners, ns a key";

const LINES: [Line; 31] = [
    line(["ring lookup, u64 key", PINGORA], ["ring", U64, SLOT, PINGORA]),
    line(["… each key depending on the last answer", PINGORA], ["ring", CHAIN, SLOT, PINGORA]),
    line(["ring lookup, text key", PINGORA], ["ring", TEXT, SLOT, PINGORA]),
    line(["three distinct replicas on the ring", PINGORA], ["ring", THREE, SLOT, PINGORA]),
    line(
        ["three distinct replicas on the ring", "consistent_hash"],
        ["ring", THREE, SLOT, "consistent_hash"],
    ),
    line(["building the ring", PINGORA], ["ring", "build, ns", SLOT, PINGORA]),
    line(["one node more", PINGORA], ["ring", GROW, SLOT, PINGORA]),
    line(["one node more", "hash-rings"], ["ring", GROW, SLOT, "hash-rings"]),
    line(
        ["what one node more moves", "consistent_hash_ring"],
        ["ring diff", MOVES, "apportion ring (moves)", "consistent_hash_ring"],
    ),
    line(
        ["how much two arbitrary rings differ", "consistent_hash_ring"],
        ["ring diff", HALF, "apportion ring (moved)", "consistent_hash_ring"],
    ),
    line(
        ["where one node more fetches its replicas, three a key", "hashring_coordinator"],
        ["ring diff", SOURCES, "apportion ring (moves and holders)", "hashring_coordinator"],
    ),
    line(["memory of the ring", PINGORA], ["ring", BYTES, SLOT, PINGORA]),
    line(["ring lookup, u64 key", "hashring"], ["ring", U64, SLOT, "hashring"]),
    line(["ring lookup, u64 key", "mpchash, multi-probe"], ["ring", U64, SLOT, "mpchash"]),
    line(["jump hash", JUMP], ["bucket function", U64, "apportion jump", JUMP]),
    line(["JumpBack", JUMP], ["bucket function", U64, "apportion jump-back", JUMP]),
    line(
        ["JumpBack", "consistent-choose-k, same hasher"],
        ["bucket function", U64, "apportion jump-back", MIXED],
    ),
    line(["FlipHash", JUMP], ["bucket function", U64, "apportion flip", JUMP]),
    line(
        ["4,096 hashes in one call, jump hash", "jump-consistent-hash, one by one"],
        ["batch", COLUMN, "apportion jump (batch)", JUMP],
    ),
    line(
        ["4,096 hashes in one call, JumpBack", "consistent-choose-k, same hasher, one by one"],
        ["batch", COLUMN, "apportion jump-back (batch)", MIXED],
    ),
    line(
        ["JumpBackAnchor", "anchorhash"],
        [LEAVE, U64, "apportion jump-back-anchor", "anchorhash"],
    ),
    line(
        ["JumpBackAnchor, half of the nodes removed", "anchorhash"],
        [LEAVE, U64, "apportion jump-back-anchor (50 % removed)", "anchorhash (50 % removed)"],
    ),
    line(["Asura", "asura"], [LEAVE, U64, "apportion asura", "asura"]),
    line(
        ["Asura, weights 1 to 10", "asura"],
        [LEAVE, U64, "apportion asura (weights 1..10)", "asura (weights 1..10)"],
    ),
    line(["Maglev lookup, u64 key", "maglev"], ["maglev", U64, MAGLEV, "maglev"]),
    line(["building the table", "maglev"], ["maglev", "build, ns", MAGLEV, "maglev"]),
    line(
        ["memory it takes meanwhile", "maglev"],
        ["maglev", "peak memory of a build, bytes", MAGLEV, "maglev"],
    ),
    line(["rendezvous, u64 key", "hrw"], ["rendezvous", U64, PLAIN, "hrw"]),
    line(["weighted rendezvous, u64 key", "hrw-hash"], ["rendezvous", U64, WEIGHTED, "hrw-hash"]),
    line(
        ["weighted rendezvous, weights 1 to 10", "hrw-hash"],
        [
            "rendezvous",
            U64,
            "apportion weighted-rendezvous (weights 1..10)",
            "hrw-hash (weights 1..10)",
        ],
    ),
    line(["a ring lookup against hashing alone", "floor"], ["ring", U64, SLOT, "floor: hash only"]),
];

/// The table in Markdown. A line without any figure is left out.
pub fn table(entries: &[Entry]) -> String {
    let mut out = HEAD.to_owned();
    for line in &LINES {
        let of_line: Vec<&Entry> = entries.iter().filter(|entry| line.is_from(entry)).collect();
        if of_line.is_empty() {
            continue;
        }
        let _ = write!(out, "| {} | {} |", line.says, line.against);
        for size in SIZES {
            let cell = of_line.iter().find(|entry| entry.n == size);
            let cell = cell.map_or(String::new(), |entry| figure(entry.ratio));
            // What was asked of 30 nodes for want of 100 stands beside the 10.
            let beside = of_line.iter().find(|entry| (size, entry.n) == (10, 30));
            let beside = beside.map_or(String::new(), |e| format!(", {} at 30", figure(e.ratio)));
            let _ = write!(out, " {cell}{beside} |");
        }
        out.push('\n');
    }
    out
}

impl Line {
    fn is_from(&self, entry: &Entry) -> bool {
        [&entry.family, &entry.question, &entry.ours, &entry.theirs]
            == [self.family, self.question, self.ours, self.theirs]
    }
}

fn figure(ratio: f64) -> String {
    match ratio {
        ..0.995 => format!("{ratio:.2}"),
        ..99.95 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}
