//! Pages against the same points in one piece.

use super::layout::{Paged, suits};
use super::place::Place;
use super::stream::Stream;
use super::word::Word;
use crate::circle::flat::Flat;
use crate::circle::{Point, Rule, sorted_points};
use crate::hash::mix::word;
use crate::node::NodeIdx;
use crate::steps::{assert_growth, during};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Equal points by a key of their own, never by slot.
fn order(a: Point, b: Point) -> Ordering {
    let tie = |node: NodeIdx| word(0x7469_6573, u64::from(node.get()));
    a.0.cmp(&b.0).then_with(|| tie(a.1).cmp(&tie(b.1)))
}

fn flat(streams: &[Stream]) -> Flat {
    let all = || {
        streams.iter().enumerate().flat_map(|(slot, stream)| {
            stream.points().map(move |point| (point, NodeIdx::new(slot as u32)))
        })
    };
    let (points, owners) = sorted_points(all().count(), all, order);
    Flat::from_sorted(points, &owners)
}

/// How many points are below.
fn rank_of<W: Word>(pages: &Paged<W>, place: Place) -> usize {
    pages.start(place.page) + place.at
}

/// What lookups, walks, replicas and cursors of both answer.
fn assert_same<W: Word>(pages: &Paged<W>, flat: &Flat, probes: u64) {
    assert_eq!(pages.len(), flat.len());
    assert!(pages.iter().eq(flat.iter()), "points and owners in order");
    let slots = pages.streams().len();
    let live = pages.streams().iter().filter(|stream| stream.count > 0).count();
    let near = flat.iter().step_by(1 + flat.len() / 40).map(|point| point.0);
    let near = near.flat_map(|point| [point.wrapping_sub(1), point, point.wrapping_add(1)]);
    for hash in near.chain([0, u64::MAX]).chain((0..probes).map(|i| word(7, i))) {
        assert_eq!(pages.owner(hash), flat.owner(hash), "{hash:x}");
        let place = pages.seek(hash);
        assert_eq!(rank_of(pages, place), flat.position(hash), "{hash:x}");
        assert_eq!(pages.point(place), flat.point_at(flat.position(hash)));
        assert_eq!(pages.owner_at(place), flat.owner_at(flat.position(hash)));
        for k in [1, 2, 3, 4, 7, 40] {
            let (mut ours, mut theirs) = ([NodeIdx::default(); 40], [NodeIdx::default(); 40]);
            let (ours, theirs) = (&mut ours[..k.min(live)], &mut theirs[..k.min(live)]);
            let rule = Rule::FirstAtOrAfter;
            let found =
                (pages.distinct(hash, slots, ours), flat.replicas(rule, hash, slots, theirs));
            assert_eq!((found.0, ours), (found.1, theirs), "{hash:x}");
        }
    }
    // A walk, also one that another storage began.
    let distinct = flat.iter().zip(flat.iter().skip(1)).all(|(a, b)| a.0 < b.0);
    for hash in (0..4).map(|i| word(9, i)) {
        let (mut ours, mut theirs, mut mixed) = ([0; 8], [0; 8], [0; 8]);
        for step in 0..50 {
            let rule = Rule::FirstAtOrAfter;
            let accept = |node: NodeIdx| node.get() % 3 != 1;
            let next = flat.next_candidate(rule, hash, &mut theirs, accept);
            assert_eq!(pages.next_forward(hash, &mut ours, accept), next);
            let other = match step % 2 {
                0 => pages.next_forward(hash, &mut mixed, accept),
                _ => flat.next_candidate(rule, hash, &mut mixed, accept),
            };
            // After another storage, of equal points only the first one counts.
            if distinct {
                assert_eq!(other, next);
            }
        }
    }
    let (mut up, mut down) = (pages.first(), pages.end());
    for rank in 0..flat.len() {
        assert_eq!((rank_of(pages, up), pages.point(up)), (rank, flat.point_at(rank)));
        up = pages.above(up);
        down = pages.below(down).unwrap();
        assert_eq!(rank_of(pages, down), flat.len() - 1 - rank);
    }
    assert_eq!((up, pages.below(down)), (pages.end(), None));
}

/// Pages depend on the streams alone, not on how they came about.
fn assert_same_pages<W: Word>(a: &Paged<W>, b: &Paged<W>) {
    assert_eq!((a.bits, &a.starts, &a.streams), (b.bits, &b.starts, &b.streams));
    for (at, (a, b)) in a.pages.iter().zip(&b.pages).enumerate() {
        assert_eq!((&a.bytes, a.cuts), (&b.bytes, b.cuts), "page {at}");
    }
}

/// Streams of which some have the same points as others, so that there are ties of all kinds.
fn streams(case: u64, nodes: u64, max: u64) -> Vec<Stream> {
    let draw = |i: u64, below: u64| word(case, i) % below;
    let stream = |i: u64| {
        let twin = draw(4 * i, 5) == 0;
        let seed =
            if twin { word(case, 4 * draw(4 * i + 1, nodes) + 2) } else { word(case, 4 * i + 2) };
        let count = if draw(4 * i + 3, 6) == 0 { 0 } else { 1 + draw(4 * i + 3, max) as u32 };
        Stream { seed, count }
    };
    (0..nodes).map(stream).collect()
}

fn pages_are_flat<W: Word>() {
    for case in 0..60 {
        let max = [3, 60, 300, 2000][case as usize % 4];
        let streams = streams(case, 1 + case % 17, max);
        let flat = flat(&streams);
        if flat.len() == 0 {
            continue;
        }
        for bits in [1, 3, 6, 9] {
            let pages = Paged::<W>::with_bits(streams.clone(), bits, order);
            assert_same(&pages, &flat, 30);
        }
    }
}

