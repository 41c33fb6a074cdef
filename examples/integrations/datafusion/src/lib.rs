//! The owner, the partition and the bucket of a key as scalar functions of DataFusion.

mod bucket;
mod events;
mod keys;
mod locate;
mod movement;

pub use bucket::Bucket;
pub use events::{key, write_events};
pub use locate::{Owner, Partition};
pub use movement::{Moved, QUERY, movement};
