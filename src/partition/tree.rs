//! The tree of failure domains, with the nodes as its leaves.
//!
//! ```text
//!  vertex 0                        root                     caps[0] = R
//!                        +----------+----------+
//!  domains, depth first  1 zone a              2 zone b     caps = limit of the level, or R
//!                     +--+--+               +--+--+
//!  leaves             3     4               5     6         caps = 1
//!  leaf number        0     1               2     3         vertex = domains() + leaf
//! ```
//!
//! A row of a table lists leaves. `caps` bounds the replicas of one partition below a vertex; the
//! floors and ceilings of [`Quotas`](super::quota::Quotas) bound the replicas of all partitions
//! there. Parents have lower numbers than their children, so a pass from the last vertex to the
//! first adds up from the leaves, and a pass from the first to the last propagates down from the
//! root. The leaves of a domain have consecutive numbers.

use super::cells::{add, at, put};
use super::config::TableConfig;
use crate::error::{Error, PartitionFault};
use crate::hash::mix::word;
use crate::node::{Domain, NodeIdx};
use crate::slips::OrSlip;
use crate::topology::{Member, Members};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Stands for "no leaf" or "no vertex".
pub(super) const NONE: u32 = u32::MAX;

/// The failure domains of some nodes as a tree whose leaves are the nodes.
///
/// The root is vertex 0; the domains follow in depth-first order, then the leaves in depth-first
/// order. Siblings are sorted by their names and labels, or by the hashes of these with the table's
/// name if it has one. So numbers do not depend on slots, and a parent's number is below its
/// children's.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// Levels of domains between root and leaves.
    pub(super) depth: usize,
    /// Slot of each leaf.
    pub(super) slots: Vec<NodeIdx>,
    /// Leaf of each slot, or `NONE`.
    pub(super) leaf_of: Vec<u32>,
    pub(super) weights: Vec<u64>,
    /// Parent of each vertex; `NONE` for the root.
    pub(super) parents: Vec<u32>,
    /// Maximum number of replicas of one partition below each vertex.
    pub(super) caps: Vec<u32>,
    /// The domain's vertex for each leaf and level, `depth` entries per leaf.
    pub(super) ancestors: Vec<u32>,
    /// Levels with a limit below the number of replicas, outermost first, and that limit.
    pub(super) limits: Vec<(usize, u32)>,
    /// Start of each vertex's children in `children`, and the end of the last one's.
    starts: Vec<u32>,
    children: Vec<u32>,
    /// A hash of the table's name, 0 without one.
    pub(super) salt: u64,
    /// How many tables share the nodes: leaf i is the place of table i % tables on one of them.
    pub(super) tables: u32,
    /// The names of the tables that share the nodes, if they do: see [`joint`](super::joint).
    pub(super) names: Vec<String>,
}

impl Tree {
    pub(super) fn new(members: &Members, config: &TableConfig) -> Result<Self, Error> {
        let mut nodes: Vec<(NodeIdx, &Member)> = members.entries().collect();
        let salt = salt(config.name());
        // Without a name all hashes are 0, so names and labels decide the order.
        let salted = |identity| if salt == 0 { 0 } else { word(salt, identity) };
        let names = |m: &Member| {
            let name = |(_, name): (_, &str)| {
                (salted(Members::identity_of(name.as_bytes())), String::from(name))
            };
            m.domain.path().map(name).collect()
        };
        nodes.sort_by_cached_key(|(_, m)| -> (Vec<(u64, String)>, u64, Vec<u8>) {
            (names(m), salted(m.identity), m.label.to_vec())
        });
        let first = nodes.first().map(|(_, m)| *m);
        let levels: Vec<&str> =
            first.map(|m| m.domain.path().map(|(level, _)| level).collect()).unwrap_or_default();
        if let (Some(a), Some((_, b))) =
            (first, nodes.iter().find(|(_, m)| !has_levels(m, &levels)))
        {
            return Err(PartitionFault::Depth {
                label: b.label.shown(),
                levels: joined(b.domain.path().map(|(level, _)| level)),
                other: a.label.shown(),
                others: joined(levels.into_iter()),
            }
            .into());
        }
        let limits = limits_by_level(config, &levels)?;
        let mut tree = Self::empty(levels.len(), members.slots());
        tree.salt = salt;
        tree.number(&nodes, config.max_replicas(), &limits);
        tree.limits = limits;
        tree.link();
        Ok(tree)
    }

    pub(super) fn empty(depth: usize, slots: usize) -> Self {
        Self {
            depth,
            slots: Vec::new(),
            leaf_of: vec![NONE; slots],
            weights: Vec::new(),
            parents: Vec::new(),
            caps: Vec::new(),
            ancestors: Vec::new(),
            limits: Vec::new(),
            starts: Vec::new(),
            children: Vec::new(),
            salt: 0,
            tables: 1,
            names: Vec::new(),
        }
    }

