//! Shortest augmenting paths in the residual network of a table.

use super::deficits::surplus;
use super::holders::Holders;
use super::open::Open;
use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::collections::{BTreeMap, BTreeSet, BinaryHeap};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Not reached.
const FAR: i32 = i32::MAX;

/// One arc of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// A partition's replica goes from one leaf (`NONE`: it had no place) to another.
    Move { partition: u32, from: u32, to: u32 },
    /// A vertex is to hold one more, …
    Raise(usize),
    /// … or one less.
    Lower(usize),
}

impl Step {
    pub(super) fn cost(self, work: &Work<'_>) -> i32 {
        match self {
            Self::Move { partition, from, to } => work.cost(partition, from, to),
            Self::Raise(_) | Self::Lower(_) => 0,
        }
    }
}

/// How a vertex was reached.
#[derive(Clone, Copy, Debug, Default)]
struct Via {
    /// The vertex before; the vertex itself where a path begins.
    before: u32,
    /// The partition moved; `NONE` along the tree.
    partition: u32,
}

/// Of which partitions a path may move one replica more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// Any.
    All,
    /// None that was moved already.
    Singly,
    /// None of which exactly one was moved.
    Gathered,
    /// Only such of which at least so many were moved.
    Heaped(usize),
    /// Only this one.
    Onto(u32),
}

/// Where paths begin and end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends<'a> {
    /// At a leaf above its target or one of these partitions' replicas without a place; at a leaf
    /// below its target.
    Balance(&'a [u32]),
    /// At one leaf and another, through all partitions but one.
    Between { from: u32, to: u32, except: u32 },
}

/// The residual network, explored from its vertices: the nodes and domains.
///
/// An arc a → b through partition p is a legal move of p's replica from a to b; it costs one where a
/// replica that was there before leaves, and gives one back where it returns. An arc between a vertex
/// and its parent shifts a target between floor and ceiling, at no cost. The partitions' own sides of
/// the network, a tree of limits each, need no vertices: a shortest path crosses each of them so
/// that its moves are legal together, or has a shortcut ([`joined`]).
///
/// Successive shortest paths keep a flow of minimum cost: R. K. Ahuja, T. L. Magnanti, J. B. Orlin,
/// *Network Flows*, 1993, section 9.7.
#[derive(Debug)]
pub(super) struct Search<'h> {
    holders: &'h Holders,
    /// On each leaf, partitions that have or had a replica elsewhere; some are there no more.
    astray: Vec<Vec<u32>>,
    listed: Vec<bool>,
    costs: Vec<i32>,
    via: Vec<Via>,
    heap: BinaryHeap<Reverse<(i32, u32, u32)>>,
    turn: u32,
    /// Leaves dearer than the cost of the moment, and by more than one.
    dearer: [Open; 2],
    level: Option<i32>,
    /// A partition that is left alone.
    except: u32,
    /// Where the path to each vertex begins, and how many leaves more each beginning may claim.
    roots: Vec<u32>,
    claims: Vec<usize>,
    /// Dearer paths are not looked for.
    bound: i32,
    /// Vertices and replicas looked at so far.
    looked: u64,
    taken: Vec<u32>,
}

impl<'h> Search<'h> {
    pub(super) fn new(work: &Work<'_>, holders: &'h Holders) -> Self {
        let mut search = Self {
            holders,
            astray: vec![Vec::new(); work.tree.leaves()],
            listed: vec![false; work.partitions as usize],
            costs: Vec::new(),
            via: Vec::new(),
            heap: BinaryHeap::new(),
            turn: 0,
            dearer: [Open::default(), Open::default()],
            level: None,
            except: NONE,
            roots: Vec::new(),
            claims: Vec::new(),
            bound: FAR,
            looked: 0,
            taken: Vec::new(),
        };
        search.list(work);
        search
    }

