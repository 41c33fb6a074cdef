//! What errors claim, counted again.

use super::oracle::{Quotas, State};
use super::question::{ALL, Question, With};
use apportion::error::{Infeasible, InfeasibleKind};

const UPPER: With = With { limits: true, at_least: false, at_most: true, pins: false };

impl Question {
    /// The nodes that a message names.
    fn named(&self, names: &str) -> Vec<usize> {
        let path = |v: usize| {
            let path = self.base.nodes[v].path.iter().map(|name| format!("d{name}"));
            path.chain([format!("n{v}")]).collect::<Vec<_>>().join("/")
        };
        let of = |name: &str| {
            let below = format!("{name}/");
            let is = |v: &usize| path(*v) == name || path(*v).starts_with(&below);
            let found: Vec<usize> = (0..self.n()).filter(is).collect();
            assert!(!found.is_empty(), "{name:?} of {names:?}");
            found
        };
        if names.is_empty() { (0..self.n()).collect() } else { names.split(", ").flat_map(of).collect() }
    }

    /// The fewest and the most replicas of a partition on these nodes, in rows of any size.
    fn span(&self, p: usize, nodes: &[usize], with: With) -> (u64, u64) {
        let on = |row: &Vec<usize>| row.iter().filter(|v| nodes.contains(v)).count() as u64;
        let mut rows: Vec<Vec<usize>> =
            (0..=self.n()).flat_map(|k| self.rows(p, k, with)).collect();
        rows.retain(|row| row.iter().all(|v| !self.is_excluded(p, *v)));
        (rows.iter().map(on).min().unwrap_or(99), rows.iter().map(on).max().unwrap_or(0))
    }

    /// Checks what an error says, if there is no table; says what kind of error it is.
    pub(crate) fn recount(
        &self,
        quotas: &Quotas,
        why: &Infeasible,
        message: &str,
    ) -> Result<&'static str, String> {
        let claim = |is: bool, what: &str| match is {
            true => Ok(()),
            false => Err(format!("{what}: {message}: {why:?}")),
        };
        let says = |number: u64| {
            let digits = number.to_string();
            message.split(|c: char| !c.is_ascii_digit()).any(|word| word == digits)
        };
        let numbers = says(why.quota) && says(why.limit);
        match why.kind {
            InfeasibleKind::NoRoom if why.partition.is_some() => {
                let p = why.partition.unwrap() as usize;
                claim(numbers && why.quota > why.limit, "numbers")?;
                claim(why.quota == self.base.copies[p] as u64, "replicas")?;
                let all: Vec<usize> = (0..self.n()).collect();
                let (_, most) = self.span(p, &all, With { pins: true, ..UPPER });
                claim(most <= why.limit, &format!("places for {most}"))?;
            }
            InfeasibleKind::Bound | InfeasibleKind::NoRoom => {
                claim(why.quota > why.limit, "names no numbers")?;
                claim(numbers, "numbers")?;
                let nodes = self.named(&why.domain);
                let (mut least, mut most) = (0, 0);
                for p in 0..self.base.copies.len() {
                    let takes = |row: &Vec<usize>| row.iter().all(|v| quotas.nodes[*v].1 > 0);
                    let on = |row: Vec<usize>| row.iter().filter(|v| nodes.contains(v)).count();
                    let rows = self.choices(p).into_iter().filter(takes);
                    let on: Vec<u64> = rows.map(|row| on(row) as u64).collect();
                    least += on.iter().min().unwrap_or(&99);
                    most += on.iter().max().unwrap_or(&0);
                }
                let (floor, ceil) = self.span_of_quotas(quotas, &nodes);
                if why.kind == InfeasibleKind::Bound {
                    let what = format!("at least {least} are there, at most {ceil} may be");
                    claim(least >= why.quota && ceil <= why.limit, &what)?;
                } else {
                    let what = format!("at most {most} are there, at least {floor} have to be");
                    claim(most <= why.limit && floor >= why.quota, &what)?;
                }
            }
            InfeasibleKind::Affinity => {
                let p = why.partition.expect("a partition") as usize;
                claim(numbers && says(p as u64), "numbers")?;
                claim(why.quota > why.limit, "no contradiction")?;
                let size = self.base.copies[p];
                let nodes = self.named(&why.domain);
                let (_, most) = self.span(p, &nodes, UPPER);
                let least = match self.fewest_places(p, &nodes, false) {
                    // Its own bound, on nodes that are excluded.
                    99 => {
                        let own = self.active(p).filter(|rule| self.nodes_of(rule) == nodes);
                        own.map(|rule| rule.at_least as u64).max().unwrap_or(99)
                    }
                    least => least,
                };
                if !why.domain.is_empty() {
                    let what = format!("at least {least}, at most {most}");
                    claim(least == why.quota && most == why.limit, &what)?;
                } else if why.admitted < why.replicas {
                    claim(size as u64 == why.quota && most == why.limit, &format!("most {most}"))?;
                } else {
                    let what = format!("least {least} of {size}");
                    claim(size as u64 == why.limit && least == why.quota, &what)?;
                }
            }
            InfeasibleKind::Leader => {
                let p = why.partition.expect("a partition") as usize;
                let leads = |v: &usize| self.may_lead(p, *v) && !self.is_excluded(p, *v);
                claim(!(0..self.n()).any(|v| leads(&v)), "some may lead")?;
            }
            InfeasibleKind::Pinned => {
                let p = why.partition.expect("a partition") as usize;
                claim(numbers && why.quota > why.limit, "numbers")?;
                let nodes = self.named(&why.domain);
                let least = self.fewest_places(p, &nodes, true);
                claim(least >= why.quota, &format!("pins keep {least}"))?;
                if why.domain.is_empty() {
                    claim(why.limit == self.base.copies[p] as u64, "replicas")?;
                } else {
                    let with = With { pins: false, ..ALL };
                    let rows = self.rows(p, self.base.copies[p], with).into_iter().filter(|row| {
                        row.iter().all(|v| self.held(p, *v) || self.base.nodes[*v].state == State::Open)
                    });
                    let on = |row: Vec<usize>| row.iter().filter(|v| nodes.contains(v)).count();
                    let most = rows.map(on).max().unwrap_or(0) as u64;
                    claim(most <= why.limit, &format!("at most {most} may be"))?;
                }
            }
            InfeasibleKind::Frozen => {
                let p = why.partition.expect("a partition") as usize;
                let row = &self.base.old.as_ref().unwrap()[p];
                if !why.domain.is_empty() {
                    let nodes = self.named(&why.domain);
                    let on = row.iter().filter(|v| nodes.contains(v)).count() as u64;
                    let pinned = self.pins.iter().any(|(q, v)| *q == p && nodes == [*v]);
                    if message.contains("pinned") {
                        claim(pinned && on == 0, "no such pin")?;
                    } else {
                        claim(on == why.quota && on != why.limit, &format!("{on} there"))?;
                        claim(says(on), "numbers")?;
                    }
                }
            }
            _ => return Err(format!("{message}: {why:?}")),
        }
        Ok(why.kind.name())
    }
}
