//! Scales that fit a budget.

use super::config::Points;
use super::config::RingConfig;
use crate::circle::Scale;
use crate::error::{BudgetAdvice, BudgetFault, Error, RingFault};
use crate::limits::MAX_RING_BUDGET;
use crate::topology::{Member, Members};
use alloc::boxed::Box;

/// Points per node of average weight at which a suggested scale aims.
const SUGGESTED: u128 = 160;

/// Points of all live nodes under a scale; `u128::MAX` stands for all numbers above. O(1) for a whole
/// number of points per unit of weight, else O(slots).
pub(super) fn total(scale: Scale, members: &Members) -> u128 {
    if scale.weight() == 1 {
        return members.total_weight().saturating_mul(scale.points().into());
    }
    let live = members.live_entries();
    live.fold(0, |sum, (_, member)| sum.saturating_add(scale.points_of(member.weight.get())))
}

/// The scale that gives `per_node` points to a node of average weight, or the largest scale that fits
/// the budget if that one does not. `None` if no node is live. If there are more live nodes than the
/// budget has points, the result does not fit either.
pub(super) fn derived(per_node: u32, budget: u64, members: &Members) -> Option<Scale> {
    let (live, weight) = (members.live() as u128, members.total_weight());
    let fits = |scale: &Scale| total(*scale, members) <= u128::from(budget);
    let wanted = (u128::from(per_node) * live).min(u128::from(budget));
    let scale = Scale::ratio(wanted, weight)?;
    if fits(&scale) {
        return Some(scale);
    }
    // The number of points grows with the numerator, so a binary search finds the largest one. With a
    // numerator of 1 every node has one point, because a denominator that was shortened to 64 bits is
    // at least half of the highest weight.
    let whole = u64::try_from(weight >> excess_bits(weight)).ok()?;
    let at = |points: u128| Scale::new(u64::try_from(points).ok()?, whole);
    largest(wanted, |points| at(points).is_some_and(|scale| fits(&scale))).and_then(at).or(at(1))
}

/// The number of bits by which a number exceeds 64 bits.
fn excess_bits(number: u128) -> u32 {
    (u128::BITS - number.leading_zeros()).saturating_sub(u64::BITS)
}

/// The largest number in `1..=max` that fits, if every number below a fitting one fits too.
fn largest(max: u128, fits: impl Fn(u128) -> bool) -> Option<u128> {
    let (mut low, mut high) = (0, max);
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    (low > 0).then_some(low)
}

/// The error for nodes whose points exceed the budget; it suggests what would fit.
pub(super) fn exceeded(config: &RingConfig, scale: Scale, members: &Members) -> Error {
    let live = members.live_entries().map(|(_, member)| member);
    let heaviest = live.max_by_key(|member| (member.weight, !member.identity));
    let total = total(scale, members);
    let needed = match config.points {
        Points::Scale(..) => total,
        Points::PerNode(points) => total.max(u128::from(points) * members.live() as u128),
    };
    let ratio = |scale: Scale| (scale.points(), scale.weight());
    let advice = match (suggested(config.budget, members), budget_for(needed)) {
        (None, None) => {
            let budget = budget_for(SUGGESTED * members.live() as u128).unwrap_or(MAX_RING_BUDGET);
            BudgetAdvice::Both(suggested(budget, members).map(ratio), budget)
        }
        (scale, budget) => BudgetAdvice::Either(scale.map(ratio), budget),
    };
    let fault = BudgetFault {
        nodes: members.live(),
        total,
        budget: config.budget,
        label: Member::shown(heaviest),
        points: heaviest.map_or(0, |member| scale.points_of(member.weight.get())),
        scale: Some(ratio(scale)),
        advice,
    };
    RingFault::Budget(Box::new(fault)).into()
}

/// A budget with room for at least a quarter more points, limited to the maximum budget; `None` if
/// the points exceed even that.
pub(super) fn budget_for(points: u128) -> Option<u64> {
    let max = u128::from(MAX_RING_BUDGET);
    let room =
        points.saturating_add(points / 4).checked_next_power_of_two().unwrap_or(max).min(max);
    (points <= max).then_some(room as u64)
}

/// A scale for these nodes in round numbers: about [`SUGGESTED`] points per node of average weight,
/// and at most half the budget unless there are more nodes than that.
fn suggested(budget: u64, members: &Members) -> Option<Scale> {
    let (live, weight) = (members.live() as u128, members.total_weight());
    let budget = u128::from(budget);
    let room = if live <= budget / 2 { budget / 2 } else { budget };
    let fits = |scale: &Scale| total(*scale, members) <= room;
    // A whole number of points per unit of weight, or one point per power of two.
    let whole = |points| Scale::new(u64::try_from(points).ok()?, 1);
    let max_points = (SUGGESTED * live).checked_div(weight)?;
    let points = largest(max_points, |points| whole(points).is_some_and(|scale| fits(&scale)));
    points.and_then(whole).or_else(|| {
        let bits = (weight / (SUGGESTED * live)).checked_ilog2().unwrap_or_default();
        (bits..u64::BITS).filter_map(|bits| Scale::new(1, 1 << bits)).find(fits)
    })
}
