//! tower services over a locator: a picker for `tower::steer`, and a service that asks the next
//! candidate of a key when one does not answer.

mod failover;
pub mod http;
mod picker;

pub use failover::{Failover, Unanswered, Upstream};
pub use picker::OwnerPicker;

use apportion::Locator;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// A list of nodes that one task replaces while others read it.
pub type Shared<N, P> = Arc<ArcSwap<Locator<N, P>>>;
