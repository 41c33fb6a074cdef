//! Walks along the candidates of a key.

use super::levels::{Counts, Levels};
use super::{Plan, Spread, Stage};
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Placement, Walk};
use crate::steps;

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

    /// The next candidate of the walk that fits, by its domains and the chosen ones; `None` if there
    /// is none.
    ///
    /// Whoever is refused stays refused until another rule applies: counts only grow. So as soon
    /// as more candidates were refused than there are live nodes, all known nodes are looked at
    /// once. If none of them fits the walk ends here, where a ring would go on to the last of its
    /// points and a filter that refuses a zone would cost every key that. If one fits it is met
    /// soon: of m nodes that fit among n, the first after n / m steps on average.
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

    /// Takes candidates whose domains hold the fewest, as often as `profile` says that there are
    /// some; a filter leaves fewer, and then more walks are needed: no more than there are replicas,
    /// since each begins with the fewest that a node can have.
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

    /// The fewest that the domains of a node hold which can be chosen and are not as few as these.
    fn fewest_above(&mut self, fewest: &Counts) -> Option<Counts> {
        let chosen = self.out.get(..self.found).unwrap_or_default();
        let mut least: Option<Counts> = None;
        for (node, row) in self.levels.nodes() {
            steps::count(1);
            let counts = self.levels.counts(row, chosen);
            let better = counts > *fewest && least.is_none_or(|least| counts < least);
            if better && !chosen.contains(&node) && (self.accept)(node) {
                least = Some(counts);
            }
        }
        least
    }
}

impl Spread {
    /// Writes the holders of a key's replicas to `out`, the owner first, and returns how many
    /// there are: no more than [`max_replicas`](Self::max_replicas) and as many as fit.
    ///
    /// `placement` places keys on the nodes the spread was compiled for; a node that was not among
    /// them, or not live, is left out, so limits hold whatever the placement says.
    pub fn replicas<P: Placement + ?Sized>(
        &self,
        placement: &P,
        key: KeyHash,
        out: &mut [NodeIdx],
    ) -> usize {
        self.replicas_where(placement, key, out, |_| true)
    }

    /// As [`replicas`](Self::replicas), among the nodes that `accept` lets pass: healthy ones,
    /// those that are not draining. The next candidates come in for the others, and the replicas
    /// of keys that have none there stay as they are.
    ///
    /// There can be fewer than [`max_replicas`](Self::max_replicas) then. `accept` may be asked about a node more
    /// than once and has to give one answer during a lookup; if it does not, the nodes are distinct
    /// all the same and a strict limit holds.
    pub fn replicas_where<P: Placement + ?Sized>(
        &self,
        placement: &P,
        key: KeyHash,
        out: &mut [NodeIdx],
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        let wanted = out.len().min(self.most);
        let out = out.get_mut(..wanted).unwrap_or_default();
        let mut choice = Choice { levels: &self.levels, placement, key, accept, out, found: 0 };
        match &self.plan {
            Plan::Even(profile) => choice.evenly(profile),
            Plan::Limits(stages) => {
                for Stage { active, room } in &**stages {
                    choice.under(*active, wanted.min(*room));
                }
            }
        }
        choice.found
    }

    /// How many of the [`levels`](Self::levels), from the outermost on, have no domain with more
    /// than its limit of these nodes. Under the rule of [`best_effort`](Self::best_effort) it says
    /// how far limits had to be given up for a key; it answers for any other nodes too, those that
    /// hold the data today for instance. O(k²) for k nodes.
    ///
    /// A node the spread does not know is in no domain.
    #[must_use]
    pub fn kept(&self, nodes: &[NodeIdx]) -> usize {
        let rows = || nodes.iter().filter_map(|node| self.levels.row(*node));
        let holds = |(i, limit): (usize, u32)| {
            let within = |row| {
                let counts = self.levels.counts(row, nodes);
                counts.get(i).is_none_or(|count| *count <= limit)
            };
            rows().all(within)
        };
        (0..).zip(self.levels.iter().map(|level| level.limit)).take_while(|l| holds(*l)).count()
    }
}
