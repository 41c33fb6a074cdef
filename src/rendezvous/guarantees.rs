//! What scores guarantee.

use crate::placement::Guarantees;

/// A score depends on the key and on one node alone, so a change of one node moves only that node in
/// the order of the scores.
pub(super) const PROMISES: Guarantees = Guarantees {
    minimal_owner: true,
    minimal_replicas: true,
    minimal_order: true,
    order_free: true,
    any_removal: true,
    ..Guarantees::none()
};

pub(super) const WEIGHTED_PROMISES: Guarantees =
    Guarantees { minimal_reweight: true, weights: true, ..PROMISES };
