//! Checks that the figures of a saved report over keys are those of one count.

use super::report::Tally;
use super::saved::{ReportForm, SavedLoad};
use crate::error::Error;
use crate::form::malformed;
use crate::limits::MAX_NODES;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The share of a node of weight 1 among as many nodes as there can be, each of the greatest weight,
/// with room for rounding.
const LEAST_SHARE: f64 = 0.5 / (u64::MAX as f64 * MAX_NODES as f64);

/// How far the quotas may add up to something else than what was placed: each is rounded.
const ROUNDING: f64 = 1e-6;

/// What loads and flows say of one value.
#[derive(Clone, Copy, Default)]
struct Figures {
    /// The replicas on its nodes after.
    load: u64,
    /// The replicas that leave its nodes, and those that come to them.
    left: u64,
    came: u64,
}

impl<N> ReportForm<N> {
    /// Checks everything, and returns the sum of the flows.
    pub(super) fn check(&self) -> Result<Tally, Error> {
        let moved = self.moved()?;
        self.check_fractions()?;
        self.check_side("before", &self.before, self.placed.0)?;
        self.check_side("after", &self.after, self.placed.1)?;
        self.check_flows()?;
        self.check_uses()?;
        self.check_nodes()?;
        Ok(moved)
    }

    /// The sum of the flows.
    fn moved(&self) -> Result<Tally, Error> {
        let mut moved = Tally::default();
        for (i, flow) in self.flows.iter().enumerate() {
            if flow.keys == 0 {
                return Err(wrong(format!("flow {i} has 0 keys; a flow has at least 1")));
            }
            if flow.from.is_none() && flow.to.is_none() {
                return Err(wrong(format!("flow {i} has neither an old nor a new holder")));
            }
            for place in [flow.from, flow.to].into_iter().flatten() {
                self.check_node(place)?;
            }
            let keys = moved.keys.checked_add(flow.keys);
            moved.keys =
                keys.ok_or_else(|| wrong("its flows add up to more than 2^64 keys".into()))?;
            // As the report that was saved: bytes stay at the greatest number.
            moved.bytes = moved.bytes.saturating_add(flow.bytes);
        }
        Ok(moved)
    }

    /// The figures that stand alone.
    fn check_fractions(&self) -> Result<(), Error> {
        let Self { moved_between_unchanged: between, minimum: (part, whole), ideal, .. } = self;
        let inner = self.flows.iter().filter(|flow| flow.from.is_some() && flow.to.is_some());
        let inner: u64 = inner.map(|flow| flow.keys).sum();
        if *between > inner {
            return Err(wrong(format!(
                "{between} replicas move between unchanged nodes, and {inner} between any two nodes"
            )));
        }
        if part > whole {
            return Err(wrong(format!("the minimum of {part}/{whole} is above 1")));
        }
        if !ideal.is_finite() || *ideal > 1.0 + ROUNDING {
            return Err(wrong(format!("the ideal fraction is {ideal:?}")));
        }
        let Self { keys, bytes, .. } = self;
        if *keys == 0 && *bytes > 0 {
            return Err(wrong(format!("0 keys have {bytes} bytes")));
        }
        Ok(())
    }

    /// The loads of one side against the replicas placed on it.
    fn check_side(&self, side: &str, loads: &[SavedLoad], placed: u64) -> Result<(), Error> {
        let (mut sum, mut quotas) = (0_u64, 0.0);
        for SavedLoad { node, slot, load, quota } in loads {
            self.check_node(*node)?;
            if *slot as usize >= MAX_NODES || !quota.is_finite() {
                return Err(wrong(format!("the node in slot {slot} has a quota of {quota:?}")));
            }
            // A node holds a key once.
            if *load > self.keys {
                let keys = self.keys;
                return Err(wrong(format!(
                    "the node in slot {slot} has {load} replicas of {keys} keys {side}"
                )));
            }
            let more = sum.checked_add(*load);
            let over = || wrong(format!("the loads {side} add up to more than 2^64 replicas"));
            sum = more.ok_or_else(over)?;
            quotas += quota;
        }
        if sum != placed {
            return Err(wrong(format!(
                "the loads {side} add up to {sum}, and {placed} were placed"
            )));
        }
        if let Some([a, b]) = loads.windows(2).find(|pair| !ascend(pair)) {
            return Err(wrong(format!("slot {} follows slot {} {side}", b.slot, a.slot)));
        }
        let all = placed as f64;
        let possible = all * LEAST_SHARE..=all;
        if let Some(load) = loads.iter().find(|load| !possible.contains(&load.quota)) {
            let SavedLoad { slot, quota, .. } = load;
            return Err(wrong(format!(
                "the node in slot {slot} has a quota of {quota:?}, of {placed} replicas {side}"
            )));
        }
        if (quotas - all).abs() > all * ROUNDING {
            return Err(wrong(format!(
                "the quotas {side} add up to {quotas:?}, and {placed} were placed"
            )));
        }
        Ok(())
    }

