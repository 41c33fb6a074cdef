//! Labels printed from their bytes alone.

use super::LabelForm;
use super::describe::DescribedBytes;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};

impl LabelForm {
    /// Every form, at the place of its number.
    const ALL: [Self; 13] = [
        Self::Own,
        Self::Bytes,
        Self::Text,
        Self::Unsigned,
        Self::Signed,
        Self::Bool,
        Self::Char,
        Self::Ipv4,
        Self::Ipv6,
        Self::Ip,
        Self::SocketV4,
        Self::SocketV6,
        Self::Socket,
    ];

    /// The form with this number.
    pub(crate) fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Bytes)
    }

    /// Prints a label of this form; `None`, and nothing printed, if its bytes do not have the form.
    fn print(self, mut label: &[u8], f: &mut fmt::Formatter<'_>) -> Option<fmt::Result> {
        let bytes = &mut label;
        Some(match (self, bytes.len()) {
            (Self::Text, _) => fmt::Debug::fmt(core::str::from_utf8(bytes).ok()?, f),
            (Self::Unsigned, 8) => fmt::Display::fmt(&u64::from_le_bytes(take(bytes)?), f),
            (Self::Unsigned, 16) => fmt::Display::fmt(&u128::from_le_bytes(take(bytes)?), f),
            (Self::Signed, 8) => fmt::Display::fmt(&i64::from_le_bytes(take(bytes)?), f),
            (Self::Signed, 16) => fmt::Display::fmt(&i128::from_le_bytes(take(bytes)?), f),
            (Self::Bool, 8) => fmt::Display::fmt(&(word::<u64>(bytes)? != 0), f),
            (Self::Char, 8) => fmt::Debug::fmt(&char::from_u32(word(bytes)?)?, f),
            (Self::Ipv4, 4) => fmt::Display::fmt(&Ipv4Addr::from(take(bytes)?), f),
            (Self::Ipv6, 16) => fmt::Display::fmt(&Ipv6Addr::from(take(bytes)?), f),
            (Self::SocketV4, 12) => {
                let address = SocketAddrV4::new(take(bytes)?.into(), word(bytes)?);
                fmt::Display::fmt(&address, f)
            }
            (Self::SocketV6, 40) => {
                let ip = take::<16>(bytes)?.into();
                let address = SocketAddrV6::new(ip, word(bytes)?, word(bytes)?, word(bytes)?);
                fmt::Display::fmt(&address, f)
            }
            (Self::Ip | Self::Socket, _) => {
                let (family, rest) = bytes.split_first()?;
                return match (self, family) {
                    (Self::Ip, 4) => Self::Ipv4.print(rest, f),
                    (Self::Ip, 6) => Self::Ipv6.print(rest, f),
                    (_, 4) => Self::SocketV4.print(rest, f),
                    (_, 6) => Self::SocketV6.print(rest, f),
                    _ => None,
                };
            }
            _ => return None,
        })
    }
}

/// Takes the first bytes away.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Takes an integer away, which is encoded in eight bytes.
fn word<T: TryFrom<u64>>(bytes: &mut &[u8]) -> Option<T> {
    u64::from_le_bytes(take(bytes)?).try_into().ok()
}

/// The bytes of a label and their form.
pub(crate) struct Formed<'a>(pub(crate) LabelForm, pub(crate) &'a [u8]);

impl fmt::Display for Formed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(form, label) = *self;
        form.print(label, f).unwrap_or_else(|| DescribedBytes(label).fmt(f))
    }
}
