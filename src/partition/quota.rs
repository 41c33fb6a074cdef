//! Weighted max-min fair quotas over a tree.
//!
//! ```text
//!  held
//!    |            ____________ cap of the vertex: it is full at level (cap - held) / weight
//!    |          _/
//!    |        _/   slope: the weight below the vertex that is not full yet
//!    |      _/
//!    |  ___/       a leaf below became full here: its weight leaves the slope (an `Event`)
//!    | /
//!    +-----------------------> level: what a unit of weight holds
//! ```
//!
//! Every vertex has such a curve, the sum of its children's, cut off at its own cap. The quota of a
//! vertex is what its curve says where the root holds all replicas: a whole number where the vertex
//! itself is full, else floor or ceiling of a fraction.

use super::cells::{at, put};
use super::tree::Tree;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A level λ that weights are multiplied with: a ratio of integers. A numerator is below 2^29, a
/// sum of weights below 2^84, so that all products fit.
#[derive(Clone, Copy, Debug)]
struct FillLevel {
    num: u128,
    den: u128,
}

impl FillLevel {
    const ENDLESS: Self = Self { num: 1, den: 0 };

    fn cmp(self, other: Self) -> Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }
}

/// What freezes below a vertex when the level comes by: so much weight, which then holds so much
/// more than earlier ones.
#[derive(Clone, Copy, Debug)]
struct Event {
    level: FillLevel,
    weight: u128,
    held: u64,
}

/// The quota of every vertex of a tree: floor and ceiling, and a rounding.
///
/// Max-min fairness: the level λ rises, and a node of weight w holds λ·w until it, or a domain
/// above it, holds as many replicas as it may: then what lies under that vertex stays, and the
/// others go on, until all replicas are held. (Water-filling over a tree: Dimitri Bertsekas, Robert
/// Gallager, *Data Networks*, 2nd edition, 1992, section 6.5.2, with weights.)
#[derive(Clone, Debug)]
pub(super) struct Quotas {
    pub(super) floors: Vec<u64>,
    pub(super) ceils: Vec<u64>,
    /// The quotas themselves as near as floating point comes, for reports; nothing is decided by
    /// them.
    pub(super) exact: Vec<f64>,
    /// A rounding of the nodes' quotas under which every domain has its floor or ceiling.
    pub(super) rounded: Vec<u64>,
}

/// A vertex that cannot hold what it would have to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overfull {
    pub(super) vertex: usize,
    pub(super) quota: u64,
    pub(super) limit: u64,
}

impl Quotas {
    /// True for a leaf that is to hold nothing.
    pub(super) fn is_empty(&self, tree: &Tree, leaf: u32) -> bool {
        at(&self.ceils, tree.vertex(leaf)) == 0
    }

    /// O(levels · n log n).
    pub(super) fn new(tree: &Tree, partitions: u32) -> Result<Self, Overfull> {
        let size = u64::from(partitions);
        let caps: Vec<u64> = tree.caps.iter().map(|cap| u64::from(*cap) * size).collect();
        let full = fill(tree, &caps);
        let wanted = at(&caps, 0);
        if full.room < wanted {
            return Err(binding(tree, &full.rooms, wanted));
        }
        // The level at which each vertex stops, itself full or below one that is.
        let mut stops = vec![FillLevel::ENDLESS; tree.vertices()];
        let mut saturated = vec![false; tree.vertices()];
        for vertex in 0..tree.vertices() {
            let own = full.levels.get(vertex).copied().unwrap_or(FillLevel::ENDLESS);
            let above = tree.parent(vertex).and_then(|parent| stops.get(parent).copied());
            let first = above.is_none_or(|above| own.cmp(above).is_le());
            put(&mut saturated, vertex, first && own.den > 0);
            put(&mut stops, vertex, if first { own } else { above.unwrap_or(own) });
        }
        let shares = shares(tree, &caps, &saturated);
        let (mut floors, mut ceils, mut exact) = (Vec::new(), Vec::new(), Vec::new());
        for (vertex, (held, weight)) in shares.iter().enumerate() {
            let stop = stops.get(vertex).copied().unwrap_or(FillLevel::ENDLESS);
            let (floor, ceil) = if at(&saturated, vertex) {
                (at(&caps, vertex), at(&caps, vertex))
            } else {
                let (floor, rest) = split(stop, *weight);
                (held + floor, held + floor + u64::from(rest))
            };
            floors.push(floor);
            ceils.push(ceil);
            exact.push(if ceil > floor {
                floor as f64 + rest(stop, *weight)
            } else {
                floor as f64
            });
        }
        let rounded = rounded(tree, &caps, &saturated, &stops);
        Ok(Self { floors, ceils, exact, rounded })
    }
}

