//! The minimum movement and the fewest changes of leaders, by going through all rows and all leaders.
//! No flow and no matroid is used, so rules may cross.

use super::oracle::Quotas;
use super::question::Question;
use std::collections::HashMap;

/// Bits of one node's load.
const BITS: usize = 6;

/// Where two fractions count as the same: their denominators are far below its inverse.
const EPSILON: f64 = 1e-7;

impl Question {
    fn is_within(&self, quotas: &Quotas, loads: &[u64], full: bool) -> bool {
        let (bounds, domains) = (&quotas.nodes, quotas.of_domains());
        let keeps = |load: u64, (floor, ceil): (u64, u64)| load <= ceil && (!full || load >= floor);
        let inside = |path: &[u32]| -> u64 {
            let inside = |v: &usize| self.base.nodes[*v].path.starts_with(path);
            (0..self.n()).filter(inside).map(|v| loads[v]).sum()
        };
        loads.iter().zip(bounds).all(|(load, bounds)| keeps(*load, *bounds))
            && domains.into_iter().all(|(path, bounds)| keeps(inside(path), bounds))
    }

    /// The minimum movement within all rules and quotas; `None` without such a table.
    pub(crate) fn min_moves(&self, quotas: &Quotas) -> Option<u64> {
        let loads = |packed: u64| -> Vec<u64> {
            (0..self.n()).map(|v| packed >> (BITS * v) & ((1 << BITS) - 1)).collect()
        };
        let mut states: HashMap<u64, u64> = HashMap::from([(0, 0)]);
        for p in 0..self.base.copies.len() {
            let size = self.base.copies[p];
            let keepable = self.base.old.as_ref().map_or(0, |old| old[p].len()).min(size);
            let choices: Vec<(u64, u64)> = self
                .choices(p)
                .iter()
                .map(|row| {
                    let kept = row.iter().filter(|v| self.held(p, **v)).count();
                    let packed = row.iter().map(|v| 1 << (BITS * v)).sum();
                    (packed, (keepable - kept) as u64)
                })
                .collect();
            let mut next: HashMap<u64, u64> = HashMap::new();
            for (state, moves) in &states {
                for (row, more) in &choices {
                    let fewest = next.entry(state + row).or_insert(u64::MAX);
                    *fewest = (*fewest).min(moves + more);
                }
            }
            next.retain(|state, _| self.is_within(quotas, &loads(*state), false));
            states = next;
        }
        states.retain(|state, _| self.is_within(quotas, &loads(*state), true));
        states.into_values().min()
    }

    /// The fewest and the most replicas on these nodes that the quotas allow.
    pub(crate) fn span_of_quotas(&self, quotas: &Quotas, nodes: &[usize]) -> (u64, u64) {
        let all: u64 = self.base.copies.iter().map(|size| *size as u64).sum();
        let mut span = (u64::MAX, 0);
        for rounding in 0..1_u32 << self.n() {
            let load = |v: usize| {
                let (floor, ceil) = quotas.nodes[v];
                if rounding >> v & 1 == 0 { floor } else { ceil }
            };
            let loads: Vec<u64> = (0..self.n()).map(load).collect();
            if loads.iter().sum::<u64>() == all && self.is_within(quotas, &loads, true) {
                let sum = nodes.iter().map(|v| loads[*v]).sum::<u64>();
                span = (span.0.min(sum), span.1.max(sum));
            }
        }
        span
    }

    /// The holders of each row that may lead.
    pub(crate) fn candidates(&self, rows: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let may = |(p, row): (usize, &Vec<usize>)| {
            row.iter().copied().filter(|v| self.may_lead(p, *v)).collect()
        };
        rows.iter().enumerate().map(may).collect()
    }

    /// Floors and ceilings of leaders: again and again, the set of nodes that can lead the fewest
    /// partitions per weight leads all it can.
    pub(crate) fn leader_bounds(&self, quotas: &Quotas, rows: &[Vec<usize>]) -> Vec<(u64, u64)> {
        let n = self.n();
        let weight = |v: usize| match &self.leader_weights {
            Some(weights) if quotas.nodes[v].1 > 0 => weights[v] as f64,
            Some(_) => 0.0,
            None => quotas.exact[v],
        };
        let mut rows: Vec<u32> =
            self.candidates(rows).iter().map(|row| row.iter().map(|v| 1 << v).sum()).collect();
        let mut bounds = vec![(0, 0); n];
        let positive: u32 = (0..n).filter(|v| weight(*v) > 0.0).map(|v| 1 << v).sum();
        for mut rest in [positive, ((1 << n) - 1) & !positive] {
            let even = rest & positive == 0;
            let weight = |v: usize| if even { 1.0 } else { weight(v) };
            while rest > 0 {
                let mut best: Option<(f64, u32)> = None;
                for set in (1..1_u32 << n).filter(|set| set & !rest == 0) {
                    let can = rows.iter().filter(|row| **row & set > 0).count() as f64;
                    let sum: f64 = (0..n).filter(|v| set >> v & 1 > 0).map(weight).sum();
                    let ratio = can / sum;
                    let better = best.is_none_or(|(lowest, known)| {
                        let more = set.count_ones() > known.count_ones();
                        ratio < lowest - EPSILON || ratio < lowest + EPSILON && more
                    });
                    if better {
                        best = Some((ratio, set));
                    }
                }
                let (ratio, set) = best.unwrap();
                for v in (0..n).filter(|v| set >> v & 1 > 0) {
                    let quota = ratio * weight(v);
                    bounds[v] = ((quota + EPSILON).floor() as u64, (quota - EPSILON).ceil() as u64);
                }
                rows.retain(|row| row & set == 0);
                rest &= !set;
            }
        }
        bounds
    }

    /// The fewest changes of leaders for these rows; `None` if no leaders are within the bounds.
    pub(crate) fn min_leader_changes(
        &self,
        bounds: &[(u64, u64)],
        rows: &[Vec<usize>],
    ) -> Option<u64> {
        let load = |packed: u64, v: usize| packed >> (BITS * v) & ((1 << BITS) - 1);
        let mut states: HashMap<u64, u64> = HashMap::from([(0, 0)]);
        for (p, row) in self.candidates(rows).iter().enumerate() {
            let old = self.base.old.as_ref().and_then(|old| old[p].first());
            let mut next: HashMap<u64, u64> = HashMap::new();
            for (state, changes) in &states {
                for v in row.iter().filter(|v| load(*state, **v) < bounds[**v].1) {
                    let fewest = next.entry(state + (1 << (BITS * v))).or_insert(u64::MAX);
                    *fewest = (*fewest).min(changes + u64::from(old.is_some_and(|old| old != v)));
                }
            }
            states = next;
        }
        states.retain(|state, _| (0..self.n()).all(|v| load(*state, v) >= bounds[v].0));
        states.into_values().min()
    }
}
