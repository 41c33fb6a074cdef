//! Tables within failure domains, evened without a move more.
//!
//! ```text
//!                    node x in domain D         node y in domain E
//!  table A           x  ------------------------>  y       A has too many in D, or too few in E
//!  table B           x  <------------------------  y
//!
//!  one step           p: x -> y                             it was new on x, or stays so on y
//!  two steps          p: x -> z    q: z -> y                p moves to z in place of q, which returns
//!
//!  what x and y hold of all tables stays, so the sums of nodes and domains do
//!  falls with every exchange:  over tables and domains, how far a load is from floor or ceiling
//! ```
//!
//! The bounds of table and node and those of all tables are kept by the search, which does not know
//! those of table and domain: together they would be no network. So this is a local search among the
//! tables of minimum movement, and some tables may miss floor and ceiling in some domains.

use super::super::cells::{add, at, take};
use super::super::quota::Quotas;
use super::super::tree::{NONE, Tree};
use super::super::work::Work;
use super::layout::Layout;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Maximum number of passes over all tables and domains.
const PASSES: u32 = 8;

/// Steps for each replica and each leaf, after which no further exchange is looked for.
pub(super) const EFFORT: u64 = 64;

/// Maximum number of partitions tried for one side of an exchange.
const TRIES: usize = 32;

/// The floors and ceilings of each table in each domain: those that it would have alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    domains: usize,
    /// By rank of the table, then by domain.
    bounds: Vec<(u64, u64)>,
}

impl Wanted {
    /// Bounds of `tables` tables in the domains of a joint tree: any number of replicas.
    pub(super) fn new(tree: &Tree, tables: usize) -> Self {
        let domains = tree.domains() - tree.leaves() / tables.max(1);
        Self { domains, bounds: vec![(0, u64::MAX); domains * tables] }
    }

    /// Sets the bounds of a table from its own quotas.
    pub(super) fn set(&mut self, (own, quotas): (&Tree, &Quotas), rank: u32, joint: &[u32]) {
        for (vertex, domain) in joint.iter().enumerate().take(own.domains()) {
            let bounds = (at(&quotas.floors, vertex), at(&quotas.ceils, vertex));
            let place = rank as usize * self.domains + *domain as usize;
            if let Some(entry) = self.bounds.get_mut(place) {
                *entry = bounds;
            }
        }
    }

    fn of(&self, table: u32, domain: u32) -> (u64, u64) {
        let place = table as usize * self.domains + domain as usize;
        self.bounds.get(place).copied().unwrap_or((0, u64::MAX))
    }
}

/// Exchanges replicas of two tables between two nodes as long as tables get closer to their quotas in
/// the domains. Nothing more moves, and no more partitions have two or more moves.
pub(super) fn even(work: &mut Work<'_>, quotas: &Quotas, wanted: &Wanted, layout: &Layout) {
    let tables = layout.places.len() as u32;
    let mut search = Search::new(work, (quotas, wanted), tables);
    for _ in 0..PASSES {
        let mut better = false;
        for table in 0..tables {
            for domain in 1..wanted.domains as u32 {
                while search.distance(table, domain, 0) > 0 && !search.is_spent() {
                    if !search.mend(work, table, domain) {
                        break;
                    }
                    better = true;
                }
            }
        }
        if !better {
            return;
        }
    }
}

/// A partition whose replica goes from a leaf to another.
type Move = (u32, u32, u32);

/// One or two moves of one table, which together take a replica from a leaf to another.
type Way = Vec<Move>;

/// True if these moves of different partitions add no move in all, and no partition with two or more.
fn is_free(work: &Work<'_>, moves: &[Move]) -> bool {
    let (mut cost, mut twice) = (0, 0);
    for (partition, from, to) in moves {
        let (more, moved) = (work.cost(*partition, *from, *to), work.moved(*partition) as i32);
        cost += more;
        twice += i32::from(moved + more >= 2) - i32::from(moved >= 2);
    }
    cost <= 0 && twice <= 0
}

struct Search<'a> {
    quotas: &'a Quotas,
    wanted: &'a Wanted,
    tables: u32,
    /// By table, then by domain.
    loads: Vec<u64>,
    /// For each leaf its partitions, and some that have left it since.
    by_leaf: Vec<Vec<u32>>,
    /// For each leaf the partitions that were there before and are not now.
    gone: Vec<Vec<u32>>,
    /// For each leaf, how many of its replicas are new there.
    new: Vec<u64>,
    /// The nodes of each domain, as a range.
    nodes: Vec<(u32, u32)>,
    left: u64,
}