/// λ·w: the whole part, and whether there is a rest.
fn split(level: FillLevel, weight: u128) -> (u64, bool) {
    if level.den == 0 || weight == 0 {
        return (0, false);
    }
    let product = level.num * weight;
    ((product / level.den) as u64, product % level.den > 0)
}

/// The whole part of λ·w and a fraction that a hash stands for.
fn sum(level: FillLevel, weight: u128, salt: u64) -> u64 {
    if level.den == 0 {
        return 0;
    }
    // A denominator is below 2^84.
    let fraction = (((level.den >> 32) * u128::from(salt)) >> 32)
        + (((level.den & 0xFFFF_FFFF) * u128::from(salt)) >> 64);
    ((level.num * weight + fraction.min(level.den - 1)) / level.den) as u64
}

/// What λ·w has beyond its whole part.
fn rest(level: FillLevel, weight: u128) -> f64 {
    (level.num * weight % level.den.max(1)) as f64 / level.den as f64
}

struct Full {
    /// The level at which each vertex is full by itself, `ENDLESS` if never.
    levels: Vec<FillLevel>,
    /// The most each vertex can hold.
    rooms: Vec<u64>,
    room: u64,
}

/// From the leaves up: when is each vertex full, if nothing above it is?
fn fill(tree: &Tree, caps: &[u64]) -> Full {
    let mut levels = vec![FillLevel::ENDLESS; tree.vertices()];
    let mut rooms = vec![0; tree.vertices()];
    let mut below: Vec<Vec<Event>> = vec![Vec::new(); tree.domains()];
    for vertex in (0..tree.vertices()).rev() {
        let cap = at(caps, vertex);
        let events = if let Some(leaf) = tree.leaf(vertex) {
            let weight = u128::from(at(&tree.weights, leaf as usize));
            if weight == 0 {
                continue;
            }
            let level = FillLevel { num: cap.into(), den: weight };
            put(&mut levels, vertex, level);
            put(&mut rooms, vertex, cap);
            vec![Event { level, weight, held: cap }]
        } else {
            let mut events = below.get_mut(vertex).map(core::mem::take).unwrap_or_default();
            events.sort_by(|a, b| a.level.cmp(b.level));
            let (level, room) = truncate_at_full(&mut events, cap);
            put(&mut levels, vertex, level);
            put(&mut rooms, vertex, room);
            events
        };
        if let Some(list) = tree.parent(vertex).and_then(|parent| below.get_mut(parent)) {
            list.extend(events);
        }
    }
    let room = at(&rooms, 0);
    Full { levels, rooms, room }
}

/// Cuts a vertex's events off where it is full. Returns that level and the most it can hold.
fn truncate_at_full(events: &mut Vec<Event>, cap: u64) -> (FillLevel, u64) {
    let mut weight: u128 = events.iter().map(|event| event.weight).sum();
    let mut held = 0_u64;
    for i in 0..events.len() {
        let Some(event) = events.get(i).copied() else { break };
        // Full at (cap − held) / weight, if that is no later than this event.
        let level = FillLevel { num: cap.saturating_sub(held).into(), den: weight };
        if level.cmp(event.level).is_le() {
            events.truncate(i);
            events.push(Event { level, weight, held: cap.saturating_sub(held) });
            return (level, cap);
        }
        weight -= event.weight;
        held += event.held;
    }
    (FillLevel::ENDLESS, held)
}

