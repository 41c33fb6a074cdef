//! A node's label: the bytes that identify it, and the text that messages print for it.

use crate::error::Label;
use crate::hash::{BytesHasher, Described, DescribedBytes, KeyHash, Parts, StableHash};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::cmp::Ordering;
use core::fmt::{self, Write as _};
use core::ops::Deref;

/// A label, shared by all topologies derived from one another. Equality, hashes and order depend on
/// the label's bytes alone.
///
/// ```text
/// label bytes │ text for messages, UTF-8; empty if │ length of the text,
///             │ the label prints like its bytes    │ 2 bytes, little-endian
/// ```
#[derive(Clone)]
pub(crate) struct NodeLabel(Arc<[u8]>);

/// Maximum number of bytes of the text that are kept: a message must stay readable.
const TEXT_MAX: usize = 1024;

/// Bytes of the length of the text.
const TRAILER: usize = 2;

impl NodeLabel {
    /// The label of a node that is its own label.
    pub(crate) fn of(id: &(impl StableHash + ?Sized)) -> Self {
        let bytes = label_of(id);
        let mut printed = Printed::new(&bytes);
        // The writer accepts everything; a `describe` that fails has printed what it could.
        let _ = write!(printed, "{}", Described(id));
        let text = printed.text;
        Self::new(bytes, &text)
    }

    fn new(mut bytes: Vec<u8>, text: &str) -> Self {
        let length = (0..=text.len().min(TEXT_MAX)).rev().find(|at| text.is_char_boundary(*at));
        let text = length.and_then(|length| text.get(..length)).unwrap_or_default();
        bytes.reserve_exact(text.len() + TRAILER);
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
        Self(bytes.into())
    }

    /// The label's bytes and the text.
    #[inline]
    fn parts(&self) -> (&[u8], &[u8]) {
        let Some((rest, trailer)) = self.0.split_last_chunk::<TRAILER>() else { return (&[], &[]) };
        let text = usize::from(u16::from_le_bytes(*trailer));
        rest.split_at_checked(rest.len() - text.min(rest.len())).unwrap_or_default()
    }

    /// A label given as bytes, which prints like them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec(), "")
    }

    /// The text printed from the node's value; `None` if the label prints like its bytes.
    fn text(&self) -> Option<&str> {
        core::str::from_utf8(self.parts().1).ok().filter(|text| !text.is_empty())
    }

    /// True if the label prints like its bytes.
    pub(crate) fn is_plain(&self) -> bool {
        self.text().is_none()
    }

    /// The label in a message.
    pub(crate) fn shown(&self) -> Label {
        Label::printed(self)
    }

    /// The label as a name in a list or a table: text without quotes.
    pub(crate) fn name(&self) -> String {
        match (self.text(), core::str::from_utf8(self)) {
            (None, Ok(text)) if DescribedBytes(self).is_text() => text.into(),
            _ => alloc::format!("{self}"),
        }
    }
}

impl Deref for NodeLabel {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.parts().0
    }
}

impl PartialEq for NodeLabel {
    fn eq(&self, other: &Self) -> bool {
        // Most labels are compared with a clone of themselves.
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for NodeLabel {}

impl PartialOrd for NodeLabel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NodeLabel {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl fmt::Display for NodeLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(text),
            None => DescribedBytes(self).fmt(f),
        }
    }
}

impl fmt::Debug for NodeLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a label prints. Most labels are text that prints like its bytes, in quotes: as long as that is
/// so, nothing is kept.
struct Printed<'a> {
    label: &'a [u8],
    /// How many bytes of the label were printed, and whether the quotes before and after them were.
    matched: usize,
    open: bool,
    closed: bool,
    /// Whether all so far is the label in quotes.
    same: bool,
    /// All so far, if it is not.
    text: String,
}

impl<'a> Printed<'a> {
    fn new(label: &'a [u8]) -> Self {
        let text = String::new();
        Self { label, matched: 0, open: false, closed: false, same: true, text }
    }

    /// Takes a part that goes on with the label in quotes; `None` if it does not.
    fn follow(&mut self, part: &[u8]) -> Option<()> {
        let part = if self.open { part } else { part.strip_prefix(b"\"")? };
        let rest = self.label.get(self.matched..)?;
        let (now, closing) = part.split_at_checked(part.len().min(rest.len()))?;
        let closes = !closing.is_empty();
        if !rest.starts_with(now) || closes && (closing != b"\"" || self.closed) {
            return None;
        }
        (self.open, self.closed) = (true, self.closed || closes);
        self.matched += now.len();
        Some(())
    }
}

impl fmt::Write for Printed<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.same && self.follow(part.as_bytes()).is_some() {
            return Ok(());
        }
        if self.same {
            self.same = false;
            self.text.push_str(if self.open { "\"" } else { "" });
            let matched = self.label.get(..self.matched).unwrap_or_default();
            self.text.push_str(core::str::from_utf8(matched).unwrap_or_default());
            self.text.push_str(if self.closed { "\"" } else { "" });
        }
        self.text.push_str(part);
        Ok(())
    }
}