impl<'a> Search<'a> {
    fn new(work: &Work<'_>, (quotas, wanted): (&'a Quotas, &'a Wanted), tables: u32) -> Self {
        let tree = work.tree;
        let mut search = Self {
            quotas,
            wanted,
            tables,
            loads: vec![0; wanted.bounds.len()],
            by_leaf: vec![Vec::new(); tree.leaves()],
            gone: vec![Vec::new(); tree.leaves()],
            new: vec![0; tree.leaves()],
            nodes: vec![(NONE, 0); wanted.domains],
            left: EFFORT * (work.rows.len() + tree.leaves()) as u64,
        };
        for partition in 0..work.partitions {
            for leaf in work.row(partition).iter().filter(|leaf| **leaf != NONE) {
                if let Some(list) = search.by_leaf.get_mut(*leaf as usize) {
                    list.push(partition);
                }
                if !work.was_on(partition, *leaf) {
                    add(&mut search.new, *leaf as usize, 1);
                }
            }
            for leaf in work.old_row(partition).iter().filter(|leaf| **leaf != NONE) {
                if !work.is_on(partition, *leaf) {
                    search.gone.get_mut(*leaf as usize).into_iter().for_each(|l| l.push(partition));
                }
            }
        }
        for leaf in 0..tree.leaves() as u32 {
            let node = leaf / tables;
            for domain in domains(tree, leaf) {
                let place = (leaf % tables) as usize * wanted.domains + domain as usize;
                add(&mut search.loads, place, at(&work.loads, leaf as usize));
                if let Some((first, end)) = search.nodes.get_mut(domain as usize) {
                    (*first, *end) = ((*first).min(node), node + 1);
                }
            }
        }
        search
    }

    fn is_spent(&self) -> bool {
        self.left == 0
    }

    fn count(&mut self, effort: u64) {
        steps::count(effort);
        self.left = self.left.saturating_sub(effort);
    }

    /// How far a table is from its quota in a domain if it had `more` replicas there.
    fn distance(&self, table: u32, domain: u32, more: i64) -> i64 {
        let load = at(&self.loads, table as usize * self.wanted.domains + domain as usize);
        let load = load as i64 + more;
        let (floor, ceil) = self.wanted.of(table, domain);
        let ceil = i64::try_from(ceil).unwrap_or(i64::MAX);
        (floor as i64 - load).max(load - ceil).max(0)
    }

    /// By how much a table comes closer to its quotas, or less close, if a replica goes from the first
    /// leaf to the second.
    fn change(&self, tree: &Tree, table: u32, from: u32, to: u32) -> i64 {
        let pairs = domains(tree, from).zip(domains(tree, to)).filter(|(a, b)| a != b);
        let changed =
            |domain, more| self.distance(table, domain, more) - self.distance(table, domain, 0);
        pairs.map(|(a, b)| changed(a, -1) + changed(b, 1)).sum()
    }

    /// True if a replica can go from the first leaf to the second by the quotas of both.
    fn may_go(&self, work: &Work<'_>, from: u32, to: u32) -> bool {
        let vertex = |leaf| work.tree.vertex(leaf);
        at(&work.loads, from as usize) > at(&self.quotas.floors, vertex(from))
            && at(&work.loads, to as usize) < at(&self.quotas.ceils, vertex(to))
    }

    /// Brings a table closer to its quota in a domain. True if it did.
    fn mend(&mut self, work: &mut Work<'_>, table: u32, domain: u32) -> bool {
        let over = self.distance(table, domain, -1) < self.distance(table, domain, 0);
        let (first, end) = self.nodes.get(domain as usize).copied().unwrap_or_default();
        let all = (work.tree.leaves() as u32 / self.tables.max(1)).max(1);
        for here in first..end {
            for turn in 0..all {
                // Neighbours first: those after the domain, then from the beginning.
                let there = (end + turn) % all;
                if (first..end).contains(&there) {
                    continue;
                }
                self.count(1);
                if self.is_spent() {
                    return false;
                }
                let (from, to) = if over { (here, there) } else { (there, here) };
                let (from, to) = (from * self.tables + table, to * self.tables + table);
                let change = self.change(work.tree, table, from, to);
                if change < 0
                    && self.may_go(work, from, to)
                    && self.exchange(work, (from, to), change)
                {
                    return true;
                }
            }
        }
        false
    }

