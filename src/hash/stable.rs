//! The bytes of a key: [`StableHash`].

use super::describe::Printer;
use super::label_form::LabelForm;
use super::{BytesHasher, KeyHash};
use core::cell::{Cell, RefCell};
use core::fmt;

const BUFFER: usize = 128;

pub(crate) mod seal {
    /// An argument that no other crate can name, so that none calls or overrides a method that takes
    /// it.
    #[allow(unnameable_types)] // a seal
    #[derive(Clone, Copy, Debug)]
    pub struct Seal;
}

/// A type that can be a key or a node's label: it defines the bytes that are hashed, and they never
/// change.
///
/// | key | as a whole key | as a part of a tuple, slice or struct |
/// |---|---|---|
/// | `str`, `[u8]`, `[u8; N]`, `String`, `Vec<u8>` | its bytes, nothing added | length as u64, then the bytes |
/// | integer of up to 64 bits, `bool`, `char` | 8 bytes, sign-extended | the same |
/// | `u128`, `i128` | 16 bytes | the same |
/// | tuple of up to 12 parts, `Duration` (seconds and nanoseconds) | its parts in order | the same |
/// | `[T]`, `[T; N]`, `Vec<T>` | length as u64, then the parts | the same |
/// | `Option<T>` | one byte 0 or 1, then the value | the same |
/// | `Ipv4Addr`, `Ipv6Addr` | 4 or 16 octets | the same |
/// | `IpAddr`, `SocketAddr` | one byte 4 or 6, then the parts | the same |
///
/// - `NonZero` integers are encoded as their values, and `&T`, `Box<T>`, `Rc<T>`, `Arc<T>` and
///   `Cow<T>` as the value they point to. So `["a"]` and `["a".to_string()]` are the same key. Only a
///   slice of `u8` itself is encoded as bytes: `[&u8]` is a list of integers.
/// - All integers are little-endian.
/// - Values of different types that have the same bytes are the same key: `42_u8` and `42_u64` on
///   purpose, `""` and `()` because both are empty.
/// - `usize` and floats do not implement the trait.
/// - `core::hash::Hash` promises nothing across releases, so it is not used here. For keys that
///   implement nothing else see [`Local`](crate::hash::Local).
///
/// For a type of your own, [`stable_hash!`](crate::stable_hash) implements the trait in one line:
///
/// ```
/// use apportion::{Xxh3, stable_hash};
/// use apportion::hash::KeyHasher;
///
/// struct Document { tenant: u64, name: String }
/// stable_hash!(Document { tenant, name });
///
/// let document = Document { tenant: 7, name: "a".into() };
/// assert_eq!(Xxh3.hash_key(&document), Xxh3.hash_key(&(7, "a")));
/// ```
///
/// You cannot implement the trait for a type of another crate. Pass its contents (`id.as_bytes()` of a
/// UUID, `&bytes[..]`, `path.to_str()`), or wrap it in a type of your own:
/// `stable_hash!(UserId(id) as id.as_bytes())`.
///
/// Changing the bytes of a type moves its keys. Treat it as a breaking change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which bytes it stands for",
    note = "a type of your own: `apportion::stable_hash!(Document {{ tenant, name }})` implements \
            `StableHash` in one line, and `stable_hash!(UserId(id) as id.as_bytes())` for a type that \
            wraps one of another crate",
    note = "a type of another crate: pass what it consists of, for example `id.as_bytes()` of a `Uuid`, \
            `&bytes[..]` of `Bytes`, `path.to_str()` of a `Path`, or wrap it in a type of your own",
    note = "`usize` and `isize` have another width on other machines: convert them to `u64` or `i64`; a \
            float has several encodings of one value: pass `to_bits()` if that is what you mean",
    note = "a node may be of any type: `Node::labelled(value, label)` takes its bytes beside it"
)]
pub trait StableHash {
    /// Writes the value's bytes as a part of something larger. No value's encoding may be a prefix of
    /// the encoding of another value of the type.
    fn encode(&self, out: &mut Encoder<'_>);

    /// Hashes the value as a whole key: by default the bytes that [`encode`](Self::encode) writes. Text
    /// and bytes are hashed bare, without their length.
    #[inline]
    fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
        hash_encoded(|out| self.encode(out), hasher)
    }

