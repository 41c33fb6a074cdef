//! Walks along the candidates of a key.

use super::levels::{Counts, Levels};
use super::{Plan, Spread, Stage};
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Candidates, Placement};

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
    fn chosen(&self) -> &[NodeIdx] {
        self.out.get(..self.found).unwrap_or_default()
    }

    fn take(&mut self, node: NodeIdx) {
        if let Some(place) = self.out.get_mut(self.found) {
            *place = node;
            self.found += 1;
        }
    }

    /// What the spread does not know, what was chosen before and what the filter refuses have no
    /// counts.
    fn counts(&mut self, node: NodeIdx) -> Option<Counts> {
        let row = self.levels.row(node)?;
        if self.chosen().contains(&node) || !(self.accept)(node) {
            return None;
        }
        Some(self.levels.counts(row, self.chosen()))
    }

    /// Takes candidates in their order while the first `active` limits allow it, up to `upto`.
    fn under(&mut self, active: usize, upto: usize) {
        let (placement, levels) = (self.placement, self.levels);
        let mut candidates = Candidates::new(placement, self.key);
        while self.found < upto {
            let Some(node) = candidates.next() else { break };
            let Some(counts) = self.counts(node) else { continue };
            let mut limits = levels.iter().zip(counts).take(active);
            if limits.all(|(level, count)| count < level.limit) {
                self.take(node);
            }
        }
    }

    /// Takes candidates whose domains hold the fewest, as often as `profile` says that there are
    /// some; a filter leaves fewer, and then more walks are needed.
    fn evenly(&mut self, profile: &[Counts]) {
        let placement = self.placement;
        let mut fewest = Counts::default();
        while let Some(next) = profile.get(self.found).filter(|_| self.found < self.out.len()) {
            fewest = fewest.max(*next);
            // The fewest beside those that are taken in this walk.
            let mut more: Option<Counts> = None;
            let mut candidates = Candidates::new(placement, self.key);
            let exhausted = loop {
                if profile.get(self.found).is_none_or(|next| *next > fewest) {
                    break false;
                }
                let Some(node) = candidates.next() else { break true };
                match self.counts(node) {
                    Some(counts) if counts <= fewest => self.take(node),
                    Some(counts) => more = Some(more.map_or(counts, |least| least.min(counts))),
                    None => {}
                }
                if self.found >= self.out.len() {
                    return;
                }
            };
            match (exhausted, more) {
                (true, None) => return,
                (true, Some(more)) => fewest = more,
                (false, _) => {}
            }
        }
    }
}

impl Spread {
    /// Writes the holders of a key's replicas to `out`, the owner first, and returns how many
    /// there are: no more than [`most`](Self::most) and as many as fit.
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
    /// There can be fewer than [`most`](Self::most) then. `accept` may be asked about a node more
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
