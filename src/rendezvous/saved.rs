//! What rendezvous hashing saves beyond the nodes: nothing.

use super::named::{self, Rendezvous};
use super::weighted::{self, WeightedRendezvous};
use crate::error::Error;
use crate::placement::{Build, RestoreLimit, SavedState, Saves};
use crate::topology::Members;
use alloc::borrow::Cow;

/// Nothing besides the nodes.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Copy, Debug)]
pub struct RendezvousState;

/// Nothing besides the nodes.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Copy, Debug)]
pub struct WeightedRendezvousState;

impl SavedState for RendezvousState {
    fn algorithm(&self) -> &'static str {
        named::NAME
    }
}

impl Saves for Rendezvous {
    type State = RendezvousState;

    fn algorithm() -> Cow<'static, str> {
        named::NAME.into()
    }

    fn save(&self) -> RendezvousState {
        RendezvousState
    }

    fn restore(_: RendezvousState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        Self::build(&(), members)
    }
}

impl SavedState for WeightedRendezvousState {
    fn algorithm(&self) -> &'static str {
        weighted::NAME
    }
}

impl Saves for WeightedRendezvous {
    type State = WeightedRendezvousState;

    fn algorithm() -> Cow<'static, str> {
        weighted::NAME.into()
    }

    fn save(&self) -> WeightedRendezvousState {
        WeightedRendezvousState
    }

    fn restore(
        _: WeightedRendezvousState,
        members: &Members,
        _: RestoreLimit,
    ) -> Result<Self, Error> {
        Self::build(&(), members)
    }
}
