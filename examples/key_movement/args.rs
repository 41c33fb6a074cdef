//! The command line.

use crate::cluster::{Member, Request};
use crate::common::options::{set, text, value, value_or_stdin, whole};
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
    let (mut keys, mut dir) = (None, None);
    let (mut nodes, mut replicas) = (None, None);
    let (mut scale, mut html) = (None, None);
    let mut request = Request::default();
    let mut algorithms: Vec<Algorithm> = Vec::new();
    let (mut json, mut chance, mut wide) = (false, false, false);
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Long("keys") => set(&mut keys, "--keys", value_or_stdin(&mut parser, "--keys")?)?,
            Arg::Long("dir") => set(&mut dir, "--dir", value(&mut parser, "--dir")?)?,
            Arg::Long("nodes") => set(&mut nodes, "--nodes", text(&mut parser, "--nodes")?)?,
            Arg::Long("replicas") => {
                set(&mut replicas, "--replicas", text(&mut parser, "--replicas")?)?
            }
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
            Arg::Long("scale") => set(&mut scale, "--scale", text(&mut parser, "--scale")?)?,
            Arg::Long("html") => set(&mut html, "--html", value(&mut parser, "--html")?)?,
            Arg::Long("json") => json = true,
            Arg::Long("chance") => chance = true,
            Arg::Long("wide") => wide = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    request.nodes = nodes.map(|n| count(&n, "--nodes")).transpose()?;
    let replicas = replicas.map_or(Ok(1), |r| count(&r, "--replicas"))?;
    if algorithms.is_empty() {
        let all = Algorithm::NAMES.iter().map(|name| algorithm(name));
        algorithms = all.collect::<Result<_, _>>()?;
    }
    if let Some(given) = scale {
        rescale(&mut algorithms, &given)?;
    }
    Ok(Some(Options {
        source: source(keys, dir)?,
        request,
        replicas,
        algorithms,
        json,
        chance,
        wide,
        html: html.map(PathBuf::from),
        given,
    }))
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

fn algorithm(name: &str) -> Result<Algorithm, String> {
    name.parse().map_err(|e: apportion::Error| format!("--algorithm: {e}"))
}

/// A number of at least 1.
fn count(digits: &str, option: &str) -> Result<usize, String> {
    let number = whole(digits);
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
    let weight = whole(digits);
    let range = u64::MAX;
    weight.ok_or_else(|| {
        format!(
            "{option} {given:?}: {digits:?} is not a weight from 0 to {range}; after a name that \
             contains `=`, write `=1`"
        )
    })
}

/// `POINTS/WEIGHT`, for the ring.
fn rescale(algorithms: &mut [Algorithm], given: &str) -> Result<(), String> {
    let number = |digits: &str| whole(digits);
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
