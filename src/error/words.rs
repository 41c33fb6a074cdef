//! How messages print labels and numbers of things.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A node's label in a message: text in quotes, an integer as its number, any other value as its type
/// prints it or as bytes in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Label(String);

/// Characters of a label that a message prints.
const MAX_CHARS: usize = 256;

impl Label {
    /// The label as it was printed for a message.
    pub(crate) fn printed(label: impl fmt::Display) -> Self {
        let mut text = Shortened { text: String::new(), left: MAX_CHARS };
        // Cutting the text short is the only error.
        let _ = fmt::Write::write_fmt(&mut text, format_args!("{label}"));
        Self(text.text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Keeps the beginning of a text, up to the length for a message.
struct Shortened {
    text: String,
    left: usize,
}

impl fmt::Write for Shortened {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for char in part.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(char);
        }
        Ok(())
    }
}

/// A number of things: "1 replica", "2 keys", "0 entries".
pub(crate) struct Count<T>(pub(crate) T, pub(crate) &'static str);

impl<T: fmt::Display + PartialEq + From<u8>> fmt::Display for Count<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, thing) = self;
        match thing.strip_suffix("ry") {
            _ if *count == T::from(1) => write!(f, "{count} {thing}"),
            Some(stem) => write!(f, "{count} {stem}ries"),
            None => write!(f, "{count} {thing}s"),
        }
    }
}

/// This many replicas.
pub(crate) fn replicas<T>(count: T) -> Count<T> {
    Count(count, "replica")
}

/// A text as a message prints it: its beginning, if it is long.
#[cfg(feature = "interop")]
pub(crate) fn shortened(text: &str) -> String {
    let mut start: String = text.chars().take(MAX_CHARS).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

/// Names in quotes, one by one.
pub(crate) fn quoted(domain: &str) -> String {
    let names: Vec<String> = domain.split(", ").map(|name| alloc::format!("{name:?}")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Count, Label, MAX_CHARS};
    use alloc::string::ToString;

    #[test]
    fn numbers_of_things() {
        let text = |count: u32, thing| Count(count, thing).to_string();
        assert_eq!((text(0, "key"), text(1, "key"), text(2, "key")), {
            ("0 keys".into(), "1 key".into(), "2 keys".into())
        });
        assert_eq!((text(1, "entry"), text(3, "entry")), ("1 entry".into(), "3 entries".into()));
    }

    #[test]
    fn labels_are_as_long_as_one_can_read() {
        assert_eq!(Label::printed("ä".repeat(1000)).to_string(), "ä".repeat(MAX_CHARS));
        assert_eq!(Label::printed(42).to_string(), "42");
    }
}
