//! Buckets with 64-bit numbers.

use crate::answers::Answering;
use crate::stop::Stop;
use apportion::KeyHash;
use apportion::bucket::flip;
use std::io::{BufWriter, Write};

/// FlipHash over `0..=end`.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) seed: u64,
    pub(crate) end: u64,
}

pub(crate) struct RangeAnswers<W: Write> {
    range: Range,
    out: BufWriter<W>,
}

impl<W: Write> RangeAnswers<W> {
    pub(crate) fn new(range: Range, out: W) -> Self {
        Self { range, out: BufWriter::with_capacity(1 << 16, out) }
    }
}

impl<W: Write> Answering for RangeAnswers<W> {
    fn take(&mut self, line: &[u8], key: KeyHash) -> Result<(), Stop> {
        let bucket = flip(key, self.range.seed, self.range.end);
        self.out
            .write_all(line)
            .and_then(|()| writeln!(self.out, "\t{bucket:016x}"))
            .map_err(Stop::output)
    }

    fn flush(&mut self) -> Result<(), Stop> {
        self.out.flush().map_err(Stop::output)
    }
}
