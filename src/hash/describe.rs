//! How labels print in messages.

#[cfg(feature = "alloc")]
use super::StableHash;
use super::{BytesHasher, KeyHash, Parts};
use core::cell::{Cell, RefCell};
use core::fmt;

/// A value as [`StableHash::describe`] prints it.
#[cfg(feature = "alloc")]
pub(crate) struct Described<'a, T: ?Sized>(pub(crate) &'a T);

#[cfg(feature = "alloc")]
impl<T: StableHash + ?Sized> fmt::Display for Described<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(f)
    }
}

/// Prints bytes of unknown meaning: as text in quotes if they are printable, otherwise in hexadecimal
/// digits. Eight bytes may be an integer, so its number is printed as well.
pub(crate) struct DescribedBytes<'a>(pub(crate) &'a [u8]);

impl DescribedBytes<'_> {
    fn text(&self) -> Option<&str> {
        let text = core::str::from_utf8(self.0).ok()?;
        (!text.chars().any(char::is_control)).then_some(text)
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn is_text(&self) -> bool {
        self.text().is_some()
    }
}

impl fmt::Display for DescribedBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.text() {
            return write!(f, "{text:?}");
        }
        f.write_str("0x")?;
        hex(self.0, f)?;
        match <[u8; 8]>::try_from(self.0) {
            Ok(word) => write!(f, " (little-endian {})", i64::from_le_bytes(word)),
            Err(_) => Ok(()),
        }
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))
}

/// A "hasher" that prints the bytes.
pub(super) struct Printer<'a, 'b> {
    pub(super) f: RefCell<&'a mut fmt::Formatter<'b>>,
    pub(super) result: Cell<fmt::Result>,
}

impl BytesHasher for Printer<'_, '_> {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.result.set(fmt::Display::fmt(&DescribedBytes(bytes), &mut self.f.borrow_mut()));
        KeyHash::default()
    }

    /// Long values arrive in parts, so they are always printed in hexadecimal digits.
    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        let mut result = self.f.borrow_mut().write_str("0x");
        parts(&mut |bytes| result = result.and_then(|()| hex(bytes, &mut self.f.borrow_mut())));
        self.result.set(result);
        KeyHash::default()
    }
}
