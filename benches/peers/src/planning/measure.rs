//! Measures times, heap and quality figures of tables.

use super::judge;
use super::record::{self, Record};
use super::scenario::{Change, Scenario};
use super::system::System;
use crate::memory::footprint;
use crate::pass::middle;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Maximum number of passes of a system.
    pub passes: usize,
    /// The time after which no further pass begins.
    pub budget: Duration,
}

/// One system in one scenario, independent of its types.
pub trait Contestant {
    /// Measures one pass: a fresh table and the changes.
    fn pass(&mut self, effort: Effort);

    /// The record of all measurements.
    fn record(&mut self) -> Record;
}

/// Measures the systems in alternating passes, so other load on the machine affects all equally.
pub fn compete(mut contestants: Vec<Box<dyn Contestant>>, effort: Effort) -> Vec<Record> {
    for _ in 0..effort.passes {
        contestants.iter_mut().for_each(|contestant| contestant.pass(effort));
    }
    contestants.iter_mut().map(|contestant| contestant.record()).collect()
}

/// A system and its samples, in milliseconds.
pub struct Times<S: System> {
    scenario: Scenario,
    partitions: u32,
    nodes: S::Nodes,
    /// The last fresh table.
    table: Option<S>,
    fresh: Vec<f64>,
    changes: BTreeMap<&'static str, Vec<f64>>,
    spent: Duration,
}

impl<S: System> Times<S> {
    /// Starts without samples.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            partitions: S::PARTITIONS.unwrap_or(scenario.partitions),
            nodes: S::nodes(&scenario.members()),
            table: None,
            fresh: Vec::new(),
            changes: BTreeMap::new(),
            spent: Duration::ZERO,
        }
    }

    fn table(&self) -> S {
        S::fresh(&self.nodes, self.partitions)
    }

    /// The table after a change; records the time.
    fn change(&mut self, table: &S, change: Change) -> (S, S::Nodes) {
        let after = S::nodes(&self.scenario.after(change));
        let start = Instant::now();
        let changed = table.change(&self.nodes, &after);
        let took = start.elapsed();
        self.changes.entry(change.name()).or_default().push(took.as_secs_f64() * 1e3);
        self.spent += took;
        (changed, after)
    }

    /// A fresh table and changes of it.
    fn once(&mut self, effort: Effort, changes: &[Change]) {
        if self.spent >= effort.budget {
            return;
        }
        let start = Instant::now();
        let table = self.table();
        let took = start.elapsed();
        self.fresh.push(took.as_secs_f64() * 1e3);
        self.spent += took;
        for change in changes {
            drop(self.change(&table, *change));
        }
        self.table = Some(table);
    }

    /// The peak heap of a fresh table and these changes.
    fn peak(&self, changes: &[Change]) -> f64 {
        let (table, heap) = footprint(|| self.table());
        let peak = |change: &Change| {
            let after = S::nodes(&self.scenario.after(*change));
            footprint(|| table.change(&self.nodes, &after)).1.peak
        };
        changes.iter().map(peak).fold(heap.peak, i64::max) as f64
    }

    fn times(&mut self) -> Record {
        let mut record = Record {
            scenario: self.scenario.name.to_owned(),
            system: S::NAME.to_owned(),
            nodes: self.scenario.nodes,
            partitions: self.partitions,
            figures: BTreeMap::new(),
        };
        record.set(record::FRESH, middle(&mut self.fresh));
        for (name, samples) in &mut self.changes {
            record.set(format!("{name}, ms"), middle(samples));
        }
        record
    }
}

impl<S: System> Contestant for Times<S> {
    fn pass(&mut self, effort: Effort) {
        self.once(effort, &[Change::OneNodeMore]);
    }

    fn record(&mut self) -> Record {
        let peak = self.peak(&[Change::OneNodeMore, Change::ZoneMore]);
        let table = self.table.take().unwrap_or_else(|| self.table());
        let members = self.scenario.members();
        let before = table.holders(&self.nodes);
        let report = judge::report(&members, &before);
        let least = judge::Least::new(self.scenario, self.partitions);
        let mut figures = vec![
            (record::PEAK.to_owned(), peak),
            (record::MAX_OVER_QUOTA.to_owned(), report.max_over_quota),
            (record::MIN_OVER_QUOTA.to_owned(), report.min_over_quota),
            (record::WORST_PAIR.to_owned(), report.worst_pair),
        ];
        for change in Change::ALL {
            let (changed, after) = self.change(&table, change);
            let holders = changed.holders(&after);
            judge::check(&self.scenario.after(change), &holders);
            let moved = judge::moved(&before, &holders) as f64;
            figures.push((record::moved(change), moved / least.moves(change) as f64));
            if change == Change::OneNodeMore {
                let details = table.details(&changed, &self.nodes, &after);
                figures.extend(details.into_iter().map(|(name, value)| (name.to_owned(), value)));
            }
        }
        let mut record = self.times();
        figures.into_iter().for_each(|(name, value)| record.set(name, value));
        record
    }
}

/// Measures only times and heap, of a fresh table, an added node and an added zone.
pub fn growth<S: System>(scenario: Scenario, effort: Effort) -> Record {
    let changes = [Change::OneNodeMore, Change::ZoneMore];
    let mut times = Times::<S>::new(scenario);
    for _ in 0..effort.passes {
        times.once(effort, &changes);
    }
    let peak = times.peak(&changes);
    let mut record = times.times();
    record.set(record::PEAK, peak);
    record
}
