//! Weighted max-min fair quotas over a tree.
//!
//! ```text
//!  replicas
//!    |            ____________ cap of the vertex: full at level (cap - replicas) / weight
//!    |          _/
//!    |        _/   slope: total weight below the vertex that is not full yet
//!    |      _/
//!    |  ___/       a leaf below became full here: its weight leaves the slope (a `FillEvent`)
//!    | /
//!    +-----------------------> level: replicas per unit of weight
//! ```
//!
//! The curve of a vertex is the sum of its children's curves, cut off at its own cap. Its quota is
//! the value of the curve at the level where the root holds all replicas: an integer if the vertex
//! itself is full, otherwise a fraction that is rounded to its floor or ceiling.

use super::cells::{at, put};
use super::config::TableConfig;
use super::copy_quotas::{self, Level, Share, Shares};
use super::exact_sum;
use super::row_sizes::RowSizes;
use super::tree::Tree;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A level λ, in replicas per unit of weight, as a ratio of integers. Numerators are below 2^29 and
/// sums of weights below 2^84, so all products fit into 128 bits.
#[derive(Clone, Copy, Debug)]
struct FillLevel {
    num: u128,
    den: u128,
}

impl FillLevel {
    const INFINITE: Self = Self { num: 1, den: 0 };

    fn cmp(self, other: Self) -> Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }
}

/// A vertex becomes full at `level`: its `weight` no longer takes part, and its `replicas` are
/// fixed.
#[derive(Clone, Copy, Debug)]
struct FillEvent {
    level: FillLevel,
    weight: u128,
    replicas: u64,
}

/// The quota of every vertex of a tree: its floor, its ceiling and a consistent rounding.
///
/// Quotas are max-min fair. The level λ rises from 0, and a node of weight w holds λ·w replicas.
/// When a node or a domain reaches its cap, everything below it stays as it is and the others
/// continue, until all replicas are placed.
///
/// # Source
/// Water-filling over a tree, here with weights: Dimitri Bertsekas, Robert Gallager, *Data
/// Networks*, 2nd edition, 1992, section 6.5.2.
#[derive(Clone, Debug)]
pub(super) struct Quotas {
    pub(super) floors: Vec<u64>,
    pub(super) ceils: Vec<u64>,
    /// The quotas in floating point, for reports only: they decide nothing.
    pub(super) exact: Vec<f64>,
    /// The exact quotas of the leaves, as numerators and denominators.
    pub(super) ratios: Vec<(u128, u128)>,
    /// A rounding of the nodes' quotas under which every domain has its floor or ceiling. For rows of
    /// different sizes only the floors.
    pub(super) rounded: Vec<u64>,
}

/// A vertex whose quota exceeds what it can hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overfull {
    pub(super) vertex: usize,
    pub(super) quota: u64,
    pub(super) limit: u64,
    /// What all nodes can hold together.
    pub(super) room: u64,
}

impl Quotas {
    /// True for a leaf with a quota of 0.
    pub(super) fn is_empty(&self, tree: &Tree, leaf: u32) -> bool {
        at(&self.ceils, tree.vertex(leaf)) == 0
    }

    /// The quotas of tables of this configuration, whose rows have these sizes. `slots` is what each
    /// leaf can hold, and true where it holds as much whatever its weight.
    ///
    /// O(levels · n log n), and for rows of different sizes as [`copy_quotas::shares`].
    pub(super) fn new(
        tree: &Tree,
        config: &TableConfig,
        sizes: &RowSizes,
        slots: &[(u64, bool)],
    ) -> Result<Self, Overfull> {
        if !sizes.is_uniform() {
            let sizes = (0..config.partitions()).map(|p| sizes.of_partition(p) as u32);
            let rooms = copy_quotas::rooms(sizes);
            return copy_quotas::shares(tree, &rooms, slots)
                .map(|found| shared(tree, &found))
                .map_err(|too_few| Overfull {
                    vertex: 0,
                    quota: config.total_replicas(),
                    limit: too_few.limit,
                    room: too_few.limit,
                });
        }
        let size = u64::from(config.partitions());
        let mut caps: Vec<u64> = tree.caps.iter().map(|cap| u64::from(*cap) * size).collect();
        for (cap, (slots, _)) in caps.iter_mut().skip(tree.domains()).zip(slots) {
            *cap = (*cap).min(*slots);
        }
        let full = fill(tree, &caps, slots);
        let wanted = at(&caps, 0);
        if full.room < wanted {
            return Err(most_overfull(tree, &full.rooms, wanted));
        }
        // The level at which each vertex stops: it is full itself, or it is below a full vertex.
        let mut stops = vec![FillLevel::INFINITE; tree.vertices()];
        let mut saturated = vec![false; tree.vertices()];
        for vertex in 0..tree.vertices() {
            let own = full.levels.get(vertex).copied().unwrap_or(FillLevel::INFINITE);
            let above = tree.parent(vertex).and_then(|parent| stops.get(parent).copied());
            let first = above.is_none_or(|above| own.cmp(above).is_le());
            put(&mut saturated, vertex, first && own.den > 0);
            put(&mut stops, vertex, if first { own } else { above.unwrap_or(own) });
        }
        let shares = shares(tree, &caps, &saturated);
        let (mut floors, mut ceils, mut exact) = (Vec::new(), Vec::new(), Vec::new());
        let mut ratios = Vec::with_capacity(tree.leaves());
        for (vertex, (fixed, weight)) in shares.iter().enumerate() {
            let stop = stops.get(vertex).copied().unwrap_or(FillLevel::INFINITE);
            let (floor, ceil) = if at(&saturated, vertex) {
                (at(&caps, vertex), at(&caps, vertex))
            } else {
                let (floor, rest) = split(stop, *weight);
                (fixed + floor, fixed + floor + u64::from(rest))
            };
            if tree.leaf(vertex).is_some() {
                ratios.push(match stop.den {
                    _ if floor == ceil => (floor.into(), 1),
                    den => (stop.num * weight, den),
                });
            }
            floors.push(floor);
            ceils.push(ceil);
            exact.push(if ceil > floor {
                floor as f64 + fraction(stop, *weight)
            } else {
                floor as f64
            });
        }
        let rounded = rounded(tree, &caps, &saturated, &stops);
        Ok(Self { floors, ceils, exact, ratios, rounded })
    }

