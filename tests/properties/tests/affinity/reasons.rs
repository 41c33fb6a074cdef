//! What errors claim, counted again.

use super::oracle::{Quotas, State};
use super::question::{ALL, Question, Rule, With};
use apportion::Topology;
use apportion::error::{Infeasible, InfeasibleKind};
use apportion::partition::{LeaderReason, Plan, Reason};

const UPPER: With = With { limits: true, at_least: false, at_most: true, pins: false };

impl Question {
    /// The live ones of some nodes; all of them if none is live. Messages name domains by those.
    fn live_of(&self, nodes: Vec<usize>) -> Vec<usize> {
        let live = nodes.iter().copied().filter(|v| self.base.nodes[*v].weight > 0);
        let live: Vec<usize> = live.collect();
        if live.is_empty() { nodes } else { live }
    }

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
        if names.is_empty() {
            return (0..self.n()).collect();
        }
        let mut nodes: Vec<usize> = names.split(", ").flat_map(of).collect();
        nodes.sort_unstable();
        self.live_of(nodes)
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
                let (_, mut most) = self.span(p, &nodes, UPPER);
                if most != why.limit {
                    // Because of nodes that take nothing.
                    (_, most) = self.span(p, &nodes, With { pins: true, ..UPPER });
                }
                let mut least = self.fewest_places(p, &nodes, false);
                if least == 99 {
                    // One bound, on nodes that are excluded.
                    let mut own =
                        self.active(p).filter(|rule| self.live_of(self.nodes_of(rule)) == nodes);
                    claim(own.any(|rule| rule.at_least as u64 == why.quota), "no such bound")?;
                    least = why.quota;
                }
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
                        row.iter()
                            .all(|v| self.held(p, *v) || self.base.nodes[*v].state == State::Open)
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
                    // Limits count drained nodes too.
                    let mut on = row.iter().filter(|v| nodes.contains(v)).count() as u64;
                    if why.affinities == 0 && on > 0 {
                        on = on.max(why.quota);
                    }
                    let pinned = self.pins.iter().any(|(q, v)| *q == p && nodes == [*v]);
                    if message.contains("pinned") {
                        claim(pinned && on == 0, "no such pin")?;
                    } else {
                        claim(on == why.quota && on != why.limit, &format!("{on} there"))?;
                        claim(says(on), "numbers")?;
                    }
                }
            }
            // Slots are checked with each node that is closed, before the quotas of all are known.
            InfeasibleKind::Slots => claim(numbers && why.quota > why.limit, "numbers")?,
            _ => return Err(format!("{message}: {why:?}")),
        }
        Ok(why.kind.name())
    }
}

impl Question {
    /// Whether an affinity, or two together, say exactly this of these nodes.
    fn says(&self, p: usize, nodes: &[usize], is: impl Fn(&Rule) -> bool) -> bool {
        let open = |v: &usize| !self.is_excluded(p, *v);
        let of = |rule: &Rule| self.nodes_of(rule).into_iter().filter(open).collect::<Vec<_>>();
        self.active(p).any(|rule| is(rule) && of(rule) == nodes)
    }

    /// Checks what an explanation says of affinities.
    pub(crate) fn check_explanation(&self, plan: &Plan, live: &Topology<String>, p: usize) {
        let explanation = plan.explain(p as u32).unwrap();
        let text = explanation.to_string();
        let old = self.base.old.as_ref().map(|old| old[p].clone()).unwrap_or_default();
        let drained = |v: usize| v >= self.n() || self.base.nodes[v].weight == 0;
        let number =
            |node| live.get(node).unwrap().trim_start_matches('n').parse::<usize>().unwrap();
        let there = |nodes: &[usize]| {
            old.iter().filter(|v| !drained(**v) && nodes.contains(v)).count() as u32
        };
        for replica in explanation.replicas() {
            // Slots of the old nodes are their numbers.
            let from = replica.from().map(|node| node.get() as usize);
            for reason in replica.reasons() {
                match reason {
                    Reason::AboveAffinity { nodes, held, at_most } => {
                        let names = self.named(nodes);
                        assert_eq!(there(&names), *held, "{text}");
                        assert!(held > at_most, "{text}");
                        let excluded = *at_most == 0 && names.len() == 1;
                        let is = |rule: &Rule| rule.at_most == Some(*at_most as usize);
                        let alone = excluded && self.is_excluded(p, names[0]);
                        assert!(alone || self.says(p, &names, is), "{text}");
                        assert!(from.is_some_and(|from| names.contains(&from)), "{text}");
                    }
                    Reason::BelowAffinity { nodes, held, at_least } => {
                        let names = self.named(nodes);
                        assert!(held < at_least, "{text}");
                        assert_eq!(there(&names), *held, "{text}");
                        let leads = (0..self.n())
                            .filter(|v| self.may_lead(p, *v) && !self.is_excluded(p, *v));
                        let leads = *at_least == 1
                            && self.active(p).any(|rule| rule.leads.is_some())
                            && leads.eq(names.iter().copied());
                        let is = |rule: &Rule| rule.at_least == *at_least as usize;
                        assert!(leads || self.says(p, &names, is), "{text}");
                    }
                    _ => {}
                }
            }
        }
        if let Some(LeaderReason::MayNotLead) = explanation.leader().map(|led| led.reason()) {
            let holds = plan.table().row(p as u32).any(|to| number(to) == old[0]);
            assert!(holds && !self.may_lead(p, old[0]), "{text}");
        }
    }
}
