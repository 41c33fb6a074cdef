//! Files, pipes and options.

use super::{PLAN, path, run};
use std::fs;
use std::process::Stdio;

const SCENARIO: &str = include_str!("../../../examples/plan/scenario.json");

#[test]
fn a_file_and_standard_input() {
    let path = path("scenario.json");
    fs::write(&path, SCENARIO).expect("a file");
    let file = path.to_str().expect("UTF-8");
    let answers = [
        (run(&[file], b"not read"), ""),
        (run::<&str>(&[], SCENARIO.as_bytes()), ""),
        (run(&["-"], SCENARIO.as_bytes()), ""),
    ];
    // All columns but times and sizes are the same.
    let rows = |text: &str| -> Vec<Vec<String>> {
        let cells = |line: &str| line.split_whitespace().take(12).map(str::to_owned).collect();
        text.lines().filter(|line| line.contains(" × ")).map(cells).collect()
    };
    for (ended, stderr) in &answers {
        assert_eq!((ended.status, &*ended.stderr), (Some(0), *stderr));
        assert_eq!(rows(&ended.stdout), rows(&answers[0].0.stdout));
        assert_eq!(rows(&ended.stdout).len(), 7);
        assert!(ended.stdout.lines().all(|line| line == line.trim_end()));
    }
}

#[test]
fn wrong_options() {
    let refused = |args: &[&str], named: &str| {
        let ended = run(args, SCENARIO.as_bytes());
        let context = format!("{args:?}: {ended:?}");
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{context}");
        assert!(
            ended.stderr.starts_with("plan: ") && ended.stderr.lines().count() == 1,
            "{context}"
        );
        assert!(ended.stderr.contains(named), "{context} does not say {named}");
    };
    refused(&["--speed"], "--speed");
    refused(&["--spe\ned"], "--spe\\ned");
    refused(&["-x"], "-x");
    refused(&["--json=yes"], "yes");
    refused(&["one.json", "two.json"], "\"one.json\" and \"two.json\": only one scenario");
    refused(&["no-such-file"], "\"no-such-file\": ");
    refused(&["."], "\".\": ");
    refused(&["--dump"], "--dump needs a value");
    refused(&["--dump", "--json"], "--dump needs a value; if \"--json\" is meant");
    refused(&["--dump", "-"], "--dump needs a value");
    refused(&["--dump", "a", "--dump", "b"], "--dump is given twice");
    let path = path("kept.json");
    fs::write(&path, SCENARIO).expect("a file");
    let file = path.to_str().expect("UTF-8");
    refused(&[file, "--dump", file], "that is the scenario itself");
    assert_eq!(fs::read_to_string(file).expect("still there"), SCENARIO);
    for option in ["--dump", "--dump-schedule"] {
        for place in ["no/such/folder", "."] {
            refused(&[option, place], &format!("{option} {place:?}: "));
        }
    }
}

#[test]
fn numbers_of_steps_and_limits() {
    let refused = |arg: &str, named: &str| {
        let ended = run(&[arg], SCENARIO.as_bytes());
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(named), "{arg}: {ended:?}");
    };
    for steps in ["", "0", "-1", "+1", "1.0", "x", "4294967296", "1,1"] {
        let named = format!("--steps {steps:?}: not a whole number from 1 to 4294967295");
        refused(&format!("--steps={steps}"), &named);
    }
    for limits in
        ["", "1", "1,", ",1", "0,1", "1,0", "1,1,1", "1;1", "1, 1", "-1,1", "4294967296,1"]
    {
        let named = format!("--schedule {limits:?}: not SEND,RECEIVE");
        refused(&format!("--schedule={limits}"), &named);
    }
    for partition in ["", "-1", "+1", "1.0", "x", "16777216"] {
        let named = format!("--explain {partition:?}: not a whole number from 0 to 16777215");
        refused(&format!("--explain={partition}"), &named);
    }
    let named = "--explain 2048: the scenario has 2,048 partitions, numbered from 0";
    refused("--explain=2048", named);
    for largest in ["--steps=4294967295", "--schedule=4294967295,4294967295"] {
        assert_eq!(run(&[largest], SCENARIO.as_bytes()).status, Some(0));
    }
}

/// No file is read and written, or written twice, whatever its path looks like.
#[test]
fn files_that_are_named_twice() {
    let (scenario, table, none) = (path("scenario.json"), path("table"), path("none"));
    fs::write(&scenario, SCENARIO).expect("a file");
    let rows: String = (0..1024).map(|p| format!("{p}\tn0,n1,n2\n")).collect();
    fs::write(&table, format!("# t\n{rows}")).expect("a file");
    let folder = table.parent().expect("a folder").join(".").join("..").join("plan");
    let other = folder.join(table.file_name().expect("a name"));
    let another = folder.join(none.file_name().expect("a name"));
    let [scenario, table, none, other, another] =
        [&scenario, &table, &none, &other, &another].map(|path| path.to_str().expect("UTF-8"));
    for (args, named) in [
        (&["--dump", scenario][..], "that is the scenario itself"),
        (&["--dump-schedule", scenario], "that is the scenario itself"),
        (&["--from", table, "--dump", other], "that is the table to start from"),
        (&["--from", table, "--dump-schedule", other], "that is the table to start from"),
        (&["--dump", none, "--dump-schedule", another], "that is the file of --dump"),
    ] {
        let ended = run(&[&[scenario], args].concat(), b"");
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(named), "{args:?}: {ended:?}");
    }
    assert_eq!(fs::read_to_string(scenario).expect("still there"), SCENARIO);
    assert!(!std::path::Path::new(none).exists());
    let ended = run(&["--from", scenario, scenario], b"");
    assert!(ended.stderr.contains("line 1: \"{\": expected a partition"), "{ended:?}");
}

