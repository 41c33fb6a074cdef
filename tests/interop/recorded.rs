//! Recordings: keys, topologies and the answers of the real program.

use serde_json::Value;

/// A recording of this name.
macro_rules! recording {
    ($name:literal) => {
        $crate::recorded::read(include_str!(concat!("../vectors/interop/", $name, ".json")))
    };
}
pub(crate) use recording;

pub(crate) fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The keys of a recording, which are hexadecimal or text.
pub(crate) fn keys(recording: &Value) -> Vec<Vec<u8>> {
    if let Some(keys) = recording["keys_hex"].as_array() {
        return keys.iter().map(|key| bytes(key.as_str().unwrap())).collect();
    }
    let keys = recording["keys_utf8"].as_array().unwrap();
    keys.iter().map(|key| key.as_str().unwrap().as_bytes().to_vec()).collect()
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

pub(crate) fn topologies(recording: &Value) -> &Vec<Value> {
    recording["topologies"].as_array().unwrap()
}

/// The recorded answer for each key: a place in a list.
pub(crate) fn expected(topology: &Value) -> Vec<u64> {
    topology["expected"].as_array().unwrap().iter().map(|place| place.as_u64().unwrap()).collect()
}

/// The field of a server as text, without quotes.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Where a key goes, as a place in a list.
pub(crate) type Place = Box<dyn Fn(&[u8]) -> usize>;
