//! The saved state of any algorithm.

use super::states;
use crate::placement::{Build, SavedState, Saves};
use serde::{Deserialize, Serialize};

/// A state with its tag: one of the variants of [`AnyState`].
#[allow(unnameable_types)] // a seal
pub trait Tagged: Sized {
    /// Adds the tag.
    fn tagged(self) -> AnyState;

    /// Removes the tag. If the state is that of another algorithm, returns it as the error.
    fn untagged(state: AnyState) -> Result<Self, AnyState>;
}

impl Tagged for AnyState {
    fn tagged(self) -> AnyState {
        self
    }

    fn untagged(state: AnyState) -> Result<Self, AnyState> {
        Ok(state)
    }
}

/// A placement that can be saved and restored: every placement of this crate except those whose state
/// contains a function of yours, such as a [`Ring`](crate::Ring) of [`LabelPoints`](crate::ring::LabelPoints).
///
/// ```
/// # use apportion::{Locator, Topology};
/// # use apportion::ring::GivenPointsConfig;
/// let config = GivenPointsConfig::default().points("a", [1, 2, 3]);
/// let ring = Locator::given_points_of(Topology::new(["a"])?, config)?;
/// let saved = ring.save()?;
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// # use apportion::{Locator, Topology};
/// # use apportion::ring::LabelPointsConfig;
/// let config = LabelPointsConfig::default();
/// let ring = Locator::label_points_of(Topology::new(["a"])?, config)?;
/// let saved = ring.save()?;
/// # Ok::<(), apportion::Error>(())
/// ```
pub trait Savable: Build + Saves<State: Tagged> {}

impl<P: Build + Saves<State: Tagged>> Savable for P {}

macro_rules! any_state {
    ($([$name:ident $(($state:ty) $(from $old:ident)?)? $(unit $($unit:tt)+)?])*) => {
        /// The state that an algorithm saves besides the nodes.
        #[allow(unnameable_types)] // part of a saved form
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub enum AnyState {
            $(
                #[doc = stringify!($name)]
                $name $(($state))?,
            )*
        }

        impl AnyState {
            /// The name of the algorithm.
            pub(crate) fn algorithm(&self) -> &str {
                $($(
                    if let Self::$name(state) = self {
                        return <$state>::algorithm(state);
                    }
                )?)*
                $($(
                    if let Self::$name = self {
                        return <$($unit)+ as SavedState>::algorithm(&$($unit)+);
                    }
                )?)*
                ""
            }
        }

        $(
            $(
                impl Tagged for $state {
                    fn tagged(self) -> AnyState {
                        AnyState::$name(self)
                    }

                    fn untagged(state: AnyState) -> Result<Self, AnyState> {
                        match state {
                            AnyState::$name(state) => Ok(state),
                            $(AnyState::$old(old) => Ok(old.into()),)?
                            other => Err(other),
                        }
                    }
                }
            )?
            $(
                impl Tagged for $($unit)+ {
                    fn tagged(self) -> AnyState {
                        AnyState::$name
                    }

                    fn untagged(state: AnyState) -> Result<Self, AnyState> {
                        match state {
                            AnyState::$name => Ok($($unit)+),
                            other => Err(other),
                        }
                    }
                }
            )?
        )*
    };
}

states!(any_state);
