//! The command line.

use crate::anchor::History;
use crate::bounded::Bounded;
use crate::cluster::{self, Cluster};
use crate::common::options::{self, set};
use crate::hasher;
use crate::hex;
use crate::keys::{Form, Keys};
use crate::range::Range;
use crate::text::{self, decimal, is_digits, quoted};
use apportion::limits::MAX_ASURA_DARTS;
use apportion::{Algorithm, Node};
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

const NO_NODES: &str = "no nodes to place keys on: add each with --node NAME[=WEIGHT]";

/// What to do with the keys: their form, and how to answer them.
pub(crate) struct Options {
    pub(crate) keys: Keys,
    pub(crate) replicas: usize,
    pub(crate) batch: bool,
}

/// The arguments as they were given.
#[derive(Default)]
struct Given {
    algorithm: Option<String>,
    nodes: Vec<Node<String>>,
    replicas: Option<String>,
    hasher: Option<String>,
    buckets: Option<String>,
    weights: Option<PathBuf>,
    seed: Option<String>,
    end: Option<String>,
    table: Option<String>,
    scale: Option<String>,
    board: Option<String>,
    darts: Option<String>,
    history: Option<PathBuf>,
    print_state: bool,
    ratio: Option<String>,
    mode: Option<String>,
    over: Option<String>,
    hex: bool,
    raw: bool,
    batch: bool,
}

/// Reads the arguments; `None` for `--help`.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Option<(Options, Cluster)>, String> {
    let mut parser = Parser::from_args(args.into_iter().collect::<Vec<_>>());
    let mut given = Given::default();
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Long("algorithm") => once(&mut given.algorithm, "--algorithm", &mut parser)?,
            Arg::Long("node") => {
                given.nodes.push(cluster::node(&options::text(&mut parser, "--node")?)?)
            }
            Arg::Long("replicas") => once(&mut given.replicas, "--replicas", &mut parser)?,
            Arg::Long("hasher") => once(&mut given.hasher, "--hasher", &mut parser)?,
            Arg::Long("buckets") => once(&mut given.buckets, "--buckets", &mut parser)?,
            Arg::Long("seed") => once(&mut given.seed, "--seed", &mut parser)?,
            Arg::Long("end") => once(&mut given.end, "--end", &mut parser)?,
            Arg::Long("table") => once(&mut given.table, "--table", &mut parser)?,
            Arg::Long("scale") => once(&mut given.scale, "--scale", &mut parser)?,
            Arg::Long("board") => once(&mut given.board, "--board", &mut parser)?,
            Arg::Long("darts") => once(&mut given.darts, "--darts", &mut parser)?,
            Arg::Long("history") => {
                let path = options::value(&mut parser, "--history")?.into();
                set(&mut given.history, "--history", path)?;
            }
            Arg::Long("print-state") => given.print_state = true,
            Arg::Long("ratio") => once(&mut given.ratio, "--ratio", &mut parser)?,
            Arg::Long("mode") => once(&mut given.mode, "--mode", &mut parser)?,
            Arg::Long("over") => once(&mut given.over, "--over", &mut parser)?,
            Arg::Long("weights") => {
                let path = options::value(&mut parser, "--weights")?.into();
                set(&mut given.weights, "--weights", path)?;
            }
            Arg::Long("hex") => given.hex = true,
            Arg::Long("raw") => given.raw = true,
            Arg::Long("batch") => given.batch = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    given.checked().map(Some)
}

