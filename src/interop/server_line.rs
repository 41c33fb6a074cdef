//! Lines of servers as configurations have them: a server, then options as `name=value` or words.

use crate::error::{Error, InteropFault};
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

/// A server and its options.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ServerLine<'a> {
    pub(super) server: &'a str,
    pub(super) weight: u64,
    options: Vec<(&'a str, Option<&'a str>)>,
}

/// What a system's lines look like.
pub(super) struct Notation {
    /// The system's name in messages.
    pub(super) system: &'static str,
    /// Options with a value, beside `weight`.
    pub(super) options: &'static [&'static str],
    /// Options without a value.
    pub(super) words: &'static [&'static str],
    /// The lowest and the highest weight.
    pub(super) weights: (u64, u64),
}

impl Notation {
    /// Reads one line.
    pub(super) fn read<'a>(&self, line: &'a str) -> Result<ServerLine<'a>, Error> {
        let mut tokens = line.split_ascii_whitespace();
        let refused = |token: &str, expected: &str| {
            Error::from(InteropFault::token(self.system, line, token, expected))
        };
        let server = tokens.next().ok_or_else(|| refused("", "a server"))?;
        let mut read = ServerLine { server, weight: 1, options: Vec::new() };
        for token in tokens {
            let (name, value) = match token.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (token, None),
            };
            let (low, high) = self.weights;
            match value {
                Some(value) if name == "weight" => {
                    let weight = decimal(value).filter(|weight| (low..=high).contains(weight));
                    let expected = || alloc::format!("a weight in {low}..={high}");
                    read.weight = weight.ok_or_else(|| refused(token, &expected()))?;
                }
                Some(_) if self.options.contains(&name) => read.options.push((name, value)),
                None if self.words.contains(&name) => read.options.push((name, None)),
                _ => return Err(refused(token, &self.known())),
            }
        }
        Ok(read)
    }

    /// Reads all lines; there must be one.
    pub(super) fn read_all<'a>(
        &self,
        lines: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<ServerLine<'a>>, Error> {
        let read: Vec<_> =
            lines.into_iter().map(|line| self.read(line)).collect::<Result<_, _>>()?;
        if read.is_empty() {
            return Err(InteropFault::NoServer { system: self.system }.into());
        }
        Ok(read)
    }

    fn known(&self) -> String {
        let options = self.options.iter().map(|name| alloc::format!("{name}=VALUE"));
        let words = self.words.iter().map(|word| (*word).into());
        let known = core::iter::once("weight=N".into()).chain(options).chain(words);
        alloc::format!("one of {}", known.collect::<Vec<String>>().join(", "))
    }
}

impl<'a> ServerLine<'a> {
    /// The value of an option.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.options.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value)
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.options.iter().any(|(known, _)| *known == word)
    }
}

/// A number in decimal digits, without a sign.
pub(super) fn decimal<T: FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
