//! Writes lines with the holders of their keys.

use crate::batch::Batch;
use crate::stop::Stop;
use apportion::limits::MAX_NODES;
use apportion::{KeyHash, NodeIdx, Placement, Topology};
use std::io::{self, BufWriter, Write};

/// How to print a slot: as the name of its node, or as a number.
#[derive(Clone, Copy)]
pub(crate) enum Names<'a> {
    Of(&'a Topology<String>),
    Numbers,
}

/// Takes lines with the hashes of their keys, and writes the answers in the same order.
pub(crate) trait Answering {
    /// Answers a line now, or keeps it for later.
    fn take(&mut self, line: &[u8], key: KeyHash) -> Result<(), Stop>;

    /// Answers the lines that were kept and flushes the output.
    fn flush(&mut self) -> Result<(), Stop>;
}

pub(crate) struct Answers<'a, W: Write> {
    holders: Holders<'a>,
    /// The lines that are not answered yet.
    batch: Option<Batch>,
    out: Printer<'a, W>,
}

impl<'a, W: Write> Answers<'a, W> {
    pub(crate) fn new(
        placement: &'a dyn Placement,
        names: Names<'a>,
        replicas: usize,
        batch: bool,
        out: W,
    ) -> Result<Self, String> {
        let room = replicas.min(placement.live());
        if room > MAX_NODES {
            return Err(format!("--replicas {replicas}: more than {MAX_NODES} holders of a key"));
        }
        Ok(Self {
            holders: Holders { placement, room: vec![NodeIdx::default(); room] },
            batch: batch.then(Batch::default),
            out: Printer::new(names, out),
        })
    }

    fn answer_batch(&mut self) -> io::Result<()> {
        let Some(batch) = &mut self.batch else { return Ok(()) };
        if self.holders.room.len() > 1 {
            for (line, key, _) in batch.iter() {
                self.out.print(line, self.holders.of(key))?;
            }
        } else {
            batch.locate(self.holders.placement);
            for (line, _, owner) in batch.iter() {
                self.out.print(line, owner.as_slice())?;
            }
        }
        batch.clear();
        Ok(())
    }
}

impl<W: Write> Answering for Answers<'_, W> {
    fn take(&mut self, line: &[u8], key: KeyHash) -> Result<(), Stop> {
        let Some(batch) = &mut self.batch else {
            return self.out.print(line, self.holders.of(key)).map_err(Stop::output);
        };
        batch.push(line, key);
        if batch.is_full() { self.answer_batch().map_err(Stop::output) } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        self.answer_batch().and_then(|()| self.out.flush()).map_err(Stop::output)
    }
}

/// Finds the holders of one key at a time.
struct Holders<'a> {
    placement: &'a dyn Placement,
    room: Vec<NodeIdx>,
}

impl Holders<'_> {
    fn of(&mut self, key: KeyHash) -> &[NodeIdx] {
        let found = match &mut *self.room {
            [place] => self.placement.locate(key).map_or(0, |owner| {
                *place = owner;
                1
            }),
            room => self.placement.replicas(key, room),
        };
        &self.room[..found]
    }
}

pub(crate) struct Printer<'a, W: Write> {
    names: Names<'a>,
    out: BufWriter<W>,
}

impl<'a, W: Write> Printer<'a, W> {
    pub(crate) fn new(names: Names<'a>, out: W) -> Self {
        Self { names, out: BufWriter::with_capacity(1 << 16, out) }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(crate) fn print(&mut self, line: &[u8], holders: &[NodeIdx]) -> io::Result<()> {
        self.out.write_all(line)?;
        let mut before = b"\t";
        for holder in holders {
            self.out.write_all(before)?;
            match self.names {
                Names::Numbers => write!(self.out, "{}", holder.get())?,
                Names::Of(nodes) => {
                    self.out.write_all(nodes.get(*holder).map_or(b"?", |name| name.as_bytes()))?;
                }
            }
            before = b",";
        }
        self.out.write_all(if holders.is_empty() { b"\t-\n" } else { b"\n" })
    }
}
