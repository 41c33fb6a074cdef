//! The command line.

use crate::common::options;
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::ops::RangeInclusive;

/// The parsed options.
pub(crate) struct Options {
    pub(crate) nodes: u32,
    pub(crate) partitions: u32,
    pub(crate) keys: u64,
    pub(crate) clients: usize,
    pub(crate) seed: u64,
}

/// A numeric option, which is given at most once.
struct Number {
    option: &'static str,
    range: RangeInclusive<u64>,
    value: Option<u64>,
}

impl Number {
    fn new(option: &'static str, range: RangeInclusive<u64>) -> Self {
        Self { option, range, value: None }
    }

    fn read(&mut self, parser: &mut Parser) -> Result<(), String> {
        let Self { option, range, value } = self;
        let given = options::value(parser, option)?;
        let number = given.to_str().and_then(options::whole);
        let Some(number) = number.filter(|number| range.contains(number)) else {
            let (min, max) = (range.start(), range.end());
            return Err(format!("{option} {given:?}: not a whole number from {min} to {max}"));
        };
        options::set(value, option, number)
    }
}

/// Reads the arguments; `None` for `--help`.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, String> {
    let mut parser = Parser::from_args(args.into_iter().collect::<Vec<_>>());
    let mut nodes = Number::new("--nodes", 4..=64);
    let mut partitions = Number::new("--partitions", 16..=4096);
    let mut keys = Number::new("--keys", 16..=10_000_000);
    let mut clients = Number::new("--clients", 1..=64);
    let mut seed = Number::new("--seed", 0..=u64::MAX);
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Long("nodes") => nodes.read(&mut parser)?,
            Arg::Long("partitions") => partitions.read(&mut parser)?,
            Arg::Long("keys") => keys.read(&mut parser)?,
            Arg::Long("clients") => clients.read(&mut parser)?,
            Arg::Long("seed") => seed.read(&mut parser)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    let (keys, partitions) = (keys.value.unwrap_or(50_000), partitions.value.unwrap_or(128));
    if keys < partitions {
        return Err(format!(
            "--keys {keys}: fewer than the partitions, of which there are {partitions}"
        ));
    }
    Ok(Some(Options {
        nodes: nodes.value.unwrap_or(6) as u32,
        partitions: partitions as u32,
        keys,
        clients: clients.value.unwrap_or(4) as usize,
        seed: seed.value.unwrap_or(1),
    }))
}
