//! By which law a placement's shares are known.

use crate::anchor::{AnchorBuckets, JumpBackAnchor};
use crate::any::{AnyPlacement, Inner};
use crate::asura::Asura;
use crate::bucket::{Buckets, FlipHash, Jump, JumpBack, JumpGuava, Numbered};
use crate::maglev::Maglev;
use crate::partition::PartitionTable;
use crate::placement::Placement;
use crate::rendezvous::{Rendezvous, RendezvousSlice, WeightedRendezvous, WeightedRendezvousSlice};
use crate::ring::{Circle, PointScheme, Ring, Rule};

/// Placements whose shares and inclusion probabilities are known without looking at a key.
///
/// Sealed. Any other placement can be counted over keys, see
/// [`Balance::of_keys`](super::Balance::of_keys).
pub trait KnownShares: Placement {
    /// By which law.
    #[doc(hidden)]
    fn law(&self) -> Law<'_>;
}

/// By which law shares are known.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug)]
pub enum Law<'a> {
    /// By the points of the circle.
    Circle(Circle),
    /// By the intervals of a ring of nearest points, whose replicas are not met going one way.
    Intervals(Circle),
    /// By the entries of the table.
    Table(&'a Maglev),
    /// By the rows of the partitions.
    Partitions(&'a PartitionTable),
    /// Every live node alike, at every place of the list.
    Alike,
    /// Each next holder in proportion to weight among those left.
    ByWeight,
    /// As by weight, but by the weights that the slots were given.
    Given(&'a [(u64, u64)]),
    /// As by weight, but by what the slots of the board hold, which is rounded.
    Board(&'a Asura),
}

impl<S: PointScheme> KnownShares for Ring<S> {
    fn law(&self) -> Law<'_> {
        if self.rule() == Rule::Nearest {
            return Law::Intervals(self.circle_of_arcs());
        }
        Law::Circle(self.as_circle())
    }
}

impl KnownShares for Maglev {
    fn law(&self) -> Law<'_> {
        Law::Table(self)
    }
}

impl KnownShares for PartitionTable {
    fn law(&self) -> Law<'_> {
        Law::Partitions(self)
    }
}

impl KnownShares for Asura {
    fn law(&self) -> Law<'_> {
        Law::Board(self)
    }
}

impl KnownShares for WeightedRendezvousSlice<'_> {
    fn law(&self) -> Law<'_> {
        Law::Given(self.nodes())
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
    Buckets<Jump>, Alike;
    Buckets<JumpGuava>, Alike;
    Buckets<JumpBack>, Alike;
    Buckets<FlipHash>, Alike;
    JumpBackAnchor, Alike;
    AnchorBuckets, Alike;
    Rendezvous, Alike;
    RendezvousSlice<'_>, Alike;
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
