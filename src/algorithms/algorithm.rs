//! The choice of an algorithm.

use super::algorithms;
#[allow(clippy::wildcard_imports)] // what the table names
use super::named::*;
use crate::error::{Error, Kind};
use core::fmt;
use core::str::FromStr;

macro_rules! choice {
    (() $($name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal;)*) => {
        /// The algorithms of this crate, for a choice by configuration.
        ///
        /// ```
        /// use apportion::{Algorithm, Locator, Topology};
        ///
        /// let algorithm: Algorithm = "jump-back".parse()?;
        /// let shards = Locator::any_of(Topology::new(["s0", "s1"])?, algorithm)?;
        /// assert!(shards.without("s0").is_err()); // a jump hash can only lose its last bucket
        /// # Ok::<(), apportion::Error>(())
        /// ```
        #[derive(Clone, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum Algorithm {
            $(
                #[doc = concat!("`", $text, "`: [`", stringify!($placement), "`].")]
                $name $(($config))?,
            )*
        }

        impl Algorithm {
            /// The names [`from_str`](FromStr::from_str) takes and [`Display`](fmt::Display) prints.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// Every algorithm, with its default configuration.
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$name $((<$config>::default()))?),*].into_iter()
            }

            /// The algorithm's name.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $text,)*
                }
            }
        }
    };
}

algorithms!(choice);

impl Default for Algorithm {
    fn default() -> Self {
        Self::Ring(RingConfig::default())
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every name in [`Algorithm::NAMES`]; a ring, an Asura board and a Maglev table get the default configuration.
impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::all().find(|algorithm| algorithm.name() == name).ok_or_else(|| unknown(name))
    }
}

/// The error for a name that is no algorithm's.
pub(super) fn unknown(name: &str) -> Error {
    let name = name.chars().take(64).collect();
    Kind::UnknownAlgorithm { name, known: Algorithm::NAMES }.into()
}
