//! By which law a placement's shares are known.

use crate::anchor::JumpBackAnchor;
use crate::any::{AnyPlacement, Inner};
use crate::asura::Asura;
use crate::bucket::{FlipHash, Jump, JumpBack, JumpGuava, Numbered};
use crate::maglev::Maglev;
use crate::placement::Build;
use crate::rendezvous::{Rendezvous, WeightedRendezvous};
use crate::ring::Ring;

/// Placements whose shares and inclusion probabilities are known without looking at a key.
///
/// Sealed. Any other placement can be counted over keys, see
/// [`Balance::of_keys`](super::Balance::of_keys).
pub trait KnownShares: Build {
    /// By which law.
    #[doc(hidden)]
    fn law(&self) -> Law<'_>;
}

/// By which law shares are known.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Copy, Debug)]
pub enum Law<'a> {
    /// By the points of the circle.
    Ring(&'a Ring),
    /// By the entries of the table.
    Table(&'a Maglev),
    /// Every live node alike, at every place of the list.
    Alike,
    /// Each next holder in proportion to weight among those left.
    ByWeight,
}

impl KnownShares for Ring {
    fn law(&self) -> Law<'_> {
        Law::Ring(self)
    }
}

impl KnownShares for Maglev {
    fn law(&self) -> Law<'_> {
        Law::Table(self)
    }
}

macro_rules! laws {
    ($($placement:ty, $law:ident;)*) => {$(
        impl KnownShares for $placement {
            fn law(&self) -> Law<'_> {
                Law::$law
            }
        }
    )*};
}

laws! {
    Numbered<Jump>, Alike;
    Numbered<JumpGuava>, Alike;
    Numbered<JumpBack>, Alike;
    Numbered<FlipHash>, Alike;
    JumpBackAnchor, Alike;
    Rendezvous, Alike;
    Asura, ByWeight;
    WeightedRendezvous, ByWeight;
}

impl KnownShares for AnyPlacement {
    fn law(&self) -> Law<'_> {
        match self.inner() {
            Inner::Ring(placement) => placement.law(),
            Inner::Jump(placement) => placement.law(),
            Inner::JumpGuava(placement) => placement.law(),
            Inner::JumpBack(placement) => placement.law(),
            Inner::Flip(placement) => placement.law(),
            Inner::JumpBackAnchor(placement) => placement.law(),
            Inner::Asura(placement) => placement.law(),
            Inner::Maglev(placement) => placement.law(),
            Inner::Rendezvous(placement) => placement.law(),
            Inner::WeightedRendezvous(placement) => placement.law(),
        }
    }
}
