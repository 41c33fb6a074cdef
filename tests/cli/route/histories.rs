//! Anchors after their histories, states included, and boards: every recorded row.

use super::{file, text};
use std::fmt::Write;

#[test]
fn anchors_of_hash4j() {
    let mut runs = 0;
    let (mut buckets, mut history) = ("", String::new());
    let mut expected = String::new();
    let check = |buckets: &str, history: &str, expected: &str| {
        let path = file(&format!("history_{buckets}_{}", history.len()), history);
        let input: String = expected
            .lines()
            .skip(1)
            .map(|line| line.split_once('\t').unwrap().0.to_string() + "\n")
            .collect();
        let args = ["--raw", "--algorithm", "jump-back-anchor", "--buckets", buckets];
        let args = [&args[..], &["--history", &path]].concat();
        let stated = [&args[..], &["--print-state"]].concat();
        assert_eq!(text(&stated, input.as_bytes()), expected);
        let answers = expected.split_once('\n').unwrap().1;
        assert_eq!(text(&args, input.as_bytes()), answers);
    };
    let table = include_str!("../../vectors/jump_back_anchor_hash4j.tsv");
    for line in table.lines().filter(|line| !line.starts_with('#')).chain(["end\t"]) {
        let (what, value) = line.split_once('\t').unwrap();
        let answers = !matches!(what, "buckets" | "add" | "remove" | "state" | "end");
        if !answers && !expected.is_empty() {
            check(buckets, &history, &std::mem::take(&mut expected));
            runs += 1;
        }
        match what {
            "buckets" => (buckets, history) = (value, "# and then\n\n".to_string()),
            "add" => history.push_str("add\n"),
            "remove" => writeln!(history, "remove {value}").unwrap(),
            _ if answers || what == "state" => writeln!(expected, "{line}").unwrap(),
            _ => {}
        }
    }
    assert_eq!(runs, 64);
}

#[test]
fn an_anchor_without_history() {
    let args = ["--raw", "--algorithm", "jump-back-anchor", "--buckets", "3", "--print-state"];
    assert_eq!(text(&args, b""), "state\t03000000\n");
    let jump_back = ["--raw", "--algorithm", "jump-back", "--buckets", "3"];
    let keys = b"0123456789abcdef\nfedcba9876543210\n";
    let with_state = text(&args, keys);
    assert_eq!(with_state.split_once('\n').unwrap().1, text(&jump_back, keys));
    let three = [&args[..5], &["--replicas", "9"]].concat();
    for line in text(&three, keys).lines() {
        let mut buckets: Vec<&str> = line.split_once('\t').unwrap().1.split(',').collect();
        buckets.sort_unstable();
        assert_eq!(buckets, ["0", "1", "2"]);
    }
}

#[test]
fn boards_of_the_specification() {
    let tables = [
        include_str!("../../vectors/asura/empty.tsv"),
        include_str!("../../vectors/asura/n1000_90dead.tsv"),
        include_str!("../../vectors/asura/n1000_full.tsv"),
        include_str!("../../vectors/asura/n1000_full_board20.tsv"),
        include_str!("../../vectors/asura/n100_w1to10.tsv"),
        include_str!("../../vectors/asura/n100_w1to10_D0.tsv"),
        include_str!("../../vectors/asura/n4096_99dead.tsv"),
        include_str!("../../vectors/asura/one_live_of_4096.tsv"),
        include_str!("../../vectors/asura/single_slot.tsv"),
        include_str!("../../vectors/asura/ten_full.tsv"),
        include_str!("../../vectors/asura/three_full.tsv"),
        include_str!("../../vectors/asura/two_full.tsv"),
    ];
    for (i, table) in tables.into_iter().enumerate() {
        let mut lines = table.lines().filter(|line| !line.starts_with('#'));
        let board: Vec<&str> = lines.next().unwrap().split('\t').collect();
        let mut weights = String::new();
        for run in board[2].split(' ') {
            let (count, weight) = run.split_once('*').unwrap();
            weights.push_str(&format!("{weight}\n").repeat(count.parse().unwrap()));
        }
        let path = file(&format!("board_{i}"), &weights);
        let (mut input, mut owners, mut five) = (String::new(), String::new(), String::new());
        for line in lines {
            let row: Vec<&str> = line.split('\t').collect();
            writeln!(input, "{}", row[0]).unwrap();
            writeln!(owners, "{}\t{}", row[0], row[1].split(',').next().unwrap()).unwrap();
            writeln!(five, "{}\t{}", row[0], row[1]).unwrap();
        }
        let args = ["--raw", "--algorithm", "asura", "--board", board[0], "--darts", board[1]];
        let args = [&args[..], &["--weights", &path]].concat();
        assert_eq!(text(&args, input.as_bytes()), owners, "{i}");
        let args = [&args[..], &["--replicas", "5"]].concat();
        assert_eq!(text(&args, input.as_bytes()), five, "{i}");
    }
}
