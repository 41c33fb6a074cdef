//! The key hashers by name.

use crate::hex;
use crate::text::quoted;
use apportion::hash::BytesHasher;
use apportion::{SipHash13, Xxh3};

/// The hasher of this name.
pub(crate) fn named(name: &str) -> Result<Box<dyn BytesHasher>, String> {
    if let Some(secret) = name.strip_prefix("siphash:") {
        return Ok(Box::new(SipHash13::new(bytes(secret)?)));
    }
    match name {
        "xxh3" => Ok(Box::new(Xxh3)),
        #[cfg(feature = "md5")]
        "md5" => Ok(Box::new(apportion::hash::Md5)),
        #[cfg(feature = "sha1")]
        "sha1" => Ok(Box::new(apportion::hash::Sha1)),
        #[cfg(not(all(feature = "md5", feature = "sha1")))]
        "md5" | "sha1" => {
            Err(format!("--hasher {name}: not compiled in; build it with --features {name}"))
        }
        _ => {
            let name = quoted(name.as_bytes());
            Err(format!("--hasher {name}: expected xxh3, md5, sha1 or siphash:HEX32"))
        }
    }
}

/// Parses a secret; error messages must not repeat it.
fn bytes(secret: &str) -> Result<[u8; 16], String> {
    let mut bytes = Vec::new();
    let decoded = hex::decode(secret.as_bytes(), &mut bytes).ok();
    decoded.and_then(|()| bytes.try_into().ok()).ok_or_else(|| {
        let digits = secret.chars().filter(char::is_ascii_hexdigit).count();
        let others = secret.chars().count() - digits;
        format!(
            "--hasher siphash: expected 32 hex digits, got {digits} and {others} other characters"
        )
    })
}
