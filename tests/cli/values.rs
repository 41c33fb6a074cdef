//! Every option of every example with values that mean nothing: one line on standard error that
//! names the option or the value, exit status 2, nothing on standard output; and text that fits 80
//! columns.
#![cfg(all(feature = "std", unix))]

use crate::support::program::{Program, finish};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Output};

static ROUTE: Program = Program::new("route");
static KEY_MOVEMENT: Program = Program::new("key_movement");
static PLAN: Program = Program::new("plan");
static RESHARDING: Program = Program::new("resharding");
static PICTURES: Program = Program::new("pictures");

/// Values that are right for no option but those that name a file or a node.
const WRONG: [&[u8]; 9] =
    [b"", b"-1", b"+1", b"1.5", b"1e3", b"99999999999999999999999999", b" ", b"\n", b"a\xffb"];

/// An option whose value is to be checked, and what has to stand beside it.
struct Checked {
    option: &'static str,
    beside: &'static [&'static str],
    /// Some of the values above that are right here.
    right: &'static [&'static [u8]],
}

const fn checked(
    option: &'static str,
    beside: &'static [&'static str],
    right: &'static [&'static [u8]],
) -> Checked {
    Checked { option, beside, right }
}

const NODE: &[&str] = &["--node=a"];
const RAW: &[&str] = &["--raw", "--algorithm=jump"];
const FLIP: &[&str] = &["--raw", "--algorithm=flip", "--end=00000000000000ff"];
const BOUNDED: &[&str] = &["--node=a", "--algorithm=bounded"];
/// A name may be anything that an answer can hold.
const NAMES: &[&[u8]] = &[b"-1", b"+1", b"1.5", b"1e3", b"99999999999999999999999999", b" "];
const ANY_NAME: &[&[u8]] =
    &[b"-1", b"+1", b"1.5", b"1e3", b"99999999999999999999999999", b" ", b"\n"];
const ANY_FILE: &[&[u8]] =
    &[b"-1", b"+1", b"1.5", b"1e3", b"99999999999999999999999999", b" ", b"\n", b"a\xffb"];
const HUGE: &[&[u8]] = &[b"99999999999999999999999999"];

const ROUTES: [Checked; 15] = [
    checked("--node", &[], NAMES),
    checked("--algorithm", NODE, &[]),
    // More replicas than nodes: all nodes.
    checked("--replicas", NODE, HUGE),
    checked("--hasher", NODE, &[]),
    checked("--table", &["--node=a", "--algorithm=maglev"], &[]),
    checked("--scale", NODE, &[]),
    checked("--board", &["--node=a", "--algorithm=asura"], &[]),
    checked("--darts", &["--node=a", "--algorithm=asura"], &[]),
    checked("--buckets", RAW, &[]),
    checked("--end", &["--raw", "--algorithm=flip"], &[]),
    checked("--seed", FLIP, &[]),
    checked("--weights", &["--raw", "--algorithm=weighted-rendezvous"], &[]),
    checked("--history", &["--raw", "--algorithm=jump-back-anchor", "--buckets=3"], &[]),
    checked("--ratio", &["--node=a", "--algorithm=bounded", "--mode=online"], &[]),
    checked("--mode", &["--node=a", "--algorithm=bounded", "--ratio=1/1"], &[]),
];

const KEYS: &[&str] = &["--keys=-"];

const MOVEMENTS: [Checked; 11] = [
    checked("--keys", &[], &[]),
    checked("--dir", &[], &[]),
    // The name of a file, which would be written.
    checked("--html", KEYS, ANY_FILE),
    checked("--nodes", KEYS, &[]),
    checked("--node", KEYS, ANY_NAME),
    checked("--add", KEYS, ANY_NAME),
    checked("--remove", KEYS, &[]),
    checked("--reweight", KEYS, &[]),
    checked("--replicas", KEYS, &[]),
    checked("--algorithm", KEYS, &[]),
    checked("--scale", KEYS, &[]),
];

const SHARDS: [Checked; 5] = [
    checked("--nodes", &[], &[]),
    checked("--partitions", &[], &[]),
    checked("--keys", &[], &[]),
    checked("--clients", &[], &[]),
    checked("--seed", &[], &[]),
];

const SCENARIO: &[&str] = &[concat!(env!("CARGO_MANIFEST_DIR"), "/examples/plan/scenario.json")];

const PLANS: [Checked; 8] = [
    checked("--from", SCENARIO, &[]),
    // Names of files, which would be written.
    checked("--dump", SCENARIO, ANY_FILE),
    checked("--dump-schedule", SCENARIO, ANY_FILE),
    checked("--html", SCENARIO, ANY_FILE),
    checked("--steps", SCENARIO, &[]),
    checked("--schedule", SCENARIO, &[]),
    checked("--export", SCENARIO, &[]),
    checked("--explain", SCENARIO, &[]),
];

fn refused(command: Command, context: &str) -> String {
    let Output { status, stdout, stderr } = finish(command, b"0123456789abcdef\n");
    let said = String::from_utf8(stderr).expect("UTF-8");
    assert_eq!((status.code(), stdout.len()), (Some(2), 0), "{context}: {said}");
    assert!(said.lines().count() == 1 && said.ends_with('\n'), "{context}: {said}");
    said
}

