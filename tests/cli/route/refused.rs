//! Wrong input: one line that names it, exit status 2, and answers to what came before.

use super::{file, run};

/// With these answers and this message, with and without `--batch`.
fn refused_after(args: &[&str], input: &[u8], answers: &str, message: &str) {
    for batch in [&[][..], &["--batch"]] {
        let args = [args, batch].concat();
        let ended = run(&args, input);
        assert_eq!(String::from_utf8_lossy(&ended.stderr), format!("{message}\n"), "{args:?}");
        assert_eq!(ended.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&ended.stdout) == answers, "{args:?}");
    }
}

/// Whatever the keys are; the message names what is wrong.
pub(crate) fn refused(args: &[&str], named: &str) {
    let ended = run(args, b"0123456789abcdef\n");
    let said = String::from_utf8(ended.stderr).expect("UTF-8");
    assert_eq!((ended.status.code(), ended.stdout.as_slice()), (Some(2), &b""[..]), "{args:?}");
    assert!(said.starts_with("route: ") && said.ends_with('\n'), "{args:?}: {said}");
    assert!(said.lines().count() == 1 && said.contains(named), "{args:?}: {said}");
}

const BUCKETS: [&str; 5] = ["--raw", "--algorithm", "jump", "--buckets", "1"];

#[test]
fn a_line_that_is_not_a_hash() {
    let wrong = |line: &[u8], message: &str| {
        let good = "0123456789abcdef\n".repeat(6);
        let input = [good.as_bytes(), line, b"\n0123456789abcdef\n"].concat();
        let answers = good.replace('\n', "\t0\n");
        refused_after(&BUCKETS, &input, &answers, &format!("route: line 7: {message}"));
    };
    wrong(b"xyz", "not 16 hex digits: \"xyz\"");
    wrong(b"xyz\r", "not 16 hex digits: \"xyz\"");
    wrong(b"", "not 16 hex digits: \"\"");
    wrong(b"0123456789abcde", "not 16 hex digits: \"0123456789abcde\"");
    wrong(b"0123456789abcdef0", "not 16 hex digits: \"0123456789abcdef0\"");
    wrong(b"0123456789abcdeg", "not 16 hex digits: \"0123456789abcdeg\"");
    wrong(b"+123456789abcdef", "not 16 hex digits: \"+123456789abcdef\"");
    wrong(b"0x23456789abcdef", "not 16 hex digits: \"0x23456789abcdef\"");
    wrong(b" 123456789abcdef", "not 16 hex digits: \" 123456789abcdef\"");
    wrong(b"z\xff\xc3\r\x1b[0m", "not 16 hex digits: \"z\\xFF\\xC3\\r\\u{1b}[0m\"");
    wrong("zwölf".as_bytes(), "not 16 hex digits: \"zwölf\"");
    let long = "y".repeat(100_000);
    wrong(long.as_bytes(), &format!("not 16 hex digits: \"{}\" …", &long[..64]));
}

#[test]
fn a_line_that_is_not_hexadecimal() {
    let wrong = |line: &[u8], message: &str| {
        let input = [b"00ff\n\n", line, b"\n00\n"].concat();
        let answers = "00ff\ta\n\ta\n";
        let message = format!("route: line 3: {message}");
        refused_after(&["--hex", "--node", "a"], &input, answers, &message);
    };
    wrong(b"abc", "an odd number of hex digits: \"abc\"");
    wrong(b"0", "an odd number of hex digits: \"0\"");
    wrong(b"0g", "not hex digits: \"0g\"");
    wrong(b"xyz", "not hex digits: \"xyz\"");
    wrong(b"0x00", "not hex digits: \"0x00\"");
    wrong(b"00 ", "not hex digits: \"00 \"");
    wrong(b"\xff", "not hex digits: \"\\xFF\"");
}

#[test]
fn a_wrong_line_after_right_ones() {
    let good = "0123456789ABCDEF\n".repeat(4_999);
    let input = format!("{good}xyz");
    let answers = good.replace('\n', "\t0\n");
    let message = "route: line 5000: not 16 hex digits: \"xyz\"";
    refused_after(&BUCKETS, input.as_bytes(), &answers, message);
    let three = [&BUCKETS[..], &["--replicas", "3"]].concat();
    refused_after(&three, input.as_bytes(), &answers, message);
}

