//! Making all pages.

use super::layout::{Content, Cuts, PARTS, Page, Paged, bits_for, part_of};
use super::open::{OpenPages, len_of};
use super::stream::Stream;
use super::word::{AFTER, Word};
use crate::circle::Point;
use crate::circle::sort::{counts_to_starts, distribute, insertion_sort};
use crate::steps;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::marker::PhantomData;

/// Pages up to this many points are sorted without asking for memory.
const SMALL: usize = 255;

/// Buckets of a page while it is sorted: more than half hold one point or none.
const BUCKET_BITS: u32 = 7;

impl<W: Word> Paged<W> {
    /// Pages of all points. `order` compares two points, of which equal ones are compared by their owners.
    /// O(points) for points that are as good as random.
    ///
    /// The points are made twice rather than kept, and put into the pages at once: the only memory
    /// besides them is one cursor for each page.
    pub(crate) fn new(streams: Vec<Stream>, order: impl Fn(Point, Point) -> Ordering) -> Self {
        let bits = bits_for(Stream::total(&streams));
        Self::with_bits(streams, bits, order)
    }

    /// As [`new`](Self::new), with a given number of pages.
    pub(super) fn with_bits(
        streams: Vec<Stream>,
        bits: u32,
        order: impl Fn(Point, Point) -> Ordering,
    ) -> Self {
        let mut starts = vec![0_u32; (1 << bits) + 1];
        let shift = u64::BITS - bits;
        for point in streams.iter().flat_map(|stream| stream.points()) {
            if let Some(count) = starts.get_mut((point >> shift) as usize) {
                *count += 1;
            }
        }
        counts_to_starts(&mut starts, 0);
        let mut built =
            Self { bits, pages: blank_pages::<W>(&starts), starts, streams, word: PhantomData };
        let mut open = OpenPages::<W>::of(&mut built.pages, &built.starts, bits);
        open.put_all(&built.streams);
        steps::count(built.len() as u64);
        for page in 0..built.pages.len() {
            built.finish(page, &order);
        }
        built
    }

    /// Sorts a page and makes its cuts.
    fn finish(&mut self, page: usize, order: &impl Fn(Point, Point) -> Ordering) {
        let len = self.start(page + 1) - self.start(page);
        let Some(at) = self.pages.get_mut(page) else { return };
        // The page without points is shared, and there is nothing to sort in it.
        let Some(bytes) = Arc::get_mut(&mut at.bytes) else { return };
        let ties = if let Some(entries) = [0_u64; SMALL].get_mut(..len) {
            let mut sorted = [0_u64; SMALL];
            read_entries::<W>(bytes, entries);
            sort_small::<W>(entries, &mut sorted);
            write_entries::<W>(sorted.get(..len).unwrap_or_default(), bytes, &mut at.cuts)
        } else {
            let mut entries = vec![0_u64; len];
            read_entries::<W>(bytes, &mut entries);
            entries.sort_unstable();
            write_entries::<W>(&entries, bytes, &mut at.cuts)
        };
        if ties {
            self.order_ties(page, order);
        }
    }

    /// Orders points with the same bits by what their words do not have. Their parts of the page are the
    /// same, so the cuts stay.
    #[cold]
    fn order_ties(&mut self, page: usize, order: &impl Fn(Point, Point) -> Ordering) {
        let words: Vec<W> = self.content(page).words().collect();
        let mut from = 0;
        for run in words.chunk_by(|a, b| a.ties(*b)) {
            if run.len() > 1 {
                self.order_run(page, from, run, order);
            }
            from += run.len();
        }
    }

