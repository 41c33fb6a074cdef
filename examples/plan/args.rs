//! The command line.

use crate::text;
use lexopt::{Arg, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// The parsed options.
pub(crate) struct Options {
    /// `None` is standard input.
    pub(crate) source: Option<PathBuf>,
    pub(crate) json: bool,
    pub(crate) dump: Option<PathBuf>,
    pub(crate) disperse: bool,
}

/// Reads the arguments; `None` for `--help`.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, String> {
    let mut parser = Parser::from_args(args.into_iter().collect::<Vec<_>>());
    let (mut source, mut dump) = (None::<OsString>, None::<PathBuf>);
    let (mut json, mut disperse) = (false, true);
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Arg::Value(file) => {
                if let Some(first) = &source {
                    let (first, second) = (quoted(first), quoted(&file));
                    return Err(format!("{first} and {second}: only one scenario"));
                }
                source = Some(file);
            }
            Arg::Long("json") => json = true,
            Arg::Long("no-disperse") => disperse = false,
            Arg::Long("dump") => {
                let file = value(&mut parser, "--dump")?;
                if dump.replace(file.into()).is_some() {
                    return Err("--dump is given twice".to_owned());
                }
            }
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        }
    }
    let source = source.filter(|file| file != "-").map(PathBuf::from);
    Ok(Some(Options { source, json, dump, disperse }))
}

/// An option's value. If the next argument looks like an option, the value was probably forgotten,
/// so such a value must be written as `--dump=-a`.
fn value(parser: &mut Parser, option: &str) -> Result<OsString, String> {
    if let Some(value) = parser.optional_value() {
        return Ok(value);
    }
    let value = parser.value().map_err(|_| format!("{option} needs a value"))?;
    if value.as_encoded_bytes().starts_with(b"-") {
        let value = quoted(&value);
        return Err(format!("{option} needs a value; if {value} is meant, {option}={value}"));
    }
    Ok(value)
}

fn quoted(value: &OsString) -> String {
    text::quoted(value.as_encoded_bytes())
}
