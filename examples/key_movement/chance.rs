//! How likely a balance is by chance.

use apportion::analysis::Balance;
use apportion::analysis::ChiSquared;
use statrs::distribution::{self, ContinuousCDF};

/// The statistic against the weights, and how likely one at least as large is if every key falls to
/// a node in proportion to weight; `None` where there is none.
///
/// With the library's feature `analysis` that is `found.probability()`. The example does without:
/// it shall run as it stands.
pub(crate) fn chance(balance: &Balance<'_, String>) -> Option<(ChiSquared, f64)> {
    let found = balance.chi_squared()?;
    let expected = distribution::ChiSquared::new(found.degrees_of_freedom.into()).ok()?;
    Some((found, expected.sf(found.statistic)))
}
