//! Putting points into pages that are being made.

use super::layout::Page;
use super::stream::Stream;
use super::word::{AFTER, Word};
use crate::circle::sort::{bucket_of, distribute};
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// Up to this many pages each point is put into its page as it is made; among more of them, no page would be
/// in a cache when its next point comes.
const NEAR_PAGES: usize = 1 << 15;

/// Points of a batch among more pages: 8 MiB, beside pages of at least 36.
const BATCH: usize = 1 << 21;

/// Top bits by which a batch is sorted.
const BATCH_BITS: u32 = 13;

/// Bits of a number of a point, which is below [`Stream::MAX`].
const NUMBER_BITS: u32 = Stream::MAX.ilog2();

/// Pages while points are put into them.
pub(super) struct OpenPages<'a, W> {
    pages: Vec<Open<'a>>,
    bits: u32,
    word: PhantomData<W>,
}

struct Open<'a> {
    words: &'a mut [u8],
    numbers: &'a mut [u8],
    next: usize,
}

impl<'a, W: Word> OpenPages<'a, W> {
    pub(super) fn of(pages: &'a mut [Page], starts: &[u32], bits: u32) -> Self {
        let open = |(page, range): (&'a mut Page, &[u32])| {
            let bytes = Arc::get_mut(&mut page.bytes).unwrap_or_default();
            let numbers = (len_of(range) + AFTER) * W::BYTES;
            let (words, numbers) = bytes.split_at_mut_checked(numbers).unwrap_or_default();
            Open { words, numbers, next: 0 }
        };
        let pages = pages.iter_mut().zip(starts.windows(2)).map(open).collect();
        Self { pages, bits, word: PhantomData }
    }

    /// Puts every point of the streams into its page, in any order.
    pub(super) fn put_all(&mut self, streams: &[Stream]) {
        if self.pages.len() > NEAR_PAGES {
            return self.put_far(streams);
        }
        for (slot, stream) in (0..).zip(streams) {
            for (number, point) in (0..).zip(stream.points()) {
                self.put(point, NodeIdx::new(slot), number);
            }
        }
    }

    #[inline]
    fn put(&mut self, point: u64, owner: NodeIdx, number: u32) {
        let page = (point >> (u64::BITS - self.bits)) as usize;
        let Some(open) = self.pages.get_mut(page) else { return };
        let word = W::of_rest(point << self.bits).with_owner(owner);
        word.write(open.words.get_mut(open.next * W::BYTES..).unwrap_or_default());
        if let Some(place) = open.numbers.get_mut(open.next) {
            *place = number as u8;
        }
        open.next += 1;
    }

    /// Puts the points of streams into very many pages: a batch of points at a time, first sorted by some of
    /// their top bits. So several points come into a page, and into its neighbours, while these are in a
    /// cache. A point is kept as its name alone and made again, which takes less than to read it.
    fn put_far(&mut self, streams: &[Stream]) {
        let mut sorted = vec![0_u32; BATCH];
        let mut cursors = vec![0; 1 << BATCH_BITS];
        for (batch, first) in batches(streams) {
            cursors.fill(0);
            let bucket = |(_, point): &(u32, u64)| bucket_of(*point, BATCH_BITS);
            distribute(
                0,
                || named_points(batch),
                bucket,
                &mut cursors,
                |at, (name, _)| {
                    if let Some(place) = sorted.get_mut(at) {
                        *place = name;
                    }
                },
            );
            for name in sorted.iter().take(Stream::total(batch)) {
                let (place, number) = (name >> NUMBER_BITS, name & (Stream::MAX - 1));
                let stream = batch.get(place as usize).copied().or_slip();
                self.put(stream.point(number), NodeIdx::new(first as u32 + place), number);
            }
        }
    }
}

/// The points of a batch, each with its name: the place of its stream in the batch, then its number.
fn named_points(batch: &[Stream]) -> impl Iterator<Item = (u32, u64)> {
    (0_u32..).zip(batch).flat_map(|(place, stream)| {
        let name = place << NUMBER_BITS;
        (0..stream.count).map(move |number| (name | number, stream.point(number)))
    })
}

/// Runs of streams with up to [`BATCH`] points, each with its first slot.
fn batches(streams: &[Stream]) -> impl Iterator<Item = (&[Stream], usize)> {
    let mut rest = streams;
    core::iter::from_fn(move || {
        let first = streams.len() - rest.len();
        let mut points = 0;
        let fits = |stream: &&Stream| {
            points += stream.count as usize;
            points <= BATCH
        };
        let (batch, others) = rest.split_at_checked(rest.iter().take_while(fits).count())?;
        rest = others;
        (!batch.is_empty()).then_some((batch, first))
    })
}

/// The number of points between two starts.
pub(super) fn len_of(range: &[u32]) -> usize {
    match range {
        [start, end] => (*end - *start) as usize,
        _ => 0,
    }
}
