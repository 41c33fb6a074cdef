//! Pages after a change of some nodes: only those of their points are written again.

use super::build::cuts_of;
use super::layout::{Content, PARTS, Page, Paged, part_of, suits};
use super::stream::Stream;
use super::word::{AFTER, Word};
use crate::circle::{Point, sorted_by_point};
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use crate::steps;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::marker::PhantomData;
use core::ops::Range;

/// A point that comes or goes.
#[derive(Clone, Copy, Debug)]
struct Edit {
    point: u64,
    owner: NodeIdx,
    number: u8,
    comes: bool,
}

/// A slot whose stream is another now, or a longer or shorter one.
#[derive(Clone, Copy, Debug)]
struct Changed {
    owner: NodeIdx,
    old: Stream,
    new: Stream,
    /// The number of points that stay.
    kept: u32,
}

/// Other streams for the pages of a circle.
#[derive(Debug)]
pub(crate) struct Renewal {
    streams: Vec<Stream>,
    /// By slot, each once.
    changed: Vec<Changed>,
    /// The number of all points.
    points: usize,
}

impl Renewal {
    /// True if there are more points than this, and no node has too many for pages.
    pub(crate) fn suits(&self, min: usize) -> bool {
        self.points > min && self.changed.iter().all(|slot| slot.new.count <= Stream::MAX)
    }
}

impl Changed {
    /// How many points come or go.
    fn points(self) -> usize {
        (self.old.count - self.kept) as usize + (self.new.count - self.kept) as usize
    }

    fn add_edits(self, edits: &mut Vec<Edit>) {
        for (stream, comes) in [(self.old, false), (self.new, true)] {
            let edit = |number: u32| Edit {
                point: stream.point(number),
                owner: self.owner,
                number: number as u8,
                comes,
            };
            edits.extend((self.kept..stream.count).map(edit));
        }
    }
}

/// What happens at an index of a page: a point comes before the old one there, or that one goes.
#[derive(Clone, Copy, Debug)]
struct Step<W> {
    at: usize,
    comes: Option<(W, u8)>,
}

/// Memory for pages in the making.
struct Scratch<W> {
    steps: Vec<Step<W>>,
    /// As many zeros as the largest page so far has bytes.
    zeros: Vec<u8>,
}

impl<W: Word> Paged<W> {
    /// Other streams, by slot. Only those of the slots `touched`, in ascending order, differ from the
    /// streams of these pages. O(slots touched), plus a copy of all.
    pub(crate) fn renewal(&self, streams: Vec<Stream>, touched: &[usize]) -> Renewal {
        steps::count(touched.len() as u64);
        let stream =
            |streams: &[Stream], slot: usize| streams.get(slot).copied().unwrap_or_default();
        let changed = |slot: usize| {
            let (old, new) = (stream(&self.streams, slot), stream(&streams, slot));
            let kept = if old.seed == new.seed { old.count.min(new.count) } else { 0 };
            (old != new).then_some(Changed { owner: NodeIdx::new(slot as u32), old, new, kept })
        };
        let changed: Vec<Changed> = touched.iter().copied().filter_map(changed).collect();
        let come: usize = changed.iter().map(|slot| slot.new.count as usize).sum();
        let go: usize = changed.iter().map(|slot| slot.old.count as usize).sum();
        let points = self.len() + come - go;
        debug_assert_eq!(points, Stream::total(&streams), "an untouched slot has another stream");
        Renewal { streams, changed, points }
    }

    /// The pages of other streams, most of which are as before; the others are shared. `order` compares
    /// two points after the change. O(slots + pages + points of the changed nodes · points of a page).
    ///
    /// The number of points may come to suit another number of pages: then all are made again, which
    /// happens once for as many changes as halve or double the circle.
    pub(crate) fn changed(
        &self,
        renewal: Renewal,
        order: impl Fn(Point, Point) -> Ordering,
    ) -> Self {
        let Renewal { streams, changed: slots, points } = renewal;
        let edits: usize = slots.iter().map(|slot| slot.points()).sum();
        // Where so many points come and go, sorting them takes longer than making all pages.
        if !suits(self.bits, points) || edits > points / 4 {
            return Self::new(streams, order);
        }
        let edits = edits_of(&slots, &order);
        let mut pages = self.pages.clone();
        let mut grown = vec![0_i32; self.starts.len()];
        let mut scratch = Scratch { steps: Vec::new(), zeros: Vec::new() };
        let mut rest = edits.as_slice();
        while let Some(first) = rest.first() {
            let at = self.page_of(first.point);
            let here = rest.iter().take_while(|edit| self.page_of(edit.point) == at).count();
            let (edits, others) = rest.split_at_checked(here).unwrap_or_default();
            rest = others;
            self.plan(at, edits, &order, &mut scratch.steps);
            if let (Some(page), Some(grown)) = (pages.get_mut(at), grown.get_mut(at + 1)) {
                *grown = write(self.content(at), page, &mut scratch);
            }
        }
        let mut below = 0_i32;
        let starts = grown.iter().zip(&self.starts).map(|(grown, start)| {
            below += grown;
            start.wrapping_add_signed(below)
        });
        let starts = starts.collect();
        let bits = self.bits;
        let changed = Self { bits, pages, starts, streams, word: PhantomData };
        debug_assert_eq!(changed.len(), points, "points of the pages and of the streams");
        changed
    }

