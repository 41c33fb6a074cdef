//! Where lines and keys begin and end.

use super::{answers, text};
use apportion::bucket::jump;
use apportion::{KeyHash, Locator};

const NODES: [&str; 6] = ["--node", "a", "--node", "b", "--node", "c"];

fn owner(key: &[u8]) -> &'static str {
    Locator::ring(["a", "b", "c"]).unwrap().get(key).copied().unwrap()
}

/// A key whose owner is not that of the other, so that a confusion shows.
fn unlike(other: &[u8], form: impl Fn(u64) -> Vec<u8>) -> Vec<u8> {
    (0..).map(form).find(|key| owner(key) != owner(other)).unwrap()
}

/// Each line as it goes in, its ending, and what stands before the TAB; the key.
fn check(args: &[&str], lines: &[(&[u8], &[u8], &[u8])]) {
    let (mut input, mut expected) = (Vec::new(), Vec::new());
    for (line, ending, key) in lines {
        input.extend([*line, ending].concat());
        expected.extend([line, &b"\t"[..], owner(key).as_bytes(), b"\n"].concat());
    }
    let found = answers(&[&NODES, args].concat(), &input);
    let (found, expected) = (String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected));
    assert_eq!(found, expected, "{args:?}");
}

#[test]
fn lines() {
    check(&[], &[(b"a", b"\n", b"a"), (b"b", b"\n", b"b")]);
    // One carriage return belongs to the ending, with or without a line feed.
    let two = unlike(b"x", |i| format!("x{i}\r").into_bytes());
    let one = two.strip_suffix(b"\r").unwrap();
    check(&[], &[(one, b"\r\n", one), (&two, b"\r\n", &two), (one, b"\n", one)]);
    check(&[], &[(b"\rx\ry", b"\n", b"\rx\ry"), (b"z", b"\r", b"z")]);
    check(&[], &[(b"", b"\n", b""), (b"", b"\r\n", b""), (b"\r", b"\r\n", b"\r")]);
    // Without a line feed.
    check(&[], &[(b"a", b"\n", b"a"), (b"last", b"", b"last")]);
    check(&[], &[(b"", b"\n", b""), (b"", b"\r", b"")]);
    check(&[], &[]);
    check(&[], &[(b"with\ttab ", b"\n", b"with\ttab "), (b" ", b"\n", b" ")]);
    check(&[], &[(b"\xff\xfe\x00\xc3", b"\n", b"\xff\xfe\x00\xc3"), (b"\x80", b"", b"\x80")]);
}

#[test]
fn long_lines_and_many() {
    let long: Vec<u8> = (0..3_000_000_u32).map(|i| b'a' + (i % 26) as u8).collect();
    let short: Vec<Vec<u8>> = (0..5_000).map(|i| format!("{i}").into_bytes()).collect();
    let mut lines: Vec<(&[u8], &[u8], &[u8])> = Vec::new();
    for (i, key) in short.iter().enumerate() {
        lines.push((key, if i % 2 == 0 { b"\n" } else { b"\r\n" }, key));
        if i % 2_000 == 1_000 {
            lines.push((&long, b"\n", &long));
        }
    }
    check(&[], &lines);
}

#[test]
fn hexadecimal() {
    let key = unlike(b"", |i| i.to_be_bytes().to_vec());
    let digits = |upper| -> String {
        let digit = |b: &u8| if upper { format!("{b:02X}") } else { format!("{b:02x}") };
        key.iter().map(digit).collect()
    };
    let (upper, lower) = (digits(true), digits(false));
    check(
        &["--hex"],
        &[
            (upper.as_bytes(), b"\n", &key),
            (lower.as_bytes(), b"\r\n", &key),
            (b"", b"\n", b""),
            (b"fFaB09", b"\n", b"\xff\xab\x09"),
            (b"0a0D", b"", b"\n\r"),
        ],
    );
}

#[test]
fn hashes() {
    let input = b"0123456789abcdef\nFEDCBA9876543210\r\n0000000000000000\nffffffffFFFFFFFF";
    let expected: String = String::from_utf8_lossy(input)
        .lines()
        .map(|line| {
            let hash = KeyHash::from_hash(u64::from_str_radix(line, 16).unwrap());
            format!("{line}\t{}\n", jump(hash, 1000))
        })
        .collect();
    assert_eq!(text(&["--raw", "--algorithm=jump", "--buckets=1000"], input), expected);
    // A hash is a hash under any hasher, and for nodes too.
    let nodes = [&NODES[..], &["--raw"]].concat();
    let other = [&nodes[..], &["--hasher=siphash:00000000000000000000000000000000"]].concat();
    assert_eq!(text(&nodes, input), text(&other, input));
}
