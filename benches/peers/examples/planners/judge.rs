//! Judges all tables by the same measures.

use crate::case::{Case, config, table, topology};
use crate::member::REPLICAS;
use apportion::Planner;
use apportion::partition::TableReport;

/// The figures of a table.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Replicas on nodes that did not hold their partition.
    pub(crate) moved: u64,
    /// Partitions with two or more of them.
    pub(crate) twice: u64,
    /// Partitions with another leader.
    pub(crate) leaders_moved: u64,
    pub(crate) report: TableReport,
}

/// Measures the table after a change.
///
/// # Errors
/// A holder that is gone, or twice in a row.
pub(crate) fn judge(case: &Case, rows: &[[u32; REPLICAS]]) -> Result<Figures, String> {
    let nodes = topology(&case.after);
    let table = table(&nodes, rows)?;
    let planner = Planner::new(nodes.members(), &config(table.partitions()));
    let report = planner.map_err(|error| error.to_string())?.report(&table);
    let pairs = || case.rows.iter().zip(rows);
    let new = |(old, new): (&[u32; REPLICAS], &[u32; REPLICAS])| {
        new.iter().filter(|id| !old.contains(id)).count() as u64
    };
    Ok(Figures {
        moved: pairs().map(new).sum(),
        twice: pairs().filter(|pair| new(*pair) > 1).count() as u64,
        leaders_moved: pairs().filter(|(old, new)| old[0] != new[0]).count() as u64,
        report,
    })
}