/// The bytes of a value as a whole key.
pub(crate) fn label_of(id: &(impl StableHash + ?Sized)) -> Vec<u8> {
    let collect = Collect(RefCell::default());
    id.hash_whole(&collect);
    collect.0.into_inner()
}

/// True if an id's bytes as a whole key equal this label. Unlike [`label_of`] it does not allocate.
pub(crate) fn is_label_of(label: &[u8], id: &(impl StableHash + ?Sized)) -> bool {
    let rest = Cell::new(Some(label));
    id.hash_whole(&Strip(&rest));
    rest.get().is_some_and(<[u8]>::is_empty)
}

/// A "hasher" that strips the bytes from the front of a label; `None` once they differ.
struct Strip<'a, 'l>(&'a Cell<Option<&'l [u8]>>);

impl BytesHasher for Strip<'_, '_> {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.hash_parts(&mut |part| part(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.set(self.0.get().and_then(|rest| rest.strip_prefix(bytes))));
        KeyHash::default()
    }
}

/// A "hasher" that collects the bytes.
struct Collect(RefCell<Vec<u8>>);

impl BytesHasher for Collect {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.hash_parts(&mut |part| part(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.borrow_mut().extend_from_slice(bytes));
        KeyHash::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeLabel, is_label_of, label_of};
    use crate::StableHash;
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    /// The label "ab", which prints something of its own, a character at a time.
    struct Own(&'static str);

    impl StableHash for Own {
        fn encode(&self, out: &mut crate::hash::Encoder<'_>) {
            "ab".encode(out);
        }

        fn hash_whole(&self, hasher: &dyn crate::hash::BytesHasher) -> crate::KeyHash {
            hasher.hash_bytes(b"ab")
        }

        fn describe(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            self.0.chars().try_for_each(|c| core::fmt::Write::write_char(f, c))
        }
    }

    /// Text keeps only its bytes; any other label also keeps the text it prints.
    #[test]
    fn only_what_is_not_text_keeps_a_text() {
        for text in ["", "a", "cache-1", "Zürich", "\u{4e16}", " "] {
            let label = NodeLabel::of(text);
            assert!(label.is_plain() && *label == *text.as_bytes(), "{text:?}");
            assert_eq!(label.to_string(), alloc::format!("{text:?}"));
            assert_eq!(label.name(), text);
        }
        // Quotes and control characters are escaped.
        for text in ["\"", "a\"b", "a\nb", "\\", "\"a\"", "\u{7f}"] {
            assert_eq!(NodeLabel::of(text).to_string(), alloc::format!("{text:?}"));
        }
        let number = NodeLabel::of(&42_u32);
        assert!(!number.is_plain() && *number == 42_u64.to_le_bytes());
        assert_eq!((number.to_string(), number.name()), ("42".into(), "42".into()));
        assert_eq!(number, NodeLabel::from_bytes(&42_u64.to_le_bytes()));
        // The eight bytes of an integer may be printable text by chance.
        let text = u64::from_le_bytes(*b"12345678");
        assert_eq!(NodeLabel::of(&text).to_string(), text.to_string());
        assert_eq!(NodeLabel::from_bytes(b"12345678").to_string(), "\"12345678\"");
        // A text of one's own may begin like the label in quotes.
        let own = |text: &'static str| NodeLabel::of(&Own(text)).to_string();
        assert_eq!(own("\"ab\""), "\"ab\"");
        for text in ["\"ab\" and more", "\"ac\"", "\"ab\"\"", "\"abc", "ab", "\""] {
            assert_eq!(own(text), if text == "\"" { "\"ab\"" } else { text });
        }
        let bytes: Vec<u8> = [0xff, 0].into();
        assert_eq!(NodeLabel::of(&bytes).to_string(), "0xff00");
    }

    /// Ids with lengths around the size of the encoder's buffer, compared with similar labels.
    #[test]
    fn an_id_is_its_label_and_no_other() {
        fn check(id: &impl StableHash) {
            let label = label_of(id);
            assert!(is_label_of(&label, id));
            let mut others: Vec<Vec<u8>> = vec![label.clone(), label.clone()];
            others[0].push(0);
            others[1].insert(0, b'x');
            for at in [0, label.len() / 2, label.len().wrapping_sub(1)] {
                if at < label.len() {
                    let mut other = label.clone();
                    other[at] ^= 1;
                    others.extend([other, label[..at].to_vec(), label[at + 1..].to_vec()]);
                }
            }
            assert!(others.iter().all(|other| !is_label_of(other, id)), "{label:?}");
        }
        check(&42_u64);
        check(&(7, "a", [1_u16, 2]));
        for len in [0, 1, 127, 128, 129, 1000] {
            let text: Vec<u8> = (0..len).map(|i: usize| (i % 251) as u8).collect();
            check(&text);
            check(&(1, &text, 2));
        }
    }
}