    /// Numbers the domains and leaves of sorted nodes.
    fn number(&mut self, nodes: &[(NodeIdx, &Member)], replicas: u32, limits: &[(usize, u32)]) {
        self.parents.push(NONE);
        self.caps.push(replicas);
        let mut open: Vec<u32> = Vec::new();
        let mut before: Option<&Domain> = None;
        for (slot, member) in nodes {
            let path = member.domain.path();
            let same = before.map_or(0, |before| {
                path.zip(before.path()).take_while(|((_, a), (_, b))| a == b).count()
            });
            open.truncate(same);
            for level in same..self.depth {
                let vertex = self.parents.len() as u32;
                self.parents.push(open.last().copied().unwrap_or(0));
                let limit = limits.iter().find(|(l, _)| *l == level);
                self.caps.push(limit.map_or(replicas, |(_, cap)| *cap));
                open.push(vertex);
            }
            put(&mut self.leaf_of, slot.index(), self.slots.len() as u32);
            self.slots.push(*slot);
            self.weights.push(member.weight.get());
            self.ancestors.extend_from_slice(&open);
            before = Some(&member.domain);
        }
        let domains = self.parents.len();
        for leaf in 0..self.slots.len() {
            let parent = match self.depth.checked_sub(1) {
                Some(last) => at(&self.ancestors, leaf * self.depth + last),
                None => 0,
            };
            self.parents.push(parent);
            self.caps.push(1);
        }
        debug_assert_eq!(self.parents.len(), domains + self.slots.len());
    }

