//! Failure domains as numbers.

use crate::error::{Error, SpreadFault};
use crate::limits::MAX_DOMAIN_LEVELS;
use crate::node::NodeIdx;
use crate::topology::{Member, Members};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The domain of a slot without a live node: larger than the number of any domain.
const NO_DOMAIN: u32 = u32::MAX;

/// One number for each level, outermost first; 0 for the levels that are not used.
pub(super) type Counts = [u32; MAX_DOMAIN_LEVELS];

/// A level, and the maximum number of replicas in each of its domains.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Level {
    pub(super) name: String,
    pub(super) limit: u32,
}

/// The domains of every live node at the levels of a spread, outermost first.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    all: Vec<Level>,
    /// `width` numbers per slot. Two nodes have the same number at a level if their paths are the same
    /// down to that level.
    domains: Vec<u32>,
    width: usize,
}

impl Levels {
    pub(super) fn new(members: &Members, given: Vec<Level>) -> Result<Self, Error> {
        for (i, level) in given.iter().enumerate() {
            if level.limit == 0 {
                return fault(SpreadFault::NoRoom { level: shown(&level.name) });
            }
            if given.iter().take(i).any(|earlier| earlier.name == level.name) {
                return fault(SpreadFault::Repeated { level: shown(&level.name) });
            }
        }
        let levels = nested(members, given)?;
        let width = levels.len().max(1);
        let mut domains = vec![NO_DOMAIN; members.slots().saturating_mul(width)];
        let mut live: Vec<(NodeIdx, &Member)> = members.live_entries().collect();
        live.sort_by(|(_, a), (_, b)| a.domain.path().cmp(b.domain.path()));
        let mut before: Option<&Member> = None;
        // For each depth of the path: the number of the first node whose path is the same so far.
        let mut numbers = Counts::default();
        for (first, (node, member)) in (0..).zip(live) {
            let both = before.map(|before| before.domain.path().zip(member.domain.path()));
            let same = both.map_or(0, |both| both.take_while(|(a, b)| a == b).count());
            numbers.iter_mut().skip(same).for_each(|number| *number = first);
            before = Some(member);
            let start = node.index().saturating_mul(width);
            let row = domains.iter_mut().skip(start).take(width);
            // Without levels, one number marks the node as known.
            let depths = levels.iter().map(|level| depth(member, &level.name)).chain([Some(0)]);
            for (place, depth) in row.zip(depths) {
                *place = depth.and_then(|at| numbers.get(at).copied()).unwrap_or_default();
            }
        }
        Ok(Self { all: levels, domains, width })
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Level> {
        self.all.iter()
    }

    /// A node's domains, outermost first; `None` for a slot that had no live node.
    #[inline]
    pub(super) fn row(&self, node: NodeIdx) -> Option<&[u32]> {
        let start = node.index().checked_mul(self.width)?;
        let row = self.domains.get(start..start.checked_add(self.width)?)?;
        (row.first() != Some(&NO_DOMAIN)).then(|| row.get(..self.all.len()))?
    }

    /// The number of places that [`domain_place`](Self::domain_place) gives to domains.
    pub(super) fn domain_places(&self) -> usize {
        self.domains.len()
    }

    /// A place of its own for each domain of each level.
    #[inline]
    pub(super) fn domain_place(&self, level: usize, domain: u32) -> usize {
        // A domain has the number of one of its nodes in some order, and there is a row for each.
        (domain as usize).saturating_mul(self.width).saturating_add(level)
    }

    /// All known nodes with their rows, in the order of their slots.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (NodeIdx, &[u32])> {
        let rows = (0..).map(NodeIdx::new).zip(self.domains.chunks_exact(self.width));
        let known = rows.filter(|(_, row)| row.first() != Some(&NO_DOMAIN));
        known.filter_map(|(node, row)| Some((node, row.get(..self.all.len())?)))
    }

    /// The rows of all known nodes, in the order of their slots.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u32]> {
        self.nodes().map(|(_, row)| row)
    }

    /// Whether each of the first `active` domains in a row can hold another replica besides `chosen`.
    #[inline]
    pub(super) fn have_room(&self, row: &[u32], chosen: &[NodeIdx], active: usize) -> bool {
        let mut levels = self.all.iter().zip(row).take(active).enumerate();
        levels.all(|(at, (level, domain))| {
            let of = |other: &NodeIdx| self.domains.get(other.index() * self.width + at);
            let holds = chosen.iter().filter(|other| of(other) == Some(domain)).count();
            holds < level.limit as usize
        })
    }

    /// How many of `chosen` share each of the domains in a row.
    #[inline]
    pub(super) fn counts(&self, row: &[u32], chosen: &[NodeIdx]) -> Counts {
        let mut counts = Counts::default();
        for other in chosen {
            let other = self.row(*other).unwrap_or_default();
            // Domains are nested: nodes that share a domain share all outer ones.
            let shared = row.iter().zip(other).take_while(|(a, b)| a == b);
            counts.iter_mut().zip(shared).for_each(|(count, _)| *count += 1);
        }
        counts
    }
}

/// The levels in the order of the first live node's path. An error if another live node has a
/// different order or lacks a level.
fn nested(members: &Members, mut levels: Vec<Level>) -> Result<Vec<Level>, Error> {
    let Some((_, first)) = members.live_entries().next() else { return Ok(levels) };
    for level in &levels {
        if !members.live_entries().any(|(_, member)| depth(member, &level.name).is_some()) {
            return fault(SpreadFault::UnknownLevel { level: shown(&level.name) });
        }
    }
    levels.sort_by_key(|level| depth(first, &level.name));
    for (_, member) in members.live_entries() {
        let mut outer: Option<(usize, &Level)> = None;
        for level in &levels {
            let label = || member.label.shown();
            let Some(at) = depth(member, &level.name) else {
                let level = shown(&level.name);
                return fault(SpreadFault::NoDomain { label: label(), level });
            };
            if let Some((_, outer)) = outer.filter(|(outer, _)| *outer > at) {
                let (outer, inner) = (shown(&outer.name), shown(&level.name));
                let (label, other) = (label(), first.label.shown());
                return fault(SpreadFault::OtherOrder { label, outer, inner, other });
            }
            outer = Some((at, level));
        }
    }
    Ok(levels)
}

/// The position of a level in a node's path.
fn depth(member: &Member, level: &str) -> Option<usize> {
    member.domain.path().position(|(name, _)| name == level)
}

/// The first 64 characters of a level's name, for a message.
pub(super) fn shown(level: &str) -> String {
    level.chars().take(64).collect()
}

pub(super) fn fault<T>(fault: SpreadFault) -> Result<T, Error> {
    Err(fault.into())
}
