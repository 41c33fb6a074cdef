//! Measures batches: many hashes in one call.

use crate::bench::Bench;
use crate::check;
use crate::pass::{Run, duel, timed};
use crate::peer::{Batch, Locate};
use std::hint::black_box;

/// Number of hashes in a batch. Divides the number of keys.
const COLUMN: usize = 4096;

const QUESTION: &str = "4,096 hashes to owners, ns a key";

impl Bench {
    /// Compares our batch with another crate's loop, after checking that it gives the same answers
    /// as our own function in a loop.
    pub fn batch<Ours: Batch, Single: Locate<u64>, Theirs: Locate<u64>>(&mut self, n: u32) {
        if !self.wanted::<Ours, Theirs>(&[QUESTION], n) {
            return;
        }
        let (ours, theirs) = (Ours::new(n), Theirs::new(n));
        let keys = &self.keys().ids;
        if !self.known::<Ours, Theirs>(QUESTION, n) {
            check::batch(&ours, &Single::new(n), keys);
            check::places(&theirs, n, keys);
        }
        let (us, them) = duel(in_one_call(&ours, keys), one_by_one(&theirs, keys), self.passes());
        self.record::<Ours, Theirs>(QUESTION, n, (us.per(COLUMN), them.per(COLUMN)));
    }
}

fn in_one_call<P: Batch>(peer: &P, keys: &[u64]) -> impl Run {
    let mut out = vec![P::Owner::default(); COLUMN];
    columns(keys, move |column| {
        peer.batch(column, &mut out);
        black_box(&mut out);
    })
}

/// The obvious loop over single lookups.
fn one_by_one(peer: &impl Locate<u64>, keys: &[u64]) -> impl Run {
    let mut out = vec![0; COLUMN];
    let ask = peer.asker();
    columns(keys, move |column| {
        for (place, key) in out.iter_mut().zip(column) {
            *place = ask(key);
        }
        black_box(&mut out);
    })
}

/// Runs over one batch after the other, continuing where the last pass ended.
fn columns(keys: &[u64], mut ask: impl FnMut(&[u64])) -> impl Run {
    let mut columns = keys.chunks_exact(COLUMN).cycle();
    move |count| {
        timed(|| {
            for column in columns.by_ref().take(count as usize) {
                ask(column);
            }
        })
    }
}
