//! What a Maglev table is built with.

use crate::error::{Error, MaglevFault};
use crate::limits::MAX_MAGLEV_TABLE;
use crate::parameters;
use core::fmt;
use core::str::FromStr;

/// How a [`Maglev`](crate::Maglev) table is built.
///
/// ```
/// use apportion::{Locator, Topology};
/// use apportion::maglev::MaglevConfig;
///
/// let nodes = Topology::new(["a", "b", "c"])?;
/// let pool = Locator::maglev_of(nodes, MaglevConfig::default().table_size(1021))?;
/// assert_eq!(pool.placement().table_size(), 1021);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # As text
/// The number of entries, `65537` or `table-size=65537`. `Display` prints the first form, `FromStr`
/// reads both, and `Serialize` and `Deserialize` (feature `serde`) use this text. An empty text is the
/// default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaglevConfig {
    table_size: u32,
}

impl Default for MaglevConfig {
    /// 65,537 entries, the smaller size of the paper.
    fn default() -> Self {
        Self { table_size: 65_537 }
    }
}

impl MaglevConfig {
    /// Sets the number of table entries, M in the paper: a prime up to [`MAX_MAGLEV_TABLE`]. With a
    /// hundred entries per node, shares are within one percent of the fair share.
    #[must_use]
    pub fn table_size(self, entries: u32) -> Self {
        Self { table_size: entries }
    }

    /// The number of table entries.
    #[must_use]
    pub fn get_table_size(self) -> u32 {
        self.table_size
    }

    /// Rejects sizes that are not prime: a node visits all entries only if M is prime.
    pub(super) fn check(self) -> Result<(), Error> {
        let entries = self.table_size;
        if !(2..=MAX_MAGLEV_TABLE).contains(&entries) {
            return Err(MaglevFault::Size { entries, max: MAX_MAGLEV_TABLE }.into());
        }
        match smallest_divisor(entries) {
            None => Ok(()),
            Some(divisor) => {
                let prime = nearest_prime(entries);
                Err(MaglevFault::NotPrime { entries, divisor, prime }.into())
            }
        }
    }
}

/// The number of entries.
impl fmt::Display for MaglevConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table_size.fmt(f)
    }
}

impl FromStr for MaglevConfig {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut config = Self::default();
        parameters::each("maglev parameter", text, &["table-size"], |_, value| {
            config.table_size = parameters::number("the size of a Maglev table", value)?;
            Ok(())
        })?;
        config.check()?;
        Ok(config)
    }
}

parameters::serde_as_text!(MaglevConfig);

fn smallest_divisor(number: u32) -> Option<u32> {
    (2..=number.isqrt()).find(|divisor| number % divisor == 0)
}

/// The nearest prime to a number within the limit that is none, the lower one of two. Gaps below
/// 2^26 are at most 180 long.
fn nearest_prime(number: u32) -> u32 {
    let primes = |n: &u32| (2..=MAX_MAGLEV_TABLE).contains(n) && smallest_divisor(*n).is_none();
    let around = (1..number).flat_map(|gap| [number - gap, number.saturating_add(gap)]);
    around.into_iter().find(primes).unwrap_or(2)
}
