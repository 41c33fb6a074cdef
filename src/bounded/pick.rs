//! The pick: the first candidate of a request whose load is below its limit. It keeps nothing.

use super::limit::LoadLimit;
use super::node_loads::NodeLoads;
use crate::node::{NodeIdx, Weight};
use crate::steps;
use core::fmt;

/// The node picked for a request, and why.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Picked {
    /// The first candidate, which is below its limit.
    Preferred {
        /// The node.
        node: NodeIdx,
    },
    /// The first candidate below its limit. The request returns to the preferred node as soon as that
    /// node is below its limit again.
    Spilled {
        /// The node.
        node: NodeIdx,
        /// How many live candidates it comes after, at least 1.
        past: u32,
    },
    /// All candidates are above their limits: the one with the lowest load relative to its weight, of
    /// equal ones the first.
    AllAbove {
        /// The node.
        node: NodeIdx,
        /// How many live candidates it comes after; 0 for the preferred node.
        past: u32,
    },
}

impl Picked {
    /// The node.
    #[must_use]
    pub const fn node(self) -> NodeIdx {
        match self {
            Self::Preferred { node } | Self::Spilled { node, .. } | Self::AllAbove { node, .. } => {
                node
            }
        }
    }

    /// How many live candidates the node comes after; 0 for the preferred node.
    #[must_use]
    pub const fn past(self) -> u32 {
        match self {
            Self::Preferred { .. } => 0,
            Self::Spilled { past, .. } | Self::AllAbove { past, .. } => past,
        }
    }
}

/// Why a request got no node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shed {
    /// No candidate is a live node, or there is no candidate.
    NoLiveNode,
    /// All candidates are above their limits, and the limit [sheds](LoadLimit::shedding).
    AllAbove {
        /// The number of live candidates.
        candidates: u32,
    },
    /// The request would raise every candidate above the [cap](LoadLimit::cap).
    AllFull {
        /// The number of live candidates.
        candidates: u32,
    },
}

impl fmt::Display for Shed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (candidates, why) = match self {
            Self::NoLiveNode => {
                return f
                    .write_str("no candidate has a weight above 0; give at least one live node");
            }
            Self::AllAbove { candidates } => (candidates, "above the load limit; retry later"),
            Self::AllFull { candidates } => {
                (candidates, "too full for the request; retry later or raise the cap")
            }
        };
        match candidates {
            1 => write!(f, "the only candidate is {why}"),
            _ => write!(f, "all {candidates} candidates are {why}"),
        }
    }
}

impl core::error::Error for Shed {}

/// The candidates that a pick has passed.
#[derive(Default)]
struct Passed {
    candidates: u32,
    /// The least loaded of those that have room for the request: load, weight, node, and how many come
    /// before it.
    best: Option<(u64, Weight, NodeIdx, u32)>,
}

impl Passed {
    fn pass(&mut self, node: NodeIdx, load: u64, weight: Weight, has_room: bool) {
        let product = |load: u64, weight: Weight| u128::from(load) * u128::from(weight.get());
        let better =
            |best: &(u64, Weight, NodeIdx, u32)| product(load, best.1) < product(best.0, weight);
        if has_room && self.best.as_ref().is_none_or(better) {
            self.best = Some((load, weight, node, self.candidates));
        }
        self.candidates = self.candidates.saturating_add(1);
    }

    fn shed(&self, sheds: bool) -> Shed {
        let candidates = self.candidates;
        match self.best {
            _ if candidates == 0 => Shed::NoLiveNode,
            Some(_) if sheds => Shed::AllAbove { candidates },
            _ => Shed::AllFull { candidates },
        }
    }
}