    /// Partitions that may be on a leaf, some of them twice.
    pub(super) fn on(&self, leaf: u32) -> impl Iterator<Item = u32> {
        let astray = self.astray.get(leaf as usize).map_or(&[][..], Vec::as_slice);
        let held = self.holders.of(leaf).iter();
        let held = held.filter(|partition| !at(&self.listed, **partition as usize));
        held.chain(astray).copied()
    }

    /// A measure of the time taken so far that is the same everywhere.
    pub(super) fn effort(&self) -> u64 {
        let [cheap, dear] = &self.dearer;
        self.looked + cheap.looked + dear.looked
    }

    pub(super) fn holders(&self) -> &'h Holders {
        self.holders
    }

    /// Takes notice of all rows anew.
    pub(super) fn list(&mut self, work: &Work<'_>) {
        self.astray.iter_mut().for_each(Vec::clear);
        self.listed.fill(false);
        for partition in 0..work.partitions {
            self.note(work, partition, NONE);
        }
    }

    /// Takes notice of a change of a partition's row.
    pub(super) fn note(&mut self, work: &Work<'_>, partition: u32, to: u32) {
        if !work.astray(partition) {
            return;
        }
        let listed = at(&self.listed, partition as usize);
        for leaf in work.row(partition) {
            if !listed || *leaf == to {
                if let Some(list) = self.astray.get_mut(*leaf as usize) {
                    list.push(partition);
                }
            }
        }
        put(&mut self.listed, partition as usize, true);
    }

    fn clear(&mut self, work: &Work<'_>, cost: i32) {
        self.costs.clear();
        self.costs.resize(work.tree.vertices(), cost);
        self.via.clear();
        self.via
            .extend((0..work.tree.vertices() as u32).map(|v| Via { before: v, partition: NONE }));
        self.roots.clear();
        self.roots.extend(0..work.tree.vertices() as u32);
        self.claims.clear();
        self.claims.resize(work.tree.vertices(), usize::MAX);
        self.looked += work.tree.vertices() as u64;
        self.heap.clear();
        self.turn = 0;
        self.level = None;
    }

    /// Cheapest paths that have no leaf, domain or partition in common, and their cost; none if there
    /// is none. `least` is a bound from below: paths that cost no more are taken without looking for
    /// cheaper ones. Dearer paths are looked for only to balance, in the scope of all partitions.
    pub(super) fn paths(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        ends: Ends<'_>,
        scope: Scope,
        least: i32,
    ) -> (i32, Vec<Vec<Step>>) {
        let tries = match ends {
            Ends::Balance(_) if scope == Scope::Singly => &[(true, least), (false, least)][..],
            Ends::Balance(_) => &[(true, least), (false, least), (false, FAR)][..],
            Ends::Between { .. } => &[(false, least)][..],
        };
        for (shared, bound) in tries {
            self.bound = *bound;
            let (cost, paths) = self.explore(work, targets, quotas, ends, scope, *shared);
            if !paths.is_empty() {
                return (cost, paths);
            }
        }
        (FAR, Vec::new())
    }

    /// The cheapest paths within the bound. If `shared`, the beginnings share the leaves out among
    /// themselves, so that one does not claim them all: there are many paths then, or none though
    /// there are some.
    fn explore(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        ends: Ends<'_>,
        scope: Scope,
        shared: bool,
    ) -> (i32, Vec<Vec<Step>>) {
        self.clear(work, FAR);
        let load = |leaf: u32| at(&work.loads, leaf as usize);
        let target = |leaf: u32| at(targets, work.tree.vertex(leaf));
        let leaves = 0..work.tree.leaves() as u32;
        self.except = NONE;
        let most = match ends {
            Ends::Balance(without) => {
                let over: Vec<u32> =
                    leaves.clone().filter(|leaf| load(*leaf) > target(*leaf)).collect();
                for leaf in &over {
                    self.begin(work, *leaf);
                }
                let above = |leaf: &u32| surplus(work, targets, *leaf) as usize;
                let units = over.iter().map(above).sum::<usize>() + without.len();
                self.claims.resize(work.tree.vertices() + without.len(), usize::MAX);
                if shared {
                    let each = work.tree.leaves() / units.max(1) + 2;
                    self.claims.fill(each);
                    for leaf in &over {
                        put(&mut self.claims, work.tree.vertex(*leaf), each * above(leaf));
                    }
                }
                units.min(leaves.filter(|leaf| load(*leaf) < target(*leaf)).count())
            }
            Ends::Between { from, except, .. } => {
                self.except = except;
                self.begin(work, from);
                1
            }
        };
        self.at_level(work, 0);
        if let Ends::Balance(without) = ends {
            for (partition, root) in without.iter().zip(work.tree.vertices() as u32..) {
                self.expand_replica(work, *partition, NONE, (0, NONE, root), scope);
            }
        }
        let is_end = |leaf: u32| match ends {
            Ends::Balance(_) => load(leaf) < target(leaf),
            Ends::Between { to, .. } => leaf == to,
        };
        let (mut found, mut lowest) = (Vec::new(), FAR);
        while let Some(Reverse((cost, _, vertex))) = self.heap.pop() {
            if at(&self.costs, vertex as usize) != cost {
                continue;
            }
            // Within a bound all ends are as cheap as can be; without one, an arc may gain yet.
            if self.bound < FAR && found.len() >= most {
                break;
            }
            if work.tree.leaf(vertex as usize).is_some_and(is_end) {
                lowest = lowest.min(cost);
                found.push(vertex);
                if self.bound < FAR {
                    continue;
                }
            }
            self.expand(work, targets, quotas, vertex, cost, scope);
        }
        found.retain(|vertex| at(&self.costs, *vertex as usize) == lowest);
        (lowest, self.apart(work, targets, &found))
    }

    /// The paths to these ends, without those that have a partition or a vertex in common with an
    /// earlier one; but as many may begin at a leaf as it is above its target.
    fn apart(&self, work: &Work<'_>, targets: &[u64], ends: &[u32]) -> Vec<Vec<Step>> {
        let mut met = BTreeSet::new();
        let mut moved = BTreeSet::new();
        let mut begun: BTreeMap<usize, u64> = BTreeMap::new();
        let mut paths = Vec::new();
        for end in ends {
            let steps = joined(work, self.steps(work, *end));
            let mut vertices: Vec<usize> = Vec::new();
            let mut partitions = Vec::new();
            for step in &steps {
                match *step {
                    Step::Move { partition, from, to } => {
                        partitions.push(partition);
                        vertices.extend(vertex_of(work, from));
                        vertices.extend(vertex_of(work, to));
                    }
                    Step::Raise(vertex) | Step::Lower(vertex) => {
                        vertices.push(vertex);
                        vertices.extend(work.tree.parent(vertex));
                    }
                }
            }
            let first = match steps.first() {
                Some(Step::Move { from, .. }) if *from != NONE => Some(*from),
                _ => None,
            };
            if let Some(first) = first {
                let vertex = work.tree.vertex(first);
                let more = begun.get(&vertex).copied().unwrap_or(0);
                if more > 0 && more >= surplus(work, targets, first) {
                    continue;
                }
                vertices.retain(|other| *other != vertex);
                if met.contains(&vertex) {
                    continue;
                }
            }
            if vertices.iter().any(|vertex| met.contains(vertex) || begun.contains_key(vertex))
                || partitions.iter().any(|partition| moved.contains(partition))
            {
                continue;
            }
            if let Some(first) = first {
                *begun.entry(work.tree.vertex(first)).or_default() += 1;
            }
            met.extend(vertices);
            moved.extend(partitions);
            paths.push(steps);
        }
        paths
    }

    fn begin(&mut self, work: &Work<'_>, leaf: u32) {
        let vertex = work.tree.vertex(leaf);
        put(&mut self.costs, vertex, 0);
        self.push(0, vertex);
    }

    /// Potentials under which no arc of the residual network costs less than it gains: a proof that
    /// no cheaper table exists. `None` if there is none.
    pub(super) fn potentials(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
    ) -> Option<Vec<i32>> {
        self.clear(work, 0);
        (self.except, self.bound) = (NONE, FAR);
        (0..work.tree.vertices()).for_each(|vertex| self.push(0, vertex));
        let lowest = -(work.tree.vertices() as i32);
        while let Some(Reverse((cost, _, vertex))) = self.heap.pop() {
            if cost < lowest {
                return None;
            }
            if at(&self.costs, vertex as usize) == cost {
                self.expand(work, targets, quotas, vertex, cost, Scope::All);
            }
        }
        Some(self.costs.clone())
    }

    fn push(&mut self, cost: i32, vertex: usize) {
        self.heap.push(Reverse((cost, self.turn, vertex as u32)));
        self.turn += 1;
    }

    fn relax(&mut self, vertex: usize, cost: i32, via: Via, root: u32) {
        if cost < at(&self.costs, vertex) && cost <= self.bound {
            put(&mut self.roots, vertex, root);
            put(&mut self.costs, vertex, cost);
            put(&mut self.via, vertex, via);
            self.push(cost, vertex);
        }
    }

    /// Lists the leaves that arcs from a vertex of this cost may improve.
    fn at_level(&mut self, work: &Work<'_>, cost: i32) {
        if self.level == Some(cost) {
            return;
        }
        self.level = Some(cost);
        let [cheap, dear] = &mut self.dearer;
        cheap.refill(work, |leaf| at(&self.costs, work.tree.vertex(leaf)) > cost);
        dear.refill(work, |leaf| at(&self.costs, work.tree.vertex(leaf)) > cost + 1);
    }

    fn expand(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        vertex: u32,
        cost: i32,
        scope: Scope,
    ) {
        let here = vertex as usize;
        let along = Via { before: vertex, partition: NONE };
        let root = at(&self.roots, here);
        if let Some(parent) = work.tree.parent(here) {
            if at(targets, here) < at(&quotas.ceils, here) {
                self.relax(parent, cost, along, root);
            }
        }
        for child in work.tree.children(here).iter().map(|child| *child as usize) {
            if at(targets, child) > at(&quotas.floors, child) {
                self.relax(child, cost, along, root);
            }
        }
        let Some(leaf) = work.tree.leaf(here) else { return };
        self.at_level(work, cost);
        let astray = self.astray.get_mut(leaf as usize).map(core::mem::take).unwrap_or_default();
        for partition in &astray {
            if work.is_on(*partition, leaf) {
                self.expand_replica(work, *partition, leaf, (cost, vertex, root), scope);
            }
        }
        if let Some(list) = self.astray.get_mut(leaf as usize) {
            *list = astray;
        }
        let holders = self.holders;
        for partition in holders.of(leaf) {
            let [_, dear] = &self.dearer;
            if dear.is_empty() || cost >= self.bound || at(&self.claims, root as usize) == 0 {
                break;
            }
            if work.is_on(*partition, leaf) && !at(&self.listed, *partition as usize) {
                self.expand_replica(work, *partition, leaf, (cost, vertex, root), scope);
            }
        }
    }

    /// The arcs of one replica.
    fn expand_replica(
        &mut self,
        work: &Work<'_>,
        partition: u32,
        leaf: u32,
        (cost, vertex, root): (i32, u32, u32),
        scope: Scope,
    ) {
        self.looked += 1;
        if partition == self.except || (leaf != NONE && work.bound.holds(partition, leaf)) {
            return;
        }
        let via = Via { before: vertex, partition };
        for old in work.old_row(partition) {
            if *old != NONE && work.fits(partition, leaf, *old) {
                let cost = cost + work.cost(partition, leaf, *old);
                self.relax(work.tree.vertex(*old), cost, via, root);
            }
        }
        // To any other leaf.
        let fresh = leaf != NONE && !work.was_on(partition, leaf);
        let price = i32::from(!fresh);
        let refused = match scope {
            Scope::All => false,
            Scope::Singly => work.moved(partition) > 0,
            Scope::Gathered => work.moved(partition) == 1,
            Scope::Heaped(least) => work.moved(partition) < least,
            Scope::Onto(heap) => partition != heap,
        };
        if (price == 1 && leaf != NONE && refused) || cost + price > self.bound {
            return;
        }
        let mut taken = core::mem::take(&mut self.taken);
        let [cheap, dear] = &mut self.dearer;
        let open = if fresh { cheap } else { dear };
        let costs = &self.costs;
        let dearer = |leaf| at(costs, work.tree.vertex(leaf)) > cost + price;
        let most = at(&self.claims, root as usize);
        open.take(work, partition, leaf, dearer, most, &mut taken);
        put(&mut self.claims, root as usize, most.saturating_sub(taken.len()));
        for leaf in taken.drain(..) {
            self.relax(work.tree.vertex(leaf), cost + price, via, root);
        }
        self.taken = taken;
    }

    /// The path that ends at a vertex.
    fn steps(&self, work: &Work<'_>, end: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut here = end;
        // A path has no vertex twice.
        for _ in 0..=work.tree.vertices() {
            let Via { before, partition } = at(&self.via, here as usize);
            if before == here {
                break;
            }
            let to = work.tree.leaf(here as usize);
            if partition != NONE {
                let from = if before == NONE { None } else { work.tree.leaf(before as usize) };
                let (from, to) = (from.unwrap_or(NONE), to.unwrap_or(NONE));
                steps.push(Step::Move { partition, from, to });
            } else if work.tree.parent(before as usize) == Some(here as usize) {
                steps.push(Step::Raise(before as usize));
            } else {
                steps.push(Step::Lower(here as usize));
            }
            if before == NONE {
                break;
            }
            here = before;
        }
        steps.reverse();
        steps
    }
}

