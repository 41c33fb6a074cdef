//! Pure functions `(hash, n) -> bucket`, and the adapters that turn them into placements.

mod batch;
mod buckets;
#[cfg(all(test, feature = "alloc"))]
mod cost_tests;
mod flip;
mod function;
mod jump;
mod jump_back;
#[cfg(all(test, feature = "simd"))]
mod lanes_tests;
#[cfg(feature = "alloc")]
mod numbered;
mod permutation;
#[cfg(feature = "serde")]
mod saved;
mod shuffle;
#[cfg(feature = "alloc")]
mod view;

pub use buckets::Buckets;
#[cfg(feature = "alloc")]
pub(crate) use buckets::{first_buckets, next_bucket, next_buckets, put};
pub use flip::{FlipHash, flip};
pub use function::BucketHash;
pub use jump::{Jump, JumpGuava, jump, jump_guava};
#[cfg(feature = "alloc")]
pub(crate) use jump_back::jump_back_drawing;
pub use jump_back::{JumpBack, jump_back};
#[cfg(feature = "alloc")]
pub use numbered::Numbered;
#[cfg(feature = "serde")]
pub(crate) use saved::NumberedState;