    /// Prints the value as the label of a node in messages and in `Debug`. It does not affect
    /// placement.
    ///
    /// Text is printed in quotes, an integer as its number, an address in its usual form, a tuple as
    /// `(7, "a")`. By default the bytes of the whole key are printed: as text in quotes if they are
    /// printable, otherwise in hexadecimal digits. For a type of your own that wraps a number write
    /// `self.0.describe(f)`, as [`stable_hash!`](crate::stable_hash) does.
    ///
    /// ```
    /// use apportion::StableHash;
    /// use apportion::hash::Encoder;
    ///
    /// #[derive(Debug)]
    /// struct Shard(u32);
    ///
    /// impl StableHash for Shard {
    ///     fn encode(&self, out: &mut Encoder<'_>) { self.0.encode(out) }
    ///     fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    ///         write!(f, "shard {}", self.0)
    ///     }
    /// }
    ///
    /// # #[cfg(feature = "alloc")] {
    /// use apportion::Locator;
    ///
    /// let error = Locator::ring([Shard(1), Shard(2)])?.without(&Shard(3)).unwrap_err();
    /// assert_eq!(error.to_string(), "there is no node shard 3; give the label of an existing node");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of the formatter.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printer = Printer { f: RefCell::new(f), result: Cell::new(Ok(())) };
        self.hash_whole(&printer);
        printer.result.get()
    }

    /// The items as bytes, if the type is `u8`: a slice of them is then encoded as bytes.
    #[doc(hidden)]
    #[inline]
    fn slice_as_bytes(items: &[Self], _: seal::Seal) -> Option<&[u8]>
    where
        Self: Sized,
    {
        let _ = items;
        None
    }

    /// How a label of this value prints. By default as [`describe`](Self::describe) does.
    #[doc(hidden)]
    #[inline]
    fn label_form(&self, _: seal::Seal) -> LabelForm {
        LabelForm::Own
    }
}

/// Hashes the bytes that `encode` writes.
#[inline]
pub(super) fn hash_encoded(encode: impl Fn(&mut Encoder<'_>), hasher: &dyn BytesHasher) -> KeyHash {
    let mut first = Encoder::buffered();
    encode(&mut first);
    match first.complete() {
        Some(bytes) => hasher.hash_bytes(bytes),
        // Too long for the stack buffer: encode once more, this time into the hash itself.
        None => hasher.hash_parts(&mut |part| {
            let mut second = Encoder::streaming(part);
            encode(&mut second);
            second.flush();
        }),
    }
}

/// Receives the bytes that [`StableHash::encode`] writes.
pub struct Encoder<'a> {
    buffer: [u8; BUFFER],
    /// While streaming, the bytes in the buffer; otherwise all bytes written, even those that no
    /// longer fit into the buffer.
    len: usize,
    sink: Option<Sink<'a>>,
}

type Sink<'a> = &'a mut dyn FnMut(&[u8]);

impl fmt::Debug for Encoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("len", &self.len).finish_non_exhaustive()
    }
}

impl<'a> Encoder<'a> {
    #[inline]
    fn buffered() -> Self {
        Self { buffer: [0; BUFFER], len: 0, sink: None }
    }

    fn streaming(sink: Sink<'a>) -> Self {
        Self { buffer: [0; BUFFER], len: 0, sink: Some(sink) }
    }

    /// All bytes written, if they fit into the buffer.
    #[inline]
    fn complete(&self) -> Option<&[u8]> {
        self.buffer.get(..self.len)
    }

    fn flush(&mut self) {
        if let (Some(sink), Some(bytes)) = (&mut self.sink, self.buffer.get(..self.len)) {
            sink(bytes);
            self.len = 0;
        }
    }

    /// Writes bytes as they are. The encoding stays unambiguous for a part of fixed length; for others
    /// use [`Encoder::bytes`].
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        if self.sink.is_some() && bytes.len() > BUFFER - self.len.min(BUFFER) {
            self.flush();
            if bytes.len() > BUFFER {
                if let Some(sink) = &mut self.sink {
                    sink(bytes);
                }
                return;
            }
        }
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.buffer.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
        }
        self.len = end;
    }

    /// Writes the length as a u64, then the bytes.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    #[inline]
    pub(crate) fn length(&mut self, len: usize) {
        self.raw(&(len as u64).to_le_bytes());
    }
}
