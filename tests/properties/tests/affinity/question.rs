//! A small cluster with affinities, and what they say of one row.

use super::oracle::{Case, State};
use std::ops::Range;

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) partitions: Range<usize>,
    /// Levels and names of domains; the nodes are in all of them.
    pub(crate) domains: Vec<(usize, u32)>,
    /// The nodes; all of the domains without a list.
    pub(crate) nodes: Option<Vec<usize>>,
    pub(crate) at_least: usize,
    pub(crate) at_most: Option<usize>,
    pub(crate) leads: Option<bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) base: Case,
    pub(crate) rules: Vec<Rule>,
    /// Partitions and nodes.
    pub(crate) pins: Vec<(usize, usize)>,
    pub(crate) frozen: Vec<usize>,
    /// Weights of leaders; their quotas of replicas without.
    pub(crate) leader_weights: Option<Vec<u64>>,
}

/// Which demands on a row count.
#[derive(Clone, Copy)]
pub(crate) struct With {
    pub(crate) limits: bool,
    pub(crate) at_least: bool,
    pub(crate) at_most: bool,
    pub(crate) pins: bool,
}

pub(crate) const ALL: With = With { limits: true, at_least: true, at_most: true, pins: true };

impl Question {
    pub(crate) fn n(&self) -> usize {
        self.base.nodes.len()
    }

    pub(crate) fn active(&self, p: usize) -> impl Iterator<Item = &Rule> + Clone {
        self.rules.iter().filter(move |rule| rule.partitions.contains(&p))
    }

    pub(crate) fn is_of(&self, rule: &Rule, v: usize) -> bool {
        let path = &self.base.nodes[v].path;
        rule.nodes.as_ref().is_none_or(|nodes| nodes.contains(&v))
            && rule.domains.iter().all(|(level, name)| path[*level] == *name)
    }

    pub(crate) fn nodes_of(&self, rule: &Rule) -> Vec<usize> {
        (0..self.n()).filter(|v| self.is_of(rule, *v)).collect()
    }

    pub(crate) fn may_lead(&self, p: usize, v: usize) -> bool {
        self.active(p).all(|rule| rule.leads.is_none_or(|leads| leads == self.is_of(rule, v)))
    }

    pub(crate) fn has_leads(&self) -> bool {
        self.rules.iter().any(|rule| rule.leads.is_some())
    }

    /// Whether a partition may have these replicas, whatever their number.
    pub(crate) fn is_legal(&self, p: usize, row: &[usize], with: With) -> bool {
        for (level, cap) in self.base.caps.iter().enumerate() {
            let Some(cap) = cap.filter(|_| with.limits) else { continue };
            let prefix = |v: &usize| &self.base.nodes[*v].path[..=level];
            let inside = |v| row.iter().filter(|w| prefix(w) == prefix(v)).count() as u64;
            if row.iter().any(|v| inside(v) > cap) {
                return false;
            }
        }
        for rule in self.active(p) {
            let inside = row.iter().filter(|v| self.is_of(rule, **v)).count();
            if with.at_least && inside < rule.at_least
                || with.at_most && rule.at_most.is_some_and(|most| inside > most)
            {
                return false;
            }
        }
        if with.at_least && self.active(p).any(|rule| rule.leads.is_some()) {
            return row.iter().any(|v| self.may_lead(p, *v)) && self.has_pins(p, row, with);
        }
        self.has_pins(p, row, with)
    }

    fn has_pins(&self, p: usize, row: &[usize], with: With) -> bool {
        let musts = (0..self.n()).filter(|v| self.must(p, *v));
        let mut musts = self.pins.iter().filter(|(q, _)| *q == p).map(|(_, v)| *v).chain(musts);
        !with.pins || musts.all(|v| row.contains(&v))
    }

    /// Whether a node in maintenance keeps a replica.
    pub(crate) fn must(&self, p: usize, v: usize) -> bool {
        self.base.nodes[v].state == State::Maintenance && self.held(p, v)
    }

    pub(crate) fn held(&self, p: usize, v: usize) -> bool {
        self.base.old.as_ref().is_some_and(|old| old[p].contains(&v))
    }

