//! What moves between two numberings of a bucket function, one replica.

use super::ends::Ends;
use super::parts::Ratio;
use crate::node::NodeIdx;
use crate::placement::Numbering;
use crate::steps;
use crate::topology::Union;
use alloc::vec;
use alloc::vec::Vec;

/// A bucket function over two numberings of nodes, given as places in the union.
///
/// Among n and m > n buckets a key stays in its bucket or goes to one of the new ones: it stays
/// with probability n/m, and each old bucket keeps 1/m of all keys. So the exact fraction that
/// moves between nodes is known for every function; that each old bucket gives 1/(n·m) to each new
/// one holds for jump hash, but not for JumpBack across octaves.
#[derive(Clone, Debug)]
pub(super) struct Numberings {
    old: Vec<u32>,
    new: Vec<u32>,
    /// True if every old bucket gives the same share to every new one.
    even: bool,
}

impl Numberings {
    /// `None` where either has a removed bucket and neither log of removed buckets begins with the other,
    /// or where their capacities differ, or without a capacity their sizes: what moves then depends on
    /// more than the nodes of the buckets.
    pub(super) fn new(old: &Numbering<'_>, new: &Numbering<'_>, union: &Union) -> Option<Self> {
        if old.capacity != new.capacity {
            return None;
        }
        // The keys of a removed bucket go to all other buckets in equal shares.
        let even = old.even || old.size() == new.size();
        let (old, new) = paired(old, new)?;
        let place = |places: &[u32], at: &NodeIdx| {
            steps::count(1);
            places.get(at.index()).copied()
        };
        let old: Vec<u32> = old.iter().filter_map(|at| place(&union.old, at)).collect();
        let new: Vec<u32> = new.iter().filter_map(|at| place(&union.new, at)).collect();
        let (n, m) = (old.len().min(new.len()), old.len().max(new.len()));
        let one_octave = m <= n + 1 || n.saturating_sub(1).max(1).ilog2() == (m - 1).ilog2();
        Some(Self { old, new, even: even || one_octave || n == 0 })
    }

    /// Keys that change their node, as an exact fraction; `None` where it is not known.
    /// O(n log n).
    pub(super) fn moved(&self) -> Option<(u128, u128)> {
        let (n, m) = (self.old.len() as u128, self.new.len() as u128);
        let most = n.max(m);
        let same = self.old.iter().zip(&self.new).filter(|(a, b)| a == b).count() as u128;
        let shared = n.min(m) as usize;
        let beyond = |long: &[u32]| long.get(shared..).unwrap_or_default().to_vec();
        let (mut late, mut early) = (beyond(&self.old), beyond(&self.new));
        late.sort_unstable();
        early.sort_unstable();
        // A node may have another number than before, if the values were built independently. Then some
        // keys change their bucket and keep their node.
        let again = |places: &[u32], sorted: &[u32]| {
            steps::count(places.len() as u64);
            places.iter().filter(|p| sorted.binary_search(p).is_ok()).count() as u128
        };
        let met = again(&self.old, &early) + again(&self.new, &late);
        match met {
            0 => Some((most - same, most.max(1))),
            _ if self.even => Some((n * m - same * n.min(m) - met, n * m)),
            _ => None,
        }
    }

    /// Σ max(0, share after − share before), exactly. O(n log n).
    pub(super) fn minimum(&self) -> (u128, u128) {
        let (n, m) = (self.old.len() as u128, self.new.len() as u128);
        let mut old = self.old.clone();
        old.sort_unstable();
        let held = |place: &u32| {
            steps::count(1);
            if old.binary_search(place).is_ok() { m } else { 0 }
        };
        if n == 0 || m == 0 {
            return (n.max(m).min(1), 1);
        }
        (self.new.iter().map(|place| n.saturating_sub(held(place))).sum(), n * m)
    }

