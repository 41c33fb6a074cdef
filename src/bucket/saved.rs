//! What numbered buckets save beyond the nodes: the numbering.

use super::function::{BucketHash, recorded_name};
use super::numbered::Numbered;
use crate::error::Error;
use crate::placement::{
    RestoreLimit, SavedState, Saves, equal_weights, numbering, order, other_algorithm,
};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The slot of each bucket.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedState {
    /// The bucket function's name.
    algorithm: String,
    /// Slots in the order of the buckets.
    #[serde(deserialize_with = "order")]
    order: Vec<u32>,
}

impl SavedState for NumberedState {
    fn algorithm(&self) -> &str {
        &self.algorithm
    }
}

impl<B: BucketHash + Clone + Default> Saves for Numbered<B> {
    type State = NumberedState;

    fn algorithm() -> Cow<'static, str> {
        recorded_name(&B::default())
    }

    fn save(&self) -> NumberedState {
        let order = self.order.iter().map(|node| node.get()).collect();
        NumberedState { algorithm: recorded_name(&self.function).into_owned(), order }
    }

    fn restore(state: NumberedState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        let function = B::default();
        let wanted = recorded_name(&function);
        if state.algorithm != *wanted {
            return Err(other_algorithm(&state.algorithm, &wanted));
        }
        equal_weights(function.name(), members)?;
        let order = numbering(&state.order, members)?.into();
        Ok(Self { function, order, slots: members.slots() })
    }
}
