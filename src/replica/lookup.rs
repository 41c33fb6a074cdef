//! Lookups: walks over the candidates of a key, or a list of them for many replicas.

use super::levels::{Counts, Levels};
use super::{Spread, SpreadRule, Stage, listed};
use crate::hash::KeyHash;
use crate::limits::INLINE_CANDIDATES;
use crate::node::NodeIdx;
use crate::placement::{Candidates, Placement, Walk};
use crate::steps;
use alloc::vec::Vec;

/// The replicas of one key while they are chosen.
struct Choice<'a, P: ?Sized, F> {
    levels: &'a Levels,
    placement: &'a P,
    key: KeyHash,
    accept: F,
    out: &'a mut [NodeIdx],
    found: usize,
}

impl<P: Placement + ?Sized, F: FnMut(NodeIdx) -> bool> Choice<'_, P, F> {
    fn take(&mut self, node: NodeIdx) {
        if let Some(place) = self.out.get_mut(self.found) {
            *place = node;
            self.found += 1;
        }
    }

    /// The next candidate of the walk whose domains fit beside the chosen nodes; `None` if there is
    /// none.
    ///
    /// Counts only grow, so a refused node stays refused until another rule applies. Once more
    /// candidates were refused than there are live nodes, all known nodes are checked once. If none
    /// fits, the walk ends here. Otherwise a ring would walk all its points, for every key whenever a
    /// filter refuses a whole zone. If m of n nodes fit, the walk reaches the first of them after
    /// n / m steps on average.
    #[inline]
    fn next(
        &mut self,
        walk: &mut Walk,
        fits: impl Fn(&[u32], &[NodeIdx]) -> bool,
    ) -> Option<NodeIdx> {
        let (levels, placement, accept) = (self.levels, self.placement, &mut self.accept);
        let chosen = self.out.get(..self.found).unwrap_or_default();
        let mut admits = |node, row: &[u32]| {
            steps::count(1);
            !chosen.contains(&node) && fits(row, chosen) && accept(node)
        };
        let (mut patience, mut ended) = (None, false);
        let node = placement.next_candidate_where(walk, &mut |node| {
            if ended || levels.row(node).is_some_and(|row| admits(node, row)) {
                return true;
            }
            let left = patience.get_or_insert_with(|| placement.live());
            if *left > 0 {
                *left -= 1;
            } else {
                ended = !levels.nodes().any(|(node, row)| admits(node, row));
                *left = usize::MAX;
            }
            ended
        });
        node.filter(|_| !ended)
    }

    /// Takes candidates in their order while the first `active` limits allow it, up to `upto`.
    fn under(&mut self, active: usize, upto: usize) {
        let (levels, mut walk) = (self.levels, Walk::new(self.key));
        while self.found < upto {
            let fits = |row: &[u32], chosen: &[NodeIdx]| levels.have_room(row, chosen, active);
            let Some(node) = self.next(&mut walk, fits) else { break };
            self.take(node);
        }
    }

    /// Takes candidates whose domains hold the fewest replicas. `profile` has the counts that each
    /// replica finds without a filter. A filter leaves fewer nodes, and then more walks are needed,
    /// at most one for each replica, since each walk begins with the smallest counts of any node.
    fn evenly(&mut self, profile: &[Counts]) {
        let mut fewest = Counts::default();
        while let Some(next) = profile.get(self.found).filter(|_| self.found < self.out.len()) {
            fewest = fewest.max(*next);
            let mut walk = Walk::new(self.key);
            while profile.get(self.found).is_some_and(|next| *next <= fewest) {
                if self.found >= self.out.len() {
                    return;
                }
                let levels = self.levels;
                let fits = |row: &[u32], chosen: &[NodeIdx]| levels.counts(row, chosen) <= fewest;
                if let Some(node) = self.next(&mut walk, fits) {
                    self.take(node);
                    continue;
                }
                let Some(more) = self.fewest_above(&fewest) else { return };
                fewest = more;
                break;
            }
        }
    }

    /// The smallest counts above `fewest` of a node that can still be chosen.
    fn fewest_above(&mut self, fewest: &Counts) -> Option<Counts> {
        let chosen = self.out.get(..self.found).unwrap_or_default();
        let mut minimum: Option<Counts> = None;
        for (node, row) in self.levels.nodes() {
            steps::count(1);
            let counts = self.levels.counts(row, chosen);
            let better = counts > *fewest && minimum.is_none_or(|minimum| counts < minimum);
            if better && !chosen.contains(&node) && (self.accept)(node) {
                minimum = Some(counts);
            }
        }
        minimum
    }
}

