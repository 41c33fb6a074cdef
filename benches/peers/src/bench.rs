//! Measures the questions: one pair of adapters at one size at a time, and collects the outcomes.

use crate::keys::Keys;
use crate::memory::footprint;
use crate::pass::{Timing, duel};
use crate::peer::{Grow, Locate, Peer, Three};
use crate::questions::{building, dependent, three, throughput};
use crate::{check, report::Row};

/// How much to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// The number of passes of each adapter.
    pub passes: usize,
    /// Sizes above this are left out.
    pub largest: u32,
    /// Measures only families, adapters or questions whose name contains this.
    pub only: Option<String>,
}

/// Measures questions and keeps the outcomes.
pub struct Bench {
    keys: Keys,
    options: Options,
    /// One row for each question, pair and size, in order of measurement.
    pub rows: Vec<Row>,
}

impl Bench {
    /// Starts without outcomes.
    pub fn new(options: Options) -> Self {
        Self { keys: Keys::new(), options, rows: Vec::new() }
    }

    /// True if this comparison was requested.
    pub fn wanted<Ours: Peer, Theirs: Peer>(&self, questions: &[&str], n: u32) -> bool {
        let only = self.options.only.as_deref().unwrap_or_default();
        let names = [Ours::FAMILY, Ours::NAME, Theirs::NAME];
        n <= self.options.largest && names.iter().chain(questions).any(|name| name.contains(only))
    }

    /// The number of passes for slow operations.
    pub fn few_passes(&self, n: u32) -> usize {
        // A ring of this size takes seconds to build.
        if n > 10_000 { self.options.passes / 32 } else { self.options.passes / 4 }
    }

