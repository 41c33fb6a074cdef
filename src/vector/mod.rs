//! Vector instructions for lookups that compute the same for many nodes or many keys: feature `simd`.
//!
//! ```text
//!   rendezvous, bucket              ask here first; the answer `false` means: use the scalar code
//!        |
//!   lanes/scores.rs  jump_back.rs   what is computed, for any width of the registers;
//!        |             |            jump.rs: plain loops, which the compiler turns into vectors
//!   lanes/halves.rs                 64-bit words as 32-bit halves
//!        |
//!   lanes/level.rs                  what the processor has, found at run time: AVX-512, AVX2, NEON
//!        |
//!   crate `pulp`                    compiles an operation for each level; all `unsafe` code is there
//!
//!   none.rs                         the same names without the feature or on another processor:
//!                                   every answer is `false`
//! ```
//!
//! The room stands below the algorithms and knows none of them: it is given words and slices.
//! Vectors decide nothing that the scalar code would decide differently. Scores in lanes are
//! upper bounds, and each node whose bound is high enough is compared exactly by the scalar code.
//! Buckets in lanes are computed by the same operations on integers and IEEE floats.

#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lanes;
#[cfg(not(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[allow(clippy::unused_self)] // the signatures are those of the lanes
mod none;

#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use lanes::*;
#[cfg(not(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) use none::*;
