//! What a planner does here.

use crate::case::Case;
use crate::member::REPLICAS;
use std::time::Duration;

/// A planned table, and the time of planning it from input in the form that the planner takes.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) rows: Vec<[u32; REPLICAS]>,
    pub(crate) took: Duration,
}

/// A planner and its name.
pub(crate) struct Planner {
    pub(crate) name: &'static str,
    /// Plans the table after the change; the error says why there is none.
    pub(crate) plan: fn(&Case) -> Result<Planned, String>,
}

/// The name of this crate's planner.
pub(crate) const OURS: &str = "apportion";

/// The name of the solver that proves the movement.
pub(crate) const EXACT: &str = "MIP (microlp)";
