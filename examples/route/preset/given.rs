//! What was given to a preset.

use crate::text::{decimal, quoted};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The nodes and options of a preset. The options are some of those that it takes.
pub(super) struct Given {
    pub(super) preset: &'static str,
    /// Each in the notation of the system.
    pub(super) nodes: Vec<String>,
    pub(super) options: BTreeMap<&'static str, String>,
    /// How many nodes hold a key.
    pub(super) replicas: usize,
}

impl Given {
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(String::as_str)
    }

    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// An option that has to be there.
    pub(super) fn needed(&self, name: &str) -> Result<&str, String> {
        self.option(name).ok_or_else(|| format!("--preset {} needs --{name}", self.preset))
    }

    /// A whole number that has to be there and is at least 1.
    pub(super) fn count(&self, name: &str) -> Result<u32, String> {
        let given = self.needed(name)?;
        let number = decimal(given.as_bytes()).filter(|number| *number > 0);
        number.ok_or_else(|| self.wrong(name, "a whole number from 1 to 4294967295"))
    }

    /// A whole number, with a default.
    pub(super) fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, String> {
        let Some(given) = self.option(name) else { return Ok(default) };
        decimal(given.as_bytes()).ok_or_else(|| self.wrong(name, "a whole number in its range"))
    }

    /// One of several words; the first by default.
    pub(super) fn choice<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<T, String> {
        let Some(given) = self.option(name) else {
            return known.first().map(|(_, value)| *value).ok_or_else(String::new);
        };
        let found = known.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        found.ok_or_else(|| self.wrong(name, &words.join(", ")))
    }

    /// The error of an option's value.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> String {
        let given = self.option(name).unwrap_or_default();
        format!("--{name} {}: expected {expected}", quoted(given.as_bytes()))
    }
}
