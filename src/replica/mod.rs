//! Replicas under failure domains: rules over the candidates of any placement.
//!
//! **Source** — Edmonds, *Matroids and the greedy algorithm*, Mathematical Programming 1, 1971: the
//! limits are a laminar matroid and what is chosen is its greedy basis. The chapter
//! [replicas](crate::docs::replicas) proves what moves.

mod levels;
mod locator;
mod lookup;
mod room;

use crate::error::{Error, SpreadFault};
use crate::topology::Members;
use alloc::sync::Arc;
use alloc::vec::Vec;
use levels::{Counts, Level, Levels, fault, shown};

/// A rule that spreads the replicas of a key over failure domains, compiled for the nodes of one
/// topology: lookups cannot fail and take nothing from the heap.
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
///     "4 replicas, at most 1 in a domain of the level \"zone\", need more domains than there \
///      are: the live nodes are in 3, which have room for 3"
/// );
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// **What** — candidates are taken in a key's order of preference; who stands in a domain that is
/// full is passed over. [`strict`](Self::strict) keeps to its limits, [`best_effort`](Self::best_effort)
/// gives up the innermost ones where they cannot be kept, and [`even`](Self::even) has none and
/// evens out. A domain is its whole path: rack `r1` of zone `a` is not rack `r1` of zone `b`.
/// **What moves** — a node that joins, leaves or gets another weight changes at most one member of
/// a key's replicas, which it replaces or which replaces it, if the placement keeps the order of the
/// others ([`Guarantees::minimal_order`](crate::Guarantees::minimal_order): rings, rendezvous,
/// Asura while its board stays); at most two in the jump family and for anchors. The replicas for k are the beginning of
/// those for k + 1.
/// **After a change** of the nodes compile it anew. What is refused is decided then: a node that
/// leaves may take with it the last domain that strict limits need. A domain that changes is a node
/// that leaves and one that joins.
/// **Time** — O(candidates · k) for k replicas and each walk, where the candidates are those up to the
/// last one taken: one walk for strict limits, one more for each limit given up, one for each time
/// that all domains are filled equally, no more than k. Rendezvous hashing takes one pass over the
/// nodes for each replica, whatever is refused. A walk that was refused more candidates than there are
/// live nodes looks at all nodes once and ends if none of them can be taken, so that a filter that
/// refuses a zone costs O(n · k) under every algorithm (on an [`Asura`](crate::Asura) board O(slots ·
/// k)), and a zone of m nodes among n is found after n / m candidates on average. Only a spread that
/// still counts on nodes which are gone from the placement walks to the end for them. Compiling is
/// O(n log n) for each level.
/// **Memory** — 4 bytes a slot and level; 32 bytes a replica if even. A clone shares it.
#[derive(Clone, Debug)]
pub struct Spread {
    levels: Arc<Levels>,
    plan: Plan,
    most: usize,
}

#[derive(Clone, Debug)]
enum Plan {
    /// One after the other, each from the first candidate on.
    Limits(Arc<[Stage]>),
    /// What the domains of each replica hold when it is chosen.
    Even(Arc<[Counts]>),
}

/// The first `active` limits, under which there is room for so many replicas in all.
#[derive(Clone, Copy, Debug)]
struct Stage {
    active: usize,
    room: usize,
}

impl Spread {
    /// At most so many replicas in each domain of a level: `[("zone", 1)]`, or nested,
    /// `[("zone", 2), ("rack", 1)]`. Levels may be given in any order.
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
        let plan = Plan::Limits([Stage { active: levels.len(), room }].into());
        Ok(Self { levels: levels.into(), plan, most: replicas })
    }

    /// As [`strict`](Self::strict) as long as candidates allow it. Then what was chosen stays, the
    /// innermost limit is dropped and the candidates are gone through again, and so on up to no
    /// limit at all: a key has all its replicas as long as there are live nodes.
    /// [`kept`](Self::kept) says how far limits held.
    ///
    /// # Errors
    /// As [`strict`](Self::strict), but too few nodes or domains are none.
    pub fn best_effort<'a>(
        members: &Members,
        replicas: usize,
        limits: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Self, Error> {
        let levels = compile(members, replicas, limits)?;
        let stage = |active| Stage { active, room: room::room(&levels, active) };
        let stages: Vec<Stage> = (0..=levels.len()).rev().map(stage).collect();
        let most = replicas.min(room::room(&levels, 0));
        Ok(Self { levels: levels.into(), plan: Plan::Limits(stages.into()), most })
    }

    /// Without limits: each replica goes where the fewest are so far, the first candidate among
    /// those whose outermost domain holds the fewest, then the next domain, and so on. Seven
    /// replicas in three zones make 3, 2 and 2, as far as the zones have the nodes.
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
        let most = profile.len();
        Ok(Self { levels: levels.into(), plan: Plan::Even(profile.into()), most })
    }

    /// How many replicas a key has: as many as the spread was compiled for, or as there are live
    /// nodes.
    #[must_use]
    pub fn max_replicas(&self) -> usize {
        self.most
    }

    /// The levels that count, outermost first.
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