#[test]
fn narrow_pages_are_the_points_in_one_piece() {
    pages_are_flat::<u32>();
}

#[test]
fn wide_pages_are_the_points_in_one_piece() {
    pages_are_flat::<u64>();
}

fn many_pages<W: Word>() {
    // More pages than get their points at once, and more points than one batch has.
    let stream = |i: u64| Stream {
        seed: word(6, i),
        count: if i % 7 == 3 { 0 } else { Stream::MAX - i as u32 },
    };
    let streams: Vec<Stream> = (0..720).map(stream).collect();
    let pages = Paged::<W>::with_bits(streams.clone(), 16, order);
    assert!(pages.len() > 1 << 21);
    assert!(pages.iter().eq(flat(&streams).iter()), "points and owners in order");
}

#[test]
fn points_of_very_many_pages_come_in_batches() {
    many_pages::<u32>();
    many_pages::<u64>();
}

/// The pages of other streams, which may differ in every slot.
fn changed<W: Word>(pages: &Paged<W>, streams: Vec<Stream>) -> Paged<W> {
    let touched: Vec<usize> = (0..streams.len().max(pages.streams().len())).collect();
    pages.changed(pages.renewal(streams, &touched), order)
}

fn histories<W: Word>() {
    for case in 0..25_u64 {
        let mut now = streams(case, 60, [40, 160, 700][case as usize % 3]);
        let mut pages = Paged::<W>::new(now.clone(), order);
        let mut kept = Vec::new();
        for step in 0..30 {
            let draw = |i: u64, below: u64| word(word(case, step), i) % below;
            for change in 0..=draw(0, 3) {
                let slot = draw(10 + change, now.len() as u64) as usize;
                let twin = now[draw(20 + change, now.len() as u64) as usize];
                match draw(30 + change, 6) {
                    0 => now[slot] = Stream::default(),
                    1 => now[slot].count = draw(40 + change, 600) as u32,
                    2 => now[slot] = Stream { seed: word(case, 1000 + step), count: 160 },
                    3 => now.push(Stream { seed: word(case, 2000 + step), count: 160 }),
                    4 => now[slot] = twin,
                    _ => drop(now.pop()),
                }
            }
            let points: usize = now.iter().map(|stream| stream.count as usize).sum();
            if points == 0 {
                break;
            }
            let next = changed(&pages, now.clone());
            assert!(suits(next.bits, points) || points < 1000);
            assert_same_pages(&next, &Paged::with_bits(now.clone(), next.bits, order));
            if step % 10 == 0 {
                assert_same(&next, &flat(&now), 10);
            }
            kept.push((pages, core::mem::replace(&mut now, next.streams.clone())));
            pages = next;
        }
        // Circles from before a change are as they were.
        for (pages, _) in kept.iter().step_by(7) {
            assert_same(pages, &flat(&pages.streams), 10);
        }
    }
}

#[test]
fn narrow_pages_after_changes_are_those_built_anew() {
    histories::<u32>();
}

#[test]
fn wide_pages_after_changes_are_those_built_anew() {
    histories::<u64>();
}

/// The exact point of a word is found where a node has several points with the same low byte of their
/// number, and also where two of these have the same word.
#[test]
fn points_of_heavy_nodes_are_told_apart() {
    let streams: Vec<Stream> =
        (0..5).map(|i| Stream { seed: word(3, i), count: Stream::MAX }).collect();
    assert_same(&Paged::<u32>::with_bits(streams.clone(), 1, order), &flat(&streams), 2000);
    // The same word and the same low byte twice: searched for among streams, so the seed is recorded.
    let (seed, numbers) = (0..)
        .map(|i| word(5, i))
        .find_map(|seed| {
            let stream = Stream { seed, count: Stream::MAX };
            let half =
                |number: u32| stream.point(number) >> 63 << 16 | stream.point(number) << 1 >> 48;
            (0..256).find_map(|low| {
                let mut seen: Vec<(u64, u32)> =
                    (low..Stream::MAX).step_by(256).map(|n| (half(n), n)).collect();
                seen.sort_unstable();
                seen.windows(2)
                    .find(|pair| pair[0].0 == pair[1].0)
                    .map(|pair| (seed, [pair[0].1, pair[1].1]))
            })
        })
        .unwrap();
    let streams = vec![Stream { seed, count: Stream::MAX }];
    let pages = Paged::<u32>::with_bits(streams.clone(), 1, order);
    assert_same(&pages, &flat(&streams), 100);
    for number in numbers {
        let point = streams[0].point(number);
        assert_eq!(pages.point(pages.seek(point)), Some(point));
    }
}

#[test]
fn a_change_writes_the_pages_of_its_points() {
    let nodes = |n: usize| -> Vec<Stream> {
        (0..n as u64).map(|i| Stream { seed: word(1, i), count: 160 }).collect()
    };
    // The pages of one node: the slots and pages that are passed over are not written.
    let one_more = |n: usize| {
        let before = Paged::<u32>::new(nodes(n), order);
        let ((), steps) = during(|| drop(changed(&before, nodes(n + 1))));
        let pages = before.pages.iter();
        let after = changed(&before, nodes(n + 1));
        let shared =
            pages.zip(&after.pages).filter(|(a, b)| alloc::sync::Arc::ptr_eq(&a.bytes, &b.bytes));
        assert!(shared.count() + 160 >= before.pages.len());
        steps - n as u64
    };
    assert_growth("points written for one node more", 1000, 1.5, one_more);
    let built = |n: usize| during(|| drop(Paged::<u32>::new(nodes(n), order))).1;
    assert_growth("pages of all points", 500, 2.2, built);
}