impl Spread {
    /// Writes the holders of a key's replicas to `out`, the owner first, and returns how many there
    /// are: as many as fit, and at most [`max_replicas`](Self::max_replicas).
    ///
    /// `placement` places keys on the nodes the spread was compiled for. A node that was not among
    /// them, or not live, is skipped, so the limits hold under any placement.
    pub fn replicas<P: Placement + ?Sized>(
        &self,
        placement: &P,
        key: KeyHash,
        out: &mut [NodeIdx],
    ) -> usize {
        self.replicas_where(placement, key, out, |_| true)
    }

    /// As [`replicas`](Self::replicas), among the nodes that `accept` admits, for instance healthy
    /// ones. The next candidates replace the others; keys that have no replica on a refused node
    /// keep their replicas.
    ///
    /// There may then be fewer than [`max_replicas`](Self::max_replicas). `accept` may be called more
    /// than once for a node and must give the same answer during a lookup; if it does not, the nodes
    /// are still distinct and strict limits still hold.
    pub fn replicas_where<P: Placement + ?Sized>(
        &self,
        placement: &P,
        key: KeyHash,
        out: &mut [NodeIdx],
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        if self.places(out).len() > INLINE_CANDIDATES {
            return self.by_list(placement, key, out, accept);
        }
        self.by_walks(placement, key, out, accept)
    }

    /// The places for the replicas of a key.
    fn places<'o>(&self, out: &'o mut [NodeIdx]) -> &'o mut [NodeIdx] {
        let wanted = out.len().min(self.max_replicas);
        out.get_mut(..wanted).unwrap_or_default()
    }

    /// The replicas by a list of candidates.
    pub(super) fn by_list<P: Placement + ?Sized>(
        &self,
        placement: &P,
        key: KeyHash,
        out: &mut [NodeIdx],
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        let out = self.places(out);
        listed::replicas(&self.plan, &self.levels, Candidates::new(placement, key), accept, out)
    }

    /// The replicas by walks, without memory.
    pub(super) fn by_walks<P: Placement + ?Sized>(
        &self,
        placement: &P,
        key: KeyHash,
        out: &mut [NodeIdx],
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        let out = self.places(out);
        let wanted = out.len();
        let mut choice = Choice { levels: &self.levels, placement, key, accept, out, found: 0 };
        match &self.plan {
            SpreadRule::Even(profile) => choice.evenly(profile),
            SpreadRule::Limits(stages) => {
                for Stage { active, room } in &**stages {
                    choice.under(*active, wanted.min(*room));
                }
            }
        }
        choice.found
    }

    /// The number of [`levels`](Self::levels), from the outermost on, whose limit these nodes keep.
    /// For replicas of [`best_effort`](Self::best_effort) it shows which limits were dropped. It also
    /// works for any other nodes, for instance those that hold the data today. A node that the
    /// spread does not know is in no domain.
    ///
    /// # Complexity
    /// O(k²) for up to 64 nodes, without the heap; O(k log k) for more.
    #[must_use]
    pub fn kept(&self, nodes: &[NodeIdx]) -> usize {
        let limits = self.levels.iter().map(|level| level.limit);
        if nodes.len() > INLINE_CANDIDATES {
            let holds = |level: &(usize, u32)| self.most_in_a_domain(level.0, nodes) <= level.1;
            return (0..).zip(limits).take_while(holds).count();
        }
        let rows = || nodes.iter().filter_map(|node| self.levels.row(*node));
        let holds = |(i, limit): &(usize, u32)| {
            let within = |row| {
                let counts = self.levels.counts(row, nodes);
                counts.get(*i).is_none_or(|count| count <= limit)
            };
            rows().all(within)
        };
        (0..).zip(limits).take_while(holds).count()
    }

    /// The maximum number of these nodes in one domain of a level.
    fn most_in_a_domain(&self, level: usize, nodes: &[NodeIdx]) -> u32 {
        let domain = |node: &NodeIdx| self.levels.row(*node)?.get(level).copied();
        let mut domains: Vec<u32> = nodes.iter().filter_map(domain).collect();
        domains.sort_unstable_by_key(|domain| {
            steps::count(1);
            *domain
        });
        domains.chunk_by(|a, b| a == b).map(|same| same.len() as u32).max().unwrap_or_default()
    }
}
