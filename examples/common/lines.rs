//! The lines of a stream, one at a time.

use std::io::{self, BufRead, BufReader, Read};

pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    number: u64,
    cut: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, stream),
            line: Vec::new(),
            number: 0,
            cut: false,
        }
    }

    /// True if no whole line is buffered, so the next read may wait.
    pub(crate) fn may_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }

    /// True if the last line ended with the stream and not with `\n`.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The next line without its ending (`\n`, `\r\n` or the end of the stream), and its number,
    /// counted from 1.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        self.line.clear();
        if self.reader.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.cut = !self.line.ends_with(b"\n");
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some((self.number, line.strip_suffix(b"\r").unwrap_or(line))))
    }
}
