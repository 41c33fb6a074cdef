//! The command line.

use super::common::options::{set, shown, value, whole};
use super::kafka::Topic;
use super::options::Options;
use apportion::limits::MAX_PARTITIONS;
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// Reads the arguments; `None` for `--help`.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, String> {
    let mut parser = Parser::from_args(args.into_iter().collect::<Vec<_>>());
    let mut options = Options::default();
    let mut source = None::<OsString>;
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Value(file) => {
                if let Some(first) = &source {
                    let (first, second) = (shown(first), shown(&file));
                    return Err(format!("{first} and {second}: only one scenario"));
                }
                source = Some(file);
            }
            Arg::Long("json") => options.json = true,
            Arg::Long("nodes") => options.nodes = true,
            Arg::Long("moves") => options.moves = true,
            Arg::Long("dry-run") => options.dry_run = true,
            Arg::Long("explain") => {
                once("--explain", &mut options.explain, &mut parser, partition)?
            }
            Arg::Long("no-disperse") => options.no_disperse = true,
            Arg::Long("from") => once("--from", &mut options.from, &mut parser, file)?,
            Arg::Long("dump") => once("--dump", &mut options.dump, &mut parser, file)?,
            Arg::Long("dump-schedule") => {
                once("--dump-schedule", &mut options.dump_schedule, &mut parser, file)?;
            }
            Arg::Long("html") => once("--html", &mut options.html, &mut parser, file)?,
            Arg::Long("steps") => once("--steps", &mut options.steps, &mut parser, steps)?,
            Arg::Long("schedule") => {
                once("--schedule", &mut options.schedule, &mut parser, schedule)?;
            }
            Arg::Long("export") => once("--export", &mut options.export, &mut parser, export)?,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    let other = [
        ("--json", options.json),
        ("--nodes", options.nodes),
        ("--moves", options.moves),
        ("--explain", options.explain.is_some()),
        ("--dry-run", options.dry_run),
    ];
    if let Some((other, _)) = other.iter().find(|(_, given)| *given && options.export.is_some()) {
        return Err(format!("--export prints nothing but the reassignment; leave out {other}"));
    }
    options.source = source.filter(|file| file != "-").map(PathBuf::from);
    Ok(Some(options))
}

/// Reads the value of an option that may be given once.
fn once<T: std::fmt::Debug>(
    option: &str,
    place: &mut Option<T>,
    parser: &mut Parser,
    read: fn(OsString) -> Result<T, String>,
) -> Result<(), String> {
    let given = value(parser, option)?;
    let shown = shown(&given);
    let value = read(given).map_err(|why| format!("{option} {shown}: {why}"))?;
    set(place, option, value)
}

fn file(value: OsString) -> Result<PathBuf, String> {
    Ok(value.into())
}

fn partition(value: OsString) -> Result<u32, String> {
    let value = value.to_string_lossy();
    let partition = whole(&value).filter(|partition| *partition < MAX_PARTITIONS);
    partition.ok_or_else(|| format!("not a whole number from 0 to {}", MAX_PARTITIONS - 1))
}

fn steps(value: OsString) -> Result<u32, String> {
    count(&value.to_string_lossy())
        .ok_or_else(|| format!("not a whole number from 1 to {}", u32::MAX))
}

fn schedule(value: OsString) -> Result<(u32, u32), String> {
    let value = value.to_string_lossy();
    let limits =
        value.split_once(',').and_then(|(send, receive)| Some((count(send)?, count(receive)?)));
    limits.ok_or_else(|| {
        format!("not SEND,RECEIVE: two whole numbers from 1 to {}, separated by a comma", u32::MAX)
    })
}

fn export(value: OsString) -> Result<Topic, String> {
    match value.to_string_lossy().strip_prefix("kafka:") {
        Some(topic) => Topic::parse(topic),
        None => Err("not kafka:TOPIC, the only format".to_owned()),
    }
}

/// A whole number above 0, of digits alone.
fn count(text: &str) -> Option<u32> {
    whole(text).filter(|count| *count > 0)
}
