//! The command line.

use crate::keys::Source;
use crate::nodes::{Member, Request};
use crate::peer::Peer;
use apportion::Algorithm;
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// The parsed options.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) from: Peer,
    pub(crate) to: Algorithm,
    pub(crate) request: Request,
    pub(crate) source: Source,
    /// Keys are numbers.
    pub(crate) numbers: bool,
    pub(crate) json: bool,
}

/// Options that are given at most once, as they were given.
#[derive(Default)]
struct Given {
    from: Option<String>,
    to: Option<String>,
    keys: Option<OsString>,
    nodes: Option<String>,
    buckets: Option<String>,
    vnodes: Option<String>,
    named: Vec<Member>,
    numbers: bool,
    json: bool,
}

/// Reads the arguments; `None` for `--help`.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, String> {
    let mut parser = Parser::from_args(args.into_iter().collect::<Vec<_>>());
    let mut given = Given::default();
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Long("from") => once(&mut given.from, "--from", &mut parser)?,
            Arg::Long("to") => once(&mut given.to, "--to", &mut parser)?,
            Arg::Long("keys") => {
                let value = raw(&mut parser, "--keys")?;
                set(&mut given.keys, "--keys", value)?;
            }
            Arg::Long("nodes") => once(&mut given.nodes, "--nodes", &mut parser)?,
            Arg::Long("buckets") => once(&mut given.buckets, "--buckets", &mut parser)?,
            Arg::Long("vnodes") => once(&mut given.vnodes, "--vnodes", &mut parser)?,
            Arg::Long("node") => given.named.push(member(&text(&mut parser, "--node")?)?),
            Arg::Long("numbers") => given.numbers = true,
            Arg::Long("json") => given.json = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    given.checked().map(Some)
}

impl Given {
    fn checked(self) -> Result<Options, String> {
        let name = self.from.ok_or_else(|| format!("--from is required: {}", Peer::NAMES))?;
        let mut from = Peer::named(&name)
            .ok_or_else(|| format!("--from {name:?}: expected {}", Peer::NAMES))?;
        if let Some(digits) = &self.vnodes {
            match &mut from {
                Peer::HashRing { vnodes } => *vnodes = count(digits, "--vnodes")?,
                _ => return Err(format!("--vnodes {digits}: only with --from hashring")),
            }
        }
        if let (Some(digits), false) = (&self.buckets, from == Peer::Jump) {
            return Err(format!("--buckets {digits}: only with --from jump-consistent-hash"));
        }
        let mut several = [("--nodes", &self.nodes), ("--buckets", &self.buckets)]
            .into_iter()
            .filter_map(|(option, value)| Some((option, value.as_ref()?)));
        let (numbered, second) = (several.next(), several.next());
        let other = second.map(|(option, n)| format!("{option} {n}"));
        let other = other.or(self.named.first().map(|first| format!("--node {:?}", first.name)));
        let nodes = match (numbered, other) {
            (Some((option, n)), Some(other)) => {
                return Err(format!("{option} {n} and {other}: only one of them"));
            }
            (Some((option, n)), None) => Some((option, count(n, option)?)),
            (None, Some(_)) => None,
            (None, None) => {
                return Err(format!("--from {name}: no nodes; --node or --nodes names them"));
            }
        };
        if self.numbers && from == Peer::Ketama {
            return Err(format!("--numbers: {name} takes bytes"));
        }
        // A jump hash takes numbers, so numbers are generated for it.
        let numbers = self.numbers || (from == Peer::Jump && self.keys.is_none());
        let to = match self.to.as_deref() {
            None => from.nearest(),
            Some(name) => name.parse().map_err(|e: apportion::Error| format!("--to: {e}"))?,
        };
        let source = match self.keys {
            None => Source::Generated,
            Some(keys) if keys == "-" => Source::Stdin,
            Some(keys) => Source::Lines(PathBuf::from(keys)),
        };
        let request = Request { nodes, named: self.named };
        Ok(Options { from, to, request, source, numbers, json: self.json })
    }
}

/// An option that is given at most once.
fn once(place: &mut Option<String>, option: &str, parser: &mut Parser) -> Result<(), String> {
    let value = text(parser, option)?;
    set(place, option, value)
}

fn set<T: std::fmt::Debug>(place: &mut Option<T>, option: &str, value: T) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(first) => Err(format!("{option} is given twice, first as {first:?}")),
    }
}

