//! Computes the hash of a line's key.

use crate::hex::{self, Fault};
use crate::text::quoted;
use apportion::KeyHash;
use apportion::hash::BytesHasher;

/// The form of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The key itself.
    Bytes,
    /// The key in hexadecimal.
    Hex,
    /// The key's hash.
    Raw,
}

pub(crate) struct Keys {
    form: Form,
    hasher: Box<dyn BytesHasher>,
    decoded: Vec<u8>,
}

impl Keys {
    pub(crate) fn new(form: Form, hasher: Box<dyn BytesHasher>) -> Self {
        Self { form, hasher, decoded: Vec::new() }
    }

    /// What a user at a terminal should type.
    pub(crate) fn expected(&self) -> &'static str {
        match self.form {
            Form::Bytes => "one per line, up to the end of input",
            Form::Hex => "one per line in hexadecimal, up to the end of input",
            Form::Raw => "one hash of 16 hex digits per line, up to the end of input",
        }
    }

    /// The hash of a line's key.
    pub(crate) fn hash(&mut self, line: &[u8]) -> Result<KeyHash, String> {
        match self.form {
            Form::Bytes => Ok(self.hasher.hash_bytes(line)),
            Form::Hex => match hex::decode(line, &mut self.decoded) {
                Ok(()) => Ok(self.hasher.hash_bytes(&self.decoded)),
                Err(Fault::Digit) => Err(format!("not hex digits: {}", quoted(line))),
                Err(Fault::Odd) => Err(format!("an odd number of hex digits: {}", quoted(line))),
            },
            Form::Raw => hex::word(line)
                .map(KeyHash::from_hash)
                .ok_or_else(|| format!("not 16 hex digits: {}", quoted(line))),
        }
    }
}
