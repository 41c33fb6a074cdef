//! The nodes of a step and of the step before, with their outermost failure domains.

use super::super::start::is_missing;
use super::report::{Groups, MAX_ROWS};
use apportion::Topology;
use std::cmp::Ordering;
use std::collections::BTreeMap;

pub(super) struct Cluster {
    /// The name of the outermost level, if there is one.
    level: Option<String>,
    /// The outermost domain of each node, by id.
    domains: BTreeMap<String, String>,
}

impl Cluster {
    pub(super) fn new(
        before: Option<&Topology<String>>,
        after: &Topology<String>,
        levels: &[String],
    ) -> Self {
        let mut domains = BTreeMap::new();
        // A node that changed its domain is shown where it is now.
        for side in before.into_iter().chain([after]) {
            for (node, id) in side.iter().filter(|(_, id)| !is_missing(id)) {
                let domain = side.members().domain(node);
                let first = domain.and_then(|domain| domain.path().next());
                let name = first.map_or(String::new(), |(_, name)| name.to_owned());
                let known = domains.entry(id.clone()).or_insert_with(String::new);
                // A table from a file says nothing of domains.
                if !name.is_empty() {
                    *known = name;
                }
            }
        }
        for name in domains.values_mut().filter(|name| name.is_empty()) {
            "(none)".clone_into(name);
        }
        Self { level: levels.first().cloned(), domains }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.domains.keys()
    }

    pub(super) fn level(&self) -> Option<&str> {
        self.level.as_deref()
    }

    pub(super) fn domain(&self, id: &str) -> &str {
        self.domains.get(id).map_or("", String::as_str)
    }

    /// The rows of pictures: nodes, or above 40 of them their failure domains, or above 40 of these
    /// groups of nodes.
    pub(super) fn groups(&self) -> Groups {
        let mut ids: Vec<&str> = self.ids().map(String::as_str).collect();
        ids.sort_by(|a, b| self.order(a, b));
        let domains = self.level().filter(|_| ids.len() > MAX_ROWS).and_then(|level| {
            Groups::of_domains(level, ids.iter().map(|id| (*id, self.domain(id))))
        });
        domains.unwrap_or_else(|| {
            if ids.len() > MAX_ROWS {
                ids.sort_by(|a, b| in_order(a, b));
            }
            Groups::of_neighbours(&ids)
        })
    }

    /// Nodes by their domains, then by their ids.
    pub(super) fn order(&self, a: &str, b: &str) -> Ordering {
        in_order(self.domain(a), self.domain(b)).then_with(|| in_order(a, b))
    }
}

/// The order of names in which `n10` comes after `n9`.
pub(super) fn in_order(a: &str, b: &str) -> Ordering {
    let key = |name: &str| {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let number = name[stem.len()..].parse::<u64>().ok();
        (stem, number)
    };
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}