    /// The same quotas of the leaves. Domains may hold whatever follows from these.
    pub(super) fn of_nodes(mut self, tree: &Tree) -> Self {
        for bounds in [&mut self.floors, &mut self.ceils] {
            let leaves = bounds.get(tree.domains()..).unwrap_or_default().to_vec();
            let (all, sums) = (at(bounds, 0), tree.sums(&leaves));
            *bounds = sums;
            put(bounds, 0, all);
        }
        self
    }
}

/// The quotas that follow from the shares of the leaves: those of a domain add up to its own.
fn shared(tree: &Tree, found: &Shares) -> Quotas {
    // Whole replicas of every vertex, and for each level the numerators of what is left.
    let mut sums: Vec<(u64, BTreeMap<u32, u128>)> = vec![Default::default(); tree.vertices()];
    let none = Level { num: 0, den: 1 };
    let level = |round: u32| found.levels.get(round as usize).copied().unwrap_or(none);
    let den = |round: u32| level(round).den;
    let ratio = |(leaf, share): (usize, &Share)| match *share {
        Share::Slots(slots) => (u128::from(slots), 1),
        Share::Level(round) => (level(round).num * u128::from(at(&tree.weights, leaf)), den(round)),
    };
    let ratios: Vec<(u128, u128)> = found.shares.iter().enumerate().map(ratio).collect();
    let (mut floors, mut ceils, mut exact) =
        (vec![0; tree.vertices()], vec![0; tree.vertices()], vec![0.0; tree.vertices()]);
    for vertex in (0..tree.vertices()).rev() {
        let (mut replicas, mut rests) =
            sums.get_mut(vertex).map(core::mem::take).unwrap_or_default();
        if let Some(leaf) = tree.leaf(vertex) {
            let (num, den) = ratios.get(leaf as usize).copied().unwrap_or((0, 1));
            replicas = (num / den) as u64;
            if let Some(Share::Level(round)) = found.shares.get(leaf as usize) {
                rests.insert(*round, num % den);
            }
        }
        for (round, rest) in &mut rests {
            replicas += (*rest / den(*round)) as u64;
            *rest %= den(*round);
        }
        let parts: Vec<(u128, u128)> =
            rests.iter().map(|(round, rest)| (*rest, den(*round))).collect();
        let (more, rest) = exact_sum::whole(&parts);
        put(&mut floors, vertex, replicas + more);
        put(&mut ceils, vertex, replicas + more + u64::from(rest));
        let fractions: f64 = parts.iter().map(|(num, den)| *num as f64 / *den as f64).sum();
        let whole = (replicas + more) as f64;
        put(&mut exact, vertex, if rest { replicas as f64 + fractions } else { whole });
        if let Some((above, more)) = tree.parent(vertex).and_then(|parent| sums.get_mut(parent)) {
            *above += replicas;
            for (round, rest) in rests {
                *more.entry(round).or_default() += rest;
            }
        }
    }
    let rounded = floors.get(tree.domains()..).unwrap_or_default().to_vec();
    Quotas { floors, ceils, exact, ratios, rounded }
}

/// λ·w: its integer part, and true if it is not an integer.
fn split(level: FillLevel, weight: u128) -> (u64, bool) {
    if level.den == 0 || weight == 0 {
        return (0, false);
    }
    let product = level.num * weight;
    ((product / level.den) as u64, product % level.den > 0)
}

/// ⌊λ·w + salt / 2^64⌋: the salt shifts where running sums are rounded.
fn shifted_floor(level: FillLevel, weight: u128, salt: u64) -> u64 {
    if level.den == 0 {
        return 0;
    }
    // Denominators are below 2^84, so neither product overflows.
    let fraction = (((level.den >> 32) * u128::from(salt)) >> 32)
        + (((level.den & 0xFFFF_FFFF) * u128::from(salt)) >> 64);
    ((level.num * weight + fraction.min(level.den - 1)) / level.den) as u64
}

