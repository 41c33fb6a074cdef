//! Runs the example `key_movement` and reads what it says.

mod counts;
pub(crate) mod recount;
mod report;
mod wrong_input;

use crate::support::program::Program;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

static PROGRAM: Program = Program::new("key_movement");

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The JSON of a run that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        serde_json::from_str(&self.stdout).expect("one JSON value")
    }
}

/// The program with arguments and an environment that holds nothing of this machine's.
pub(crate) fn command<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = PROGRAM.command(args);
    command.env_remove("CARGO_HOME").env_remove("HOME").env_remove("USERPROFILE");
    command.current_dir(folder("empty"));
    command
}

pub(crate) fn run(args: &[&str], input: &[u8]) -> Ended {
    finish(command(args), input)
}

pub(crate) fn finish(command: Command, input: &[u8]) -> Ended {
    let output = crate::support::program::finish(command, input);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// An empty folder of this name.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("key_movement").join(name);
    if name == "empty" {
        fs::create_dir_all(&path).expect("a folder");
        return path;
    }
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    path
}

/// Writes a file of so many bytes, and the folders above it.
pub(crate) fn file(folder: &Path, name: &str, bytes: usize) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
    fs::write(path, vec![b'x'; bytes]).expect("a file");
}
