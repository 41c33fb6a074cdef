//! Measures diffs: what moves from one ring to another.

use crate::bench::Bench;
use crate::check;
use crate::pass::duel;
use crate::peer::Diff;
use crate::questions::moving;

/// A question about two rings.
pub struct Question {
    /// Its name in tables.
    text: &'static str,
    /// The approximate share of all replicas that must move.
    share: fn(u32) -> f64,
    /// True if the time is divided by the number of points of both rings.
    a_point: bool,
}

/// Each range of hashes that an added node takes over, and its old owner.
pub const ONE_MORE: Question =
    Question { text: "one node more, diff, ns", share: one_more, a_point: false };

/// Each range of hashes of which an added node holds one of three replicas, and the old holders.
pub const SOURCES: Question =
    Question { text: "three replicas, where to fetch from, ns", share: one_more, a_point: false };

/// How much moves if half of the nodes are replaced. The first point after a key on either ring
/// belongs to a removed, an added or a common node with equal probability. Only in the last case
/// the key stays.
pub const HALF_OTHER: Question =
    Question { text: "two arbitrary rings, diff, ns a point", share: |_| 0.67, a_point: true };

/// The same for three replicas. A replica stays if its node is common and among the first three on
/// both rings, which has a probability of 0.39 by the same argument.
pub const HALF_OTHER_THREE: Question = Question {
    text: "two arbitrary rings, three replicas, diff, ns a point",
    share: |_| 0.61,
    a_point: true,
};

fn one_more(n: u32) -> f64 {
    1.0 / f64::from(n + 1)
}

impl Bench {
    /// Measures the difference of two rings.
    pub fn diff<Ours: Diff, Theirs: Diff>(&mut self, question: &Question, n: u32) {
        if !self.wanted::<Ours, Theirs>(&[question.text], n) {
            return;
        }
        let (ours, theirs) = (Ours::new(n), Theirs::new(n));
        check::moves(&ours, (question.share)(n));
        if !Theirs::FLOOR {
            check::moves(&theirs, (question.share)(n));
        }
        let mut outcome = duel(moving(&ours), moving(&theirs), self.few_passes(n));
        if question.a_point {
            outcome = (outcome.0.per(ours.points()), outcome.1.per(theirs.points()));
        }
        self.record::<Ours, Theirs>(question.text, n, outcome);
    }
}
