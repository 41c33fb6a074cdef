//! Replicas under failure domains: rules over the candidates of any placement.
//!
//! # Source
//! Edmonds, *Matroids and the greedy algorithm*, Mathematical Programming 1, 1971: the limits are a
//! laminar matroid, and the chosen replicas are its greedy basis. The chapter
//! [replicas](crate::docs::replicas) proves what moves.

mod levels;
mod listed;
mod locator;
mod lookup;
mod room;

use crate::error::{Error, SpreadFault};
use crate::hash::{BytesHasher, Xxh3};
use crate::topology::Members;
use alloc::sync::Arc;
use alloc::vec::Vec;
use levels::{Counts, Level, Levels, fault, shown};

/// A rule that spreads the replicas of a key over failure domains, compiled for the nodes of one
/// topology. Lookups cannot fail, and up to 64 replicas
/// ([`INLINE_CANDIDATES`](crate::limits::INLINE_CANDIDATES)) do not allocate.
///
/// ```
/// use apportion::{Locator, Node, Spread, Topology};
///
/// let disk = |name, zone, rack| Node::new(name).domain("zone", zone).domain("rack", rack);
/// let disks = [
///     disk("a1", "a", "r1"), disk("a2", "a", "r1"), disk("a3", "a", "r2"),
///     disk("b1", "b", "r1"), disk("b2", "b", "r2"), disk("c1", "c", "r1"),
/// ];
/// let store = Locator::ring_of(Topology::of(disks)?, Default::default())?;
/// let members = store.topology().members();
///
/// let spread = Spread::strict(members, 3, [("zone", 1)])?;
/// let holders = store.replicas_under::<3>(&spread, "some file");
/// let mut zones: Vec<_> = holders.iter().map(|name| &name[..1]).collect();
/// zones.sort();
/// assert_eq!(zones, ["a", "b", "c"]);
/// assert_eq!(holders.get(0), store.get("some file")); // the owner is always among them
///
/// // a2 is down: another disk of its zone comes in, and keys that are not on a2 stay.
/// let up = |node| store.topology().get(node) != Some(&"a2");
/// let fallback = store.replicas_under_where::<3>(&spread, "some file", up);
/// assert!(fallback.iter().all(|name| *name != "a2"));
///
/// assert_eq!(
///     Spread::strict(members, 4, [("zone", 1)]).unwrap_err().to_string(),
///     "4 replicas, at most 1 in a domain of level \"zone\", need more domains: the live nodes \
///      are in 3 domains, with room for 3"
/// );
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// The replicas are a key's candidates in order of preference, without those whose domain is full.
/// [`strict`](Self::strict) always keeps its limits, [`best_effort`](Self::best_effort) drops the
/// innermost limits where they cannot be kept, and [`even`](Self::even) has no limits and fills the
/// domains equally. A domain is its whole path: rack `r1` of zone `a` is not rack `r1` of zone `b`.
/// The replicas for k are the first k of those for k + 1.
///
/// # What moves
/// A node that joins, leaves or gets another weight changes at most one of a key's replicas, which
/// it replaces or which replaces it, if the placement keeps the order of the other nodes
/// ([`Guarantees::minimal_order`](crate::Guarantees::minimal_order): rings, rendezvous, Asura while
/// its board stays). It changes at most two in the jump family and for anchors.
///
/// Compile the spread again after every change of the nodes. Compiling fails if the limits cannot be
/// kept any more: a node that leaves may have been the last one of a domain that strict limits need.
/// A node whose domain changes counts as one that leaves and one that joins.
///
/// # Complexity
/// Compiling takes O(n log n) for each level.
///
/// A lookup of k ≤ 64 replicas takes O(c · k) for each walk, where c is the number of candidates up to
/// the last one taken. There is one walk for strict limits, one more for each limit that is dropped,
/// and one for each round in which `even` fills all domains equally, at most k. Rendezvous hashing
/// takes one pass over the nodes for each replica, however many are refused.
///
/// A lookup of more replicas lists the candidates that it needs and counts the replicas of each
/// domain: O(n log n) for any number of them, by every rule and for any filter.
///
/// A walk that has refused more candidates than there are live nodes looks at all nodes once and ends
/// if none of them can be taken. So a filter that refuses a zone costs O(n · k) under every algorithm
/// (O(slots · k) on an [`Asura`](crate::Asura) board), and a zone of m among n nodes is found after
/// n / m candidates on average. Only a spread that was compiled for nodes which the placement no
/// longer has walks to the end for them.
///
/// # Memory
/// 4 bytes for each slot and level, and 32 bytes for each replica of `even`. A clone shares them. A
/// lookup of more than 64 replicas takes as much again, and up to 160 bytes for each candidate that it
/// lists, until it returns.
#[doc(alias = "failure domain")]
#[doc(alias = "anti-affinity")]
#[doc(alias = "rack awareness")]
#[doc(alias = "zone awareness")]
#[derive(Clone, Debug)]
pub struct Spread {
    levels: Arc<Levels>,
    plan: SpreadRule,
    max_replicas: usize,
}