    /// Lets a replica go from the first leaf to the second, and one of another table back between the
    /// same nodes, if the change of both is for the better.
    fn exchange(&mut self, work: &mut Work<'_>, (from, to): (u32, u32), change: i64) -> bool {
        let table = from % self.tables;
        let (x, y) = (from - table, to - table);
        for turn in 1..self.tables {
            let other = (table + turn) % self.tables;
            let (back, home) = (y + other, x + other);
            self.count(1);
            let any_new = at(&self.new, from as usize) + at(&self.new, back as usize) > 0;
            let any_gone = |leaf: u32| self.gone.get(leaf as usize).is_some_and(|l| !l.is_empty());
            if (any_new || any_gone(to) || any_gone(home))
                && self.may_go(work, back, home)
                && self.change(work.tree, other, back, home) + change < 0
            {
                if let Some(moves) = self.both_ways(work, (from, to), (back, home)) {
                    for (partition, from, to) in moves {
                        self.put(work, partition, from, to);
                    }
                    return true;
                }
            }
        }
        false
    }

    /// Moves of one table from the first leaf to the second and of another one between the other two,
    /// together without another move.
    fn both_ways(
        &mut self,
        work: &Work<'_>,
        (from, to): (u32, u32),
        (back, home): (u32, u32),
    ) -> Option<Vec<Move>> {
        let returning = self.ways(work, back, home);
        if returning.is_empty() {
            return None;
        }
        let leaving = self.ways(work, from, to);
        self.count((leaving.len() * returning.len()) as u64);
        let pairs = returning.iter().flat_map(|a| leaving.iter().map(move |b| (a, b)));
        let both = |(a, b): (&Way, &Way)| a.iter().chain(b).copied().collect::<Vec<Move>>();
        pairs.map(both).find(|moves| is_free(work, moves))
    }

    /// Some ways in which a replica of a table can go from one leaf to another: those that cost nothing
    /// by themselves come first.
    fn ways(&mut self, work: &Work<'_>, from: u32, to: u32) -> Vec<Way> {
        let list = self.by_leaf.get(from as usize).map_or(&[][..], Vec::as_slice);
        let gone = self.gone.get(to as usize).map_or(&[][..], Vec::as_slice);
        let may_leave = |p: &u32| work.is_on(*p, from) && !work.constraints.holds(*p, from);
        let fits = |p: &&u32| may_leave(p) && work.fits(**p, from, to);
        let is_new = |p: &&u32| !work.was_on(**p, from);
        let one = |p: &u32| vec![(*p, from, to)];
        let mut ways: Vec<Way> =
            list.iter().filter(is_new).filter(fits).take(TRIES).map(one).collect();
        let mut effort = list.len();
        // A partition that left `to` returns, and another one takes its place.
        for q in gone.iter().take(TRIES) {
            let places = work.row(*q).iter().copied().filter(|z| !work.was_on(*q, *z));
            for z in places.filter(|z| !work.constraints.holds(*q, *z) && work.fits(*q, *z, to)) {
                let instead = |p: &&u32| *p != q && may_leave(p) && work.fits(**p, from, z);
                let found = list.iter().take(TRIES).find(instead);
                effort += TRIES.min(list.len());
                ways.extend(found.map(|p| vec![(*p, from, z), (*q, z, to)]));
            }
        }
        ways.extend(list.iter().filter(|p| !is_new(p)).filter(fits).take(TRIES).map(one));
        self.count(effort as u64);
        ways
    }

    fn put(&mut self, work: &mut Work<'_>, partition: u32, from: u32, to: u32) {
        let table = (from % self.tables) as usize;
        for (leaf, comes) in [(from, false), (to, true)] {
            for domain in domains(work.tree, leaf) {
                let place = table * self.wanted.domains + domain as usize;
                if comes {
                    add(&mut self.loads, place, 1);
                } else {
                    take(&mut self.loads, place, 1);
                }
            }
            if work.was_on(partition, leaf) {
                if let Some(list) = self.gone.get_mut(leaf as usize) {
                    list.retain(|other| *other != partition);
                    if !comes {
                        list.push(partition);
                    }
                }
            } else if comes {
                add(&mut self.new, leaf as usize, 1);
            } else {
                take(&mut self.new, leaf as usize, 1);
            }
        }
        work.put(partition, from, to);
        if let Some(list) = self.by_leaf.get_mut(from as usize) {
            list.retain(|other| *other != partition);
        }
        if let Some(list) = self.by_leaf.get_mut(to as usize) {
            list.push(partition);
        }
    }
}

/// The domains of a leaf, outermost first: all levels but that of the nodes.
fn domains(tree: &Tree, leaf: u32) -> impl Iterator<Item = u32> + '_ {
    (0..tree.depth.saturating_sub(1)).map(move |level| tree.domain(leaf, level))
}