    /// Fractions by (from, to), each pair once; `None` where they are not known. O(n·m).
    pub(super) fn matrix(&self) -> Option<impl Iterator<Item = (Ends, Ratio)>> {
        let (n, m) = (self.old.len() as u128, self.new.len() as u128);
        // Of n·m parts each shared bucket keeps min(n, m), and each old bucket gives 1 to each new
        // one, or the other way round. Where one side is empty, each bucket holds 1 of all.
        let (all, kept) = (n.max(1) * m.max(1), n.min(m).max(1));
        self.even.then(|| {
            self.kept_pairs()
                .map(move |ends| (ends, (kept, all)))
                .chain(self.other_pairs().map(move |ends| (ends, (1, all))))
        })
    }

    /// Every pair between which keys may move, each once. The iterator holds O(1).
    pub(super) fn pairs(&self) -> impl Iterator<Item = Ends> {
        self.kept_pairs().chain(self.other_pairs())
    }

    /// A bucket that both sides have and whose node changed.
    fn kept_pairs(&self) -> impl Iterator<Item = Ends> {
        let shared = self.old.iter().zip(&self.new).filter(|(from, to)| from != to);
        shared.map(|(from, to)| {
            steps::count(1);
            (Some(*from), Some(*to))
        })
    }

    /// From a bucket that only the old side has to all new ones, or from all old ones to a bucket
    /// that only the new side has.
    fn other_pairs(&self) -> impl Iterator<Item = Ends> {
        let (n, m) = (self.old.len(), self.new.len());
        let (olds, news) = (ends(&self.old), ends(&self.new));
        let leaving = olds.clone().skip(m).flat_map({
            let news = news.clone();
            move |from| news.clone().map(move |to| (from, to))
        });
        let joining = news.skip(n).flat_map(move |to| olds.clone().map(move |from| (from, to)));
        leaving.chain(joining).filter(|(from, to)| {
            steps::count(1);
            from != to
        })
    }
}

/// The nodes of two numberings bucket by bucket, first those of the buckets that both have.
fn paired(old: &Numbering<'_>, new: &Numbering<'_>) -> Option<(Vec<NodeIdx>, Vec<NodeIdx>)> {
    let all = |side: &Numbering<'_>| (0..side.size()).filter_map(|b| side.node(b)).collect();
    if old.removed.is_empty() && new.removed.is_empty() {
        return Some((all(old), all(new)));
    }
    // With a fixed capacity, buckets that one side has never used were removed before all others.
    let size = old.size().max(new.size());
    let removed = |side: &Numbering<'_>| -> Vec<u32> {
        (side.size()..size).rev().chain(side.removed.iter().copied()).collect()
    };
    if old.capacity.is_none() && old.size() != new.size() {
        return None;
    }
    let (old_removed, new_removed) = (removed(old), removed(new));
    let old_is_shorter = old_removed.len() < new_removed.len();
    let (shorter, longer) = if old_is_shorter { (old, new) } else { (new, old) };
    let (fewer, more) =
        if old_is_shorter { (&old_removed, &new_removed) } else { (&new_removed, &old_removed) };
    let later = more.strip_prefix(&**fewer)?;
    let mut works = vec![true; size as usize];
    for bucket in more {
        if let Some(works) = works.get_mut(*bucket as usize) {
            *works = false;
        }
    }
    let working = (0..size).zip(works).filter(|(_, works)| *works).map(|(b, _)| b);
    let shared: Vec<u32> = working.collect();
    let both = || shared.iter();
    let (kept, given) = (both().chain(later), both());
    let nodes = |side: &Numbering<'_>, buckets: &mut dyn Iterator<Item = &u32>| {
        buckets.filter_map(|bucket| side.node(*bucket)).collect()
    };
    let (kept, given) =
        (nodes(shorter, &mut kept.into_iter()), nodes(longer, &mut given.into_iter()));
    Some(if old_is_shorter { (kept, given) } else { (given, kept) })
}

/// These places as one end of a move; `None` if there are none.
fn ends(places: &[u32]) -> impl Iterator<Item = Option<u32>> + Clone {
    let nobody = places.is_empty().then_some(None);
    places.iter().copied().map(Some).chain(nobody)
}