#[derive(Clone, Debug)]
enum SpreadRule {
    /// One stage after the other, each from the first candidate on.
    Limits(Arc<[Stage]>),
    /// How many replicas the domains of each replica hold when it is chosen.
    Even(Arc<[Counts]>),
}

/// A walk under the first `active` limits, which have room for `room` replicas.
#[derive(Clone, Copy, Debug)]
struct Stage {
    active: usize,
    room: usize,
}

impl Spread {
    /// A spread with a maximum number of replicas in each domain of a level: `[("zone", 1)]`, or
    /// nested, `[("zone", 2), ("rack", 1)]`. Levels may be given in any order.
    ///
    /// # Errors
    /// Fewer live nodes than `replicas`, or too few domains to hold them, named; 0 replicas; a
    /// limit of 0; a level given twice or unknown; a live node without one of the levels, or with
    /// levels in another order than the first one.
    pub fn strict<'a>(
        members: &Members,
        replicas: usize,
        limits: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Self, Error> {
        let levels = compile(members, replicas, limits)?;
        let mut room = room::room(&levels, 0);
        if room < replicas {
            return fault(SpreadFault::TooFewNodes { replicas, live: room });
        }
        for (i, level) in levels.iter().enumerate() {
            room = room::room(&levels, i + 1);
            if room < replicas {
                let (limit, domains) = (level.limit, room::domains(&levels, i));
                let level = shown(&level.name);
                return fault(SpreadFault::TooFewDomains { replicas, level, limit, domains, room });
            }
        }
        let plan = SpreadRule::Limits([Stage { active: levels.len(), room }].into());
        Ok(Self { levels: levels.into(), plan, max_replicas: replicas })
    }

    /// As [`strict`](Self::strict) as long as candidates allow it. Then the replicas chosen so far
    /// stay, the innermost limit is dropped and the candidates are walked again, and so on until no
    /// limit is left: a key has all its replicas as long as there are live nodes.
    /// [`kept`](Self::kept) tells which limits were kept.
    ///
    /// # Errors
    /// As [`strict`](Self::strict), but too few nodes or domains are not an error.
    pub fn best_effort<'a>(
        members: &Members,
        replicas: usize,
        limits: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Self, Error> {
        let levels = compile(members, replicas, limits)?;
        let stage = |active| Stage { active, room: room::room(&levels, active) };
        let stages: Vec<Stage> = (0..=levels.len()).rev().map(stage).collect();
        let max_replicas = replicas.min(room::room(&levels, 0));
        Ok(Self { levels: levels.into(), plan: SpreadRule::Limits(stages.into()), max_replicas })
    }

    /// A spread without limits: each replica is the first candidate among those whose outermost
    /// domain holds the fewest replicas so far, then the next domain inside it, and so on. Seven
    /// replicas in three zones make 3, 2 and 2 if the zones have enough nodes.
    ///
    /// # Errors
    /// 0 replicas; a level given twice or unknown; a live node without one of the levels, or with
    /// levels in another order than the first one.
    pub fn even<'a>(
        members: &Members,
        replicas: usize,
        levels: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let limits = levels.into_iter().map(|level| (level, u32::MAX));
        let levels = compile(members, replicas, limits)?;
        let profile = room::even(&levels, replicas);
        let max_replicas = profile.len();
        Ok(Self { levels: levels.into(), plan: SpreadRule::Even(profile.into()), max_replicas })
    }

    /// The number of replicas of a key unless nodes are filtered: the number that the spread was
    /// compiled for, or that of live nodes if it is smaller.
    #[must_use]
    pub fn max_replicas(&self) -> usize {
        self.max_replicas
    }

    /// A hash of its rule, of the number of replicas and of the levels with their limits; the nodes
    /// and their domains are not part of it.
    pub(crate) fn fingerprint(&self) -> u64 {
        let stages = match &self.plan {
            SpreadRule::Limits(stages) => stages.len() as u64,
            SpreadRule::Even(_) => 0,
        };
        Xxh3.hash_parts(&mut |part| {
            let mut text = |bytes: &[u8]| {
                part(&(bytes.len() as u64).to_le_bytes());
                part(bytes);
            };
            text(b"apportion spread 1");
            text(&stages.to_le_bytes());
            text(&(self.max_replicas as u64).to_le_bytes());
            for level in self.levels.iter() {
                text(level.name.as_bytes());
                text(&u64::from(level.limit).to_le_bytes());
            }
        })
        .get()
    }

    /// The levels that have a limit or are evened out, outermost first.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().map(|level| level.name.as_str())
    }
}

fn compile<'a>(
    members: &Members,
    replicas: usize,
    limits: impl IntoIterator<Item = (&'a str, u32)>,
) -> Result<Levels, Error> {
    if replicas == 0 {
        return fault(SpreadFault::NoReplicas);
    }
    let level = |(name, limit): (&str, u32)| Level { name: name.into(), limit };
    Levels::new(members, limits.into_iter().map(level).collect())
}
