//! Errors of rings: an invalid configuration, and points that exceed the budget.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::Label;
use alloc::boxed::Box;
use core::fmt;

/// What is wrong with a ring's configuration, or with nodes under it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum RingFault {
    Config { what: &'static str, value: u64, min: u64, max: u64 },
    NoPoints { label: Label },
    Budget(Box<BudgetFault>),
}

impl RingFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Config { .. } | Self::NoPoints { .. } => ErrorKind::InvalidConfiguration,
            Self::Budget(_) => ErrorKind::OverLimit,
        }
    }
}

impl fmt::Display for RingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config { what, value, min, max } => {
                write!(f, "a ring's {what} must be in {min}..={max}, got {value}")
            }
            Self::NoPoints { label } => write!(
                f,
                "node {label} has a weight above 0 and no points; give it points or weight 0"
            ),
            Self::Budget(fault) => fault.fmt(f),
        }
    }
}

/// More points than the budget of a ring allows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BudgetFault {
    /// The number of live nodes, and of all their points.
    pub(crate) nodes: usize,
    pub(crate) total: u128,
    pub(crate) budget: u64,
    /// A node with the maximum number of points, and that number.
    pub(crate) label: Label,
    pub(crate) points: u128,
    /// Points and weight of the scale, if the ring has one.
    pub(crate) scale: Option<(u64, u64)>,
    pub(crate) advice: BudgetAdvice,
}

/// The change that would make the points fit.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum BudgetAdvice {
    /// A scale, or a budget; at least one of them.
    Either(Option<(u64, u64)>, Option<u64>),
    /// A scale together with a budget.
    Both(Option<(u64, u64)>, u64),
    /// Fewer points for a node or for a unit of weight, set by this method, or a budget.
    Fewer(&'static str, Option<u32>, Option<u64>),
    /// Shorter lists.
    Lists,
}

impl fmt::Display for BudgetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodes, total, budget, label, points, scale, advice } = self;
        let (nodes, need) =
            (Count(*nodes as u64, "node"), if *nodes == 1 { "needs" } else { "need" });
        // The sum stops there.
        let at_least = if *total == u128::MAX { "at least " } else { "" };
        write!(f, "{nodes} {need} {at_least}{}", Count(*total, "point"))?;
        if let Some((points, weight)) = scale {
            write!(f, ", {} for a weight of {weight}", Count(*points, "point"))?;
        }
        write!(
            f,
            ", over the ring's budget of {budget}; node {label} needs {points} of them: {advice}"
        )
    }
}

impl fmt::Display for BudgetAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = |f: &mut fmt::Formatter<'_>, (points, weight): &(u64, u64)| {
            write!(f, "build the ring with `.scale({points}, {weight})`")
        };
        match self {
            Self::Either(Some(ratio), None) => scale(f, ratio),
            Self::Either(Some(ratio), Some(budget)) => {
                scale(f, ratio)?;
                write!(f, " or `.budget({budget})`")
            }
            Self::Either(None, Some(budget))
            | Self::Both(None, budget)
            | Self::Fewer(_, None, Some(budget)) => {
                write!(f, "build the ring with `.budget({budget})`")
            }
            Self::Both(Some(ratio), budget) => {
                scale(f, ratio)?;
                write!(f, " and `.budget({budget})`")
            }
            Self::Fewer(method, Some(points), Some(budget)) => {
                write!(f, "build the ring with `.{method}({points})` or `.budget({budget})`")
            }
            Self::Fewer(method, Some(points), None) => {
                write!(f, "build the ring with `.{method}({points})`")
            }
            Self::Fewer(..) | Self::Either(None, None) => {
                f.write_str("use lower weights or fewer nodes")
            }
            Self::Lists => f.write_str("give shorter lists"),
        }
    }
}
