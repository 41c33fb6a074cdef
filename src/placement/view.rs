//! What a placement knows exactly about all keys together.
//!
//! ```text
//!             ring      Maglev    table       jump family, anchor   Asura    rendezvous
//! structure   Circle    Entries   Rows        Numbering             Board    Scores
//!             └──────── Pieces of hashes ──┘
//! ```
//!
//! A diff is made from two views, shares from a view and a number of replicas; neither knows an
//! algorithm by name. An algorithm shows its structure in a few lines beside its guarantees, and
//! then has both.

use super::Placement;
use crate::circle::{Circle, RingArc, Rule, Scale};
use crate::hash::mix::last_of;
use crate::node::NodeIdx;
use alloc::boxed::Box;

/// Placements whose owners and shares are known without looking at a key: those of this crate. Two
/// of them can be compared by [`Locator::diff`](crate::Locator::diff).
///
/// Sealed. For a placement of your own, count over keys with [`count_moves`](crate::analysis::count_moves) and
/// [`Balance::of_keys`](crate::analysis::Balance::of_keys).
pub trait Exact: Placement + sealed::Viewed {}

impl<P: Placement + sealed::Viewed> Exact for P {}

pub(crate) mod sealed {
    /// Shows the structure. Not to be implemented outside, while it may still grow.
    #[diagnostic::on_unimplemented(
        message = "what `{Self}` places where is not known without looking at keys",
        note = "the placements of this crate know it; for one of your own count over keys, by \
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

/// The structure, and the algorithm's name for messages and for telling apart two structures of one
/// kind.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub(crate) algorithm: &'static str,
    pub(crate) structure: Structure<'a>,
}

/// The kinds of structures there are.
#[derive(Clone, Debug)]
pub(crate) enum Structure<'a> {
    /// Points on the circle of hashes.
    Circle(OnCircle<'a>),
    /// Ranges of hashes of one size, with an owner each; further replicas are the owners that
    /// follow.
    Entries(Entries<'a>),
    /// Ranges of hashes of one size, with a list of holders each.
    Rows(Rows<'a>),
    /// Numbered buckets of equal shares.
    Numbering(Numbering<'a>),
    /// Numbered slots with weights, at which keys throw darts.
    Board(Board<'a>),
    /// The best score of all nodes wins.
    Scores(Scores<'a>),
}

/// Points on the circle, and how keys find them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnCircle<'a> {
    pub(crate) circle: &'a Circle,
    pub(crate) rule: Rule,
    /// Nodes that have points.
    pub(crate) live: usize,
    /// Where a node's points follow from its identity and weight alone.
    pub(crate) sequence: Option<Sequence>,
}

/// The points of a node: the first ones of a sequence without end, as many as its weight asks for.
#[allow(unnameable_types)] // part of the seal of point schemes
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    pub(crate) scale: Scale,
    /// The point with this number, for this identity.
    pub(crate) point: fn(identity: u64, number: u64) -> u64,
}

impl Sequence {
    /// How many points a weight asks for.
    pub(crate) fn count(&self, weight: u64) -> u64 {
        self.scale.points_of(weight) as u64
    }
}

/// Nodes by number, as narrow as their slots allow.
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
    pub(crate) replicas: u32,
}

impl<'a> Rows<'a> {
    /// The last hash of a partition.
    pub(crate) fn last_hash(&self, partition: u32) -> u64 {
        last_of(partition.into(), self.partitions.into())
    }

    /// The holders of a partition, the owner first.
    pub(crate) fn row(&self, partition: u32) -> impl Iterator<Item = NodeIdx> + use<'a> {
        let first = partition as usize * self.replicas as usize;
        let holders = self.holders;
        (first..first + self.replicas as usize).filter_map(move |at| holders.get(at))
    }
}

/// Buckets with a node each, some of them removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbering<'a> {
    pub(crate) nodes: BucketNodes<'a>,
    /// The removed buckets, the oldest first.
    pub(crate) removed: &'a [u32],
    /// True if an old bucket gives alike to all new ones, whatever their numbers.
    pub(crate) even: bool,
}

/// The node of each bucket; of removed ones, any.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BucketNodes<'a> {
    Listed(&'a [NodeIdx]),
    /// So many buckets, each a node of its own number.
    Same(u32),
}

impl Numbering<'_> {
    /// Buckets, removed ones included.
    pub(crate) fn size(&self) -> u32 {
        match self.nodes {
            BucketNodes::Listed(nodes) => nodes.len() as u32,
            BucketNodes::Same(size) => size,
        }
    }

    /// The node of a bucket that is not removed.
    pub(crate) fn node(&self, bucket: u32) -> Option<NodeIdx> {
        match self.nodes {
            BucketNodes::Listed(nodes) => nodes.get(bucket as usize).copied(),
            BucketNodes::Same(size) => (bucket < size).then(|| NodeIdx::new(bucket)),
        }
    }
}

/// A board of slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Board<'a> {
    /// The board has 2 to this power of slots; those beyond the lists are empty.
    pub(crate) exponent: u32,
    /// Darts that a key throws before the fallback decides.
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
    /// All nodes alike.
    Equal,
    /// By the weights of the topology.
    Weighted,
    /// By these weights, in the order of the slots, each beside the node's identity.
    Given(&'a [(u64, u64)]),
}

/// Hashes in order, cut into pieces: the last hash of each, and its owner.
pub(crate) type Pieces<'a> = Box<dyn Iterator<Item = (u64, Option<NodeIdx>)> + 'a>;

impl<'a> Structure<'a> {
    /// The pieces of one owner each, where there are any; together they cover all hashes.
    ///
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

    /// True if hashes are cut into pieces.
    pub(crate) fn has_pieces(&self) -> bool {
        matches!(self, Self::Circle(_) | Self::Entries(_) | Self::Rows(_))
    }

    /// What it is called in a message that says that only its owners are known.
    pub(crate) fn owners_only_name(&self) -> Option<&'static str> {
        match self {
            Self::Circle(on) if on.rule == Rule::Nearest => Some("a ring by nearest points"),
            _ => None,
        }
    }

    /// Whether all hashes of a piece have the same replicas: if they are the first candidates
    /// (`plain`), or chosen among all candidates by a rule.
    pub(crate) fn orders_pieces(&self, plain: bool) -> bool {
        match self {
            Self::Circle(on_circle) => on_circle.rule != Rule::Nearest,
            Self::Entries(_) => true,
            // Candidates behind a row's holders follow the key.
            Self::Rows(_) => plain,
            Self::Numbering(_) | Self::Board(_) | Self::Scores(_) => false,
        }
    }
}
