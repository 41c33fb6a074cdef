//! A partition table before and after a node joins: one row for each node, one column for each
//! partition.

mod cluster;
mod picture;

/// Plans both tables and draws them.
pub(crate) fn svg() -> Result<String, String> {
    Ok(cluster::change().map_err(|e| e.to_string())?.svg())
}
