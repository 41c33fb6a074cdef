//! Couchbase's blance, a Go module, as a process: the program in `blance/` reads a case and prints a
//! table and the time it took.
//!
//! It needs Go. The module comes from the Go module proxy, or from a copy of its source in the folder
//! that `BLANCE` names. Its license is the Business Source License: nothing of it is linked or shipped.

use crate::case::Case;
use crate::member::{Member, REPLICAS};
use crate::planner::Planned;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

const PROGRAM: &str = include_str!("blance/main.go");
const MODULE: &str = include_str!("blance/go.mod");

/// Plans the change: primaries and replicas, each replica in a zone of its own, weights of nodes.
pub(crate) fn plan(case: &Case) -> Result<Planned, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = BUILT.get_or_init(build).clone()?;
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().ok_or("no input")?;
    stdin.write_all(input(case).as_bytes()).map_err(|error| error.to_string())?;
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err("its program failed".to_owned());
    }
    answer(&text).ok_or_else(|| "it left partitions with fewer replicas".to_owned())
}

/// A line for each node (id, zone, weight; weight 0 if it leaves, `+` if it is new) and, after an
/// empty line, one for each partition.
fn input(case: &Case) -> String {
    let mut text = String::new();
    let is_in = |list: &[Member], id| list.iter().any(|node| node.id == id);
    for node in &case.after {
        let new = if is_in(&case.before, node.id) { "" } else { " +" };
        let _ = writeln!(text, "{} {} {}{new}", node.id, node.zone, node.weight);
    }
    for node in case.before.iter().filter(|node| !is_in(&case.after, node.id)) {
        let _ = writeln!(text, "{} {} 0", node.id, node.zone);
    }
    text.push('\n');
    for [leader, second, third] in &case.rows {
        let _ = writeln!(text, "{leader} {second} {third}");
    }
    text
}

/// Nanoseconds in the first line, then the rows.
fn answer(text: &str) -> Option<Planned> {
    let mut lines = text.lines();
    let took = Duration::from_nanos(lines.next()?.parse().ok()?);
    let row = |line: &str| -> Option<[u32; REPLICAS]> {
        let ids = line.split(' ').map(|id| id.parse().ok()).collect::<Option<Vec<u32>>>()?;
        ids.try_into().ok()
    };
    Some(Planned { rows: lines.map(row).collect::<Option<_>>()?, took })
}

/// Builds the program in a folder of its own, below the target folder.
fn build() -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| error.to_string();
    let folder = std::env::current_exe().map_err(failed)?.with_file_name("blance");
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(folder.join("main.go"), PROGRAM).map_err(failed)?;
    let mut module = MODULE.to_owned();
    if let Ok(source) = std::env::var("BLANCE") {
        let _ = writeln!(module, "\nreplace github.com/couchbase/blance => {source}");
    }
    fs::write(folder.join("go.mod"), module).map_err(failed)?;
    let output = Command::new("go")
        .args(["build", "-mod=mod", "-o", "plan", "."])
        .current_dir(&folder)
        .output()
        .map_err(|_| "skipped: it needs Go".to_owned())?;
    if output.status.success() {
        return Ok(folder.join("plan"));
    }
    let text = String::from_utf8_lossy(&output.stderr);
    eprintln!("{text}");
    Err("skipped: its module is not at hand; BLANCE may name a folder with its source".to_owned())
}