#[test]
fn nodes() {
    refused(&["--node", "alpha", "--node", "beta", "--node", "alpha"], "\"alpha\" is given twice");
    refused(&["--node", "alpha", "--node", "alpha=2"], "\"alpha\" is given twice");
    refused(&["--node", "a=18446744073709551616"], "\"a=18446744073709551616\"");
    for name in ["", "=5"] {
        refused(&["--node", name], &format!("--node \"{name}\": a node needs a name"));
    }
    for name in ["-=1", "a,b", "a\tb", "two\nlines"] {
        refused(&[&format!("--node={name}")], "--node \"");
    }
    // A wrong weight is no part of the name.
    for weight in ["-1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "", "ten", "１"] {
        refused(&[&format!("--node=b={weight}")], &format!("\"{weight}\" is not a weight from 0"));
    }
    // Nobody to place keys on: not an answer for each of them.
    let bounded = ["--algorithm=bounded", "--ratio=1/1", "--mode=online"];
    for args in [&[][..], &["--hex"], &["--replicas=3"], &["--algorithm=asura"], &bounded] {
        refused(args, "no nodes to place keys on: add each with --node NAME[=WEIGHT]");
    }
    refused(&["--node", &"x".repeat(70_000)], "at most 65535 bytes, got 70000");
    for algorithm in ["jump", "jump-guava", "jump-back", "flip", "rendezvous"] {
        let args = ["--algorithm", algorithm, "--node", "a=1", "--node", "b=2"];
        refused(&args, &format!("{algorithm} has no weights"));
    }
}

#[test]
fn options() {
    refused(&["--replicas", "0"], "--replicas \"0\"");
    refused(&["--replicas", "two"], "--replicas \"two\"");
    refused(&["--replicas", "+2"], "--replicas \"+2\"");
    refused(&["--replicas", "-1"], "\"-1\"");
    refused(&["--replicas", ""], "--replicas \"\"");
    refused(&["--algorithm", "modulo"], "modulo");
    refused(&["--algorithm="], "--algorithm");
    refused(&["--raw", "--hex"], "--hex and --raw");
    refused(&["--speed"], "--speed");
    refused(&["--spe\ned"], "--spe\\ned");
    refused(&["-x"], "-x");
    refused(&["--batch=yes"], "yes");
    refused(&["keys.txt"], "keys.txt");
    for option in ["--algorithm", "--node", "--replicas", "--hasher", "--buckets", "--weights"] {
        refused(&[option], &format!("{option} needs a value"));
        refused(&[option, "--batch"], &format!("{option} needs a value"));
    }
    for (option, value) in [("--algorithm", "ring"), ("--replicas", "1"), ("--hasher", "xxh3")] {
        refused(&[option, value, option, value], &format!("{option} is given twice"));
    }
}

#[test]
fn hashers() {
    refused(&["--hasher", "crc"], "--hasher \"crc\"");
    refused(&["--hasher", "siphash"], "--hasher \"siphash\"");
    let digits = "0123456789abcdef0123456789abcdef";
    for secret in ["", &digits[1..], &format!("{digits}0"), &digits.replace('7', "g")] {
        refused(&["--hasher", &format!("siphash:{secret}")], "32 hex digits");
    }
    let ended = run(&["--hasher", "siphash:5ec2e7"], b"");
    assert!(!String::from_utf8_lossy(&ended.stderr).contains("5ec2e7"), "a secret stays one");
    for name in ["md5", "sha1"] {
        // Not by this test's features: the program may be of an earlier build with others.
        if !run(&["--hasher", name, "--node=a"], b"").status.success() {
            refused(&["--hasher", name], &format!("build it with --features {name}"));
        }
    }
}