    /// True if this comparison was measured before. Its checks need not be repeated then.
    pub fn known<Ours: Peer, Theirs: Peer>(&self, question: &str, n: u32) -> bool {
        self.rows.iter().any(|row| row.is(question, Ours::NAME, Theirs::NAME, n))
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The number of passes.
    pub fn passes(&self) -> usize {
        self.options.passes
    }

    /// Adds an outcome to its row.
    pub fn record<Ours: Peer, Theirs: Peer>(
        &mut self,
        question: &'static str,
        n: u32,
        outcome: (Timing, Timing),
    ) {
        let (ours, theirs) = (Ours::NAME, Theirs::NAME);
        let same = |row: &&mut Row| row.is(question, ours, theirs, n);
        match self.rows.iter_mut().find(same) {
            Some(row) => row.outcomes.push(outcome),
            None => {
                let outcomes = vec![outcome];
                let family = Ours::FAMILY;
                self.rows.push(Row { family, question, ours, theirs, n, outcomes });
            }
        }
    }

    /// Measures lookups of u64 keys.
    pub fn ids<Ours: Locate<u64>, Theirs: Locate<u64>>(&mut self, n: u32) {
        let questions = ["lookup, u64, ns", "lookup, u64, dependent, ns"];
        if !self.wanted::<Ours, Theirs>(&questions, n) {
            return;
        }
        let (ours, theirs) = (Ours::new(n), Theirs::new(n));
        let (keys, passes) = (&self.keys.ids, self.options.passes);
        if !self.known::<Ours, Theirs>(questions[0], n) {
            check::places(&ours, n, keys);
            if !Theirs::FLOOR {
                check::places(&theirs, n, keys);
            }
        }
        let many = duel(throughput(&ours, keys), throughput(&theirs, keys), passes);
        let chain = duel(dependent(&ours, keys), dependent(&theirs, keys), passes);
        self.record::<Ours, Theirs>(questions[0], n, many);
        self.record::<Ours, Theirs>(questions[1], n, chain);
    }

    /// Checks that two adapters are the same function; measures nothing.
    pub fn agree<A: Locate<u64>, B: Locate<u64>>(&self, n: u32) {
        if self.wanted::<A, B>(&[], n) {
            check::agree(&A::new(n), &B::new(n), &self.keys.ids);
        }
    }

    /// Checks that two rings have the same points; measures nothing.
    pub fn same_points<A: Locate<u64>, B: Locate<u64>>(&self, n: u32) {
        if self.wanted::<A, B>(&[], n) {
            check::agree_but_for_ties(&A::new(n), &B::new(n), n, &self.keys.ids);
        }
    }

    /// Measures lookups of string keys.
    pub fn names<Ours: Locate<str>, Theirs: Locate<str>>(&mut self, n: u32) {
        let questions = ["lookup, string, ns", "lookup, string, dependent, ns"];
        if !self.wanted::<Ours, Theirs>(&questions, n) {
            return;
        }
        let (ours, theirs) = (Ours::new(n), Theirs::new(n));
        let (keys, passes) = (&self.keys.names, self.options.passes);
        if !self.known::<Ours, Theirs>(questions[0], n) {
            check::places(&ours, n, keys);
            if !Theirs::FLOOR {
                check::places(&theirs, n, keys);
            }
        }
        let many = duel(throughput(&ours, keys), throughput(&theirs, keys), passes);
        let chain = duel(dependent(&ours, keys), dependent(&theirs, keys), passes);
        self.record::<Ours, Theirs>(questions[0], n, many);
        self.record::<Ours, Theirs>(questions[1], n, chain);
    }

    /// Measures lookups of three replicas per key.
    pub fn three<Ours: Three, Theirs: Three>(&mut self, n: u32) {
        let question = "three replicas, u64, ns";
        if !self.wanted::<Ours, Theirs>(&[question], n) {
            return;
        }
        let (ours, theirs) = (Ours::new(n), Theirs::new(n));
        check::three(&ours, n, &self.keys);
        check::three(&theirs, n, &self.keys);
        let keys = &self.keys.ids;
        let outcome = duel(three(&ours, keys), three(&theirs, keys), self.options.passes);
        self.record::<Ours, Theirs>(question, n, outcome);
    }

    /// Measures building from a list of nodes.
    pub fn build<Ours: Peer, Theirs: Peer>(&mut self, n: u32) {
        let question = "build, ns";
        if !self.wanted::<Ours, Theirs>(&[question], n) {
            return;
        }
        let (ours, theirs) = (Ours::plan(n), Theirs::plan(n));
        let runs = (building::<Ours>(&ours), building::<Theirs>(&theirs));
        let outcome = duel(runs.0, runs.1, self.few_passes(n));
        self.record::<Ours, Theirs>(question, n, outcome);
    }

    /// Measures adding a node.
    pub fn grow<Ours: Grow, Theirs: Grow>(&mut self, n: u32) {
        let question = "one node more, ns";
        if !self.wanted::<Ours, Theirs>(&[question], n) {
            return;
        }
        let (mut ours, mut theirs) = (Ours::new(n), Theirs::new(n));
        let outcome =
            duel(|count| ours.grow(n, count), |count| theirs.grow(n, count), self.few_passes(n));
        self.record::<Ours, Theirs>(question, n, outcome);
    }

    /// Measures the memory of a value, and the peak while building it, without the plan.
    pub fn memory<Ours: Peer, Theirs: Peer>(&mut self, n: u32) {
        let questions = ["live memory, bytes", "peak memory of a build, bytes"];
        if !self.wanted::<Ours, Theirs>(&questions, n) {
            return;
        }
        let (ours, theirs) = (Ours::plan(n), Theirs::plan(n));
        let ours = footprint(|| Ours::build(&ours)).1;
        let theirs = footprint(|| Theirs::build(&theirs)).1;
        let live = (Timing::exact(ours.live as f64), Timing::exact(theirs.live as f64));
        let peak = (Timing::exact(ours.peak as f64), Timing::exact(theirs.peak as f64));
        self.record::<Ours, Theirs>(questions[0], n, live);
        self.record::<Ours, Theirs>(questions[1], n, peak);
    }
}