    /// Orders the points of these words, which begin at an index of a page.
    fn order_run(
        &mut self,
        page: usize,
        from: usize,
        words: &[W],
        order: &impl Fn(Point, Point) -> Ordering,
    ) {
        let content = self.content(page);
        let exact = |(at, word): (usize, &W)| {
            let point = (self.exact(page, at), word.owner());
            (point, *word, content.number(at))
        };
        let mut sorted: Vec<(Point, W, u8)> = (from..).zip(words).map(exact).collect();
        steps::count(sorted.len() as u64);
        sorted.sort_by(|a, b| order(a.0, b.0));
        let len = content.len();
        let Some(page) = self.pages.get_mut(page) else { return };
        let bytes = Arc::get_mut(&mut page.bytes).unwrap_or_default();
        let split = (len + AFTER) * W::BYTES;
        let (all, numbers) = bytes.split_at_mut_checked(split).unwrap_or_default();
        let places = all.chunks_exact_mut(W::BYTES).zip(numbers).skip(from);
        for ((_, word, number), (place, at)) in sorted.into_iter().zip(places) {
            word.write(place);
            *at = number;
        }
    }
}

/// Pages with room for their points. All pages without points share one.
fn blank_pages<W: Word>(starts: &[u32]) -> Vec<Page> {
    let size = |len: usize| (len + AFTER) * W::BYTES + len;
    let lens = || starts.windows(2).map(len_of);
    let zeros = vec![0; size(lens().max().unwrap_or_default())];
    let page = |len| Page {
        bytes: Arc::from(zeros.get(..size(len)).unwrap_or_default()),
        cuts: [0; PARTS],
    };
    let mut none = page(0);
    let bytes = Arc::get_mut(&mut none.bytes).unwrap_or_default();
    write_entries::<W>(&[], bytes, &mut none.cuts);
    lens().map(|len| if len == 0 { none.clone() } else { page(len) }).collect()
}

/// The points of a page as it is filled.
fn read_entries<W: Word>(bytes: &[u8], entries: &mut [u64]) {
    let content = Content::<W>::of(bytes, entries.len());
    for ((entry, word), number) in entries.iter_mut().zip(content.words()).zip(content.numbers) {
        *entry = word.entry(*number);
    }
}

/// A counting sort by the highest bits, finished by an insertion sort.
#[inline]
fn sort_small<W: Word>(entries: &[u64], sorted: &mut [u64; SMALL]) {
    let bucket = |entry: &u64| (entry >> (W::ENTRY_BITS - BUCKET_BITS)) as usize;
    let mut cursors = [0; 1 << BUCKET_BITS];
    distribute(
        0,
        || entries.iter().copied(),
        bucket,
        &mut cursors,
        |at, entry| {
            if let Some(place) = sorted.get_mut(at) {
                *place = entry;
            }
        },
    );
    insertion_sort(sorted.get_mut(..entries.len()).unwrap_or_default());
}

/// Writes a page. True if two points have the same bits.
fn write_entries<W: Word>(entries: &[u64], bytes: &mut [u8], cuts: &mut Cuts) -> bool {
    let words = (entries.len() + AFTER) * W::BYTES;
    let (words, numbers) = bytes.split_at_mut_checked(words).unwrap_or_default();
    let mut words = words.chunks_exact_mut(W::BYTES);
    let mut counts = [0; PARTS];
    let (mut ties, mut last) = (false, u64::MAX);
    for ((entry, number), place) in entries.iter().zip(numbers).zip(words.by_ref()) {
        W::of_entry(*entry).write(place);
        *number = *entry as u8;
        let bits = *entry >> W::OWNER_BITS;
        ties |= bits == last;
        last = bits;
        if let Some(count) = counts.get_mut(part_of(*entry << (u64::BITS - W::ENTRY_BITS))) {
            *count += 1;
        }
    }
    words.for_each(|word| W::HIGHEST.write(word));
    *cuts = cuts_of(counts);
    ties
}

/// The cuts between parts with these numbers of points.
pub(super) fn cuts_of(counts: [u32; PARTS]) -> Cuts {
    let mut below = 0_u32;
    counts.map(|count| {
        let cut = below.min(u8::MAX.into()) as u8;
        below += count;
        cut
    })
}
