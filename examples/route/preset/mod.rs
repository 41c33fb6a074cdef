//! Answers as other systems give them: `--preset NAME`.

#[cfg(feature = "interop")]
mod answer;
#[cfg(feature = "interop")]
mod given;
#[cfg(feature = "interop")]
mod lookup;
#[cfg(feature = "interop")]
mod numbers;
#[cfg(feature = "interop")]
mod parse;
#[cfg(feature = "interop")]
mod proxies;
#[cfg(feature = "interop")]
mod rings;
#[cfg(feature = "interop")]
mod servers;
#[cfg(feature = "interop")]
mod table;

use crate::stop::Stop;
use std::ffi::{OsStr, OsString};

/// True if the arguments ask for a preset. No value of another option begins so: such a value is
/// refused.
pub(crate) fn asked(args: &[OsString]) -> bool {
    let is_preset = |arg: &OsString| {
        arg.to_str().is_some_and(|arg| arg.split('=').next().is_some_and(|name| name == "--preset"))
    };
    args.iter().any(|arg| arg == OsStr::new("--presets") || is_preset(arg))
        && !args.iter().any(|arg| arg == OsStr::new("--help") || arg == OsStr::new("-h"))
}

/// Answers standard input as another system does, or lists the systems.
#[cfg(feature = "interop")]
pub(crate) fn run(args: Vec<OsString>) -> Result<(), Stop> {
    let Some(asked) = parse::parse(args)? else { return answer::list() };
    answer::all(asked)
}

/// Says which feature is missing.
#[cfg(not(feature = "interop"))]
pub(crate) fn run(_: Vec<OsString>) -> Result<(), Stop> {
    Err(Stop::Wrong(
        "--preset: needs the feature interop: cargo run --features interop --example route".into(),
    ))
}