    /// Where the points of a page come and go, in order.
    fn plan(
        &self,
        page: usize,
        edits: &[Edit],
        order: &impl Fn(Point, Point) -> Ordering,
        steps: &mut Vec<Step<W>>,
    ) {
        let content = self.content(page);
        let word_of = |edit: &Edit| W::of_rest(edit.point << self.bits);
        steps.clear();
        for edit in edits.iter().filter(|edit| !edit.comes) {
            let wanted = word_of(edit).with_owner(edit.owner);
            let from = content.first_from(word_of(edit));
            let is_it = |at: &usize| {
                content.word(*at) == Some(wanted)
                    && content.number(*at) == edit.number
                    && steps.iter().rev().take_while(|s| s.at >= from).all(|step| step.at != *at)
            };
            let at = (from..content.len()).find(is_it);
            debug_assert!(at.is_some(), "a point that goes must be there");
            steps.extend(at.map(|at| Step { at, comes: None }));
        }
        let going = steps.len();
        for edit in edits.iter().filter(|edit| edit.comes) {
            let word = word_of(edit);
            let mut at = content.first_from(word);
            // Points with the same bits are compared exactly; those that go are skipped unseen.
            while let Some(other) = content.word(at).filter(|other| other.ties(word)) {
                let goes = steps.iter().take(going).any(|step| step.at == at);
                let there = (self.exact(page, at), other.owner());
                if there.0 > edit.point
                    || (there.0 == edit.point
                        && !goes
                        && order(there, (edit.point, edit.owner)).is_gt())
                {
                    break;
                }
                at += 1;
            }
            steps.push(Step { at, comes: Some((word.with_owner(edit.owner), edit.number)) });
        }
        // What comes before an old point precedes its going; what comes there keeps its order.
        steps.sort_by_key(|step| (step.at, step.comes.is_none()));
        crate::steps::count((content.len() + edits.len()) as u64);
    }
}

/// What comes and goes, in the order of the points.
fn edits_of(slots: &[Changed], order: &impl Fn(Point, Point) -> Ordering) -> Vec<Edit> {
    let mut edits = Vec::with_capacity(slots.iter().map(|slot| slot.points()).sum());
    for slot in slots {
        slot.add_edits(&mut edits);
    }
    steps::count(edits.len() as u64);
    // Where a point goes, its slot may belong to another node now, so its order says nothing.
    let ties = |a: &Edit, b: &Edit| {
        a.comes.cmp(&b.comes).then_with(|| {
            if a.comes { order((a.point, a.owner), (b.point, b.owner)) } else { Ordering::Equal }
        })
    };
    sorted_by_point(&edits, |edit| edit.point, ties)
}

/// The part of a page that a word is in.
fn part<W: Word>(word: W) -> usize {
    part_of(word.entry(0) << (u64::BITS - W::ENTRY_BITS))
}

/// The bytes of a page while they are written, in order.
struct Writing<'a> {
    words: &'a mut [u8],
    numbers: &'a mut [u8],
    /// The number of points so far.
    len: usize,
}

impl Writing<'_> {
    fn point<W: Word>(&mut self, word: W, number: u8) {
        word.write(self.words.get_mut(self.len * W::BYTES..).unwrap_or_default());
        copy(self.numbers, self.len, &[number]);
        self.len += 1;
    }

    /// Some points of another page.
    fn run<W: Word>(&mut self, page: Content<'_, W>, points: Range<usize>) {
        let words = points.start * W::BYTES..points.end * W::BYTES;
        copy(self.words, self.len * W::BYTES, page.words.get(words).or_slip());
        copy(self.numbers, self.len, page.numbers.get(points.clone()).or_slip());
        self.len += points.len();
    }
}

fn copy(to: &mut [u8], at: usize, from: &[u8]) {
    if let Some(place) = to.get_mut(at..at + from.len()) {
        place.copy_from_slice(from);
    }
}

/// Writes a page from the old one and what comes and goes. Returns by how many points it grows.
fn write<W: Word>(old: Content<'_, W>, page: &mut Page, scratch: &mut Scratch<W>) -> i32 {
    let Scratch { steps, zeros } = scratch;
    let come = steps.iter().filter(|step| step.comes.is_some()).count();
    let (before, after) = (old.len(), old.len() + 2 * come - steps.len());
    let words = (after + AFTER) * W::BYTES;
    zeros.resize(zeros.len().max(words + after), 0);
    page.bytes = Arc::from(zeros.get(..words + after).or_slip());
    let bytes = Arc::get_mut(&mut page.bytes).unwrap_or_default();
    let (words, numbers) = bytes.split_at_mut_checked(words).unwrap_or_default();
    let mut writing = Writing { words, numbers, len: 0 };
    let mut from = 0;
    for step in steps.iter() {
        writing.run(old, from..step.at);
        from = step.at;
        match step.comes {
            Some((word, number)) => writing.point(word, number),
            None => from += 1,
        }
    }
    writing.run(old, from..before);
    debug_assert_eq!(writing.len, after, "points of a page");
    let rest = words.chunks_exact_mut(W::BYTES).skip(after);
    rest.for_each(|word| W::HIGHEST.write(word));
    if before.max(after) > usize::from(u8::MAX) {
        // Cuts that stay at their highest number cannot be followed.
        let mut counts = [0; PARTS];
        for word in Content::<W>::of(&page.bytes, after).words() {
            if let Some(count) = counts.get_mut(part(word)) {
                *count += 1;
            }
        }
        page.cuts = cuts_of(counts);
    } else {
        for step in steps.iter() {
            let (word, by) = match step.comes {
                Some((word, _)) => (word, 1),
                None => (old.word(step.at).or_slip(), u8::MAX),
            };
            for cut in page.cuts.get_mut(part(word) + 1..).unwrap_or_default() {
                *cut = cut.wrapping_add(by);
            }
        }
    }
    after as i32 - before as i32
}
