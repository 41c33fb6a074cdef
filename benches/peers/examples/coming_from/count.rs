//! Counts keys, one by one.

/// The node of a key, now and after the next node joined, as a place in the list of nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) old: [usize; 2],
    pub(crate) new: [usize; 2],
}

/// The keys of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) before: u64,
    pub(crate) after: u64,
    /// Keys that are on this node before and after.
    pub(crate) stayed: u64,
}

/// The keys that move when the next node joins, on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Growth {
    pub(crate) moved: u64,
    /// Moved keys that went to an old node.
    pub(crate) needless: u64,
}

/// All counts.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) keys: u64,
    /// One entry for each node before the next one joins.
    pub(crate) nodes: Vec<Tally>,
    /// The other crate and apportion.
    pub(crate) growth: [Growth; 2],
    /// Keys on which the two crates agree, before and after the next node joined.
    pub(crate) agree: [u64; 2],
}

impl Count {
    pub(crate) fn new(nodes: usize) -> Self {
        let nodes = vec![Tally::default(); nodes];
        Self { keys: 0, nodes, growth: Default::default(), agree: [0; 2] }
    }

    pub(crate) fn take(&mut self, Placed { old, new }: Placed) {
        self.keys += 1;
        self.nodes[old[0]].before += 1;
        self.nodes[new[0]].after += 1;
        if old[0] == new[0] {
            self.nodes[old[0]].stayed += 1;
        }
        for (agree, (old, new)) in self.agree.iter_mut().zip(old.iter().zip(&new)) {
            *agree += u64::from(old == new);
        }
        for (growth, [before, after]) in self.growth.iter_mut().zip([old, new]) {
            growth.moved += u64::from(after != before);
            growth.needless += u64::from(after != before && after < self.nodes.len());
        }
    }

    /// Keys that change their node with the crate.
    pub(crate) fn moved(&self) -> u64 {
        self.keys - self.agree[0]
    }

    /// A count as a share of all keys.
    pub(crate) fn fraction(&self, keys: u64) -> f64 {
        keys as f64 / self.keys as f64
    }

    /// The share of keys on which two independent placements with these shares would agree.
    pub(crate) fn by_chance(&self) -> f64 {
        let of = |tally: &Tally| self.fraction(tally.before) * self.fraction(tally.after);
        self.nodes.iter().map(of).sum()
    }

    /// The maximum of load over quota, before and after.
    pub(crate) fn fullest(&self, shares: impl Iterator<Item = f64>) -> [f64; 2] {
        let mut most = [0.0_f64; 2];
        for (tally, share) in self.nodes.iter().zip(shares) {
            for (most, held) in most.iter_mut().zip([tally.before, tally.after]) {
                *most = most.max(self.fraction(held) / share);
            }
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let mut count = Count::new(2);
        // Two nodes, 0 and 1; 2 joins.
        count.take(Placed { old: [0, 0], new: [0, 2] });
        count.take(Placed { old: [0, 2], new: [1, 0] });
        count.take(Placed { old: [0, 0], new: [0, 0] });
        count.take(Placed { old: [1, 1], new: [0, 0] });
        let [first, second] = count.nodes[..] else { panic!("two nodes") };
        assert_eq!(first, Tally { before: 3, after: 3, stayed: 2 });
        assert_eq!(second, Tally { before: 1, after: 1, stayed: 0 });
        assert_eq!((count.keys, count.moved(), count.agree), (4, 2, [2, 1]));
        let growth = |moved, needless| Growth { moved, needless };
        assert_eq!(count.growth, [growth(1, 0), growth(2, 1)]);
        assert_eq!(count.by_chance(), 0.75 * 0.75 + 0.25 * 0.25);
        assert_eq!(count.fullest([0.5, 0.5].into_iter()), [1.5, 1.5]);
        assert_eq!(count.fullest([0.75, 0.25].into_iter()), [1.0, 1.0]);
    }
}
