//! The circle cut at all points of two rings: what a diff is compared with.

use super::diff_sides::{Side, label};
use super::formulas::Point;
use apportion::KeyHash;
use std::collections::BTreeSet;

/// An interval with no point of either ring but at its last hash, and all nodes that a key meets
/// from there on, before and after.
pub struct Piece<'a> {
    pub first: u64,
    pub last: u64,
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

impl<'a> Piece<'a> {
    pub fn len(&self) -> u128 {
        u128::from(self.last - self.first) + 1
    }

    pub fn reversed(&self) -> Self {
        Piece { before: self.after.clone(), after: self.before.clone(), ..*self }
    }

    pub fn unchanged(&self) -> Self {
        Piece { before: self.before.clone(), after: self.before.clone(), ..*self }
    }

    /// The holders of so many replicas: before, after, and those that are new or gone.
    pub fn sets(&self, replicas: usize) -> Sets<'a> {
        let first = |list: &[&'a str]| list.iter().take(replicas).copied().collect();
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (first(&self.before), first(&self.after));
        let gone = before.difference(&after).copied().collect();
        let came = after.difference(&before).copied().collect();
        Sets { before, after, gone, came }
    }
}

pub struct Sets<'a> {
    pub before: BTreeSet<&'a str>,
    pub after: BTreeSet<&'a str>,
    pub gone: BTreeSet<&'a str>,
    pub came: BTreeSet<&'a str>,
}

/// The circle cut at the points of both rings. The rings themselves have to say the same.
pub fn pieces<'a>(old: &'a Side, new: &'a Side) -> Vec<Piece<'a>> {
    let (left, right) = (old.model.points(), new.model.points());
    let mut ends: BTreeSet<u64> = left.iter().chain(&right).map(|(point, ..)| *point).collect();
    ends.insert(u64::MAX);
    let mut next = Some(0);
    let mut pieces = Vec::new();
    for last in ends {
        let first = next.expect("2^64 - 1 is the last of them");
        next = last.checked_add(1);
        let [before, after] = [(old, &left), (new, &right)].map(|(side, points)| {
            let holders = side.model.holders(points, KeyHash::from_hash(first));
            assert_eq!(holders, side.answers(first), "at the first hash");
            assert_eq!(holders, side.answers(last), "at the last hash");
            holders
        });
        pieces.push(Piece { first, last, before, after });
    }
    arcs(old, &left);
    arcs(new, &right);
    pieces
}

/// The intervals of one ring end where its points are, and at the end of the circle.
fn arcs(side: &Side, points: &[Point]) {
    let ends: BTreeSet<u64> = points.iter().map(|(point, ..)| *point).collect();
    let end = (!ends.is_empty()).then_some(u64::MAX);
    let arcs = side.ring.placement().arcs();
    assert!(arcs.map(|arc| arc.last).eq(ends.into_iter().chain(end)), "{points:?}");
    for arc in side.ring.placement().arcs() {
        let owner = side.ring.topology().get(arc.owner).map(|value| label(value));
        assert_eq!(owner, side.answers(arc.first).first().copied());
    }
}
