//! The choice of an algorithm.

use super::algorithms;
use crate::error::{ChoiceFault, Error};
use crate::parameters;
use crate::ring::RingConfig;
use core::fmt;
use core::str::FromStr;

macro_rules! choice {
    (() $([
        $name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal, $title:literal $($_:tt)*
    ])*) => {
        /// The name and configuration of an algorithm, for a choice at run time.
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
                #[doc = concat!("`", $text, "`: ", $title, ".")]
                $name $(($config))?,
            )*
        }

        impl Algorithm {
            /// The names that [`from_str`](FromStr::from_str) reads and [`Display`](fmt::Display)
            /// prints.
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

/// Prints the configuration after a colon, unless it is the default or there is none.
macro_rules! print_config {
    ($f:ident) => {
        Ok(())
    };
    ($f:ident, $c:ident: $config:ty) => {
        if *$c == <$config>::default() { Ok(()) } else { write!($f, ":{}", $c) }
    };
}

macro_rules! print {
    (($algorithm:expr, $f:ident)
     $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {
        match $algorithm {
            $(Algorithm::$name $(($c))? => print_config!($f $(, $c: $config)?),)*
        }
    };
}

/// Prints the name and, after a colon, the configuration unless it is the default:
/// `ring`, `ring:40/1099511627776`, `maglev:1021`.
impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        algorithms!(print, self, f)
    }
}

/// The algorithm with the configuration that was read, if it has one.
macro_rules! read_config {
    ($name:ident, $text:literal, $read:ident) => {{
        parameters::none($text, $read)?;
        Algorithm::$name
    }};
    ($name:ident, $text:literal, $read:ident, $config:ty) => {
        Algorithm::$name($read.parse::<$config>()?)
    };
}

macro_rules! read {
    (($named:ident, $read:ident)
     $([$name:ident $(($c:ident: $config:ty))?: $placement:ty, $text:literal $($_:tt)*])*) => {
        match $named {
            $($text => read_config!($name, $text, $read $(, $config)?),)*
            other => return Err(unknown(other)),
        }
    };
}

/// Reads one of [`Algorithm::NAMES`], without regard to case; `_` and `-` are the same. The
/// configuration of a ring, an Asura board, a Maglev table or an AnchorHash may follow after a colon: see
/// [`RingConfig`], [`AsuraConfig`](crate::asura::AsuraConfig),
/// [`MaglevConfig`](crate::maglev::MaglevConfig) and [`AnchorConfig`](crate::anchor::AnchorConfig).
///
/// ```
/// use apportion::Algorithm;
/// use apportion::ring::RingConfig;
///
/// assert_eq!("ring:200".parse(), Ok(Algorithm::Ring(RingConfig::default().scale(200, 1))));
/// assert_eq!("JUMP_BACK".parse(), Ok(Algorithm::JumpBack));
/// let maglev: Algorithm = "maglev:table-size=1021".parse()?;
/// assert_eq!(maglev.to_string(), "maglev:1021");
/// # Ok::<(), apportion::Error>(())
/// ```
impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, config) = text.split_once(':').unwrap_or((text, ""));
        let mut names = Self::NAMES.iter().copied();
        let known = names.find(|known| parameters::same_name(known, name.trim())).unwrap_or(name);
        Ok(algorithms!(read, known, config))
    }
}

parameters::serde_as_text!(Algorithm);

/// The error for an unknown algorithm name.
pub(super) fn unknown(name: &str) -> Error {
    ChoiceFault::Algorithm { name: parameters::shown(name), known: Algorithm::NAMES }.into()
}