/// The fractional part of λ·w.
fn fraction(level: FillLevel, weight: u128) -> f64 {
    (level.num * weight % level.den.max(1)) as f64 / level.den as f64
}

struct Filled {
    /// The level at which each vertex is full by itself, `INFINITE` if never.
    levels: Vec<FillLevel>,
    /// The maximum each vertex can hold.
    rooms: Vec<u64>,
    /// The maximum the root can hold.
    room: u64,
}

/// Computes, from the leaves up, the level at which each vertex is full if nothing above it is.
fn fill(tree: &Tree, caps: &[u64], slots: &[(u64, bool)]) -> Filled {
    let mut levels = vec![FillLevel::INFINITE; tree.vertices()];
    let mut rooms = vec![0; tree.vertices()];
    let mut below: Vec<Vec<FillEvent>> = vec![Vec::new(); tree.domains()];
    for vertex in (0..tree.vertices()).rev() {
        let cap = at(caps, vertex);
        let events = if let Some(leaf) = tree.leaf(vertex) {
            let weight = u128::from(at(&tree.weights, leaf as usize));
            if weight == 0 {
                continue;
            }
            let from_start = slots.get(leaf as usize).is_some_and(|(_, full)| *full);
            let num = if from_start { 0 } else { cap.into() };
            let level = FillLevel { num, den: weight };
            put(&mut levels, vertex, level);
            put(&mut rooms, vertex, cap);
            vec![FillEvent { level, weight, replicas: cap }]
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
    Filled { levels, rooms, room }
}

/// Cuts a vertex's events off at the level where it is full. Returns that level and the maximum the
/// vertex can hold.
fn truncate_at_full(events: &mut Vec<FillEvent>, cap: u64) -> (FillLevel, u64) {
    let mut weight: u128 = events.iter().map(|event| event.weight).sum();
    let mut fixed = 0_u64;
    for i in 0..events.len() {
        let Some(event) = events.get(i).copied() else { break };
        // Full at (cap − fixed) / weight, if that is no later than this event.
        let level = FillLevel { num: cap.saturating_sub(fixed).into(), den: weight };
        if level.cmp(event.level).is_le() {
            events.truncate(i);
            events.push(FillEvent { level, weight, replicas: cap.saturating_sub(fixed) });
            return (level, cap);
        }
        weight -= event.weight;
        fixed += event.replicas;
    }
    (FillLevel::INFINITE, fixed)
}

/// For each vertex, the replicas of the full vertices below it and the weight of its other leaves.
fn shares(tree: &Tree, caps: &[u64], saturated: &[bool]) -> Vec<(u64, u128)> {
    let mut shares = vec![(0_u64, 0_u128); tree.vertices()];
    for vertex in (0..tree.vertices()).rev() {
        if let (Some(leaf), Some(share)) = (tree.leaf(vertex), shares.get_mut(vertex)) {
            share.1 = at(&tree.weights, leaf as usize).into();
        }
        let (fixed, weight) = at(&shares, vertex);
        if let Some(above) = tree.parent(vertex).and_then(|parent| shares.get_mut(parent)) {
            if at(saturated, vertex) {
                above.0 += at(caps, vertex);
            } else {
                above.0 += fixed;
                above.1 += weight;
            }
        }
    }
    shares
}

/// Rounds the nodes' quotas by rounding their running sums in depth-first order, separately for
/// each fill level. Every contiguous range of that order, and so every domain, then gets its floor
/// or its ceiling. The table's name shifts the running sums by a fraction of a replica, which
/// decides which nodes get the replicas that do not divide evenly.
fn rounded(tree: &Tree, caps: &[u64], saturated: &[bool], stops: &[FillLevel]) -> Vec<u64> {
    let mut sums = vec![0_u128; tree.domains()];
    // The full vertex whose level stops a domain's leaves; the root is always full.
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
        let level = stops.get(group).copied().unwrap_or(FillLevel::INFINITE);
        let before = at(&sums, group);
        let after = before + u128::from(at(&tree.weights, leaf as usize));
        put(&mut sums, group, after);
        let running = |weight| shifted_floor(level, weight, tree.salt);
        rounded.push(running(after) - running(before));
    }
    rounded
}

/// The vertex that would exceed its maximum by the greatest factor if replicas followed weights
/// alone. Ties go to the outermost vertex, then to the first.
fn most_overfull(tree: &Tree, rooms: &[u64], wanted: u64) -> Overfull {
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
    let room = at(rooms, 0);
    let whole = Overfull { vertex: 0, quota: wanted, limit: room, room };
    let mut worst: Option<Overfull> = None;
    for vertex in 1..tree.vertices() {
        let (whole, rest) = split(total, at(&weights, vertex));
        let (quota, limit) = (whole + u64::from(rest), at(rooms, vertex));
        let over = worst.is_none_or(|worst| {
            u128::from(quota) * u128::from(worst.limit)
                > u128::from(worst.quota) * u128::from(limit)
        });
        if quota > limit && over {
            worst = Some(Overfull { vertex, quota, limit, room });
        }
    }
    worst.unwrap_or(whole)
}