/// Picking a node for a request, over loads that the caller counts.
impl LoadLimit {
    /// Picks a node for a request: the first candidate below its limit, or else the least loaded one.
    ///
    /// Candidates are slots in the order of preference, such as those of
    /// [`Locator::candidates`](crate::Locator::candidates). You may filter them, or take the first few to
    /// keep a hot key on them; the iterator has to end. A cost of 0 counts as 1 in the limit. The pick
    /// changes nothing: add the cost to the load of the node yourself, or use [`claim`](Self::claim).
    ///
    /// ```
    /// use apportion::Locator;
    /// use apportion::bounded::{LoadFactor, LoadLimit, NodeLoads, Picked};
    ///
    /// let pool = Locator::rendezvous(["a", "b", "c"])?;
    /// let limit = LoadLimit::new(LoadFactor::new(5, 4)?).margin(2);
    /// let candidates = || pool.candidates("prefix:7").map(|(node, _)| node);
    ///
    /// let mut loads = [0_u64; 3];
    /// for request in 0..5 {
    ///     let now = NodeLoads::of(pool.topology().members(), |node| loads[node.index()]);
    ///     let picked = limit.pick(candidates(), 1, now)?;
    ///     match request {
    ///         0..=3 => assert!(matches!(picked, Picked::Preferred { .. })), // 3 < ⌈4/3 + 2⌉
    ///         _ => assert!(matches!(picked, Picked::Spilled { past: 1, .. })), // 4 = ⌈5/3 + 2⌉
    ///     }
    ///     loads[picked.node().index()] += 1;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Bound
    /// Let all live nodes be candidates, and let loads and totals be exact. Then some node is below its
    /// limit, so the answer is never [`Picked::AllAbove`] unless the [cap](Self::cap) rejected that
    /// node: the loads add up to less than the fair shares of a total that includes the request, so
    /// some load is below its fair share, and the limit is at least that.
    ///
    /// The load of the picked node is below its limit before the request. So afterwards it is at most
    /// `limit − 1 + cost`, and at most the limit if costs are 1. Until the node is picked again its load
    /// only falls: **at every moment, the load of a node is at most its limit at its last pick, plus
    /// cost − 1**. While no request ends, limits only rise, so with costs of 1 no load ever exceeds its
    /// limit, ⌈max(c · F, F + M / n)⌉.
    ///
    /// If n gateways each keep this bound for their own loads with [`one_of`](Self::one_of)`(n)`, then
    /// the load of a node over all of them is below c · F + M + n · cost while no request ends, where F
    /// is its fair share over all of them.
    ///
    /// # Concurrency
    /// Loads that are read are past. Requests that other threads or gateways send in between are not
    /// seen, so a load may exceed the bound and the cap by their cost. No stateless pick can prevent
    /// that; `claim` can, for counters that all of them share.
    ///
    /// # Errors
    /// No candidate is live; all are above the limit, and the limit [sheds](Self::shedding); or all would
    /// be above the cap.
    ///
    /// # Complexity
    /// Up to three divisions for each candidate visited, no allocation. All candidates are visited only
    /// if none is below its limit.
    #[allow(clippy::needless_pass_by_value)] // a reference to a temporary would outlive the call in a match
    pub fn pick<W, L>(
        &self,
        candidates: impl Iterator<Item = NodeIdx>,
        cost: u64,
        loads: NodeLoads<W, L>,
    ) -> Result<Picked, Shed>
    where
        W: Fn(NodeIdx) -> Weight,
        L: Fn(NodeIdx) -> u64,
    {
        let mut passed = Passed::default();
        if let Some(picked) = self.first_below(candidates, cost, &loads, &mut passed, |_, _| true) {
            return Ok(picked);
        }
        match passed.best {
            Some((_, _, node, past)) if !self.sheds() => Ok(Picked::AllAbove { node, past }),
            _ => Err(passed.shed(self.sheds())),
        }
    }

