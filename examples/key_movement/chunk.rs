//! A few thousand keys with their sizes in one flat buffer, so that a list of any length streams
//! through bounded memory.

use std::io::{self, BufRead};

#[derive(Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    /// Where each key ends, and its size.
    ends: Vec<(usize, u64)>,
}

/// What can be wrong with a line.
pub(crate) enum LineFault {
    Io(io::Error),
    /// These bytes are in the place of the size.
    Size(Vec<u8>),
}

impl Chunk {
    const KEYS: usize = 4096;
    const BYTES: usize = 1 << 20;

    /// The keys and their sizes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let mut start = 0;
        self.ends.iter().map(move |(end, size)| {
            let key = &self.bytes[start..*end];
            start = *end;
            (key, *size)
        })
    }

    pub(crate) fn is_full(&self) -> bool {
        self.ends.len() >= Self::KEYS || self.bytes.len() >= Self::BYTES
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    pub(crate) fn push(&mut self, key: &[u8], size: u64) {
        self.bytes.extend_from_slice(key);
        self.ends.push((self.bytes.len(), size));
    }

    /// Reads a line, `KEY` or `KEY TAB SIZE`, and returns its length; 0 at the end of the input.
    pub(crate) fn read_line(&mut self, reader: &mut dyn BufRead) -> Result<usize, LineFault> {
        let start = self.bytes.len();
        let length = reader.read_until(b'\n', &mut self.bytes).map_err(LineFault::Io)?;
        if length == 0 {
            return Ok(0);
        }
        let line = &self.bytes[start..];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (key, size) = match line.iter().rposition(|b| *b == b'\t') {
            None => (line.len(), 0),
            Some(tab) => {
                let digits = &line[tab + 1..];
                (tab, decimal(digits).ok_or_else(|| LineFault::Size(digits.to_vec()))?)
            }
        };
        self.bytes.truncate(start + key);
        self.ends.push((start + key, size));
        Ok(length)
    }
}

/// Accepts digits only; `parse` alone would accept a sign.
fn decimal(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}
