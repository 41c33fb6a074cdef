//! Failure domains as numbers.

use crate::error::{Error, Kind, Label, SpreadFault};
use crate::limits::MAX_DOMAIN_LEVELS;
use crate::node::NodeIdx;
use crate::topology::{Member, Members};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Whom a slot without a known node would belong to.
const NOBODY: u32 = u32::MAX;

/// One number a level, outermost first; 0 beyond the levels there are.
pub(super) type Counts = [u32; MAX_DOMAIN_LEVELS];

/// A level that counts, and the most replicas one of its domains may hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Level {
    pub(super) name: String,
    pub(super) limit: u32,
}

/// The domains of every live node at the levels that count, outermost first.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    all: Vec<Level>,
    /// `width` numbers a slot. Two nodes have the same number at a level if they share the whole
    /// path down to it.
    domains: Vec<u32>,
    width: usize,
}

type Path<'a> = Vec<(&'a str, &'a str)>;

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
        let mut domains = vec![NOBODY; members.slots().saturating_mul(width)];
        let mut known: BTreeMap<Path<'_>, u32> = BTreeMap::new();
        for (node, member) in members.live_entries() {
            let path: Path<'_> = member.domain.path().collect();
            let mut row = vec![0; width];
            let mut outer: Option<(usize, &str)> = None;
            for (level, number) in levels.iter().zip(&mut row) {
                let at = depth(member, &level.name)?;
                if let Some((_, name)) = outer.filter(|(outer, _)| *outer > at) {
                    let (outer, inner) = (shown(name), shown(&level.name));
                    let label = Label::new(&member.label);
                    return fault(SpreadFault::OtherOrder { label, outer, inner });
                }
                outer = Some((at, level.name.as_str()));
                let prefix = path.get(..=at).unwrap_or_default().to_vec();
                let next = known.len() as u32;
                *number = *known.entry(prefix).or_insert(next);
            }
            let start = node.index().saturating_mul(width);
            if let Some(place) = domains.get_mut(start..start + width) {
                place.copy_from_slice(&row);
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
        (row.first() != Some(&NOBODY)).then(|| row.get(..self.all.len()))?
    }

    /// The rows of all known nodes, in the order of their slots.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u32]> {
        let rows = self.domains.chunks_exact(self.width);
        let known = rows.filter(|row| row.first() != Some(&NOBODY));
        known.filter_map(|row| row.get(..self.all.len()))
    }

    /// How many of `chosen` share each of the domains in a row.
    #[inline]
    pub(super) fn counts(&self, row: &[u32], chosen: &[NodeIdx]) -> Counts {
        let mut counts = Counts::default();
        for other in chosen {
            let other = self.row(*other).unwrap_or_default();
            // Domains are nested: whoever shares one shares all outside of it.
            let shared = row.iter().zip(other).take_while(|(a, b)| a == b);
            counts.iter_mut().zip(shared).for_each(|(count, _)| *count += 1);
        }
        counts
    }
}

/// The levels in the order in which the first live node has them.
fn nested(members: &Members, given: Vec<Level>) -> Result<Vec<Level>, Error> {
    let Some((_, first)) = members.live_entries().next() else { return Ok(given) };
    let mut placed = Vec::with_capacity(given.len());
    for level in given {
        if !members.live_entries().any(|(_, member)| member.domain.at(&level.name).is_some()) {
            return fault(SpreadFault::UnknownLevel { level: shown(&level.name) });
        }
        placed.push((depth(first, &level.name)?, level));
    }
    placed.sort_unstable_by_key(|(at, _)| *at);
    Ok(placed.into_iter().map(|(_, level)| level).collect())
}

/// Where in a node's path a level is.
fn depth(member: &Member, level: &str) -> Result<usize, Error> {
    member.domain.path().position(|(name, _)| name == level).ok_or_else(|| {
        let (label, level) = (Label::new(&member.label), shown(level));
        Kind::Spread(SpreadFault::NoDomain { label, level }).into()
    })
}

/// As much of a level's name as a message can use.
pub(super) fn shown(level: &str) -> String {
    level.chars().take(64).collect()
}

pub(super) fn fault<T>(fault: SpreadFault) -> Result<T, Error> {
    Err(Kind::Spread(fault).into())
}
