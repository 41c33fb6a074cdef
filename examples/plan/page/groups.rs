//! The rows of pictures: nodes, or above 40 of them their failure domains.

use super::cluster::{Cluster, in_order};
use super::report::MAX_ROWS;
use super::text::short;
use std::collections::HashMap;

/// Which row each node is in.
pub(super) struct Groups {
    /// What a row is.
    pub(super) of: String,
    pub(super) names: Vec<String>,
    rows: HashMap<String, usize>,
}

impl Groups {
    /// Rows for these nodes: one each if they are few, otherwise one for each outermost failure
    /// domain, otherwise for as many nodes as it takes.
    pub(super) fn new(cluster: &Cluster) -> Self {
        let mut ids: Vec<&String> = cluster.ids().collect();
        ids.sort_by(|a, b| cluster.order(a, b));
        if ids.len() <= MAX_ROWS {
            let rows = ids.iter().enumerate().map(|(row, id)| ((*id).clone(), row)).collect();
            let names = ids.into_iter().cloned().collect();
            return Self { of: "node".to_owned(), names, rows };
        }
        if let Some(groups) = Self::of_domains(cluster, &ids) {
            return groups;
        }
        ids.sort_by(|a, b| in_order(a, b));
        let each = ids.len().div_ceil(MAX_ROWS);
        let rows = ids.iter().enumerate().map(|(i, id)| ((*id).clone(), i / each)).collect();
        let name = |ids: &[&String]| match ids {
            [first, .., last] => format!("{} … {}", short(first), short(last)),
            [only] => (*only).clone(),
            [] => String::new(),
        };
        let names = ids.chunks(each).map(name).collect();
        Self { of: format!("group of {each} nodes"), names, rows }
    }

    fn of_domains(cluster: &Cluster, ids: &[&String]) -> Option<Self> {
        let level = cluster.level()?;
        let mut names: Vec<String> = Vec::new();
        let mut rows = HashMap::new();
        for id in ids {
            let domain = cluster.domain(id);
            let row = names.iter().position(|name| name == domain).unwrap_or_else(|| {
                names.push(domain.to_owned());
                names.len() - 1
            });
            rows.insert((*id).clone(), row);
        }
        (1..=MAX_ROWS).contains(&names.len()).then(|| Self { of: level.to_owned(), names, rows })
    }

    /// The row of a node.
    pub(super) fn row(&self, id: &str) -> Option<usize> {
        self.rows.get(id).copied()
    }

    /// True if every node has a row of its own.
    pub(super) fn are_nodes(&self) -> bool {
        self.of == "node"
    }
}
