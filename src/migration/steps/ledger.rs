//! What every node holds while exchanges are carried out one by one.
//!
//! ```text
//!  step:   copies arrive            rows switch, old replicas are deleted
//!  held    + at each copy           - at the end of the step
//!  loads   from -, to +             (as if both happened at once: what distances are of)
//! ```

use super::super::sources::NONE;
use super::super::transfers::Migration;
use super::exchange::{Exchange, Placed, apply};
use super::rules::StepRules;
use super::vertices::{Vertices, capacities};
use crate::error::{Error, MigrationFault};
use crate::slips::OrSlip;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// The exchanges so far, and what follows from them.
pub(super) struct Ledger<'a, N> {
    pub(super) migration: &'a Migration<N>,
    pub(super) max_transfers: usize,
    pub(super) by_size: bool,
    pub(super) vertices: Vertices,
    pub(super) capacities: Vec<u128>,
    /// Rows of units at the beginning of the step, where they have changed.
    rows: BTreeMap<u32, Vec<u32>>,
    /// What each node holds, in replicas and sizes, with what this step copies.
    pub(super) held: Vec<(u64, u128)>,
    pub(super) peaks: Vec<(u64, u128)>,
    pub(super) order: Vec<Placed>,
    pub(super) ends: Vec<usize>,
    /// Transfers of this step.
    pub(super) copies: usize,
}

impl<'a, N> Ledger<'a, N> {
    pub(super) fn new(migration: &'a Migration<N>, rules: &StepRules) -> Result<Self, Error> {
        let mut ledger = Self {
            migration,
            max_transfers: rules.max_transfers as usize,
            by_size: rules.by_size,
            vertices: Vertices::new(migration, rules)?,
            capacities: capacities(migration, rules)?,
            rows: BTreeMap::new(),
            held: vec![(0, 0); migration.nodes.len()],
            peaks: Vec::new(),
            order: Vec::new(),
            ends: Vec::new(),
            copies: 0,
        };
        for unit in 0..migration.units.len() {
            for node in migration.holders(unit).0 {
                if !migration.is_lost(*node) {
                    ledger.hold(*node, unit as u32);
                }
            }
        }
        ledger.peaks.clone_from(&ledger.held);
        Ok(ledger)
    }

    /// What a node would hold with a copy of a unit, as its capacity counts it.
    pub(super) fn with_copy(&self, to: u32, unit: u32) -> u128 {
        let (replicas, size) = self.held.get(to as usize).copied().or_slip();
        let more = u128::from(self.migration.size(unit));
        if self.by_size { size + more } else { u128::from(replicas) + 1 }
    }

    pub(super) fn has_room(&self, to: Option<u32>, unit: u32) -> bool {
        let fits = |to: u32| {
            let capacity = self.capacities.get(to as usize);
            capacity.is_some_and(|capacity| self.with_copy(to, unit) <= *capacity)
        };
        to.is_none_or(fits)
    }

    /// How many more transfers this step can have.
    pub(super) fn room(&self) -> usize {
        self.max_transfers.saturating_sub(self.copies)
    }

    /// Carries out an exchange in this step; false if the step is full.
    pub(super) fn put(&mut self, unit: u32, exchange: Exchange) -> bool {
        let Exchange { from, to } = exchange;
        if to.is_some() && self.room() == 0 {
            return false;
        }
        let source = to.map_or(NONE, |to| self.source(unit, to));
        self.order.push(Placed { unit, exchange, source });
        self.vertices.apply(from, to);
        if let Some(to) = to {
            self.copies += 1;
            self.hold(to, unit);
            if let (Some(held), Some(peak)) =
                (self.held.get(to as usize), self.peaks.get_mut(to as usize))
            {
                *peak = (peak.0.max(held.0), peak.1.max(held.1));
            }
        }
        true
    }

    /// The source that was chosen for a transfer, or if that holds the unit no more, another holder.
    fn source(&self, unit: u32, to: u32) -> u32 {
        let transfers = &self.migration.transfers;
        let at = transfers.binary_search_by_key(&(unit, to), |t| (t.unit, t.to));
        let chosen = at.ok().and_then(|at| transfers.get(at)).map_or(NONE, |t| t.from);
        let row = self.rows.get(&unit).map(Vec::as_slice);
        let row = row.unwrap_or(self.migration.holders(unit as usize).0);
        if chosen == NONE || row.contains(&chosen) {
            return chosen;
        }
        let again = |node: &u32| {
            let started = self.ends.last().copied().unwrap_or(0);
            let mut done = self.order.iter().take(started);
            done.any(|placed| placed.unit == unit && placed.exchange.to == Some(*node))
        };
        // A lost node that has its replica again gives it where nobody else is left.
        let alive = row.iter().find(|node| !self.migration.is_lost(**node));
        alive.or_else(|| row.iter().find(|node| again(node))).copied().unwrap_or(NONE)
    }

    fn hold(&mut self, node: u32, unit: u32) {
        let size = u128::from(self.migration.size(unit));
        if let Some(held) = self.held.get_mut(node as usize) {
            *held = (held.0 + 1, held.1 + size);
        }
    }

    /// True if the step has an exchange.
    pub(super) fn is_within_step(&self) -> bool {
        self.ends.last().copied().unwrap_or(0) < self.order.len()
    }

    /// The rows switch, and what is not needed is deleted.
    pub(super) fn end_step(&mut self) {
        if !self.is_within_step() {
            return;
        }
        let start = self.ends.last().copied().unwrap_or(0);
        for placed in self.order.get(start..).unwrap_or_default() {
            let before = || self.migration.holders(placed.unit as usize).0.to_vec();
            apply(self.rows.entry(placed.unit).or_insert_with(before), placed.exchange);
            let size = u128::from(self.migration.size(placed.unit));
            let held = placed.exchange.from.filter(|from| !self.migration.is_lost(*from));
            if let Some(held) = held.and_then(|from| self.held.get_mut(from as usize)) {
                *held = (held.0 - 1, held.1 - size);
            }
        }
        self.ends.push(self.order.len());
        self.copies = 0;
    }

    /// The error where nothing that is left can be carried out: because a node is full for a copy of a
    /// unit, or else because the steps are too small.
    #[cold]
    pub(super) fn refused(&self, blocked: Option<(u32, u32)>) -> Error {
        let Some((node, unit)) = blocked else {
            return MigrationFault::StepTooSmall { max: self.max_transfers as u64 }.into();
        };
        let peak = self.with_copy(node, unit);
        let capacity = self.capacities.get(node as usize).copied().or_slip();
        let node = self.migration.shown(node);
        MigrationFault::Capacity { node, peak, capacity, by_size: self.by_size }.into()
    }
}