    /// The flows against the keys counted and the replicas placed.
    fn check_flows(&self) -> Result<(), Error> {
        let Self { keys, bytes, placed: (before, after), .. } = self;
        let (mut left, mut came) = (0_u64, 0_u64);
        for (i, flow) in self.flows.iter().enumerate() {
            // A key moves once at most from one node to another.
            if flow.keys > *keys || flow.bytes > *bytes {
                let (moved, size) = (flow.keys, flow.bytes);
                return Err(wrong(format!(
                    "flow {i} has {moved} keys of {size} bytes, and {keys} of {bytes} were counted"
                )));
            }
            left += if flow.from.is_some() { flow.keys } else { 0 };
            came += if flow.to.is_some() { flow.keys } else { 0 };
        }
        if left > *before || before - left != after.wrapping_sub(came) || came > *after {
            return Err(wrong(format!(
                "{before} replicas were placed before and {after} after, and by the flows {left} \
                 leave a node and {came} come to one"
            )));
        }
        Ok(())
    }

    /// Every node is that of a flow or a load.
    fn check_uses(&self) -> Result<(), Error> {
        let mut used = vec![false; self.nodes.len()];
        let ends = self.flows.iter().flat_map(|flow| [flow.from, flow.to]).flatten();
        let loads = self.before.iter().chain(&self.after).map(|load| load.node);
        for place in ends.chain(loads) {
            if let Some(used) = used.get_mut(place as usize) {
                *used = true;
            }
        }
        match used.iter().position(|used| !used) {
            Some(node) => Err(wrong(format!("no flow and no load is that of node {node}"))),
            None => Ok(()),
        }
    }

    /// The flows come to the nodes that have the loads after, and the minimum is one that the loads
    /// and flows allow.
    ///
    /// Several nodes may have one value, and one node an old and a new one. A flow has the newer value
    /// of each of its nodes, so what comes to a value is part of its loads after. The minimum is a sum
    /// over nodes, and the sum over values is not above it.
    fn check_nodes(&self) -> Result<(), Error> {
        let (before, after) = (u128::from(self.placed.0), u128::from(self.placed.1));
        let (fewer, more) = (before.saturating_sub(after), after.saturating_sub(before));
        let (mut least, mut all_came) = (0_u128, 0_u128);
        for (node, Figures { load, left, came }) in self.figures().into_iter().enumerate() {
            if came > load {
                return Err(wrong(format!(
                    "by the flows {came} replicas come to node {node}, whose load after is {load}"
                )));
            }
            let [load, left, came] = [load, left, came].map(u128::from);
            // The share after less the share before, where the load before is load - came + left.
            let up = load * fewer + came * after;
            let down = (load * more).saturating_add(left * after);
            least = least.saturating_add(up.saturating_sub(down));
            all_came += came;
        }
        let most = (fewer + all_came).saturating_mul(after);
        let (whole, least, most) = match (before, after) {
            (0, all) | (all, 0) => (all, all, all),
            _ if before == after => (before, least / after, most / after),
            _ => (before * after, least, most.min(before * after)),
        };
        let (part, of) = self.minimum;
        if of != whole || part < least || part > most {
            return Err(wrong(format!(
                "its minimum is {part}/{of}, and by its loads and flows it is between \
                 {least}/{whole} and {most}/{whole}"
            )));
        }
        Ok(())
    }

    /// What loads and flows say of each value. No sum is above that of all flows, or all loads.
    fn figures(&self) -> Vec<Figures> {
        let mut nodes = vec![Figures::default(); self.nodes.len()];
        for flow in &self.flows {
            if let Some(node) = flow.from.and_then(|node| nodes.get_mut(node as usize)) {
                node.left += flow.keys;
            }
            if let Some(node) = flow.to.and_then(|node| nodes.get_mut(node as usize)) {
                node.came += flow.keys;
            }
        }
        for SavedLoad { node, load, .. } in &self.after {
            if let Some(node) = nodes.get_mut(*node as usize) {
                node.load += load;
            }
        }
        nodes
    }

    fn check_node(&self, place: u32) -> Result<(), Error> {
        let nodes = self.nodes.len();
        if place as usize >= nodes {
            return Err(wrong(format!("it refers to node {place}, and has {nodes}")));
        }
        Ok(())
    }
}

fn ascend(pair: &[SavedLoad]) -> bool {
    matches!(pair, [a, b] if a.slot < b.slot)
}

fn wrong(why: String) -> Error {
    malformed("report of moves", why)
}
