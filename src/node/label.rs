//! A node's label: the bytes that identify it, and the text that messages print for it.

use crate::error::Label;
use crate::hash::{
    BytesHasher, Described, DescribedBytes, Formed, KeyHash, LabelForm, Parts, Seal, StableHash,
};
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
/// label bytes │ text for messages, UTF-8; empty │ length of the text,    │ form,
///             │ unless only the value has it    │ 2 bytes, little-endian │ 1 byte
/// ```
#[derive(Clone)]
pub(crate) struct NodeLabel(Arc<[u8]>);

/// Maximum number of bytes of the text that are kept: a message must stay readable.
const TEXT_MAX: usize = 1024;

/// Bytes after the text.
const TRAILER: usize = 3;

impl NodeLabel {
    /// The label of a node that is its own label.
    pub(crate) fn of(id: &(impl StableHash + ?Sized)) -> Self {
        let bytes = label_of(id);
        let form = id.label_form(Seal);
        if form != LabelForm::Own {
            return Self::new(bytes, "", form);
        }
        let mut printed = Printed::new(&bytes);
        // The writer accepts everything; a `describe` that fails has printed what it could.
        let _ = write!(printed, "{}", Described(id));
        let text = printed.text;
        let form = if text.is_empty() { LabelForm::Bytes } else { form };
        Self::new(bytes, &text, form)
    }

    fn new(mut bytes: Vec<u8>, text: &str, form: LabelForm) -> Self {
        let length = (0..=text.len().min(TEXT_MAX)).rev().find(|at| text.is_char_boundary(*at));
        let text = length.and_then(|length| text.get(..length)).unwrap_or_default();
        bytes.reserve_exact(text.len() + TRAILER);
        bytes.extend_from_slice(text.as_bytes());
        let [low, high] = (text.len() as u16).to_le_bytes();
        bytes.extend_from_slice(&[low, high, form as u8]);
        Self(bytes.into())
    }

    /// The label's bytes, the text and the form.
    #[inline]
    fn parts(&self) -> (&[u8], &[u8], u8) {
        let Some((rest, [low, high, form])) = self.0.split_last_chunk::<TRAILER>() else {
            return (&[], &[], 0);
        };
        let text = usize::from(u16::from_le_bytes([*low, *high]));
        let (label, text) =
            rest.split_at_checked(rest.len() - text.min(rest.len())).unwrap_or_default();
        (label, text, *form)
    }

