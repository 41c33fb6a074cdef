//! What the chapter on sticky routing shows and says beside its programs.
#![cfg(feature = "std")]

use crate::support::program::{Program, finish};
use std::process::Output;

static SIMULATION: Program = Program::new("sticky_pick");

const CHAPTER: &str = include_str!("../../src/docs/sticky_routing.md");
const COMMITTED: &str = include_str!("../../src/docs/sticky.svg");

fn run(args: &[&str]) -> Output {
    finish(SIMULATION.command(args), b"")
}

/// The figures of a row, as they are printed: load over mean, peak, spilled, hits.
fn figures(table: &str, policy: &str) -> [f64; 4] {
    let line = table.lines().find(|line| line.starts_with(&format!("| {policy} |"))).unwrap();
    let mut cells =
        line.split('|').skip(2).map(|cell| cell.split_whitespace().next().unwrap_or(""));
    std::array::from_fn(|_| cells.next().unwrap().parse().unwrap())
}

/// What the chapter concludes, which a shorter run has to show as well.
fn conclusions(table: &str) {
    let [hashing, margin, factor, shared, least] = [
        "plain hashing",
        "pick, 5/4, margin 32",
        "pick, 5/4 alone",
        "pick, 5/4 alone, shared loads",
        "least loaded",
    ]
    .map(|policy| figures(table, policy));
    assert!(hashing[0] > 2.0 && hashing[2] == 0.0, "{table}");
    assert!(margin[1] < 0.7 * hashing[1] && margin[1] < least[1], "{table}");
    assert!(hashing[3] - margin[3] < 2.0 && margin[3] - least[3] > 20.0, "{table}");
    assert!(factor[2] > 1.3 * shared[2] && margin[2] < factor[2], "{table}");
    assert!(factor[0] < 1.3 && least[0] < 1.2, "{table}");
}

#[test]
fn the_chapter_has_the_figures_of_the_picture() {
    conclusions(CHAPTER);
    let peak = |policy| figures(CHAPTER, policy)[1];
    assert!(peak("pick, 5/4, margin 32") < 0.57 * peak("plain hashing"), "nearly halved");
    let rows = CHAPTER.lines().filter(|line| line.ends_with(" % |"));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        for shown in [cells[0], cells[1], cells[3], cells[4]] {
            assert!(
                COMMITTED.contains(&format!(">{shown}</text>")),
                "{shown} is not in the picture"
            );
        }
        count += 1;
    }
    assert_eq!(count, 8);
    // An empty line would end it in the middle of the chapter.
    assert!(COMMITTED.lines().all(|line| !line.trim().is_empty()));
}

#[test]
fn a_short_run_shows_the_same() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sticky.svg");
    let output = run(&["200000", path.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    conclusions(&String::from_utf8(output.stdout).unwrap());
    let drawn = std::fs::read_to_string(path).unwrap();
    assert_eq!(drawn.lines().count(), COMMITTED.lines().count());
}

#[test]
#[ignore = "10 million requests"]
fn the_sticky_picture_is_what_the_example_draws() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sticky_whole.svg");
    let output = run(&["10000000", path.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    assert!(CHAPTER.contains(&String::from_utf8(output.stdout).unwrap()));
    let command = "cargo run --release --example sticky_pick -- 10000000 src/docs/sticky.svg";
    assert!(std::fs::read_to_string(path).unwrap() == COMMITTED, "{command}");
}

#[test]
fn wrong_arguments_get_one_line() {
    for args in [&[][..], &["--help"], &["999"], &["1000", "a", "b"], &["1000", "no such folder/a"]]
    {
        let output = run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), message.lines().count()), (Some(2), 1), "{message}");
        assert!(message.starts_with("sticky_pick: "), "{message}");
    }
}