/// A run that fails leaves what was there, and nothing of its own.
#[test]
fn files_of_a_run_that_fails() {
    let folder = path("folder");
    fs::create_dir_all(&folder).expect("a folder");
    let [dump, schedule] = ["d", "s"].map(|name| folder.join(name));
    let [tables, transfers] = [&dump, &schedule].map(|path| path.to_str().expect("UTF-8"));
    let nodes = r#"[{"id": "n0"}, {"id": "n1"}]"#;
    let step = |label: &str, pins: &str| {
        format!(r#"{{"label": "{label}", "nodes": {nodes}, "pins": {pins}}}"#)
    };
    let (a, b) = (r#"[[0, "n0"], [1, "n1"]]"#, r#"[[0, "n1"], [1, "n0"]]"#);
    let scenario = format!(
        r#"{{"levels": [], "partitions": 2, "replicas": 1, "steps": [{}, {}]}}"#,
        step("a", a),
        step("b", b)
    );
    let run = |steps: &str| {
        run(&["--dump", tables, "--dump-schedule", transfers, steps], scenario.as_bytes())
    };
    let names = || fs::read_dir(&folder).expect("a folder").count();
    assert_eq!((run("--steps=1").status, names()), (Some(2), 0));
    fs::write(&dump, "old").expect("a file");
    assert_eq!((run("--steps=1").status, names()), (Some(2), 1));
    assert_eq!(fs::read_to_string(&dump).expect("it is there"), "old");
    assert_eq!((run("--steps=2").status, names()), (Some(0), 2));
    assert!(fs::read_to_string(&dump).expect("it is there").starts_with("# a\n"));
    assert_eq!(fs::read_to_string(&schedule).expect("it is there").lines().count(), 2);
}

#[cfg(unix)]
#[test]
fn links_and_devices() {
    let (file, link) = (path("file"), path("link"));
    fs::write(&file, "old").expect("a file");
    let _ = fs::remove_file(&link);
    fs::hard_link(&file, &link).expect("a link");
    let [file, link] = [&file, &link].map(|path| path.to_str().expect("UTF-8"));
    let ended = run(&["--dump", file, "--dump-schedule", link], SCENARIO.as_bytes());
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("that is the file of --dump"), "{ended:?}");
    assert_eq!(fs::read_to_string(file).expect("it is there"), "old");
    let args = ["--dump", "/dev/null", "--dump-schedule", "/dev/null"];
    assert_eq!(run(&args, SCENARIO.as_bytes()).status, Some(0));
}

#[test]
fn without_dispersion() {
    let with = run(&["--json"], SCENARIO.as_bytes()).json();
    let without = run(&["--json", "--no-disperse"], SCENARIO.as_bytes()).json();
    for (with, without) in with["steps"]
        .as_array()
        .expect("a list")
        .iter()
        .zip(without["steps"].as_array().expect("a list"))
    {
        assert_eq!(without["disperse_ms"], 0.0);
        for field in ["label", "moved", "optimal", "outside_floor_ceil", "max_over_quota"] {
            assert_eq!(with[field], without[field], "{field}");
        }
    }
    assert_ne!(with["steps"][0]["worst_pair"], without["steps"][0]["worst_pair"]);
}

#[test]
fn help() {
    for option in ["--help", "-h"] {
        let help = run(&[option], b"");
        assert_eq!((help.status, &*help.stderr), (Some(0), ""));
        for word in [
            "--json",
            "--dump",
            "--no-disperse",
            "--help",
            "max_per_domain",
            "peak_bytes",
            "--from",
            "--nodes",
            "--moves",
            "--steps",
            "--schedule",
            "--dump-schedule",
            "--export",
            "--explain",
            "--dry-run",
            "round_bound",
            "peak_over_quota",
        ] {
            assert!(help.stdout.contains(word), "{word}");
        }
        let lines = help.stdout.lines();
        assert!(lines.clone().all(|line| line == line.trim_end() && line.chars().count() <= 80));
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let wrong = SCENARIO.replace("\"replicas\": 3", "\"replicas\": 7");
    for (args, scenario, status) in [
        (&["--json"][..], SCENARIO, 0),
        (&[], SCENARIO, 0),
        (&["--help"], SCENARIO, 0),
        (&["--json"], &wrong, 3),
    ] {
        let path = path("piped.json");
        fs::write(&path, scenario).expect("a file");
        let mut command = PLAN.command(args);
        let pipes = command.arg(&path).stdin(Stdio::null());
        let pipes = pipes.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the example starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("the example ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(status), "{said}");
        assert_eq!(said.lines().count(), usize::from(status != 0), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_does_not_fit() {
    let path = path("scenario.json");
    fs::write(&path, SCENARIO).expect("a file");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let mut command = PLAN.command(&[&path]);
    let ended = command.stdin(Stdio::null()).stdout(full).output().expect("the example ends");
    let said = String::from_utf8(ended.stderr).expect("UTF-8");
    assert_eq!(ended.status.code(), Some(2));
    assert!(said.starts_with("plan: standard output: ") && said.lines().count() == 1, "{said}");
    let ended = run(&["--dump", "/dev/full"], SCENARIO.as_bytes());
    assert_eq!((ended.status, ended.stderr.lines().count()), (Some(2), 1));
    assert!(ended.stderr.starts_with("plan: --dump \"/dev/full\": "), "{ended:?}");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_text() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let bytes = || OsString::from_vec(b"no/a\xffb".to_vec());
    for args in [vec![bytes()], vec![OsString::from("--dump"), bytes()]] {
        let ended = run(&args, SCENARIO.as_bytes());
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("no/a\\xFFb"), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
}