fn text(parser: &mut Parser, option: &str) -> Result<String, String> {
    let value = raw(parser, option)?;
    value.into_string().map_err(|value| format!("{option} {value:?}: not UTF-8"))
}

/// An option's value. If the next argument looks like an option, the value was probably forgotten,
/// so such a value must be written as `--node=-a`. `-` alone stands for standard input.
fn raw(parser: &mut Parser, option: &str) -> Result<OsString, String> {
    if let Some(value) = parser.optional_value() {
        return Ok(value);
    }
    let value = parser.value().map_err(|_| format!("{option} needs a value"))?;
    if value != "-" && value.as_encoded_bytes().starts_with(b"-") {
        return Err(format!("{option} needs a value; if {value:?} is meant, {option}={value:?}"));
    }
    Ok(value)
}

/// A number of at least 1.
fn count(digits: &str, option: &str) -> Result<usize, String> {
    match is_number(digits).then(|| digits.parse().ok()).flatten() {
        Some(0) => Err(format!("{option} {digits}: at least 1 is needed")),
        Some(n) => Ok(n),
        None => Err(format!("{option} {digits:?}: not a whole number up to {}", usize::MAX)),
    }
}

/// `NAME` or `NAME=WEIGHT`.
fn member(given: &str) -> Result<Member, String> {
    let (name, weight) = match given.rsplit_once('=') {
        Some((name, digits)) if is_number(digits) => {
            let most = u32::MAX;
            let weight = digits.parse().ok().filter(|weight| *weight > 0);
            let wrong = || format!("--node {given:?}: {digits:?} is no weight from 1 to {most}");
            (name, weight.ok_or_else(wrong)?)
        }
        _ => (given, 1),
    };
    if name.is_empty() {
        return Err(format!("--node {given:?}: a node needs a name"));
    }
    Ok(Member { name: name.to_owned(), weight })
}

/// Accepts digits only; `parse` alone would accept a sign.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Options, String> {
        let args = line.split(' ').map(OsString::from);
        parse(args).map(|options| options.expect("not help"))
    }

    #[test]
    fn defaults_follow_the_crate() {
        let ring = asked("--from hashring --nodes 3").expect("right");
        assert_eq!((ring.from, ring.to.name()), (Peer::HashRing { vnodes: 1 }, "ring"));
        assert!(!ring.numbers);
        let jump = asked("--from jump-consistent-hash --buckets 3").expect("right");
        assert_eq!((jump.from, jump.to.name()), (Peer::Jump, "jump"));
        assert!(jump.numbers);
        let lines = asked("--from jump-consistent-hash --buckets 3 --keys -").expect("right");
        assert!(!lines.numbers);
    }

    #[test]
    fn names_may_hold_an_equals_sign() {
        let member = |given| member(given).map(|m| (m.name, m.weight));
        assert_eq!(member("a=2"), Ok(("a".to_owned(), 2)));
        assert_eq!(member("a=b"), Ok(("a=b".to_owned(), 1)));
        assert_eq!(member("a=b=7"), Ok(("a=b".to_owned(), 7)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, said) in [
            ("--nodes 3", "--from is required"),
            ("--from ketama --nodes 3", "\"ketama\""),
            ("--from hashring", "no nodes"),
            ("--from hashring --nodes 0", "--nodes 0"),
            ("--from hashring --nodes -3", "\"-3\""),
            ("--from hashring --nodes 3 --node a", "--node \"a\""),
            ("--from hashring --buckets 3", "--buckets 3"),
            ("--from jump-consistent-hash --buckets 3 --nodes 4", "--buckets 3"),
            ("--from hashring --node a=0", "\"a=0\""),
            ("--from hashring --node a=4294967296", "\"a=4294967296\""),
            ("--from hashring --node =1", "\"=1\""),
            ("--from hashring --nodes 3 --to modulo", "modulo"),
            ("--from hashring --nodes 3 --to ring --to jump", "--to is given twice"),
            ("--from pingora-ketama --nodes 3 --vnodes 4", "--vnodes 4"),
            ("--from pingora-ketama --nodes 3 --numbers", "--numbers"),
            ("--from hashring --nodes 3 --replicas 2", "--replicas"),
            ("--from hashring --nodes 3 more", "more"),
        ] {
            let message = asked(line).expect_err(line);
            assert!(message.contains(said), "{line}: {message}");
        }
    }
}
