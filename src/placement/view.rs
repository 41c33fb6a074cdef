//! The structure of a placement, from which exact diffs and shares over all keys are computed.
//!
//! ```text
//!             ring      Maglev    table       jump family, anchor   Asura    rendezvous
//! structure   Circle    Entries   Rows        Numbering             Board    Scores
//!             └──────── Pieces of hashes ──┘
//! ```
//!
//! A diff is computed from two views, shares from a view and a number of replicas. Neither depends on
//! a particular algorithm: an algorithm implements [`sealed::Viewed`] in a few lines and gets both.

use super::Placement;
use crate::circle::{Circle, RingArc, Rule, Scale, Stream};
use crate::hash::mix::{last_of, reduce};
use crate::node::NodeIdx;
use alloc::boxed::Box;

/// A placement whose owners and shares can be computed exactly, without sampling keys. Two such
/// placements can be compared by [`Locator::diff`](crate::Locator::diff).
///
/// The trait is sealed: all placements of this crate implement it. For a placement of your own, count
/// over keys with [`count_moves`](crate::analysis::count_moves) and
/// [`Balance::of_keys`](crate::analysis::Balance::of_keys).
pub trait Exact: Placement + sealed::Viewed {}

impl<P: Placement + sealed::Viewed> Exact for P {}

pub(crate) mod sealed {
    /// Exposes the structure. Sealed, because it may still grow.
    #[diagnostic::on_unimplemented(
        message = "the owners and shares of `{Self}` cannot be computed without looking at keys",
        note = "they can be for the placements of this crate; for one of your own count over keys, by \
                `count_moves` and `Balance::of_keys`"
    )]
    #[allow(unnameable_types)] // a seal
    pub trait Viewed: Send + Sync {
        fn view(&self) -> super::View<'_>;
    }

    impl<P: Viewed + ?Sized> Viewed for &P {
        fn view(&self) -> super::View<'_> {
            (**self).view()
        }
    }
}

/// The structure, and the algorithm's name. The name is used in messages and to distinguish two
/// algorithms with the same kind of structure.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub(crate) algorithm: &'static str,
    pub(crate) structure: Structure<'a>,
}

/// The kinds of structures.
#[derive(Clone, Debug)]
pub(crate) enum Structure<'a> {
    /// Points on the circle of hashes.
    Circle(OnCircle<'a>),
    /// Equal ranges of hashes, each with an owner. Further replicas are the next distinct owners.
    Entries(Entries<'a>),
    /// Equal ranges of hashes, each with a list of holders.
    Rows(Rows<'a>),
    /// Numbered buckets of equal shares.
    Numbering(Numbering<'a>),
    /// Numbered slots with weights, at which keys throw darts.
    Board(Board<'a>),
    /// Scores of all nodes; the node with the best score is the owner.
    Scores(Scores<'a>),
}

/// Points on the circle, and the rule by which keys find them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnCircle<'a> {
    pub(crate) circle: &'a Circle,
    pub(crate) rule: Rule,
    /// The number of nodes that have points.
    pub(crate) live: usize,
    /// The sequence of points, if a node's points depend on its identity and weight alone.
    pub(crate) sequence: Option<Sequence>,
}

/// The points of a node: the beginning of an endless sequence, as many points as its weight asks for.
#[allow(unnameable_types)] // part of the seal of point schemes
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    pub(crate) scale: Scale,
    /// Where the SplitMix64 stream of the points starts, for this identity.
    pub(crate) seed: fn(identity: u64) -> u64,
}

impl Sequence {
    /// How many points a weight asks for.
    pub(crate) fn count(&self, weight: u64) -> u64 {
        self.scale.points_of(weight) as u64
    }

    /// The points of a node of this identity and weight.
    pub(crate) fn stream(&self, identity: u64, weight: u64) -> Stream {
        Stream { seed: (self.seed)(identity), count: self.count(weight) as u32 }
    }
}

/// A list of nodes, in 16-bit or 32-bit integers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NodeList<'a> {
    Narrow(&'a [u16]),
    Wide(&'a [u32]),
}

impl NodeList<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Narrow(nodes) => nodes.len(),
            Self::Wide(nodes) => nodes.len(),
        }
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<NodeIdx> {
        match self {
            Self::Narrow(nodes) => nodes.get(at).map(|node| NodeIdx::new(u32::from(*node))),
            Self::Wide(nodes) => nodes.get(at).map(|node| NodeIdx::new(*node)),
        }
    }
}

/// The owner of each entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries<'a> {
    pub(crate) owners: NodeList<'a>,
}

/// The holders of each partition, one list after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) holders: NodeList<'a>,
    pub(crate) partitions: u32,
    /// The places of each list.
    pub(crate) replicas: u32,
    /// How many of these places have a holder; all of them if `None`.
    pub(crate) sizes: Option<&'a [u8]>,
}

impl<'a> Rows<'a> {
    /// The last hash of a partition.
    pub(crate) fn last_hash(&self, partition: u32) -> u64 {
        last_of(partition.into(), self.partitions.into())
    }

    /// The holders of a partition, the owner first.
    pub(crate) fn row(&self, partition: u32) -> impl Iterator<Item = NodeIdx> + use<'a> {
        let first = partition as usize * self.replicas as usize;
        let size = self.sizes.and_then(|sizes| sizes.get(partition as usize));
        let size = size.map_or(self.replicas as usize, |size| (*size).into());
        let holders = self.holders;
        (first..first + size).filter_map(move |at| holders.get(at))
    }
}