/// What full vertices below each vertex hold, and the weight of its other leaves.
fn shares(tree: &Tree, caps: &[u64], saturated: &[bool]) -> Vec<(u64, u128)> {
    let mut shares = vec![(0_u64, 0_u128); tree.vertices()];
    for vertex in (0..tree.vertices()).rev() {
        if let (Some(leaf), Some(share)) = (tree.leaf(vertex), shares.get_mut(vertex)) {
            share.1 = at(&tree.weights, leaf as usize).into();
        }
        let (held, weight) = at(&shares, vertex);
        if let Some(above) = tree.parent(vertex).and_then(|parent| shares.get_mut(parent)) {
            if at(saturated, vertex) {
                above.0 += at(caps, vertex);
            } else {
                above.0 += held;
                above.1 += weight;
            }
        }
    }
    shares
}

/// Rounds the running sums of the quotas in depth-first order, of each level for itself: whatever
/// is contiguous in that order then has its floor or its ceiling. The name of the table decides
/// where the sums begin between two replicas, and so who gets one that does not divide.
fn rounded(tree: &Tree, caps: &[u64], saturated: &[bool], stops: &[FillLevel]) -> Vec<u64> {
    let mut sums = vec![0_u128; tree.domains()];
    // The full vertex whose level a domain's leaves stop at; the root is always full.
    let mut group = vec![0_u32; tree.domains()];
    for vertex in 1..tree.domains() {
        let own = if at(saturated, vertex) {
            vertex as u32
        } else {
            tree.parent(vertex).map_or(0, |parent| at(&group, parent))
        };
        put(&mut group, vertex, own);
    }
    let mut rounded = Vec::with_capacity(tree.leaves());
    for leaf in 0..tree.leaves() as u32 {
        let vertex = tree.vertex(leaf);
        if at(saturated, vertex) {
            rounded.push(at(caps, vertex));
            continue;
        }
        let group = tree.parent(vertex).map_or(0, |parent| at(&group, parent)) as usize;
        let level = stops.get(group).copied().unwrap_or(FillLevel::ENDLESS);
        let before = at(&sums, group);
        let after = before + u128::from(at(&tree.weights, leaf as usize));
        put(&mut sums, group, after);
        rounded.push(sum(level, after, tree.salt) - sum(level, before, tree.salt));
    }
    rounded
}

/// The vertex that would be over its room by the greatest factor if the replicas went by weight
/// alone; of equals the outermost, then the first.
fn binding(tree: &Tree, rooms: &[u64], wanted: u64) -> Overfull {
    let mut weights = vec![0_u128; tree.vertices()];
    for vertex in (0..tree.vertices()).rev() {
        if let Some(leaf) = tree.leaf(vertex) {
            put(&mut weights, vertex, at(&tree.weights, leaf as usize).into());
        }
        let own = at(&weights, vertex);
        if let Some(above) = tree.parent(vertex).and_then(|parent| weights.get_mut(parent)) {
            *above += own;
        }
    }
    let total = FillLevel { num: wanted.into(), den: at(&weights, 0).max(1) };
    let whole = Overfull { vertex: 0, quota: wanted, limit: at(rooms, 0) };
    let mut worst: Option<Overfull> = None;
    for vertex in 1..tree.vertices() {
        let (whole, rest) = split(total, at(&weights, vertex));
        let (quota, limit) = (whole + u64::from(rest), at(rooms, vertex));
        let over = worst.is_none_or(|worst| {
            u128::from(quota) * u128::from(worst.limit)
                > u128::from(worst.quota) * u128::from(limit)
        });
        if quota > limit && over {
            worst = Some(Overfull { vertex, quota, limit });
        }
    }
    worst.unwrap_or(whole)
}