impl Given {
    fn checked(self) -> Result<(Options, Cluster), String> {
        if self.algorithm.as_deref() == Some("bounded") {
            return self.bounded();
        }
        for (option, given) in
            [("--ratio", &self.ratio), ("--mode", &self.mode), ("--over", &self.over)]
        {
            if let Some(value) = given {
                let value = quoted(value.as_bytes());
                return Err(format!("{option} {value}: only with --algorithm bounded"));
            }
        }
        let algorithm = self.algorithm.as_deref().map_or(Ok(Algorithm::default()), |name| {
            // `bounded` is not among the library's names, so the message adds it.
            name.parse().map_err(|e: apportion::Error| format!("--algorithm: {e}, bounded"))
        })?;
        let algorithm = match &self.table {
            Some(entries) => table(algorithm, entries)?,
            None => algorithm,
        };
        let algorithm = match &self.scale {
            Some(given) => scaled(algorithm, given)?,
            None => algorithm,
        };
        let algorithm = match (&self.board, &self.darts) {
            (None, None) => algorithm,
            (board, darts) => self::board(algorithm, board.as_deref(), darts.as_deref())?,
        };
        let with_history = algorithm == Algorithm::JumpBackAnchor && self.buckets.is_some();
        if let Some(path) = self.history.as_ref().filter(|_| !with_history) {
            let path = text::path(path);
            return Err(format!(
                "--history {path}: only with --algorithm jump-back-anchor and --buckets"
            ));
        }
        if self.print_state && !with_history {
            return Err(
                "--print-state: only with --algorithm jump-back-anchor and --buckets".to_owned()
            );
        }
        let form = self.form()?;
        let hasher = hasher::named(self.hasher.as_deref().unwrap_or("xxh3"))?;
        let replicas = self.replicas.as_deref().map_or(Ok(1), replicas)?;
        if let (Some(seed), None) = (&self.seed, &self.end) {
            return Err(format!("--seed {}: only with --end", quoted(seed.as_bytes())));
        }
        let buckets = |n: &str| format!("--buckets {}", quoted(n.as_bytes()));
        let end = |end: &str| format!("--end {}", quoted(end.as_bytes()));
        let weights = |path: &PathBuf| format!("--weights {}", text::path(path));
        let cluster = match (self.buckets, self.end, self.weights) {
            (None, None, None) if self.nodes.is_empty() => return Err(NO_NODES.to_owned()),
            (None, None, None) => Cluster::Nodes(algorithm, self.nodes),
            (Some(n), None, None) => {
                let counting = ["jump", "jump-guava", "jump-back", "flip", "jump-back-anchor"];
                numbered(&buckets(&n), &algorithm, &counting, form, &self.nodes)?;
                if algorithm == Algorithm::JumpBackAnchor {
                    Cluster::Anchor(History::new(&n, self.history, self.print_state)?)
                } else {
                    Cluster::Buckets(cluster::buckets(&algorithm, &n)?)
                }
            }
            (None, Some(e), None) => {
                numbered(&end(&e), &algorithm, &["flip"], form, &self.nodes)?;
                if replicas > 1 {
                    return Err(format!(
                        "{} and --replicas {replicas}: only one bucket per key",
                        end(&e)
                    ));
                }
                let seed = self.seed.map_or(Ok(0), |seed| word("--seed", &seed))?;
                Cluster::Range(Range { seed, end: word("--end", &e)? })
            }
            (None, None, Some(path)) => {
                let weighing = ["weighted-rendezvous", "asura"];
                numbered(&weights(&path), &algorithm, &weighing, form, &self.nodes)?;
                match (&algorithm, self.board) {
                    (Algorithm::Asura(_), None) => {
                        let weights = weights(&path);
                        return Err(format!("{weights}: --algorithm asura also needs --board"));
                    }
                    (Algorithm::Asura(config), Some(_)) => Cluster::Board(*config, path),
                    _ => Cluster::Weights(path),
                }
            }
            (n, e, path) => {
                let given =
                    [n.as_deref().map(buckets), e.as_deref().map(end), path.as_ref().map(weights)];
                let given: Vec<_> = given.into_iter().flatten().collect();
                return Err(format!("{}: only one of them", given.join(" and ")));
            }
        };
        Ok((Options { keys: Keys::new(form, hasher), replicas, batch: self.batch }, cluster))
    }

    fn form(&self) -> Result<Form, String> {
        match (self.hex, self.raw) {
            (true, true) => Err("--hex and --raw: only one of them".to_owned()),
            (true, false) => Ok(Form::Hex),
            (false, true) => Ok(Form::Raw),
            (false, false) => Ok(Form::Bytes),
        }
    }

    fn bounded(self) -> Result<(Options, Cluster), String> {
        for (option, given) in [
            ("--replicas", &self.replicas),
            ("--buckets", &self.buckets),
            ("--seed", &self.seed),
            ("--end", &self.end),
            ("--table", &self.table),
            ("--scale", &self.scale),
            ("--board", &self.board),
            ("--darts", &self.darts),
        ] {
            if let Some(value) = given {
                let value = quoted(value.as_bytes());
                return Err(format!("{option} {value}: not with --algorithm bounded"));
            }
        }
        for (option, given) in [("--weights", &self.weights), ("--history", &self.history)] {
            if let Some(path) = given {
                let path = text::path(path);
                return Err(format!("{option} {path}: not with --algorithm bounded"));
            }
        }
        if self.print_state {
            return Err("--print-state: not with --algorithm bounded".to_owned());
        }
        let hasher = hasher::named(self.hasher.as_deref().unwrap_or("xxh3"))?;
        let keys = Keys::new(self.form()?, hasher);
        let (over, ratio, mode) =
            (self.over.as_deref(), self.ratio.as_deref(), self.mode.as_deref());
        if self.nodes.is_empty() {
            return Err(NO_NODES.to_owned());
        }
        let bounded = Bounded::new(over, self.nodes, ratio, mode)?;
        Ok((Options { keys, replicas: 1, batch: self.batch }, Cluster::Bounded(bounded)))
    }
}