/// Buckets, each with a node; some of them are removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbering<'a> {
    pub(crate) nodes: BucketNodes<'a>,
    /// The removed buckets, the oldest first.
    pub(crate) removed: &'a [u32],
    /// True if an old bucket gives equal shares to all new buckets, whatever their numbers.
    pub(crate) even: bool,
    /// The number of buckets among which keys draw first, if it is fixed: those beyond `nodes` were
    /// removed before any other, the highest first.
    pub(crate) capacity: Option<u32>,
}

/// The node of each bucket. For removed buckets it has no meaning.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BucketNodes<'a> {
    Listed(&'a [NodeIdx]),
    /// Behind what an anchor keeps beside each.
    Entries(&'a [(u32, NodeIdx)]),
    /// This many buckets; the node of each has the bucket's number as its slot.
    Same(u32),
}

impl Numbering<'_> {
    /// The number of buckets, removed ones included.
    pub(crate) fn size(&self) -> u32 {
        match self.nodes {
            BucketNodes::Listed(nodes) => nodes.len() as u32,
            BucketNodes::Entries(entries) => entries.len() as u32,
            BucketNodes::Same(size) => size,
        }
    }

    /// The node of a bucket that is not removed.
    pub(crate) fn node(&self, bucket: u32) -> Option<NodeIdx> {
        match self.nodes {
            BucketNodes::Listed(nodes) => nodes.get(bucket as usize).copied(),
            BucketNodes::Entries(entries) => entries.get(bucket as usize).map(|entry| entry.1),
            BucketNodes::Same(size) => (bucket < size).then(|| NodeIdx::new(bucket)),
        }
    }
}

/// A board of slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Board<'a> {
    /// The board has 2^exponent slots; those beyond the lists are empty.
    pub(crate) exponent: u32,
    /// The number of darts that a key throws before the fallback decides.
    pub(crate) darts: u16,
    /// The weight of a full slot.
    pub(crate) full: u32,
    /// By slot.
    pub(crate) weights: &'a [u32],
    /// By slot.
    pub(crate) nodes: &'a [Option<NodeIdx>],
}

impl Board<'_> {
    /// The weight of a slot.
    pub(crate) fn weight(&self, slot: usize) -> u32 {
        self.weights.get(slot).copied().unwrap_or(0)
    }

    /// The node of a slot.
    pub(crate) fn node(&self, slot: usize) -> Option<NodeIdx> {
        self.nodes.get(slot).copied().flatten()
    }
}

/// Independent scores of all live nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scores<'a> {
    /// All nodes have the same weight.
    Equal,
    /// By the weights of the topology.
    Weighted,
    /// By these weights, in the order of the slots, each beside the node's identity.
    Given(&'a [(u64, u64)]),
}

/// The hashes in ascending order, cut into pieces: the last hash and the owner of each piece.
pub(crate) type Pieces<'a> = Box<dyn Iterator<Item = (u64, Option<NodeIdx>)> + 'a>;

impl<'a> Structure<'a> {
    /// The pieces, each with one owner, which together cover all hashes; `None` if the structure has
    /// no pieces.
    pub(crate) fn pieces(&self) -> Option<Pieces<'a>> {
        match *self {
            Self::Circle(OnCircle { circle, rule, .. }) => {
                let empty = (circle.len() == 0).then_some((u64::MAX, None));
                let piece = |arc: RingArc| (arc.last, Some(arc.owner));
                Some(Box::new(circle.arcs(rule).map(piece).chain(empty)))
            }
            Self::Entries(Entries { owners }) => {
                let count = owners.len().max(1);
                let last = move |at: usize| last_of(at as u64, owners.len() as u64);
                Some(Box::new((0..count).map(move |at| (last(at), owners.get(at)))))
            }
            Self::Rows(rows) => {
                let piece = move |p: u32| (rows.last_hash(p), rows.row(p).next());
                Some(Box::new((0..rows.partitions.max(1)).map(piece)))
            }
            Self::Numbering(_) | Self::Board(_) | Self::Scores(_) => None,
        }
    }

    /// The last hash of the piece that a hash is in; `None` if the structure has no pieces, or does not
    /// order them.
    pub(crate) fn end_of_piece(&self, hash: u64) -> Option<u64> {
        let of_equal = |parts: u64| (parts > 0).then(|| last_of(reduce(hash, parts), parts));
        match self {
            Self::Circle(OnCircle { circle, rule, .. }) => circle.end_of_arc(*rule, hash),
            Self::Entries(Entries { owners }) => of_equal(owners.len() as u64).or(Some(u64::MAX)),
            Self::Rows(rows) => of_equal(rows.partitions.into()).or(Some(u64::MAX)),
            Self::Numbering(_) | Self::Board(_) | Self::Scores(_) => None,
        }
    }

    /// True if the structure cuts the hashes into pieces.
    pub(crate) fn has_pieces(&self) -> bool {
        matches!(self, Self::Circle(_) | Self::Entries(_) | Self::Rows(_))
    }

    /// The name of a structure of which only owners are known exactly, for messages.
    pub(crate) fn owners_only_name(&self) -> Option<&'static str> {
        match self {
            Self::Circle(on) if on.rule == Rule::Nearest => Some("a ring by nearest points"),
            _ => None,
        }
    }

    /// True if all hashes of a piece have the same replicas. With `plain` the replicas are the first
    /// candidates, otherwise a rule chooses them among all candidates.
    pub(crate) fn orders_pieces(&self, plain: bool) -> bool {
        match self {
            Self::Circle(on_circle) => on_circle.rule != Rule::Nearest,
            Self::Entries(_) => true,
            // The candidates after a row's holders depend on the key.
            Self::Rows(_) => plain,
            Self::Numbering(_) | Self::Board(_) | Self::Scores(_) => false,
        }
    }
}
