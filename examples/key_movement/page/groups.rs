//! The rows of pictures: nodes, or above 40 of them groups of neighbours.

use crate::cluster::Plan;
use crate::report::MAX_ROWS;
use crate::text::short;
use std::collections::{HashMap, HashSet};

pub(super) struct Groups {
    /// What a row is.
    pub(super) of: String,
    pub(super) names: Vec<String>,
    rows: HashMap<String, usize>,
}

impl Groups {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut known = HashSet::new();
        let all = plan.before.iter().chain(&plan.after).map(|member| member.name.as_str());
        let ids: Vec<&str> = all.filter(|id| known.insert(*id)).collect();
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

    /// The row of a node.
    pub(super) fn row(&self, id: &str) -> Option<usize> {
        self.rows.get(id).copied()
    }
}
