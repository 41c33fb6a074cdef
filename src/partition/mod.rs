//! Partition tables and their exact planner.

mod active_rows;
mod affinity;
mod affinity_bound;
mod affinity_classes;
mod affinity_rules;
mod build;
mod cells;
mod certificate;
mod config;
mod constraints;
mod construct;
mod copy_quotas;
#[cfg(test)]
mod cost_tests;
mod dispersal;
mod disperse;
mod domain_counts;
mod exact_sum;
mod explain;
mod explanation;
mod fair_shares;
mod fallback;
mod flow;
mod given;
mod inputs;
mod joint;
mod leaders;
mod leading;
mod old_rows;
mod pair_counts;
mod partners;
mod places;
mod plan;
mod planner;
mod planner_affinity;
mod problem;
mod quota;
mod report;
mod row_class;
mod row_kinds;
mod row_rules;
mod row_sizes;
#[cfg(feature = "serde")]
mod saved;
#[cfg(feature = "serde")]
mod saved_plan;
#[cfg(feature = "serde")]
mod saved_report;
mod sizing;
mod spans;
mod states;
mod table;
mod thaw;
mod tree;
mod verify;
mod work;

pub use affinity::Affinity;
pub use certificate::Certificate;
pub use config::TableConfig;
pub use explanation::{ExplainedLeader, ExplainedReplica, Explanation, LeaderReason, Reason};
pub use joint::{JointPlan, JointPlanner};
pub use leading::{LeaderCertificate, VerifiedLeaders};
pub use plan::Plan;
pub use planner::Planner;
pub use report::TableReport;
#[cfg(feature = "serde")]
pub(crate) use saved::TableState;
#[cfg(feature = "serde")]
pub use saved_plan::SavedPlan;
pub use sizing::SizeFigures;
pub use table::PartitionTable;
pub use verify::Verified;
