//! What a planner does here.

use crate::case::{Case, REPLICAS};
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

/// The name of the solver that proves the movement.
pub(crate) const EXACT: &str = "MIP (microlp)";

/// All planners; the first is this crate's, to which the times of the others are compared.
pub(crate) const ALL: [Planner; 6] = [
    Planner { name: "apportion", plan: crate::ours::plan },
    Planner { name: EXACT, plan: crate::exact::plan },
    Planner { name: "greedy, to the quotas", plan: crate::greedy::to_quotas },
    Planner { name: "greedy, within 9 %", plan: crate::greedy::within_nine_percent },
    Planner { name: "blance (Go)", plan: crate::blance::plan },
    Planner { name: "Kafka, assigned anew", plan: crate::kafka::plan },
];
