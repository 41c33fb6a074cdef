//! What is known about the number of rounds.

use core::fmt;

/// How close a [`Schedule`](super::Schedule) is to the fewest rounds that are possible.
///
/// Every guarantee is stated against [`Schedule::bound`](super::Schedule::bound), which no schedule
/// is below.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Optimality {
    /// No schedule has fewer rounds. Always so where no unit has several transfers and either sends
    /// and receives have limits of their own, or all joint limits are even, or no node both sends and
    /// receives.
    Optimal,
    /// The limits alone are met in [`bound`](super::Schedule::bound) rounds; the
    /// [`extra`](super::Schedule::extra) rounds keep transfers of one unit apart. Fewer may be
    /// possible. There are less than 3 · bound rounds.
    OptimalButForUnits,
    /// At most 3/2 · bound rounds, rounded down: some joint limits are odd, which makes the minimum a
    /// hard problem.
    WithinThreeHalves,
    /// Less than 3 · bound rounds: some joint limits are odd, and transfers of one unit had to be kept
    /// apart.
    WithinThree,
}

impl fmt::Display for Optimality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Optimal => "optimal",
            Self::OptimalButForUnits => "optimal but for units with several transfers",
            Self::WithinThreeHalves => "at most 3/2 of the bound",
            Self::WithinThree => "less than 3 times the bound",
        })
    }
}