#[test]
fn buckets() {
    let with = |n: &str, named: &str| {
        refused(&["--raw", "--algorithm=jump-back", &format!("--buckets={n}")], named);
    };
    with("0", "--buckets \"0\": not from 1 to 2147483647");
    with("2147483648", "--buckets \"2147483648\": not from 1 to 2147483647");
    with("99999999999999999999", "\"99999999999999999999\"");
    with("-1", "\"-1\"");
    with("+1", "\"+1\"");
    with("ten", "\"ten\"");
    with("", "\"\"");
    refused(&["--algorithm=jump", "--buckets=5"], "--buckets \"5\": only with --raw");
    refused(&["--algorithm=jump", "--buckets=5", "--hex"], "--buckets \"5\": only with --raw");
    refused(&[&BUCKETS[..], &["--node=a"]].concat(), "--node");
    refused(&[&BUCKETS[..], &["--buckets=2"]].concat(), "--buckets is given twice");
    refused(&["--raw", "--buckets", "5"], "not with --algorithm ring");
    for algorithm in ["ring", "rendezvous", "weighted-rendezvous"] {
        let args = ["--raw", "--algorithm", algorithm, "--buckets", "5"];
        refused(&args, &format!("not with --algorithm {algorithm}"));
    }
    let many = ["--raw", "--algorithm=jump", "--buckets=2147483647", "--replicas=1048577"];
    refused(&many, "--replicas 1048577");
}

#[test]
fn range_ends_that_are_not_hashes() {
    let flip = ["--raw", "--algorithm=flip"];
    let with = |args: &[&str], named: &str| refused(&[&flip[..], args].concat(), named);
    with(&["--end=12"], "--end \"12\": not 16 hex digits");
    with(&["--end=00000000000000000"], "--end \"00000000000000000\": not 16 hex digits");
    with(&["--end=000000000000000g"], "--end \"000000000000000g\": not 16 hex digits");
    with(&["--end="], "--end \"\": not 16 hex digits");
    with(&["--end=0000000000000009", "--seed=1"], "--seed \"1\": not 16 hex digits");
    with(&["--seed=0000000000000001"], "--seed \"0000000000000001\": only with --end");
    let end = "--end=0000000000000009";
    with(
        &[end, "--buckets=10"],
        "--buckets \"10\" and --end \"0000000000000009\": only one of them",
    );
    with(&[end, "--node=a"], "--end \"0000000000000009\" and --node: only one of them");
    with(&[end, "--replicas=2"], "--replicas 2: only one bucket per key");
    with(&[end, end], "--end is given twice");
    refused(&["--raw", end], "not with --algorithm ring, only with flip");
    refused(&["--algorithm=flip", end], "only with --raw");
}

#[test]
fn tables() {
    let maglev = ["--algorithm=maglev", "--node=a", "--node=b", "--node=c"];
    let with = |args: &[&str], named: &str| refused(&[&maglev[..], args].concat(), named);
    let prime = "a Maglev table has a prime number of entries";
    with(&["--table=4"], &format!("{prime}, and 4 is divisible by 2; the nearest prime is 3"));
    with(&["--table=0"], &format!("{prime} in 2..=67108864, got 0"));
    with(&["--table=67108879"], &format!("{prime} in 2..=67108864, got 67108879"));
    with(&["--table=2"], "a Maglev table of 2 entries");
    for wrong in ["ten", "-1", "", "1e3", "99999999999"] {
        with(
            &[&format!("--table={wrong}")],
            &format!("--table \"{wrong}\": not a number of entries"),
        );
    }
    with(&["--table=7", "--table=7"], "--table is given twice");
    with(&["--raw", "--buckets=5"], "not with --algorithm maglev");
    refused(&["--table=7", "--node=a"], "--table \"7\": only with --algorithm maglev");
}

