//! This crate's planner, with balanced leaders.

use crate::case::{Case, config, rows, table, topology};
use crate::planner::Planned;
use apportion::Planner;
use std::time::Instant;

/// Plans the change, and checks outside the measured time that its movement is proved minimal.
pub(crate) fn plan(case: &Case) -> Result<Planned, String> {
    let (before, after) = (topology(&case.before), topology(&case.after));
    let old = table(&before, &case.rows)?;
    let start = Instant::now();
    let planner = Planner::new(after.members(), &config(old.partitions()))
        .map_err(|error| error.to_string())?
        .balance_leaders();
    let plan = planner.rebalance(&old, before.members()).map_err(|error| error.to_string())?;
    let took = start.elapsed();
    let verified = planner.verify(&plan, Some((&old, before.members())));
    if !verified.map_err(|error| error.to_string())?.optimal() {
        return Err("its movement is not proved minimal".to_owned());
    }
    Ok(Planned { rows: rows(plan.table(), &after), took })
}
