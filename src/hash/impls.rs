//! [`StableHash`] for the types of `core` and `alloc`.

use super::describe::DescribedBytes;
use super::stable::hash_encoded;
use super::{BytesHasher, Encoder, KeyHash, LabelForm, Seal, StableHash};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128,
};
use core::time::Duration;

/// Prints the value as `Display` does, also from the bytes of its label.
macro_rules! describe_by_display {
    ($form:ident) => {
        fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(self, f)
        }
        label_form!($form);
    };
}

/// The form of the type's labels.
macro_rules! label_form {
    ($form:ident) => {
        #[inline]
        fn label_form(&self, _: Seal) -> LabelForm {
            LabelForm::$form
        }
    };
}

/// Integers of up to 64 bits: sign-extended to eight bytes.
macro_rules! integers {
    ($($t:ty => $form:ident |$v:ident| $wide:expr),* $(,)?) => {$(
        impl StableHash for $t {
            #[inline]
            fn encode(&self, out: &mut Encoder<'_>) {
                let $v = *self;
                out.raw(&($wide).to_le_bytes());
            }
            #[inline]
            fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
                let $v = *self;
                hasher.hash_bytes(&($wide).to_le_bytes())
            }
            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
            label_form!($form);
        }
    )*};
}

integers! {
    i8 => Signed |v| i64::from(v),
    i16 => Signed |v| i64::from(v),
    i32 => Signed |v| i64::from(v),
    i64 => Signed |v| v,
    u16 => Unsigned |v| u64::from(v),
    u32 => Unsigned |v| u64::from(v),
    u64 => Unsigned |v| v,
    i128 => Signed |v| v,
    u128 => Unsigned |v| v,
    bool => Bool |v| u64::from(v),
    char => Char |v| u64::from(v),
    NonZeroI8 => Signed |v| i64::from(v.get()),
    NonZeroI16 => Signed |v| i64::from(v.get()),
    NonZeroI32 => Signed |v| i64::from(v.get()),
    NonZeroI64 => Signed |v| v.get(),
    NonZeroI128 => Signed |v| v.get(),
    NonZeroU8 => Unsigned |v| u64::from(v.get()),
    NonZeroU16 => Unsigned |v| u64::from(v.get()),
    NonZeroU32 => Unsigned |v| u64::from(v.get()),
    NonZeroU64 => Unsigned |v| v.get(),
    NonZeroU128 => Unsigned |v| v.get(),
}

impl StableHash for u8 {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        u64::from(*self).encode(out);
    }
    #[inline]
    fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
        u64::from(*self).hash_whole(hasher)
    }
    describe_by_display!(Unsigned);
    #[inline]
    fn slice_as_bytes(items: &[Self], _: Seal) -> Option<&[u8]> {
        Some(items)
    }
}

impl StableHash for str {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.bytes(self.as_bytes());
    }
    #[inline]
    fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
        hasher.hash_bytes(self.as_bytes())
    }
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
    label_form!(Text);
}

impl<T: StableHash> StableHash for [T] {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        if let Some(bytes) = T::slice_as_bytes(self, Seal) {
            return out.bytes(bytes);
        }
        out.length(self.len());
        for item in self {
            item.encode(out);
        }
    }
    #[inline]
    fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
        match T::slice_as_bytes(self, Seal) {
            Some(bytes) => hasher.hash_bytes(bytes),
            None => hash_encoded(|out| self.encode(out), hasher),
        }
    }
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(bytes) = T::slice_as_bytes(self, Seal) {
            return fmt::Display::fmt(&DescribedBytes(bytes), f);
        }
        f.write_str("[")?;
        for (i, item) in self.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            item.describe(f)?;
        }
        f.write_str("]")
    }
    #[inline]
    fn label_form(&self, _: Seal) -> LabelForm {
        match T::slice_as_bytes(self, Seal) {
            Some(_) => LabelForm::Bytes,
            None => LabelForm::Own,
        }
    }
}

impl<T: StableHash, const N: usize> StableHash for [T; N] {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        self.as_slice().encode(out);
    }
    #[inline]
    fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
        self.as_slice().hash_whole(hasher)
    }
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().describe(f)
    }
    #[inline]
    fn label_form(&self, _: Seal) -> LabelForm {
        self.as_slice().label_form(Seal)
    }
}

