//! gRPC's random subsetting (A68). Its ring hash is [`envoy::grpc_ring_hash`](super::envoy::grpc_ring_hash).
//!
//! Checked against the text of the proposal, of which no answers were recorded.

use crate::error::{Error, InteropFault};
use alloc::format;
use alloc::vec::Vec;

const SYSTEM: &str = "grpc";

/// The endpoints that a client connects to under `random_subsetting`, by their places in the list: those
/// with the lowest hashes, lowest first. A list that is no longer than `subset_size` is used as it is.
///
/// An endpoint is the text of its first address. gRPC gives each client a random seed; the hash is XXH64
/// with that seed, as the proposal suggests. A program that writes addresses in another form, or that has
/// another hash function, chooses other endpoints. Equal hashes belong to the endpoint that is listed
/// first; the proposal does not specify it.
///
/// If one endpoint is added or removed, at most one member of a subset changes. [`Subsets`] has subsets
/// with weights and failure domains, in this crate's own order.
///
/// ```
/// use apportion::interop::grpc;
///
/// let endpoints = ["10.0.0.1:443", "10.0.0.2:443", "10.0.0.3:443", "10.0.0.4:443"];
/// assert_eq!(grpc::random_subset(endpoints, 2, 42)?.len(), 2);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// [`Subsets`]: crate::subset::Subsets
///
/// # Errors
/// An empty address, no endpoint, and a size of 0.
///
/// # Complexity
/// O(n log n).
pub fn random_subset<'a>(
    endpoints: impl IntoIterator<Item = &'a str>,
    subset_size: u32,
    seed: u64,
) -> Result<Vec<usize>, Error> {
    if subset_size == 0 {
        let what = "the size of the subset";
        return Err(InteropFault::token(SYSTEM, what, "0", "a subset_size of at least 1").into());
    }
    let mut ranked: Vec<(u64, usize)> = Vec::new();
    for (place, endpoint) in endpoints.into_iter().enumerate() {
        if endpoint.is_empty() {
            let what = format!("endpoint {place}");
            return Err(InteropFault::token(SYSTEM, &what, "", "an address").into());
        }
        ranked.push((twox_hash::XxHash64::oneshot(seed, endpoint.as_bytes()), place));
    }
    if ranked.is_empty() {
        return Err(InteropFault::NoServer { system: SYSTEM }.into());
    }
    let size = subset_size as usize;
    if size < ranked.len() {
        ranked.sort_unstable();
        ranked.truncate(size);
    }
    Ok(ranked.into_iter().map(|(_, place)| place).collect())
}
