//! From where to where: a matrix by rows of pictures, and where these are groups, the largest flows
//! between two nodes.

use super::Values;
use super::groups::Groups;
use super::matrix::{Cells, Matrix};
use super::table::Table;
use super::text::short;

/// How many flows between two nodes are listed.
pub(crate) const LISTED: usize = 10;

/// For the template `flows`.
pub(crate) struct Flows<'a> {
    /// What the matrix shows, up to "by node": such as "Copied replicas".
    pub(crate) what: &'a str,
    /// What rows and columns do, such as "rows send, columns receive".
    pub(crate) how: &'a str,
    /// What stands for no node.
    pub(crate) none: &'a str,
    /// The row after the last one is no node.
    pub(crate) cells: &'a Cells,
    /// The largest flows, the largest first.
    pub(crate) largest: &'a [NodeFlow],
}

/// From a node, if one gives, to a node, if one gets.
#[derive(Clone)]
pub(crate) struct NodeFlow {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) n: u64,
}

impl Flows<'_> {
    pub(crate) fn values(&self, of: &str, names: &[String]) -> Values {
        let mut rows = names.to_vec();
        rows.push(self.none.to_owned());
        let caption = format!("{} by {of}: {}", self.what, self.how);
        let matrix =
            Matrix { caption: &caption, corner: "from \\ to", names: &rows, cells: self.cells };
        let name = |node: &Option<String>| node.as_deref().map_or(self.none.to_owned(), short);
        let mut table = Table::new("The largest flows between two nodes").text("from").text("to");
        table = table.numbers(["moved"]);
        for NodeFlow { from, to, n } in self.largest.iter().take(LISTED) {
            table.row([name(from).into(), name(to).into(), (*n).into()]);
        }
        let values = Values::new().with("flows", matrix);
        values.with("grouped", of != "node" && table.rows() > 0).with("largest", table)
    }
}

impl NodeFlow {
    /// What moves between rows.
    pub(crate) fn cells<'a>(flows: impl Iterator<Item = &'a Self>, groups: &Groups) -> Cells {
        let none = groups.names.len();
        let row =
            |node: &Option<String>| node.as_ref().and_then(|node| groups.row(node)).unwrap_or(none);
        let mut cells = Cells::new();
        for flow in flows {
            *cells.entry((row(&flow.from), row(&flow.to))).or_default() += flow.n;
        }
        cells
    }

    /// The largest first.
    pub(crate) fn sort(flows: &mut [Self]) {
        flows.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to))));
    }
}
