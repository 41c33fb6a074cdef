//! What is restored goes on as the original would have.

mod loads;
mod plans;
mod transitions;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// Through JSON and through postcard.
fn both<V: Serialize, R: DeserializeOwned>(value: &V) -> [R; 2] {
    let text = serde_json::to_string(value).unwrap();
    let bytes = postcard::to_allocvec(value).unwrap();
    [serde_json::from_str(&text).unwrap(), postcard::from_bytes(&bytes).unwrap()]
}
