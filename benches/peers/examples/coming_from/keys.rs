//! A stream of keys.

use crate::lines::Lines;
use crate::text::{self, quoted};
use apportion::KeyHash;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Key<'a> {
    /// Bytes, not necessarily UTF-8.
    Text(&'a [u8]),
    Number(u64),
}

/// The source of the keys.
#[derive(Debug)]
pub(crate) enum Source {
    Generated,
    Lines(PathBuf),
    Stdin,
}

/// The number of generated keys.
const GENERATED: u64 = 1_000_000;

impl Source {
    /// A description for messages.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Generated => "random keys, the same in every run".to_owned(),
            Self::Lines(path) => format!("the lines of {}", text::path(path)),
            Self::Stdin => "the lines of standard input".to_owned(),
        }
    }
}

/// Passes on every key, as a number if requested.
pub(crate) fn each(
    source: &Source,
    numbers: bool,
    mut take: impl FnMut(Key<'_>),
) -> Result<(), String> {
    match source {
        Source::Generated => {
            (0..GENERATED).for_each(|i| generated(i, numbers, &mut take));
            Ok(())
        }
        Source::Lines(path) => {
            let named = |e| format!("--keys {}: {e}", text::path(path));
            let file = File::open(path).map_err(|e| named(e.to_string()))?;
            lines(file, numbers, take).map_err(named)
        }
        Source::Stdin => {
            lines(io::stdin().lock(), numbers, take).map_err(|e| format!("standard input: {e}"))
        }
    }
}

/// A pseudo-random 64-bit number, or its 16 hexadecimal digits.
fn generated(i: u64, numbers: bool, take: &mut impl FnMut(Key<'_>)) {
    let number = KeyHash::of_id(i).get();
    if numbers {
        take(Key::Number(number));
    } else {
        take(Key::Text(format!("{number:016x}").as_bytes()));
    }
}

fn lines(stream: impl Read, numbers: bool, mut take: impl FnMut(Key<'_>)) -> Result<(), String> {
    let mut lines = Lines::new(stream);
    while let Some((at, line)) = lines.next().map_err(|e| e.to_string())? {
        take(if numbers {
            let most = u64::MAX;
            let wrong = || format!("line {at}: {} is no number up to {most}", quoted(line));
            Key::Number(decimal(line).ok_or_else(wrong)?)
        } else {
            Key::Text(line)
        });
    }
    Ok(())
}

/// Accepts digits only; `parse` alone would accept a sign.
fn decimal(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bytes() {
        let mut seen = Vec::new();
        let input: &[u8] = b"a\r\n\n\xff\r\r\nlast";
        let take = |key: Key<'_>| match key {
            Key::Text(text) => seen.push(text.to_vec()),
            Key::Number(_) => panic!("text"),
        };
        lines(input, false, take).expect("read");
        assert_eq!(seen, [&b"a"[..], b"", b"\xff\r", b"last"]);
    }

    #[test]
    fn lines_are_numbers() {
        let mut seen = Vec::new();
        let read = |input: &[u8], seen: &mut Vec<u64>| {
            lines(input, true, |key| match key {
                Key::Number(number) => seen.push(number),
                Key::Text(_) => panic!("a number"),
            })
        };
        read(b"0\n18446744073709551615\r\n007", &mut seen).expect("read");
        assert_eq!(seen, [0, u64::MAX, 7]);
        let message = read(b"1\n+2\n", &mut seen).expect_err("a sign");
        assert!(message.contains("line 2") && message.contains("\"+2\""), "{message}");
        assert!(read(b"18446744073709551616", &mut seen).is_err());
        assert!(read(b"\n", &mut seen).is_err());
    }
}