fn check(program: &Program, name: &str, options: &[Checked]) {
    let empty = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_files");
    std::fs::create_dir_all(&empty).expect("a folder");
    for Checked { option, beside, right } in options {
        for value in WRONG.iter().filter(|value| !right.contains(value)) {
            let joined = OsString::from_vec([option.as_bytes(), b"=", value].concat());
            let mut args: Vec<&OsStr> = beside.iter().map(OsStr::new).collect();
            args.push(&joined);
            let mut command = program.command(&args);
            command.current_dir(&empty);
            let shown = String::from_utf8_lossy(value);
            let said = refused(command, &format!("{name} {option}={shown:?}"));
            let names = said.contains(option) || !shown.is_empty() && said.contains(&*shown);
            assert!(said.starts_with(&format!("{name}: ")) && names, "{option}={shown:?}: {said}");
        }
        // Without any value, and twice unless it may be given again.
        let mut args = beside.to_vec();
        args.push(option);
        let said = refused(program.command(&args), &format!("{name} {option}"));
        assert!(said.contains(&format!("{option} needs a value")), "{said}");
    }
    for unknown in ["--no-such-option", "-z", "--no-such-option=-1"] {
        assert!(refused(program.command(&[unknown]), unknown).starts_with(&format!("{name}: ")));
    }
}

#[test]
fn route() {
    check(&ROUTE, "route", &ROUTES);
    let over = [BOUNDED, &["--ratio=1/1", "--mode=online", "--over=modulo"]].concat();
    assert!(refused(ROUTE.command(&over), "--over").contains("modulo"));
}

#[test]
fn key_movement() {
    check(&KEY_MOVEMENT, "key_movement", &MOVEMENTS);
}

#[test]
fn plan() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/plan/scenario.json");
    assert!(refused(PLAN.command(&[scenario, "--dump="]), "--dump=").contains("--dump"));
    let said = refused(PLAN.command(&[scenario, "--dump", "--json"]), "--dump --json");
    assert!(said.contains("--dump needs a value"), "{said}");
    check(&PLAN, "plan", &PLANS);
    assert!(refused(PLAN.command(&["a", "b"]), "two").contains("only one scenario"));
    // The file that is no scenario is named, whatever is wrong with it.
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let said = refused(PLAN.command(&[readme]), "README.md");
    assert!(said.contains("README.md"), "{said}");
    assert!(refused(PLAN.command::<&str>(&[]), "a hash").contains("standard input: "));
}

#[test]
fn resharding() {
    check(&RESHARDING, "resharding", &SHARDS);
    assert!(refused(RESHARDING.command(&["a"]), "a file").contains("\"a\""));
}

#[test]
fn pictures() {
    assert!(refused(PICTURES.command(&["table", "--wide"]), "--wide").contains("usage"));
    assert!(refused(PICTURES.command(&["table", "a", "b"]), "two").contains("usage"));
    assert!(refused(PICTURES.command(&["table", ""]), "no name").contains("\"\""));
}

/// Help and tables fit the columns there are, and no word of the help gets lost or broken.
#[test]
fn help_and_messages_fit_80_columns() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/plan/scenario.json");
    for columns in [80, 100, 60] {
        let output = |mut command: Command| {
            command.env("COLUMNS", columns.to_string());
            let output = finish(command, b"a\nb\nc\n");
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        for (program, usage) in [
            (&ROUTE, include_str!("../../examples/route/usage.txt")),
            (&KEY_MOVEMENT, include_str!("../../examples/key_movement/usage.txt")),
            (&PLAN, include_str!("../../examples/plan/usage.txt")),
            (&RESHARDING, include_str!("../../examples/resharding/usage.txt")),
        ] {
            let help = output(program.command(&["--help"]));
            let wide = help.lines().find(|line| line.chars().count() > columns);
            assert_eq!(wide, None, "{columns} columns");
            let names = apportion::Algorithm::NAMES.join(", ");
            let usage = usage.replace("{algorithms}", &names);
            assert!(help.split_whitespace().eq(usage.split_whitespace()), "{help}");
        }
        let args = ["--keys=-", "--nodes=9", "--add=x", "--add=y", "--add=z", "--chance"];
        for text in [output(KEY_MOVEMENT.command(&args)), output(PLAN.command(&[scenario]))] {
            let wide = text.lines().find(|line| line.chars().count() > columns);
            assert_eq!(wide, None, "{columns} columns: {text}");
        }
    }
}

/// On a terminal, programs say what they wait for. `script` of util-linux gives them one.
#[cfg(target_os = "linux")]
#[test]
fn programs_on_a_terminal_say_what_they_wait_for() {
    for (program, args, awaited) in [
        (&ROUTE, &["--node=a"][..], "route: reading keys from the terminal"),
        (&KEY_MOVEMENT, KEYS, "key_movement: reading keys from the terminal"),
        (&PLAN, &[], "plan: reading a scenario in JSON from the terminal"),
    ] {
        let inner = program.command(args);
        let words = std::iter::once(inner.get_program()).chain(inner.get_args());
        let line: Vec<_> = words.map(|word| word.to_str().expect("UTF-8")).collect();
        let mut script = Command::new("script");
        script.args(["-qec", &line.join(" "), "/dev/null"]);
        script.stdin(std::process::Stdio::null());
        let Ok(output) = script.output() else { return };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(awaited), "{said}");
    }
}
