//! The probability of a balance under random placement.

use apportion::analysis::Balance;
use apportion::analysis::ChiSquared;
use statrs::distribution::{self, ContinuousCDF};

/// The statistic against the weights, and the probability of one at least as large if every key
/// falls to a node in proportion to its weight; `None` where there is no statistic.
///
/// With the library's feature `analysis` this is `found.probability()`; the example does not
/// require that feature.
pub(crate) fn chance(balance: &Balance<'_, String>) -> Option<(ChiSquared, f64)> {
    let found = balance.chi_squared()?;
    let expected = distribution::ChiSquared::new(found.degrees_of_freedom.into()).ok()?;
    Some((found, expected.sf(found.statistic)))
}