    /// Lists the children of each vertex.
    pub(super) fn link(&mut self) {
        let mut starts = vec![0_u32; self.parents.len() + 1];
        for parent in self.parents.iter().skip(1) {
            if let Some(start) = starts.get_mut(*parent as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut children = vec![0_u32; self.parents.len().saturating_sub(1)];
        for (vertex, parent) in self.parents.iter().enumerate().skip(1) {
            if let Some(place) = next.get_mut(*parent as usize) {
                put(&mut children, *place as usize, vertex as u32);
                *place += 1;
            }
        }
        self.starts = starts;
        self.children = children;
    }

    /// Number of leaves: all nodes, drained ones included.
    pub(super) fn leaves(&self) -> usize {
        self.slots.len()
    }

    /// Number of inner vertices, the root and the domains. Leaf `i` is vertex `domains() + i`.
    pub(super) fn domains(&self) -> usize {
        self.parents.len() - self.slots.len()
    }

    pub(super) fn vertices(&self) -> usize {
        self.parents.len()
    }

    /// The vertex of a leaf.
    #[inline]
    pub(super) fn vertex(&self, leaf: u32) -> usize {
        self.domains() + leaf as usize
    }

    /// The leaf number of a vertex; `None` for an inner vertex.
    #[inline]
    pub(super) fn leaf(&self, vertex: usize) -> Option<u32> {
        vertex.checked_sub(self.domains()).map(|leaf| leaf as u32)
    }

    /// True for a leaf, and for a node that several tables share.
    pub(super) fn is_node(&self, vertex: usize) -> bool {
        let shared = |vertex: usize| self.leaf(vertex).is_some() && !self.names.is_empty();
        let below = || self.children(vertex).first().map(|child| *child as usize);
        self.leaf(vertex).is_some() || below().is_some_and(shared)
    }

    /// The table whose replicas a leaf holds; 0 if there is one table alone.
    #[inline]
    pub(super) fn table_of(&self, leaf: u32) -> u32 {
        if self.tables == 1 { 0 } else { leaf % self.tables.max(1) }
    }

    /// The domain of a leaf at a level.
    #[inline]
    pub(super) fn domain(&self, leaf: u32, level: usize) -> u32 {
        at(&self.ancestors, leaf as usize * self.depth + level)
    }

    /// The outermost domain of a leaf as a vertex; the leaf itself if there are no levels.
    pub(super) fn outermost(&self, leaf: u32) -> usize {
        match self.depth {
            0 => self.vertex(leaf),
            _ => self.domain(leaf, 0) as usize,
        }
    }

    #[inline]
    pub(super) fn parent(&self, vertex: usize) -> Option<usize> {
        match at(&self.parents, vertex) {
            NONE => None,
            parent => Some(parent as usize),
        }
    }

    pub(super) fn children(&self, vertex: usize) -> &[u32] {
        let (first, end) = (at(&self.starts, vertex), at(&self.starts, vertex + 1));
        self.children.get(first as usize..end as usize).or_slip()
    }

    /// The leaf of a slot.
    #[inline]
    pub(super) fn leaf_at(&self, slot: NodeIdx) -> Option<u32> {
        self.leaf_of.get(slot.index()).copied().filter(|leaf| *leaf != NONE)
    }

    /// A domain that exceeds its limit in this row, and the limit.
    pub(super) fn over_limit(&self, row: &[u32]) -> Option<(usize, u32)> {
        self.limits.iter().find_map(|(level, limit)| {
            row.iter().find_map(|leaf| {
                let domain = self.domain(*leaf, *level);
                let within = row.iter().filter(|other| self.domain(**other, *level) == domain);
                (within.count() as u32 > *limit).then_some((domain as usize, *limit))
            })
        })
    }

    /// How many leaves of a row are in a domain of this level, not counting `leaving`.
    #[inline]
    pub(super) fn others_within(
        &self,
        row: &[u32],
        leaving: u32,
        level: usize,
        domain: u32,
    ) -> u32 {
        let within = |leaf: &&u32| {
            **leaf != leaving && **leaf != NONE && self.domain(**leaf, level) == domain
        };
        row.iter().filter(within).count() as u32
    }

    /// True if the limits allow `leaf` in this row after `leaving` (`NONE` for none) has left it.
    #[inline]
    pub(super) fn admits(&self, row: &[u32], leaving: u32, leaf: u32) -> bool {
        self.limits.iter().all(|(level, cap)| {
            self.others_within(row, leaving, *level, self.domain(leaf, *level)) < *cap
        })
    }

    /// The maximum number of replicas that one partition can have on live nodes within the limits.
    /// O(n).
    pub(super) fn admitted(&self) -> u32 {
        let mut rooms = vec![0_u32; self.vertices()];
        for vertex in (0..self.vertices()).rev() {
            let live = |leaf: u32| u32::from(at(&self.weights, leaf as usize) > 0);
            let room = self.leaf(vertex).map_or(at(&rooms, vertex), live);
            put(&mut rooms, vertex, room.min(at(&self.caps, vertex)));
            if let Some(above) = self.parent(vertex).and_then(|above| rooms.get_mut(above)) {
                *above = above.saturating_add(room.min(at(&self.caps, vertex)));
            }
        }
        at(&rooms, 0)
    }

    /// How many leaves of a row are below an inner vertex.
    pub(super) fn within(&self, row: &[u32], vertex: usize) -> usize {
        let below = |leaf: &&u32| {
            let mut above = self.parent(self.vertex(**leaf));
            while above.is_some_and(|above| above > vertex) {
                above = above.and_then(|above| self.parent(above));
            }
            above == Some(vertex)
        };
        row.iter().filter(below).count()
    }

    /// Number of replicas of each leaf in these rows.
    pub(super) fn counts(&self, rows: &[u32]) -> Vec<u64> {
        let mut counts = vec![0; self.leaves()];
        for leaf in rows.iter().filter(|leaf| **leaf != NONE) {
            add(&mut counts, *leaf as usize, 1);
        }
        counts
    }

    /// Sums values of leaves for every vertex.
    pub(super) fn sums(&self, leaves: &[u64]) -> Vec<u64> {
        let mut sums = vec![0; self.domains()];
        sums.extend_from_slice(leaves);
        for vertex in (1..self.vertices()).rev() {
            if let Some(parent) = self.parent(vertex) {
                let sum = at(&sums, vertex);
                add(&mut sums, parent, sum);
            }
        }
        sums
    }

    /// The name of a vertex in messages: its path of domains, and the label for a node.
    pub(super) fn name(&self, vertex: usize, members: &Members) -> String {
        let mut leaf = vertex;
        while self.leaf(leaf).is_none() {
            match self.children(leaf).first() {
                Some(child) => leaf = *child as usize,
                None => return String::new(),
            }
        }
        let slot = self.leaf(leaf).map_or(NodeIdx::new(0), |leaf| at(&self.slots, leaf as usize));
        let mut levels = 0;
        let mut above = vertex;
        while let Some(parent) = self.parent(above) {
            levels += 1;
            above = parent;
        }
        let mut names: Vec<String> = Vec::new();
        if let Some(domain) = members.domain(slot) {
            names.extend(domain.path().take(levels).map(|(_, name)| String::from(name)));
        }
        // Where several tables share the nodes, the innermost domains are the nodes.
        let below = !self.names.is_empty() && levels == self.depth;
        let table = self.leaf(vertex).filter(|_| !self.names.is_empty());
        if self.leaf(vertex).is_some() || below {
            names.extend(members.get(slot).map(|member| member.label.name()));
        }
        let table = table.and_then(|leaf| self.names.get(leaf as usize % self.names.len().max(1)));
        names.extend(table.cloned());
        names.join("/")
    }
}

/// The seed of a named table's tie-breaks; 0 for a table without a name.
fn salt(name: &str) -> u64 {
    if name.is_empty() { 0 } else { Members::identity_of(name.as_bytes()).max(1) }
}

fn has_levels(member: &Member, levels: &[&str]) -> bool {
    member.domain.depth() == levels.len()
        && member.domain.path().zip(levels).all(|((level, _), wanted)| level == *wanted)
}

fn joined<'a>(levels: impl Iterator<Item = &'a str>) -> String {
    levels.collect::<Vec<_>>().join(", ")
}

/// The limits below R by level, outermost first: larger ones never bind.
fn limits_by_level(config: &TableConfig, levels: &[&str]) -> Result<Vec<(usize, u32)>, Error> {
    let mut limits = Vec::new();
    for (level, limit) in config.limits() {
        match levels.iter().position(|known| *known == level) {
            Some(at) if limit < config.max_replicas() => limits.push((at, limit)),
            Some(_) => {}
            None => {
                let known = joined(levels.iter().copied());
                return Err(PartitionFault::UnknownLevel { level: level.into(), known }.into());
            }
        }
    }
    limits.sort_unstable();
    Ok(limits)
}