#[test]
fn weights() {
    let path = file("weights", "1\n2\n");
    let args = ["--raw", "--algorithm", "weighted-rendezvous", "--weights", &path];
    refused(&[&args[..], &["--node=a"]].concat(), "--node");
    refused(&[&args[..], &["--buckets=2"]].concat(), "--buckets");
    refused(&[&args[..], &["--weights=other"]].concat(), "--weights is given twice");
    refused(&args[1..], "only with --raw");
    refused(&["--raw", "--weights", &path], "not with --algorithm ring");
    for algorithm in ["ring", "rendezvous", "jump", "jump-guava", "jump-back", "flip"] {
        let args = ["--raw", "--algorithm", algorithm, "--weights", &path];
        refused(&args, &format!("not with --algorithm {algorithm}"));
    }
    let wrong = |path: &str, named: &str| {
        refused(&["--raw", "--algorithm=weighted-rendezvous", "--weights", path], named);
    };
    wrong("no-such-file", "--weights \"no-such-file\"");
    wrong(".", "--weights \".\"");
    for line in ["", "x", "-1", "+1", "1.5", " 1", "1 ", "0x1", "18446744073709551616"] {
        let path = file("wrong_weights", &format!("1\n2\n{line}\n4\n"));
        wrong(&path, "wrong_weights\": line 3: not a weight");
        wrong(&path, &format!(": \"{line}\""));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_in_place_of_lines() {
    let folder = std::fs::File::open(".").expect("it is there");
    let ended = super::ROUTE.command(&["--node=a"]).stdin(folder).output().expect("it ends");
    let said = String::from_utf8(ended.stderr).expect("UTF-8");
    assert_eq!(ended.status.code(), Some(2));
    assert!(said.starts_with("route: standard input: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn histories() {
    let with = |history: &str, named: &str| {
        let path = file(&format!("wrong_{}", named.len()), history);
        let args = ["--raw", "--algorithm", "jump-back-anchor", "--buckets", "4", "--history"];
        refused(&[&args[..], &[&path]].concat(), named);
    };
    with(
        "add\nremove 9\n",
        "line 2: there is no bucket 9: the anchor has 5 buckets, numbered from 0",
    );
    with("remove 1\n\nremove 1\n", "line 3: bucket 1 is already removed");
    with("remove 0\nremove 1\nremove 2\nremove 3\n", "line 4: bucket 3 is the only working bucket");
    with("remove\n", "line 1: neither `add` nor `remove` and a bucket: \"remove\"");
    with("add 3\n", "line 1: neither `add` nor `remove` and a bucket: \"add 3\"");
    with("remove 1 2\n", "line 1: neither `add` nor `remove` and a bucket: \"remove 1 2\"");
    with("Add\n", "line 1: neither `add` nor `remove` and a bucket: \"Add\"");
    with("remove -1\n", "line 1: not a bucket: \"-1\"");
    with("remove 99999999999\n", "line 1: not a bucket: \"99999999999\"");
    let anchor = ["--raw", "--algorithm", "jump-back-anchor"];
    refused(
        &[&anchor[..], &["--buckets", "0"]].concat(),
        "--buckets \"0\": not from 1 to 67108864",
    );
    refused(
        &[&anchor[..], &["--buckets", "67108865"]].concat(),
        "--buckets \"67108865\": not from 1 to 67108864",
    );
    refused(
        &[&anchor[..], &["--buckets", "4", "--history", "/nowhere"]].concat(),
        "--history \"/nowhere\": No such file",
    );
    refused(&["--history", "x", "--node", "a"], "--history \"x\": only with --algorithm jump-back");
    refused(&["--print-state", "--node", "a"], "--print-state: only with --algorithm jump-back");
    refused(
        &["--algorithm", "jump-back-anchor", "--buckets", "4"],
        "--buckets \"4\": only with --raw",
    );
}

#[test]
fn boards() {
    let asura = |weights: &str, more: &[&str], named: &str| {
        let path = file(&format!("wrong_board_{}", named.len()), weights);
        let args = ["--raw", "--algorithm", "asura", "--weights", path.as_str()];
        refused(&[&args[..], more].concat(), named);
    };
    asura("1\n", &[], "--algorithm asura also needs --board");
    asura("1\n1\n1\n", &["--board", "1"], "line 3: more than 2 weights");
    asura("1\n1\n", &["--board", "0"], "line 2: more than 1 weights");
    asura(
        "2147483648\n2147483649\n",
        &["--board", "4"],
        "line 2: not a weight from 0 to 2147483648: \"2147483649\"",
    );
    asura("-1\n", &["--board", "4"], "line 1: not a weight from 0 to 2147483648: \"-1\"");
    asura("1\n", &["--board", "32"], "--board \"32\": not from 0 to 31");
    asura("1\n", &["--board", "x"], "--board \"x\": not from 0 to 31");
    asura("1\n", &["--board", "1", "--darts", "1024"], "--darts \"1024\": not from 0 to 1023");
    refused(&["--board", "3", "--node", "a"], "--board \"3\": only with --algorithm asura");
    refused(&["--darts", "3", "--node", "a"], "--darts \"3\": only with --algorithm asura");
    let nodes = ["--algorithm", "asura", "--node", "a", "--node", "b", "--node", "c"];
    refused(
        &[&nodes[..], &["--board", "1"]].concat(),
        "an Asura board of 2^1 slots has no room for 3",
    );
}
