//! Prints the tables of the README's section on speed.

use crate::machines::Claim;
use crate::report::distinct;
use std::fmt::Write as _;

/// Below this ratio a row loses, because it is printed as less than 1.00.
const EVEN: f64 = 0.995;

/// The sizes of the table. A function of (hash, n) becomes slower at each power of two, so there is
/// 1025 beside 1000.
const SIZES: [u32; 5] = [10, 100, 1000, 1025, 10_000];

const HEAD: &str = "\
| theirs / ours, at least | against | 10 nodes | 100 | 1000 | 1025 | 10,000 |
|---|---|---|---|---|---|---|
";

/// A line of the table: its text, the other crate, and the rows it comes from.
struct Line {
    text: &'static str,
    against: &'static str,
    family: &'static str,
    question: &'static str,
    ours: &'static str,
    theirs: &'static str,
}

const fn line(
    [text, against]: [&'static str; 2],
    [family, question, ours, theirs]: [&'static str; 4],
) -> Line {
    Line { text, against, family, question, ours, theirs }
}

const SLOT: &str = "apportion ring (slot)";
const PINGORA: &str = "pingora-ketama";
const U64: &str = "lookup, u64, ns";
const CHAIN: &str = "lookup, u64, dependent, ns";
const TEXT: &str = "lookup, string, ns";
const THREE: &str = "three replicas, u64, ns";
const GROW: &str = "one node more, ns";
const BYTES: &str = "live memory, bytes";
const PEAK: &str = "peak memory of a build, bytes";
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

const LINES: [Line; 46] = [
    line(["ring lookup, u64 key", PINGORA], ["ring", U64, SLOT, PINGORA]),
    line(["… each key depending on the last answer", PINGORA], ["ring", CHAIN, SLOT, PINGORA]),
    line(["ring lookup, text key", PINGORA], ["ring", TEXT, SLOT, PINGORA]),
    line(
        ["ring lookup that reads the node, u64 key", PINGORA],
        ["ring", U64, "apportion ring (node)", PINGORA],
    ),
    line(["three distinct replicas on the ring", PINGORA], ["ring", THREE, SLOT, PINGORA]),
    line(
        ["three distinct replicas on the ring", "consistent_hash"],
        ["ring", THREE, SLOT, "consistent_hash"],
    ),
    line(["building the ring", PINGORA], ["ring", "build, ns", SLOT, PINGORA]),
    line(["adding a node", PINGORA], ["ring", GROW, SLOT, PINGORA]),
    line(["adding a node", "hashring"], ["ring", GROW, SLOT, "hashring"]),
    line(["adding a node", "hash-rings"], ["ring", GROW, SLOT, "hash-rings"]),
    line(
        ["adding a node, the old ring kept", "a copied BTreeMap of points"],
        ["ring", GROW, SLOT, "BTreeMap, copied"],
    ),
    line(
        ["what an added node moves", "consistent_hash_ring"],
        ["ring diff", MOVES, "apportion ring (moves)", "consistent_hash_ring"],
    ),
    line(
        ["how much two arbitrary rings differ", "consistent_hash_ring"],
        ["ring diff", HALF, "apportion ring (moved)", "consistent_hash_ring"],
    ),
    line(
        ["from where an added node fetches its replicas, three a key", "hashring_coordinator"],
        ["ring diff", SOURCES, "apportion ring (moves and holders)", "hashring_coordinator"],
    ),
    line(["memory of the ring", PINGORA], ["ring", BYTES, SLOT, PINGORA]),
    line(["peak memory of building it", PINGORA], ["ring", PEAK, SLOT, PINGORA]),
    line(["ring lookup, u64 key", "hashring"], ["ring", U64, SLOT, "hashring"]),
    line(["ring lookup, u64 key", "mpchash, multi-probe"], ["ring", U64, SLOT, "mpchash"]),
    line(["jump hash", JUMP], ["bucket function", U64, "apportion jump", JUMP]),
    line(["JumpBack", JUMP], ["bucket function", U64, "apportion jump-back", JUMP]),
    line(
        ["JumpBack", "consistent-choose-k, same hasher"],
        ["bucket function", U64, "apportion jump-back", MIXED],
    ),
    line(
        ["JumpBack, three replicas", "consistent-choose-k, same hasher"],
        ["bucket function", THREE, "apportion jump-back", MIXED],
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
    line(["AnchorHash", "anchorhash"], [LEAVE, U64, "apportion anchor", "anchorhash"]),
    line(
        ["AnchorHash, half of the nodes removed", "anchorhash"],
        [LEAVE, U64, "apportion anchor (50 % removed)", "anchorhash (50 % removed)"],
    ),
    line(
        ["AnchorHash, hashed keys", "anchorhash, hashed keys"],
        [LEAVE, U64, "apportion anchor (hashed keys)", "anchorhash (hashed keys)"],
    ),
    line(
        ["AnchorHash, hashed keys, half of the nodes removed", "anchorhash, hashed keys"],
        [
            LEAVE,
            U64,
            "apportion anchor (hashed keys, 50 % removed)",
            "anchorhash (hashed keys, 50 % removed)",
        ],
    ),
    line(["Asura", "asura"], [LEAVE, U64, "apportion asura", "asura"]),
    line(
        ["Asura, weights 1 to 10", "asura"],
        [LEAVE, U64, "apportion asura (weights 1..10)", "asura (weights 1..10)"],
    ),
    line(["Maglev lookup, u64 key", "maglev"], ["maglev", U64, MAGLEV, "maglev"]),
    line(["building the table", "maglev"], ["maglev", "build, ns", MAGLEV, "maglev"]),
    line(["memory it takes meanwhile", "maglev"], ["maglev", PEAK, MAGLEV, "maglev"]),
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
    line(
        ["nginx's ring, u64 key", "pingora-ketama, the same points"],
        ["interop", U64, "apportion nginx", PINGORA],
    ),
    line(
        ["nginx's ring, text key", "pingora-ketama, the same points"],
        ["interop", TEXT, "apportion nginx", PINGORA],
    ),
    line(
        ["building nginx's ring", "pingora-ketama, the same points"],
        ["interop", "build, ns", "apportion nginx", PINGORA],
    ),
    line(
        ["a ketama ring, text key", "ketama, the same points"],
        ["interop", TEXT, "apportion uhashring (ketama)", "ketama"],
    ),
    line(
        ["slot of a Redis Cluster, text key", "redis-protocol"],
        ["interop", TEXT, "apportion redis slot", "redis-protocol"],
    ),
    line(
        ["partition in Kafka, text key", "murmur2"],
        ["interop", TEXT, "apportion kafka (murmur2)", "murmur2"],
    ),
    line(["a ring lookup against hashing alone", "floor"], ["ring", U64, SLOT, "floor: hash only"]),
];

/// The tables in Markdown: the lines above, then every losing row that is not among them. Lines
/// without figures are left out.
pub fn table(claims: &[Claim]) -> String {
    let mut out = HEAD.to_owned();
    for line in &LINES {
        let of_line: Vec<&Claim> = claims.iter().filter(|claim| line.is_from(claim)).collect();
        if of_line.is_empty() {
            continue;
        }
        let _ = write!(out, "| {} | {} |", line.text, line.against);
        for size in SIZES {
            let cell = of_line.iter().find(|claim| claim.of.n == size);
            let cell = cell.map_or(String::new(), |claim| figure(claim.ratio));
            // Questions measured at 30 nodes instead of 100 are shown beside those at 10.
            let beside = of_line.iter().find(|claim| (size, claim.of.n) == (10, 30));
            let beside = beside.map_or(String::new(), |c| format!(", {} at 30", figure(c.ratio)));
            let _ = write!(out, " {cell}{beside} |");
        }
        out.push('\n');
    }
    out + &losing(claims)
}

/// Every other question that this crate loses at some size, with these sizes.
fn losing(claims: &[Claim]) -> String {
    let shown =
        |claim: &Claim| LINES.iter().any(|line| line.is_from(claim)) && SIZES.contains(&claim.of.n);
    let other = |claim: &&Claim| {
        // Floors and our own adapters are not other crates.
        let peer =
            !claim.of.theirs.starts_with("floor") && !claim.of.theirs.starts_with("apportion");
        peer && claim.ratio < EVEN && !shown(claim)
    };
    let losing: Vec<&Claim> = claims.iter().filter(other).collect();
    let key =
        |claim: &Claim| (claim.of.question.clone(), claim.of.ours.clone(), claim.of.theirs.clone());
    let mut out =
        "\n| other rows below 1 | against | nodes: theirs / ours |\n|---|---|---|\n".to_owned();
    for row in distinct(losing.iter().map(|claim| key(claim))) {
        let cells = losing.iter().filter(|claim| key(claim) == row);
        let cells: Vec<String> =
            cells.map(|claim| format!("{}: {}", claim.of.n, figure(claim.ratio))).collect();
        let (question, ours, theirs) = row;
        let ours = ours.trim_start_matches("apportion ");
        let _ = writeln!(out, "| {ours}: {question} | {theirs} | {} |", cells.join(", "));
    }
    out
}

impl Line {
    fn is_from(&self, claim: &Claim) -> bool {
        claim.of.is_about([self.family, self.question, self.ours, self.theirs])
    }
}

/// Formats a ratio, rounded down, because the README claims it as a minimum.
fn figure(ratio: f64) -> String {
    let down = |scale: f64| (ratio * scale + 1e-9).floor() / scale;
    match ratio {
        ..EVEN => format!("{:.2}", down(100.0)),
        ..1.0 => "1.0".to_owned(),
        ..100.0 => format!("{:.1}", down(10.0)),
        _ => format!("{:.0}", down(1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::{figure, table};
    use crate::machines::Claim;
    use crate::results::Question;

    fn claim(question: &str, theirs: &str, n: u32, ratio: f64) -> Claim {
        let [family, ours] = ["ring", "apportion ring (slot)"].map(String::from);
        let (question, theirs) = (question.to_owned(), theirs.to_owned());
        Claim { of: Question { family, question, ours, theirs, n }, ratio, machines: 1 }
    }

    #[test]
    fn every_losing_row_is_printed() {
        let printed = table(&[
            claim("lookup, u64, ns", "pingora-ketama", 10, 4.09),
            claim("build, ns", "pingora-ketama", 100_000, 0.87),
            claim("build, ns", "mpchash", 10, 0.071),
            claim("build, ns", "consistent_hash", 10, 3.0),
            claim("lookup, u64, ns", "floor: modulo", 10, 0.3),
        ]);
        assert!(printed.contains("| ring lookup, u64 key | pingora-ketama | 4.0 |"), "{printed}");
        assert!(printed.contains("| ring (slot): build, ns | pingora-ketama | 100000: 0.87 |"));
        assert!(printed.contains("| ring (slot): build, ns | mpchash | 10: 0.07 |"));
        assert!(!printed.contains("consistent_hash") && !printed.contains("modulo"));
    }

    #[test]
    fn claims_are_rounded_down() {
        assert_eq!(
            [0.999, 0.994, 1.09, 18.57, 213.9].map(figure),
            ["1.0", "0.99", "1.0", "18.5", "213"]
        );
    }
}