impl<T: StableHash> StableHash for Option<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.raw(&[u8::from(self.is_some())]);
        if let Some(value) = self {
            value.encode(out);
        }
    }
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(value) = self else { return f.write_str("None") };
        f.write_str("Some(")?;
        value.describe(f)?;
        f.write_str(")")
    }
}

/// Seconds and nanoseconds, as a tuple of them.
impl StableHash for Duration {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        (self.as_secs(), self.subsec_nanos()).encode(out);
    }
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// References and smart pointers are encoded as the value they point to.
macro_rules! pointers {
    ($($(#[$meta:meta])* [$($generics:tt)*] $t:ty),* $(,)?) => {$(
        $(#[$meta])*
        impl<$($generics)*> StableHash for $t {
            #[inline]
            fn encode(&self, out: &mut Encoder<'_>) {
                (**self).encode(out);
            }
            #[inline]
            fn hash_whole(&self, hasher: &dyn BytesHasher) -> KeyHash {
                (**self).hash_whole(hasher)
            }
            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).describe(f)
            }
            #[inline]
            fn label_form(&self, _: Seal) -> LabelForm {
                (**self).label_form(Seal)
            }
        }
    )*};
}

pointers! {
    [T: StableHash + ?Sized] &T,
    [T: StableHash + ?Sized] &mut T,
    #[cfg(feature = "alloc")] [T: StableHash + ?Sized] alloc::boxed::Box<T>,
    #[cfg(feature = "alloc")] [T: StableHash + ?Sized] alloc::sync::Arc<T>,
    #[cfg(feature = "alloc")] [T: StableHash + ?Sized] alloc::rc::Rc<T>,
    #[cfg(feature = "alloc")] [T: StableHash] alloc::vec::Vec<T>,
    #[cfg(feature = "alloc")] [] alloc::string::String,
    #[cfg(feature = "alloc")]
    [T: StableHash + alloc::borrow::ToOwned + ?Sized] alloc::borrow::Cow<'_, T>,
}

macro_rules! tuples {
    ($(($($name:ident)*)),* $(,)?) => {$(
        impl<$($name: StableHash),*> StableHash for ($($name,)*) {
            #[inline]
            #[allow(non_snake_case, unused_variables)]
            fn encode(&self, out: &mut Encoder<'_>) {
                let ($($name,)*) = self;
                $($name.encode(out);)*
            }
            #[allow(non_snake_case, unused_variables)]
            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let ($($name,)*) = self;
                let parts: &[&dyn StableHash] = &[$($name,)*];
                f.write_str("(")?;
                for (i, part) in parts.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { ", " })?;
                    part.describe(f)?;
                }
                f.write_str(if parts.len() == 1 { ",)" } else { ")" })
            }
        }
    )*};
}

tuples! {
    (), (A), (A B), (A B C), (A B C D), (A B C D E), (A B C D E F), (A B C D E F G),
    (A B C D E F G H), (A B C D E F G H I), (A B C D E F G H I J), (A B C D E F G H I J K),
    (A B C D E F G H I J K L),
}

impl StableHash for Ipv4Addr {
    describe_by_display!(Ipv4);
    fn encode(&self, out: &mut Encoder<'_>) {
        out.raw(&self.octets());
    }
}

impl StableHash for Ipv6Addr {
    describe_by_display!(Ipv6);
    fn encode(&self, out: &mut Encoder<'_>) {
        out.raw(&self.octets());
    }
}

impl StableHash for IpAddr {
    describe_by_display!(Ip);
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::V4(ip) => {
                out.raw(&[4]);
                ip.encode(out);
            }
            Self::V6(ip) => {
                out.raw(&[6]);
                ip.encode(out);
            }
        }
    }
}

impl StableHash for SocketAddrV4 {
    describe_by_display!(SocketV4);
    fn encode(&self, out: &mut Encoder<'_>) {
        (self.ip(), self.port()).encode(out);
    }
}

impl StableHash for SocketAddrV6 {
    describe_by_display!(SocketV6);
    fn encode(&self, out: &mut Encoder<'_>) {
        (self.ip(), self.port(), self.flowinfo(), self.scope_id()).encode(out);
    }
}

impl StableHash for SocketAddr {
    describe_by_display!(Socket);
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::V4(address) => {
                out.raw(&[4]);
                address.encode(out);
            }
            Self::V6(address) => {
                out.raw(&[6]);
                address.encode(out);
            }
        }
    }
}
