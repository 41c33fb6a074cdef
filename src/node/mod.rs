//! Nodes of a cluster: slot, label, weight, failure domains.

#[cfg(feature = "alloc")]
mod domain;
mod index;
#[cfg(feature = "alloc")]
mod label;
#[cfg(feature = "alloc")]
mod member;
#[cfg(feature = "serde")]
mod saved_label;
mod weight;

#[cfg(feature = "alloc")]
pub use domain::Domain;
pub use index::NodeIdx;
#[cfg(feature = "alloc")]
pub(crate) use label::{NodeLabel, is_label_of, label_of};
#[cfg(feature = "alloc")]
pub use member::Node;
#[cfg(feature = "serde")]
pub(crate) use saved_label::SavedLabel;
pub use weight::Weight;
