//! Bounded loads.

use core::fmt;

/// What bounded loads cannot do.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum BoundedFault {
    Factor { num: u32, den: u32 },
    NoLiveNode { keys: u32 },
    NoRoom { key: u64 },
    TooManyKeys { max: u32 },
}

impl fmt::Display for BoundedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Factor { num, den: 0 } => {
                write!(f, "the load factor {num}/0 is no ratio: it divides by 0")
            }
            Self::Factor { num, den } => write!(
                f,
                "the load factor {num}/{den} is below 1: the caps would not add up to the keys"
            ),
            Self::NoLiveNode { keys } => {
                let s = if *keys == 1 { "" } else { "s" };
                write!(f, "no node is live to hold {keys} key{s}")
            }
            Self::NoRoom { key } => write!(
                f,
                "the placement ends the candidates of key 0x{key:016x} before a node below its \
                 cap; its walk has to give every live node"
            ),
            Self::TooManyKeys { max } => {
                write!(f, "a key more would be over the {max} that can be held")
            }
        }
    }
}
