//! Which crate a program comes from.

use apportion::Algorithm;
use apportion::limits::MAX_NODES;

/// A crate and its use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Peer {
    HashRing { vnodes: usize },
    Ketama,
    Jump,
}

impl Peer {
    pub(crate) const NAMES: &'static str = "hashring, pingora-ketama, jump-consistent-hash";

    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "hashring" => Some(Self::HashRing { vnodes: 1 }),
            "pingora-ketama" => Some(Self::Ketama),
            "jump-consistent-hash" => Some(Self::Jump),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HashRing { .. } => "hashring",
            Self::Ketama => "pingora-ketama",
            Self::Jump => "jump-consistent-hash",
        }
    }

    /// The algorithm of apportion that replaces it.
    pub(crate) fn nearest(self) -> Algorithm {
        if self == Self::Jump { Algorithm::Jump } else { Algorithm::default() }
    }

    pub(crate) fn has_weights(self) -> bool {
        self == Self::Ketama
    }

    pub(crate) fn most_nodes(self) -> usize {
        match self {
            // The crate keeps 16 bits of a node's number.
            Self::Ketama => 1 << 16,
            _ => MAX_NODES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for name in Peer::NAMES.split(", ") {
            assert_eq!(Peer::named(name).map(Peer::name), Some(name));
        }
        assert_eq!(Peer::named("ketama"), None);
    }
}
