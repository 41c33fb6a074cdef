//! Wrong input: one line that names the value, exit status 2, nothing on standard output.

use super::{command, file, finish, folder, run};
use std::ffi::OsString;

fn refused(args: &[&str], input: &[u8], named: &str) {
    let ended = run(args, input);
    let context = format!("{args:?}: {ended:?}");
    assert_eq!(ended.status, Some(2), "{context}");
    assert_eq!(ended.stdout, "", "{context}");
    assert!(ended.stderr.starts_with("key_movement: "), "{context}");
    assert!(ended.stderr.ends_with('\n') && ended.stderr.lines().count() == 1, "{context}");
    assert!(ended.stderr.contains(named), "{context} does not name {named}");
}

/// With a key to count, so that nothing but the arguments is wrong.
fn refused_args(args: &[&str], named: &str) {
    refused(&[&["--keys", "-"], args].concat(), b"key\n", named);
}

#[test]
fn nodes() {
    refused_args(&["--nodes", "0"], "--nodes 0");
    refused_args(&["--nodes", "-3"], "-3");
    refused_args(&["--nodes", "+3"], "+3");
    refused_args(&["--nodes", "ten"], "ten");
    refused_args(&["--nodes", ""], "--nodes");
    refused_args(&["--nodes", "1048577"], "1048577");
    refused_args(&["--nodes", "99999999999999999999999"], "99999999999999999999999");
    refused_args(&["--nodes", "3", "--node", "alpha"], "alpha");
    refused_args(&["--nodes", "3", "--nodes", "4"], "\"4\"");
    refused_args(&["--node", "alpha", "--node", "alpha=2"], "alpha");
    refused_args(&["--node", "alpha=0"], "alpha=0");
    refused_args(&["--node", ""], "--node \"\"");
    refused_args(&["--node", "=5"], "--node \"\"");
    refused_args(&["--node", "alpha=18446744073709551616"], "18446744073709551616");
    // A wrong weight is no part of the name.
    for weight in ["-1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "", "ten", "１"] {
        refused_args(&[&format!("--node=b={weight}")], &format!("{weight:?} is not a weight"));
        refused_args(&[&format!("--add=b={weight}")], &format!("{weight:?} is not a weight"));
    }
    let long = "x".repeat(70_000);
    refused_args(&["--node", &long], "at most 65535 bytes, got 70000");
}

#[test]
fn changes() {
    refused_args(&["--remove", "n10"], "n10");
    refused_args(&["--reweight", "n10=2"], "n10");
    refused_args(&["--reweight", "n1=heavy"], "heavy");
    refused_args(&["--reweight", "n1=-1"], "-1");
    refused_args(&["--reweight", "n1=+1"], "+1");
    refused_args(&["--reweight", "n1=1.5"], "1.5");
    refused_args(&["--reweight", "n1="], "n1=");
    refused_args(&["--reweight", "n1"], "n1");
    refused_args(&["--reweight", "n1=18446744073709551616"], "18446744073709551616");
    refused_args(&["--add", "n10=99999999999999999999"], "99999999999999999999");
    refused_args(&["--add", "n3"], "n3");
    refused_args(&["--add", "new", "--add", "new=2"], "new");
    refused_args(&["--remove", "n3", "--add", "n3"], "n3");
    refused_args(&["--remove", "n3", "--remove", "n3"], "n3");
    refused_args(&["--remove", "n3", "--reweight", "n3=2"], "n3");
    refused_args(&["--reweight", "n3=3", "--reweight", "n3=2"], "n3");
    refused_args(&["--add", "new", "--remove", "new"], "new");
    refused_args(&["--add", "new", "--reweight", "new=2"], "new");
    refused_args(&["--nodes", "1", "--remove", "n0"], "n0");
    refused_args(&["--nodes", "1", "--reweight", "n0=0"], "n0");
    refused_args(&["--node", "a", "--node", "b=0", "--remove", "a", "--add", "c=0"], "remove a");
    refused_args(&["--remove", "two\nlines"], "two\\nlines");
}

#[test]
fn other_options() {
    refused_args(&["--replicas", "0"], "--replicas 0");
    refused_args(&["--replicas", "two"], "two");
    refused_args(&["--replicas", "-1"], "-1");
    refused_args(&["--algorithm", "modulo"], "modulo");
    refused_args(&["--algorithm", ""], "--algorithm");
    refused_args(&["--speed"], "--speed");
    refused_args(&["--spe\ned"], "--spe\\ned");
    refused_args(&["-x"], "-x");
    refused_args(&["--json=yes"], "yes");
    refused_args(&["keys.txt"], "keys.txt");
    for option in ["--nodes", "--node", "--add", "--remove", "--reweight", "--replicas"] {
        refused_args(&[option], option);
        refused_args(&[option, "--json"], option);
    }
    refused(&["--keys"], b"", "--keys");
    refused(&["--dir"], b"", "--dir");
    refused_args(&["--algorithm"], "--algorithm");
}

#[test]
fn keys() {
    refused(&["--keys", "-"], b"", "standard input");
    refused(&["--keys", "no-such-file"], b"", "no-such-file");
    refused(&["--keys", "."], b"", "the lines of .: ");
    refused(&["--keys", "-", "--dir", "somewhere"], b"key\n", "somewhere");
    refused(&["--keys", "-", "--keys", "other"], b"key\n", "other");
    refused(&["--dir", "no-such-folder"], b"", "no-such-folder");
    refused(&["--dir", "."], b"", "found no keys in");
    let here = folder("wrong_keys");
    file(&here, "one", 1);
    let (file, here) = (here.join("one"), here.join("none"));
    refused(&["--dir", file.to_str().expect("UTF-8")], b"", "one");
    std::fs::create_dir(&here).expect("a folder");
    refused(&["--dir", here.to_str().expect("UTF-8")], b"", "none");
    // Neither crate sources nor files in the current folder.
    refused(&[], b"", "empty");
}

#[test]
fn sizes() {
    refused(&["--keys", "-"], b"a\t1\nb\tmany\n", "line 2: \"many\"");
    refused(&["--keys", "-"], b"a\t1\nb\t\n", "line 2: \"\"");
    refused(&["--keys", "-"], b"a\t-1", "line 1: \"-1\"");
    refused(&["--keys", "-"], b"a\t+1", "line 1: \"+1\"");
    refused(&["--keys", "-"], b"a\t1 \n", "line 1: \"1 \"");
    refused(&["--keys", "-"], b"a\t1\tb\n", "line 1: \"b\"");
    refused(&["--keys", "-"], b"a\t18446744073709551616\n", "line 1: \"18446744073709551616\"");
    let late = "key\t1\n".repeat(9_999) + "key\tx\ny";
    refused(&["--keys", "-"], late.as_bytes(), "line 10000: \"x\"");
    let long = format!("key\t{}", "\u{7}".repeat(100_000));
    refused(&["--keys", "-"], long.as_bytes(), "line 1:");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_text() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = || OsString::from_vec(b"a\xffb".to_vec());
    for option in ["--nodes", "--node", "--add", "--remove", "--reweight", "--algorithm", "--keys"]
    {
        let ended = finish(command(&[OsString::from(option), bytes()]), b"key\n");
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("a\\xFFb"), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
    assert_eq!(finish(command(&[bytes()]), b"").status, Some(2));
}
