//! Whether the bytes of a label say how it prints.

/// How a label prints: from its bytes, or only from the value that it was made of.
///
/// Clusters of many nodes are built again and again, and few of their labels are ever printed. So
/// the text of a label is made from its bytes when a message needs it, for every type known here.
#[allow(unnameable_types)] // part of a sealed method
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LabelForm {
    /// Only by [`StableHash::describe`](super::StableHash::describe) of the value.
    Own,
    /// Bytes of unknown meaning.
    Bytes,
    Text,
    Unsigned,
    Signed,
    Bool,
    Char,
    Ipv4,
    Ipv6,
    Ip,
    SocketV4,
    SocketV6,
    Socket,
}
