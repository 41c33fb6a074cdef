//! Which placements can be compared exactly.

use crate::anchor::JumpBackAnchor;
use crate::any::{AnyPlacement, Inner};
use crate::asura::Asura;
use crate::bucket::{FlipHash, Jump, JumpBack, JumpGuava, Numbered};
use crate::error::{CompareFault, Error};
use crate::maglev::Maglev;
use crate::node::NodeIdx;
use crate::partition::PartitionTable;
use crate::placement::Build;
use crate::rendezvous::{Rendezvous, WeightedRendezvous};
use crate::ring::{PointScheme, Ring, SideBySide};
use alloc::borrow::Cow;

/// Placements whose difference can be computed exactly: two of the same algorithm, or two rings of
/// any [`PointScheme`].
///
/// Sealed. Anything else can be compared over keys, see [`over_keys`](crate::over_keys).
pub trait Compare<Q = Self>: Build {
    /// How the two are compared.
    #[doc(hidden)]
    fn compare<'a>(&'a self, new: &'a Q) -> Result<Comparison<'a>, Error>;
}

/// How two placements are compared.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug)]
pub enum Comparison<'a> {
    /// Interval by interval.
    Rings(SideBySide),
    /// Number by number; the flag says that every old bucket gives alike to every new one.
    Numberings {
        /// For messages.
        algorithm: &'static str,
        /// Slots of the old buckets.
        old: Cow<'a, [NodeIdx]>,
        /// Slots of the new buckets.
        new: Cow<'a, [NodeIdx]>,
        /// Every old bucket gives alike to every new one, whatever their numbers.
        even: bool,
    },
    /// Entry by entry.
    Tables(&'a Maglev, &'a Maglev),
    /// Partition by partition.
    Partitions(&'a PartitionTable, &'a PartitionTable),
    /// Slot by slot.
    Boards(&'a Asura, &'a Asura),
    /// By the formula of exponential draws.
    Weights {
        /// For messages.
        algorithm: &'static str,
    },
}

/// Any two rings: their points are of one circle, whatever scheme they come from.
impl<S: PointScheme, T: PointScheme> Compare<Ring<T>> for Ring<S>
where
    Self: Build,
{
    fn compare<'a>(&'a self, new: &'a Ring<T>) -> Result<Comparison<'a>, Error> {
        Ok(Comparison::Rings(self.beside(new)))
    }
}

impl Compare for Maglev {
    fn compare<'a>(&'a self, new: &'a Self) -> Result<Comparison<'a>, Error> {
        Ok(Comparison::Tables(self, new))
    }
}

/// Of any two sizes.
impl Compare for PartitionTable {
    fn compare<'a>(&'a self, new: &'a Self) -> Result<Comparison<'a>, Error> {
        Ok(Comparison::Partitions(self, new))
    }
}

macro_rules! numbered {
    ($($function:ty, $algorithm:literal, $even:literal;)*) => {$(
        impl Compare for Numbered<$function> {
            fn compare<'a>(&'a self, new: &'a Self) -> Result<Comparison<'a>, Error> {
                let (old, new) = (self.numbering().into(), new.numbering().into());
                Ok(Comparison::Numberings { algorithm: $algorithm, old, new, even: $even })
            }
        }
    )*};
}

numbered! {
    Jump, "jump", true;
    JumpGuava, "jump-guava", true;
    JumpBack, "jump-back", false;
    FlipHash, "flip", true;
}

/// Exact where one value is the other after removals only, or neither has a removed bucket.
impl Compare for JumpBackAnchor {
    fn compare<'a>(&'a self, new: &'a Self) -> Result<Comparison<'a>, Error> {
        let algorithm = "jump-back-anchor";
        let even = self.buckets().size() == new.buckets().size();
        let Some((old, new)) = self.paired(new) else {
            return Err(CompareFault::OtherHistory { algorithm }.into());
        };
        // Keys of a removed bucket are drawn again among all others; where no bucket was removed,
        // as by JumpBackHash.
        Ok(Comparison::Numberings { algorithm, old: old.into(), new: new.into(), even })
    }
}

impl Compare for Asura {
    fn compare<'a>(&'a self, new: &'a Self) -> Result<Comparison<'a>, Error> {
        Ok(Comparison::Boards(self, new))
    }
}

impl Compare for Rendezvous {
    fn compare<'a>(&'a self, _: &'a Self) -> Result<Comparison<'a>, Error> {
        Ok(Comparison::Weights { algorithm: "rendezvous" })
    }
}

impl Compare for WeightedRendezvous {
    fn compare<'a>(&'a self, _: &'a Self) -> Result<Comparison<'a>, Error> {
        Ok(Comparison::Weights { algorithm: "weighted-rendezvous" })
    }
}

impl Compare for AnyPlacement {
    fn compare<'a>(&'a self, new: &'a Self) -> Result<Comparison<'a>, Error> {
        match (self.inner(), new.inner()) {
            (Inner::Ring(old), Inner::Ring(new)) => old.compare(new),
            (Inner::Jump(old), Inner::Jump(new)) => old.compare(new),
            (Inner::JumpGuava(old), Inner::JumpGuava(new)) => old.compare(new),
            (Inner::JumpBack(old), Inner::JumpBack(new)) => old.compare(new),
            (Inner::Flip(old), Inner::Flip(new)) => old.compare(new),
            (Inner::Asura(old), Inner::Asura(new)) => old.compare(new),
            (Inner::JumpBackAnchor(old), Inner::JumpBackAnchor(new)) => old.compare(new),
            (Inner::Maglev(old), Inner::Maglev(new)) => old.compare(new),
            (Inner::Rendezvous(old), Inner::Rendezvous(new)) => old.compare(new),
            (Inner::WeightedRendezvous(old), Inner::WeightedRendezvous(new)) => old.compare(new),
            _ => {
                let (old, new) = (self.algorithm().name(), new.algorithm().name());
                Err(CompareFault::OtherAlgorithm { old, new }.into())
            }
        }
    }
}