fn vertex_of(work: &Work<'_>, leaf: u32) -> Option<usize> {
    (leaf != NONE).then(|| work.tree.vertex(leaf))
}

/// A path in which a partition is moved twice with one move in place of all between, where that is
/// legal: such a path met one vertex of the partition's side of the network twice, and what lies
/// between is a cycle that costs nothing.
fn joined(work: &Work<'_>, mut steps: Vec<Step>) -> Vec<Step> {
    let mut i = 0;
    while let Some(step) = steps.get(i).copied() {
        if let Step::Move { partition, from, .. } = step {
            let later =
                steps.iter().enumerate().skip(i + 1).rev().find_map(|(j, step)| match step {
                    Step::Move { partition: same, to, .. } if *same == partition => {
                        work.fits(partition, from, *to).then_some((j, *to))
                    }
                    _ => None,
                });
            if let Some((j, to)) = later {
                steps.drain(i + 1..=j);
                put(&mut steps, i, Step::Move { partition, from, to });
            }
        }
        i += 1;
    }
    steps
}

/// Does what a path says.
pub(super) fn apply(
    work: &mut Work<'_>,
    targets: &mut [u64],
    search: &mut Search<'_>,
    steps: &[Step],
) {
    for step in steps {
        match *step {
            Step::Move { partition, from, to } => {
                debug_assert!(work.fits(partition, from, to), "a path breaks the rules");
                work.put(partition, from, to);
                search.note(work, partition, to);
            }
            Step::Raise(vertex) => crate::partition::cells::add(targets, vertex, 1),
            Step::Lower(vertex) => crate::partition::cells::take(targets, vertex, 1),
        }
    }
}
