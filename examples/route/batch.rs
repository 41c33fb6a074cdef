//! A batch of lines that are answered together.

use apportion::{KeyHash, NodeIdx, Placement};

#[derive(Default)]
pub(crate) struct Batch {
    lines: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
    hashes: Vec<u64>,
    owners: Vec<NodeIdx>,
}

impl Batch {
    const LINES: usize = 1024;
    const BYTES: usize = 1 << 20;

    pub(crate) fn is_full(&self) -> bool {
        self.ends.len() >= Self::LINES || self.lines.len() >= Self::BYTES
    }

    pub(crate) fn push(&mut self, line: &[u8], key: KeyHash) {
        self.lines.extend_from_slice(line);
        self.ends.push(self.lines.len());
        self.hashes.push(key.get());
    }

    pub(crate) fn clear(&mut self) {
        self.lines.clear();
        self.ends.clear();
        self.hashes.clear();
        self.owners.clear();
    }

    /// Finds the owners of all keys.
    pub(crate) fn locate(&mut self, placement: &dyn Placement) {
        self.owners.resize(self.hashes.len(), NodeIdx::default());
        let found = placement.locate_batch(&self.hashes, &mut self.owners);
        self.owners.truncate(found);
    }

    /// The lines with their keys and, after [`locate`](Self::locate), their owners.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], KeyHash, Option<NodeIdx>)> {
        let mut start = 0;
        self.ends.iter().zip(&self.hashes).enumerate().map(move |(i, (end, hash))| {
            let line = &self.lines[start..*end];
            start = *end;
            (line, KeyHash::from_hash(*hash), self.owners.get(i).copied())
        })
    }
}