    /// Whether some bound leaves no replica for a node.
    pub(crate) fn is_excluded(&self, p: usize, v: usize) -> bool {
        let most = self.base.copies.iter().max().copied().unwrap_or(0);
        let leads = self.active(p).any(|rule| rule.leads.is_some());
        self.base.nodes[v].weight == 0
            || leads && most == 1 && !self.may_lead(p, v)
            || self.active(p).any(|rule| match self.is_of(rule, v) {
                true => rule.at_most == Some(0),
                false => rule.at_least >= most,
            })
    }

    /// The fewest places on these nodes with which all lower bounds could be kept, if nodes had any
    /// number of places; 99 if the nodes of a bound are excluded.
    pub(crate) fn fewest_places(&self, p: usize, nodes: &[usize], pins: bool) -> u64 {
        let n = self.n();
        let mut fewest = 99;
        for counts in 0..4_u64.pow(n as u32) {
            let count = |v: usize| counts / 4_u64.pow(v as u32) % 4;
            if (0..n).any(|v| count(v) > 0 && self.is_excluded(p, v)) {
                continue;
            }
            let inside = |rule| -> u64 { (0..n).filter(|v| self.is_of(rule, *v)).map(count).sum() };
            let leads = self.active(p).any(|rule| rule.leads.is_some());
            let led = !leads || (0..n).any(|v| count(v) > 0 && self.may_lead(p, v));
            let pinned = |v: usize| self.must(p, v) || self.pins.contains(&(p, v));
            let keeps_pins = !pins || (0..n).all(|v| !pinned(v) || count(v) > 0);
            if led && keeps_pins && self.active(p).all(|rule| inside(rule) >= rule.at_least as u64)
            {
                fewest = fewest.min(nodes.iter().map(|v| count(*v)).sum());
            }
        }
        fewest
    }

    /// All subsets of the nodes that take replicas of a partition, of this size.
    pub(crate) fn rows(&self, p: usize, size: usize, with: With) -> Vec<Vec<usize>> {
        let may = |v: &usize| {
            let node = &self.base.nodes[*v];
            node.weight > 0 && (node.state == State::Open || self.held(p, *v) || !with.pins)
        };
        let open: Vec<usize> = (0..self.n()).filter(may).collect();
        let sets = (0..1_u32 << open.len()).filter(|set| set.count_ones() as usize == size);
        let row = |set: u32| -> Vec<usize> {
            (0..open.len()).filter(|i| set >> i & 1 == 1).map(|i| open[i]).collect()
        };
        sets.map(row).filter(|row| self.is_legal(p, row, with)).collect()
    }

    /// The rows that a partition can have.
    pub(crate) fn choices(&self, p: usize) -> Vec<Vec<usize>> {
        let mut rows = self.rows(p, self.base.copies[p], ALL);
        if self.frozen.contains(&p) {
            let mut old = self.base.old.as_ref().unwrap()[p].clone();
            old.sort_unstable();
            rows.retain(|row| *row == old);
        }
        rows
    }

    /// Whether some sets of nodes with bounds, for one partition, have nodes in common without one
    /// being part of the other. Rules that exclude nodes count.
    pub(crate) fn crosses(&self) -> bool {
        (0..self.base.copies.len()).any(|p| {
            let leads = self.active(p).any(|rule| rule.leads.is_some());
            let mut sets: Vec<Vec<usize>> = self
                .active(p)
                .filter(|rule| rule.at_least > 0 || rule.at_most.is_some())
                .map(|rule| self.nodes_of(rule))
                .collect();
            if leads {
                sets.push((0..self.n()).filter(|v| self.may_lead(p, *v)).collect());
            }
            for (level, _) in self.base.caps.iter().enumerate().filter(|(_, cap)| cap.is_some()) {
                for v in 0..self.n() {
                    let prefix = |v: usize| &self.base.nodes[v].path[..=level];
                    sets.push((0..self.n()).filter(|w| prefix(*w) == prefix(v)).collect());
                }
            }
            let cross = |a: &Vec<usize>, b: &Vec<usize>| {
                let shared = a.iter().filter(|v| b.contains(v)).count();
                shared > 0 && shared < a.len() && shared < b.len()
            };
            sets.iter().any(|a| sets.iter().any(|b| cross(a, b)))
        })
    }
}