/// Checks an option for numbers instead of nodes against the other options.
fn numbered(
    option: &str,
    algorithm: &Algorithm,
    fitting: &[&str],
    form: Form,
    nodes: &[Node<String>],
) -> Result<(), String> {
    if !fitting.contains(&algorithm.name()) {
        let names = fitting.join(", ");
        return Err(format!("{option}: not with --algorithm {algorithm}, only with {names}"));
    }
    if form != Form::Raw {
        return Err(format!("{option}: only with --raw"));
    }
    if !nodes.is_empty() {
        return Err(format!("{option} and --node: only one of them"));
    }
    Ok(())
}

/// Sets the size of the Maglev table.
fn table(algorithm: Algorithm, entries: &str) -> Result<Algorithm, String> {
    let option = format!("--table {}", quoted(entries.as_bytes()));
    let Algorithm::Maglev(config) = algorithm else {
        return Err(format!("{option}: only with --algorithm maglev"));
    };
    let entries =
        decimal(entries.as_bytes()).ok_or_else(|| format!("{option}: not a number of entries"))?;
    Ok(Algorithm::Maglev(config.table_size(entries)))
}

/// Sets the number of points per weight of the ring.
fn scaled(algorithm: Algorithm, given: &str) -> Result<Algorithm, String> {
    let option = format!("--scale {}", quoted(given.as_bytes()));
    let Algorithm::Ring(config) = algorithm else {
        return Err(format!("{option}: only with --algorithm ring"));
    };
    let parts = given.split_once('/');
    let parts = parts.and_then(|(p, w)| Some((decimal(p.as_bytes())?, decimal(w.as_bytes())?)));
    let (points, weight) = parts
        .filter(|(points, weight)| *points > 0 && *weight > 0)
        .ok_or_else(|| format!("{option}: not POINTS/WEIGHT, both at least 1"))?;
    Ok(Algorithm::Ring(config.scale(points, weight)))
}

/// Sets the size of the Asura board and the number of darts.
fn board(
    algorithm: Algorithm,
    board: Option<&str>,
    darts: Option<&str>,
) -> Result<Algorithm, String> {
    let option = |(name, given): (&str, &str)| format!("--{name} {}", quoted(given.as_bytes()));
    let given = [board.map(|given| ("board", given)), darts.map(|given| ("darts", given))];
    let Algorithm::Asura(mut config) = algorithm else {
        let given: Vec<_> = given.into_iter().flatten().map(option).collect();
        return Err(format!("{}: only with --algorithm asura", given.join(" and ")));
    };
    if let Some(given) = board {
        let exponent = decimal(given.as_bytes()).filter(|exponent| *exponent <= 31);
        let why = || format!("{}: not from 0 to 31", option(("board", given)));
        config = config.board(exponent.ok_or_else(why)?);
    }
    if let Some(given) = darts {
        let max = MAX_ASURA_DARTS;
        let darts = decimal(given.as_bytes()).filter(|darts| *darts <= max);
        let why = || format!("{}: not from 0 to {max}", option(("darts", given)));
        config = config.darts(darts.ok_or_else(why)?);
    }
    Ok(Algorithm::Asura(config))
}

/// Parses 16 hexadecimal digits.
fn word(option: &str, digits: &str) -> Result<u64, String> {
    let wrong = || format!("{option} {}: not 16 hex digits", quoted(digits.as_bytes()));
    hex::word(digits.as_bytes()).ok_or_else(wrong)
}

pub(crate) fn replicas(given: &str) -> Result<usize, String> {
    let name = quoted(given.as_bytes());
    match decimal(given.as_bytes()) {
        Some(0) => Err(format!("--replicas {name}: at least 1 is needed")),
        Some(n) => Ok(n),
        // More than the maximum number of nodes: all of them.
        None if is_digits(given) => Ok(usize::MAX),
        None => Err(format!("--replicas {name}: not a whole number")),
    }
}

/// An option that is given at most once.
fn once(place: &mut Option<String>, option: &str, parser: &mut Parser) -> Result<(), String> {
    let value = options::text(parser, option)?;
    set(place, option, value)
}
