//! Reading all points of a circle, one after the other.

use super::circle::Circle;
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use alloc::vec::Vec;

/// Points of a block where the circle is in one piece.
const BLOCK: usize = 256;

/// All points with their owners, up or down the circle.
///
/// Points are made a block at a time, such as those of a page. So asking for a point again, as a comparison
/// of two circles does, is a read, whatever the storage.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    circle: &'a Circle,
    down: bool,
    /// How many blocks have been read.
    blocks: usize,
    /// The last of them, in the order of reading.
    points: Vec<u64>,
    owners: Vec<NodeIdx>,
    /// The index of the current point in the block.
    at: usize,
    passed: usize,
}

impl Circle {
    /// From the lowest point up.
    pub(crate) fn read_up(&self) -> Reader<'_> {
        Reader::new(self, false)
    }

    /// From the highest point down.
    pub(crate) fn read_down(&self) -> Reader<'_> {
        Reader::new(self, true)
    }

    fn blocks(&self) -> usize {
        match self {
            Self::Flat(flat) => flat.len().div_ceil(BLOCK),
            Self::Narrow(pages) => pages.pages(),
            Self::Wide(pages) => pages.pages(),
        }
    }

    /// Adds the points of a block and their owners, in ascending order.
    fn read_block(&self, block: usize, points: &mut Vec<u64>, owners: &mut Vec<NodeIdx>) {
        match self {
            Self::Flat(flat) => {
                let all = block * BLOCK..flat.len().min((block + 1) * BLOCK);
                points.extend(all.clone().filter_map(|at| flat.point_at(at)));
                owners.extend(all.filter_map(|at| flat.owner_at(at)));
            }
            Self::Narrow(pages) => pages.read(block, points, owners),
            Self::Wide(pages) => pages.read(block, points, owners),
        }
    }
}

impl<'a> Reader<'a> {
    fn new(circle: &'a Circle, down: bool) -> Self {
        let (points, owners) = (Vec::new(), Vec::new());
        let mut reader = Self { circle, down, blocks: 0, points, owners, at: 0, passed: 0 };
        reader.fill();
        reader
    }

    /// The current point; `None` after the last one.
    #[inline]
    pub(crate) fn point(&self) -> Option<u64> {
        self.points.get(self.at).copied()
    }

    /// How many points came before.
    #[inline]
    pub(crate) fn passed(&self) -> usize {
        self.passed
    }

    /// Goes on to the next point if there is one and `go` is true.
    #[inline]
    pub(crate) fn next_if(&mut self, go: bool) {
        // Without a branch on the points.
        self.pass(usize::from(go & (self.at < self.points.len())));
    }

    /// The points of the block from the current one on, and their owners. Without points after the last one.
    #[inline]
    pub(crate) fn block(&self) -> (&[u64], &[NodeIdx]) {
        (self.points.get(self.at..).or_slip(), self.owners.get(self.at..).or_slip())
    }

    /// Passes over so many points of the [`block`](Self::block).
    #[inline]
    pub(crate) fn pass(&mut self, points: usize) {
        self.at += points;
        self.passed += points;
        if self.at >= self.points.len() {
            self.fill();
        }
    }

    /// Reads the next block that has points.
    #[cold]
    fn fill(&mut self) {
        let all = self.circle.blocks();
        while self.at >= self.points.len() && self.blocks < all {
            let block = if self.down { all - 1 - self.blocks } else { self.blocks };
            self.blocks += 1;
            self.at = 0;
            self.points.clear();
            self.owners.clear();
            self.circle.read_block(block, &mut self.points, &mut self.owners);
            if self.down {
                self.points.reverse();
                self.owners.reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::circles;
    use super::super::{Circle, Point};
    use alloc::vec::Vec;

    fn assert_read(circle: &Circle) {
        let all: Vec<Point> = circle.iter().collect();
        for down in [false, true] {
            let mut expected = all.clone();
            if down {
                expected.reverse();
            }
            let mut reader = if down { circle.read_down() } else { circle.read_up() };
            for (passed, point) in expected.iter().enumerate() {
                reader.next_if(false);
                let (points, owners) = reader.block();
                assert_eq!(points.first().copied().zip(owners.first().copied()), Some(*point));
                assert_eq!(reader.point(), Some(point.0));
                assert_eq!(reader.passed(), passed);
                reader.next_if(true);
            }
            for _ in 0..3 {
                assert_eq!((reader.point(), reader.block()), (None, (&[][..], &[][..])));
                assert_eq!(reader.passed(), all.len());
                reader.next_if(true);
            }
        }
    }

    #[test]
    fn every_point_in_both_directions() {
        circles().iter().for_each(assert_read);
    }
}
