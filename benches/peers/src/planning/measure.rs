//! Times, heap and figures of tables.

use super::judge;
use super::record::{self, Record};
use super::scenario::{Change, Scenario};
use super::system::System;
use crate::memory::footprint;
use crate::pass::middle;
use std::time::{Duration, Instant};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Passes of a contestant at most.
    pub passes: usize,
    /// No further pass of it begins after so long.
    pub budget: Duration,
}

/// One system in one scenario, whatever its types.
pub trait Contestant {
    /// A fresh table, and one node more: once around the clock.
    fn pass(&mut self, effort: Effort);

    /// All that is known in the end.
    fn record(&mut self) -> Record;
}

/// One after the other in turns, so that whatever else the machine does hits all alike.
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
    bigger: S::Nodes,
    fresh: Vec<f64>,
    one_more: Vec<f64>,
    spent: Duration,
}

impl<S: System> Times<S> {
    /// No samples yet.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            partitions: S::PARTITIONS.unwrap_or(scenario.partitions),
            nodes: S::nodes(&scenario.members()),
            bigger: S::nodes(&scenario.after(Change::OneNodeMore)),
            fresh: Vec::new(),
            one_more: Vec::new(),
            spent: Duration::ZERO,
        }
    }

    fn table(&self) -> S {
        S::fresh(&self.nodes, self.partitions)
    }

    /// Time, table, holders and peak of a change.
    fn change(&self, change: Change, after: &S::Nodes) -> Changed<S> {
        let mut table = self.table();
        let start = Instant::now();
        table.change(&self.nodes, after);
        let took = milliseconds(start);
        let holders = table.holders(after);
        let mut again = self.table();
        let ((), heap) = footprint(|| again.change(&self.nodes, after));
        Changed { change, took, table, holders, peak: heap.peak as f64 }
    }
}

struct Changed<S> {
    change: Change,
    took: f64,
    table: S,
    holders: Vec<u32>,
    peak: f64,
}

impl<S: System> Contestant for Times<S> {
    fn pass(&mut self, effort: Effort) {
        if self.spent >= effort.budget {
            return;
        }
        let start = Instant::now();
        let mut table = self.table();
        self.fresh.push(milliseconds(start));
        let again = Instant::now();
        table.change(&self.nodes, &self.bigger);
        self.one_more.push(milliseconds(again));
        drop(table);
        self.spent += start.elapsed();
    }

    fn record(&mut self) -> Record {
        let Scenario { name, nodes, .. } = self.scenario;
        let mut record = Record {
            scenario: name.to_owned(),
            system: S::NAME.to_owned(),
            nodes,
            partitions: self.partitions,
            figures: std::collections::BTreeMap::new(),
        };
        record.set(record::FRESH, middle(&mut self.fresh));
        let (table, heap) = footprint(|| self.table());
        let before = table.holders(&self.nodes);
        drop(table);
        let report = judge::report(&self.scenario.members(), self.partitions, &before, S::NAME);
        record.set(record::MOST, report.max_over_quota);
        record.set(record::LEAST, report.min_over_quota);
        record.set(record::WORST_PAIR, report.worst_pair);

        let mut peak = heap.peak as f64;
        for change in Change::ALL {
            let members = self.scenario.after(change);
            let after = S::nodes(&members);
            let changed = self.change(change, &after);
            let _ = judge::report(&members, self.partitions, &changed.holders, S::NAME);
            let least = judge::least(&self.scenario, self.partitions, change);
            let moved = judge::moved(&before, &changed.holders);
            record.set(record::moved(change), moved as f64 / least as f64);
            record.set(record::time(change), changed.took);
            peak = peak.max(changed.peak);
            if changed.change == Change::OneNodeMore {
                record.set(record::time(change), middle(&mut self.one_more));
                for (name, value) in changed.table.details(&self.nodes, &after) {
                    record.set(name, value);
                }
            }
        }
        record.set(record::PEAK, peak);
        record
    }
}

/// Times and heap of a fresh table, one node more and a zone more, and nothing else.
pub fn growth<S: System>(scenario: Scenario, effort: Effort) -> Record {
    let mut times = Times::<S>::new(scenario);
    let zone = S::nodes(&scenario.after(Change::ZoneMore));
    let mut zone_more = Vec::new();
    let (mut table, heap) = footprint(|| times.table());
    let ((), change) = footprint(|| table.change(&times.nodes, &zone));
    for _ in 0..effort.passes {
        times.pass(effort);
        if times.spent < effort.budget {
            let mut table = times.table();
            let start = Instant::now();
            table.change(&times.nodes, &zone);
            zone_more.push(milliseconds(start));
        }
    }
    if zone_more.is_empty() {
        zone_more.push(times.change(Change::ZoneMore, &zone).took);
    }
    let mut record = Record {
        scenario: scenario.name.to_owned(),
        system: S::NAME.to_owned(),
        nodes: scenario.nodes,
        partitions: times.partitions,
        figures: std::collections::BTreeMap::new(),
    };
    record.set(record::FRESH, middle(&mut times.fresh));
    record.set(record::time(Change::OneNodeMore), middle(&mut times.one_more));
    record.set(record::time(Change::ZoneMore), middle(&mut zone_more));
    record.set(record::PEAK, heap.peak.max(change.peak) as f64);
    record
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