    /// A label given as bytes, which prints like them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut label = Vec::with_capacity(bytes.len() + TRAILER);
        label.extend_from_slice(bytes);
        Self::new(label, "", LabelForm::Bytes)
    }

    fn form(&self) -> LabelForm {
        LabelForm::from_number(self.parts().2)
    }

    /// True if only the bytes are known, but not the type of the value that they stand for.
    pub(crate) fn is_bytes(&self) -> bool {
        self.form() == LabelForm::Bytes
    }

    /// The label in a message.
    pub(crate) fn shown(&self) -> Label {
        Label::printed(self)
    }

    /// The label as a name in a list or a table: text without quotes.
    pub(crate) fn name(&self) -> String {
        match (self.form(), core::str::from_utf8(self)) {
            (LabelForm::Bytes | LabelForm::Text, Ok(text)) if DescribedBytes(self).is_text() => {
                text.into()
            }
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
        let (label, text, form) = self.parts();
        match (LabelForm::from_number(form), core::str::from_utf8(text)) {
            (LabelForm::Own, Ok(text)) => f.write_str(text),
            (form, _) => Formed(form, label).fmt(f),
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
    // Room for most labels and what follows them.
    let collect = Collect(RefCell::new(Vec::with_capacity(48)));
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
    use crate::hash::{Described, DescribedBytes, Formed, LabelForm};
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;
    use core::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};

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

    /// What a label prints is what its value prints, of every type; only types that are not known here
    /// keep a text.
    #[test]
    fn a_label_prints_as_its_value() {
        fn check(id: &(impl StableHash + ?Sized), keeps: bool) {
            let (label, printed) = (NodeLabel::of(id), Described(id).to_string());
            assert_eq!(label.to_string(), printed);
            assert_eq!(!label.parts().1.is_empty(), keeps, "{printed}");
            assert_eq!(*label, *label_of(id), "{printed}");
        }
        macro_rules! integers {
            ($($t:ident)*) => {$(
                for value in [$t::MIN, $t::MIN + 1, 0, 1, $t::MAX - 1, $t::MAX] {
                    check(&value, false);
                    if let Ok(value) = core::num::NonZero::try_from(value) {
                        check(&value, false);
                    }
                }
            )*};
        }
        integers!(i8 i16 i32 i64 i128 u8 u16 u32 u64 u128);
        for text in ["", "a", "Zürich", "\0", "\"", "a\nb", "12345678", "\u{7f}"] {
            check(text, false);
            check(&alloc::string::String::from(text), false);
            check(&alloc::sync::Arc::<str>::from(text), false);
            check(text.as_bytes(), false);
            check(&text.as_bytes().to_vec(), false);
            text.chars().for_each(|c| check(&c, false));
        }
        check(b"1234", false);
        check(&[0xff_u8; 8], false);
        check(&true, false);
        check(&false, false);
        let ips = ["0.0.0.0", "255.1.2.3", "::", "::1", "::ffff:1.2.3.4", "fe80::1:2"];
        for ip in ips.map(|ip| ip.parse::<IpAddr>().unwrap_or(IpAddr::V4([0; 4].into()))) {
            check(&ip, false);
            check(&&ip, false);
            check(&SocketAddr::new(ip, 65_535), false);
            match ip {
                IpAddr::V4(ip) => {
                    check(&ip, false);
                    check(&SocketAddrV4::new(ip, 80), false);
                }
                IpAddr::V6(ip) => {
                    check(&ip, false);
                    check(&SocketAddrV6::new(ip, 80, u32::MAX, 7), false);
                    check(&SocketAddr::from(SocketAddrV6::new(ip, 0, 1, u32::MAX)), false);
                }
            }
        }
        check(&(7, "a"), true);
        check(&Some(1), true);
        check(&["a", "b"], true);
        check(&core::time::Duration::from_millis(3), true);
    }

    /// A form that does not fit the bytes prints the bytes, once.
    #[test]
    fn bytes_of_another_form_print_as_bytes() {
        for number in 0..=u8::MAX {
            for len in 0..50 {
                for byte in [0, 4, 6, b'x', 0xff] {
                    let bytes = vec![byte; len];
                    let printed = Formed(LabelForm::from_number(number), &bytes).to_string();
                    let fits = number > 1 && usize::from(number) < 13;
                    let as_bytes = DescribedBytes(&bytes).to_string();
                    assert!(fits || printed == as_bytes, "{number} {len} {byte}");
                    assert!(!printed.is_empty());
                }
            }
        }
        assert_eq!(Formed(LabelForm::Ip, &[5, 0, 0, 0, 0]).to_string(), "0x0500000000");
        assert_eq!(
            Formed(LabelForm::Char, &[0xff; 8]).to_string(),
            DescribedBytes(&[0xff; 8]).to_string()
        );
        assert_eq!(Formed(LabelForm::Text, &[0xff]).to_string(), "0xff");
        for number in 0..13 {
            assert_eq!(LabelForm::from_number(number) as u8, number);
        }
    }

    /// Names and equality, and a type's own text.
    #[test]
    fn names_and_own_texts() {
        for text in ["", "a", "cache-1", "Zürich", "\u{4e16}", " "] {
            let label = NodeLabel::of(text);
            assert_eq!(*label, *text.as_bytes());
            assert_eq!(label.to_string(), alloc::format!("{text:?}"));
            assert_eq!(label.name(), text);
        }
        // Quotes and control characters are escaped.
        for text in ["\"", "a\"b", "a\nb", "\\", "\"a\"", "\u{7f}"] {
            assert_eq!(NodeLabel::of(text).to_string(), alloc::format!("{text:?}"));
        }
        let number = NodeLabel::of(&42_u32);
        assert!(!number.is_bytes() && *number == 42_u64.to_le_bytes());
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
