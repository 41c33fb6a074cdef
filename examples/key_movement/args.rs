//! The command line.

use crate::cluster::{Member, Request};
use crate::keys::Source;
use apportion::Algorithm;
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// The parsed options.
pub(crate) struct Options {
    pub(crate) source: Source,
    pub(crate) request: Request,
    pub(crate) replicas: usize,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) json: bool,
    pub(crate) chance: bool,
    pub(crate) wide: bool,
    pub(crate) html: Option<PathBuf>,
    /// The arguments that say which nodes, keys and algorithms, for a command line.
    pub(crate) given: Vec<OsString>,
}

/// Reads the arguments; `None` for `--help`.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, String> {
    let given: Vec<OsString> = args.into_iter().collect();
    let mut parser = Parser::from_args(given.clone());
    let (mut keys, mut dir) = (Once::new("--keys"), Once::new("--dir"));
    let (mut nodes, mut replicas) = (Once::new("--nodes"), Once::new("--replicas"));
    let (mut scale, mut html) = (Once::new("--scale"), Once::new("--html"));
    let mut request = Request::default();
    let mut algorithms: Vec<Algorithm> = Vec::new();
    let (mut json, mut chance, mut wide) = (false, false, false);
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Long("keys") => keys.set(raw(&mut parser, "--keys")?)?,
            Arg::Long("dir") => dir.set(raw(&mut parser, "--dir")?)?,
            Arg::Long("nodes") => nodes.set(text(&mut parser, "--nodes")?)?,
            Arg::Long("replicas") => replicas.set(text(&mut parser, "--replicas")?)?,
            Arg::Long("node") => {
                request.named.push(member(&text(&mut parser, "--node")?, "--node")?);
            }
            Arg::Long("add") => request.add.push(member(&text(&mut parser, "--add")?, "--add")?),
            Arg::Long("remove") => request.remove.push(text(&mut parser, "--remove")?),
            Arg::Long("reweight") => {
                request.reweight.push(weighted(&text(&mut parser, "--reweight")?)?);
            }
            Arg::Long("algorithm") => {
                let asked = algorithm(&text(&mut parser, "--algorithm")?)?;
                if !algorithms.contains(&asked) {
                    algorithms.push(asked);
                }
            }
            Arg::Long("scale") => scale.set(text(&mut parser, "--scale")?)?,
            Arg::Long("html") => html.set(raw(&mut parser, "--html")?)?,
            Arg::Long("json") => json = true,
            Arg::Long("chance") => chance = true,
            Arg::Long("wide") => wide = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    request.nodes = nodes.value.map(|n| count(&n, "--nodes")).transpose()?;
    let replicas = replicas.value.map_or(Ok(1), |r| count(&r, "--replicas"))?;
    if algorithms.is_empty() {
        let all = Algorithm::NAMES.iter().map(|name| algorithm(name));
        algorithms = all.collect::<Result<_, _>>()?;
    }
    if let Some(given) = scale.value {
        rescale(&mut algorithms, &given)?;
    }
    Ok(Some(Options {
        source: source(keys.value, dir.value)?,
        request,
        replicas,
        algorithms,
        json,
        chance,
        wide,
        html: html.value.map(PathBuf::from),
        given,
    }))
}

/// An option that is given at most once.
struct Once<T> {
    option: &'static str,
    value: Option<T>,
}

impl<T: std::fmt::Debug> Once<T> {
    fn new(option: &'static str) -> Self {
        Self { option, value: None }
    }

    fn set(&mut self, value: T) -> Result<(), String> {
        match self.value.replace(value) {
            None => Ok(()),
            Some(first) => {
                Err(format!("{} is given twice: {first:?} and {:?}", self.option, self.value))
            }
        }
    }
}

fn source(keys: Option<OsString>, dir: Option<OsString>) -> Result<Source, String> {
    Ok(match (keys, dir) {
        (Some(keys), Some(dir)) => {
            return Err(format!("--keys {keys:?} and --dir {dir:?}: only one of them"));
        }
        (Some(keys), None) if keys == "-" => Source::Stdin,
        (Some(keys), None) => Source::Lines(PathBuf::from(keys)),
        (None, Some(dir)) => Source::Folder(PathBuf::from(dir)),
        (None, None) => Source::Default,
    })
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

fn text(parser: &mut Parser, option: &str) -> Result<String, String> {
    let value = raw(parser, option)?;
    value.into_string().map_err(|value| format!("{option} {value:?}: not UTF-8"))
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    name.parse().map_err(|e: apportion::Error| format!("--algorithm: {e}"))
}

/// A number of at least 1.
fn count(digits: &str, option: &str) -> Result<usize, String> {
    let number = is_number(digits).then(|| digits.parse().ok()).flatten();
    match number {
        Some(0) => Err(format!("{option} {digits}: at least 1 is needed")),
        Some(n) => Ok(n),
        None => Err(format!("{option} {digits:?}: not a whole number up to {}", usize::MAX)),
    }
}

/// `NAME` or `NAME=WEIGHT`. The text after the last `=` is always a weight, so a mistyped weight
/// does not become part of the name.
fn member(given: &str, option: &str) -> Result<Member, String> {
    match given.rsplit_once('=') {
        Some((name, digits)) => Member::new(option, name, weight(given, digits, option)?),
        None => Member::new(option, given, 1),
    }
}

/// `NAME=WEIGHT`.
fn weighted(given: &str) -> Result<Member, String> {
    let option = "--reweight";
    let (name, digits) = given
        .rsplit_once('=')
        .ok_or_else(|| format!("{option} {given:?}: expected NAME=WEIGHT"))?;
    Member::new(option, name, weight(given, digits, option)?)
}

fn weight(given: &str, digits: &str, option: &str) -> Result<u64, String> {
    let weight = is_number(digits).then(|| digits.parse().ok()).flatten();
    let range = u64::MAX;
    weight.ok_or_else(|| {
        format!(
            "{option} {given:?}: {digits:?} is not a weight from 0 to {range}; after a name that \
             contains '=', write '=1'"
        )
    })
}

/// `POINTS/WEIGHT`, for the ring.
fn rescale(algorithms: &mut [Algorithm], given: &str) -> Result<(), String> {
    let number = |digits: &str| is_number(digits).then(|| digits.parse().ok()).flatten();
    let parts = given.split_once('/').and_then(|(p, w)| Some((number(p)?, number(w)?)));
    let (points, weight) = parts
        .filter(|(points, weight)| *points > 0 && *weight > 0)
        .ok_or_else(|| format!("--scale {given:?}: not POINTS/WEIGHT, both at least 1"))?;
    let mut rings = algorithms.iter_mut().filter_map(|algorithm| match algorithm {
        Algorithm::Ring(config) => Some(config),
        _ => None,
    });
    let ring = rings.next().ok_or_else(|| format!("--scale {given:?}: only with the ring"))?;
    *ring = ring.clone().scale(points, weight);
    Ok(())
}

/// Accepts digits only; `parse` alone would accept a sign.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
