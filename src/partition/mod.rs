//! Partition tables and their exact planner.

mod before;
mod behind;
mod bound;
mod build;
mod cells;
mod certificate;
mod config;
mod construct;
#[cfg(test)]
mod cost_tests;
mod disperse;
mod explain;
mod fair;
mod holders;
mod leaders;
mod pairs;
mod partners;
mod places;
mod plan;
mod planner;
mod quota;
mod rebalance;
mod report;
#[cfg(feature = "serde")]
mod saved;
mod table;
mod tally;
mod thaw;
mod tree;
mod verify;
mod work;

pub use certificate::Certificate;
pub use config::TableConfig;
pub use plan::Plan;
pub use planner::Planner;
pub use report::TableReport;
#[cfg(feature = "serde")]
pub(crate) use saved::TableState;
pub use table::PartitionTable;
pub use verify::Verified;
