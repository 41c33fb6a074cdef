//! Data inside the report file: numbers packed into few bits, base64, and JSON in which no name can
//! end the `script` element.

use serde_json::{Value, json};

/// Numbers packed one after another, each into the bits it needs, highest bit first.
#[derive(Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// How many bits the numbers up to `max` need; at least 1.
    pub(crate) fn width(max: u64) -> u32 {
        (u64::BITS - max.leading_zeros()).max(1)
    }

    /// Adds the lowest `width` bits of a number.
    pub(crate) fn push(&mut self, number: u64, width: u32) {
        for bit in (0..width).rev() {
            if self.used % 8 == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((number >> bit & 1) as u8) << (7 - self.used % 8);
            }
            self.used += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn base64(&self) -> String {
        base64(&self.bytes)
    }

    /// Packs the transfers of each round in the form that the sliders read, and returns the number of
    /// bytes as well. A transfer is three numbers: the unit that is copied (below `units`), the node
    /// that sends it (counted from 1; 0 if there is none), and the node that receives it.
    pub(crate) fn transfers<'a>(
        rounds: impl Iterator<Item = &'a [u32]>,
        transfers: &[(u64, u64, u64)],
        units: u64,
        nodes: u64,
    ) -> (usize, Value) {
        let (unit, node) = (Self::width(units), Self::width(nodes + 1));
        let mut bits = Self::default();
        let mut sizes: Vec<usize> = Vec::new();
        for round in rounds {
            sizes.push(round.len());
            for (at, from, to) in round.iter().filter_map(|at| transfers.get(*at as usize)) {
                bits.push(*at, unit);
                bits.push(*from, node);
                bits.push(*to, node);
            }
        }
        let packed = json!({"rounds": sizes, "unit": unit, "node": node, "bits": bits.base64()});
        (bits.len(), packed)
    }

    /// What the sliders read if there are no transfers, or too many for the file (`left_out`).
    pub(crate) fn no_transfers(left_out: bool) -> Value {
        json!({"rounds": [], "unit": 1, "node": 1, "bits": "", "left_out": left_out})
    }
}

/// Base64 with padding, as `atob` reads it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                out.push(char::from(DIGITS[(word >> (18 - 6 * digit) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Escapes JSON for a `script` element. In JSON these characters occur only inside strings.
pub(crate) fn json_for_script(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}
