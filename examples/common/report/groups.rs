//! The rows of pictures and matrices: nodes, or above 40 of them groups of nodes.

use super::MAX_ROWS;
use super::text::short;
use std::collections::HashMap;

/// Which row each node is in.
pub(crate) struct Groups {
    /// What a row is.
    pub(crate) of: String,
    pub(crate) names: Vec<String>,
    rows: HashMap<String, usize>,
}

impl Groups {
    /// Rows of as many neighbours as it takes: one node each if they are few.
    pub(crate) fn of_neighbours(ids: &[&str]) -> Self {
        let each = ids.len().div_ceil(MAX_ROWS).max(1);
        let rows = ids.iter().enumerate().map(|(i, id)| ((*id).to_owned(), i / each)).collect();
        let name = |ids: &[&str]| match ids {
            [first, .., last] => format!("{} … {}", short(first), short(last)),
            [only] => (*only).to_owned(),
            [] => String::new(),
        };
        let names = ids.chunks(each).map(name).collect();
        let of = if each == 1 { "node".to_owned() } else { format!("group of {each} nodes") };
        Self { of, names, rows }
    }

    /// Rows of what nodes belong to; `None` if there are too many of them.
    pub(crate) fn of_domains<'a>(
        level: &str,
        nodes: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Option<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut rows = HashMap::new();
        for (id, domain) in nodes {
            let row = names.iter().position(|name| name == domain).unwrap_or_else(|| {
                names.push(domain.to_owned());
                names.len() - 1
            });
            rows.insert(id.to_owned(), row);
        }
        (1..=MAX_ROWS).contains(&names.len()).then(|| Self { of: level.to_owned(), names, rows })
    }

    /// The row of a node.
    pub(crate) fn row(&self, id: &str) -> Option<usize> {
        self.rows.get(id).copied()
    }

    /// True if every node has a row of its own.
    pub(crate) fn are_nodes(&self) -> bool {
        self.of == "node"
    }
}