    /// Picks a node as [`pick`](Self::pick) does, and counts the request in one step, so that caps hold
    /// under races.
    ///
    /// `claim(node, max)` adds the cost to the load of the node if the sum is at most `max`, atomically,
    /// and says whether it did. If it did not, because other threads were faster, the next candidate is
    /// tried.
    ///
    /// ```
    /// use apportion::Locator;
    /// use apportion::bounded::{LoadFactor, LoadLimit, NodeLoads, Shed};
    /// use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    ///
    /// let pool = Locator::rendezvous(["a", "b", "c"])?;
    /// let limit = LoadLimit::new(LoadFactor::new(5, 4)?).margin(500).cap(8000);
    /// let loads = [const { AtomicU64::new(0) }; 3]; // tokens in flight
    ///
    /// let request = |key: u32, tokens: u64| {
    ///     let candidates = pool.candidates(&key).map(|(node, _)| node);
    ///     let now = NodeLoads::of(pool.topology().members(), |node| loads[node.index()].load(SeqCst));
    ///     limit.claim(candidates, tokens, now, |node, max| {
    ///         let add = |load: u64| load.checked_add(tokens).filter(|sum| *sum <= max);
    ///         loads[node.index()].fetch_update(SeqCst, SeqCst, add).is_ok()
    ///     })
    /// };
    /// # std::thread::scope(|scope| {
    /// #     for thread in 0..4 {
    /// #         scope.spawn(move || (0..100).filter(|key| request(thread * 100 + key, 700).is_ok()).count());
    /// #     }
    /// # });
    /// for key in 0..100 {
    ///     request(key, 700).ok();
    /// }
    /// assert_eq!(request(100, 700), Err(Shed::AllFull { candidates: 3 }));
    /// assert!(loads.iter().all(|load| load.load(SeqCst) == 7700)); // 11 requests each
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Concurrency
    /// If all additions to a counter go through `claim`, its load never exceeds the cap, whatever the
    /// threads do. If n gateways with counters of their own set [`one_of`](Self::one_of)`(n)`, their sum
    /// does not exceed the cap either. The limit holds with the total load that `loads` has; if loads
    /// are summed while other threads change them, that total is the past.
    ///
    /// This calls `claim` at most twice for each candidate and once more, and never waits. Other threads
    /// can make it return [`Shed::AllFull`] only if each candidate was too full for the request at some
    /// moment during the call.
    ///
    /// # Errors
    /// As for `pick`.
    #[allow(clippy::needless_pass_by_value)] // as in `pick`
    pub fn claim<W, L>(
        &self,
        candidates: impl Iterator<Item = NodeIdx> + Clone,
        cost: u64,
        loads: NodeLoads<W, L>,
        mut claim: impl FnMut(NodeIdx, u64) -> bool,
    ) -> Result<Picked, Shed>
    where
        W: Fn(NodeIdx) -> Weight,
        L: Fn(NodeIdx) -> u64,
    {
        let mut passed = Passed::default();
        let first = candidates.clone();
        if let Some(picked) = self.first_below(first, cost, &loads, &mut passed, &mut claim) {
            return Ok(picked);
        }
        if passed.candidates == 0 || self.sheds() {
            return Err(passed.shed(self.sheds()));
        }
        let max = self.share_of_cap();
        if let Some((_, _, node, past)) = passed.best {
            if claim(node, max) {
                return Ok(Picked::AllAbove { node, past });
            }
        }
        // The least loaded one was full in the meantime, or all seemed full: any that has room.
        let live = candidates.filter(|node| loads.weight(*node).is_live());
        for (past, node) in (0..).zip(live) {
            steps::count(1);
            if claim(node, max) {
                return Ok(Picked::AllAbove { node, past });
            }
        }
        Err(Shed::AllFull { candidates: passed.candidates })
    }

    fn first_below<W, L>(
        &self,
        candidates: impl Iterator<Item = NodeIdx>,
        cost: u64,
        loads: &NodeLoads<W, L>,
        passed: &mut Passed,
        mut claim: impl FnMut(NodeIdx, u64) -> bool,
    ) -> Option<Picked>
    where
        W: Fn(NodeIdx) -> Weight,
        L: Fn(NodeIdx) -> u64,
    {
        let total = loads.total_load().saturating_add(cost.max(1));
        for node in candidates {
            let weight = loads.weight(node);
            if !weight.is_live() {
                continue;
            }
            steps::count(1);
            let load = loads.load(node);
            let limit = self.limit_of(weight, total, loads.total_weight());
            let allowed = self.allowed(limit, cost);
            let with = load.checked_add(cost);
            let is_below = load < limit && with.is_some_and(|with| Some(with) <= allowed);
            if is_below && allowed.is_some_and(|max| claim(node, max)) {
                return Some(match passed.candidates {
                    0 => Picked::Preferred { node },
                    past => Picked::Spilled { node, past },
                });
            }
            passed.pass(node, load, weight, with.is_some_and(|with| with <= self.share_of_cap()));
        }
        None
    }
}
