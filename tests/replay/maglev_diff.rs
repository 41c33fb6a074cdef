//! What moves between two Maglev tables, recounted entry by entry.

use super::diff::{Ends, close, names};
use super::maglev::Side;
use apportion::diff::Extent;
use apportion::{KeyHash, NodeIdx, Placement};
use std::collections::{BTreeMap, BTreeSet};

/// Everything a diff says.
pub fn check(old: &Side, new: &Side) {
    let diff = old.locator.diff(&new.locator).unwrap();
    let pieces = pieces(old, new);
    let mut moves: Vec<(u128, u128, Ends<'_>)> = Vec::new();
    let mut matrix: BTreeMap<Ends<'_>, u128> = BTreeMap::new();
    let mut held: BTreeMap<&str, (u128, u128)> = BTreeMap::new();
    for (first, end, ends) in pieces {
        ends.0.into_iter().for_each(|name| held.entry(name).or_default().0 += end - first);
        ends.1.into_iter().for_each(|name| held.entry(name).or_default().1 += end - first);
        if ends.0 == ends.1 {
            continue;
        }
        *matrix.entry(ends).or_default() += end - first;
        match moves.last_mut() {
            Some((_, until, same)) if (*until, *same) == (first, ends) => *until = end,
            _ => moves.push((first, end, ends)),
        }
    }
    let moved: u128 = matrix.values().sum();
    assert_eq!(diff.moved(), Some((moved, 1 << 64)));
    close(diff.moved_fraction().unwrap(), moved as f64 / 2_f64.powi(64));

    let found = diff.moves().map(|m| {
        let Extent::Hashes { first, last } = m.extent else { panic!("tables have intervals") };
        (u128::from(first), u128::from(last) + 1, names(m.from, m.to))
    });
    assert_eq!(found.collect::<Vec<_>>(), moves);
    let found = diff.matrix().expect("tables always have one").into_iter().map(|transfer| {
        let (part, whole) = transfer.exact.expect("a ratio of integers");
        assert_eq!(whole, 1 << 64);
        close(transfer.fraction, part as f64 / whole as f64);
        (names(transfer.from, transfer.to), part)
    });
    assert_eq!(found.collect::<BTreeMap<_, _>>(), matrix);

    let (part, of) = diff.minimum().expect("a ratio of integers");
    let gained = |(before, after): &(u128, u128)| after.saturating_sub(*before);
    let least: u128 = match (old.live(), new.live()) {
        (0, 0) => 0,
        (0, _) | (_, 0) => 1 << 64,
        _ => held.values().map(gained).sum(),
    };
    assert_eq!(part * ((1 << 64) / of), least);
    assert!(least <= moved, "less than the least");
    assert_eq!(diff.excess().is_some(), least > 0 || moved == 0);

    let replicas = 2 + old.nodes.len() % 3;
    by_lookup(old, new, replicas);
}

/// More replicas: a lookup at each piece says what moves of all its hashes.
fn by_lookup(old: &Side, new: &Side, replicas: usize) {
    let diff = old.locator.diff_replicas(&new.locator, replicas).unwrap();
    let holders = |side: &Side, hash: u128| -> BTreeSet<String> {
        let mut slots = vec![NodeIdx::default(); replicas];
        let found = side.locator.placement().replicas(KeyHash::from_hash(hash as u64), &mut slots);
        let name = |slot: &NodeIdx| side.locator.topology().get(*slot).unwrap().clone();
        slots[..found].iter().map(name).collect()
    };
    let (mut moved, mut held) = (0, (0, 0));
    for (first, end, _) in pieces(old, new) {
        let (before, after) = (holders(old, first), holders(new, first));
        let stays = before.intersection(&after).count();
        moved += (end - first) * (before.len().max(after.len()) - stays) as u128;
        held.0 += (end - first) * before.len() as u128;
        held.1 += (end - first) * after.len() as u128;
        let moves = diff.moves_of(KeyHash::from_hash(first as u64));
        assert_eq!(moves.len(), before.len().max(after.len()) - stays);
    }
    assert_eq!(diff.moved(), Some((moved, held.0.max(held.1).max(1))));
    let hashes = |part| {
        let Extent::Hashes { first, last } = part else { panic!("tables have intervals") };
        u128::from(last - first) + 1
    };
    assert_eq!(diff.moves().map(|one| hashes(one.extent)).sum::<u128>(), moved);
}

/// The hashes cut at the entries of both: the first one, the one behind the last, who held them
/// and who holds them.
fn pieces<'a>(old: &'a Side, new: &'a Side) -> Vec<(u128, u128, Ends<'a>)> {
    let cuts = |side: &Side| (0..=side.size as usize).map(|i| side.first(i)).collect::<Vec<_>>();
    let cuts: BTreeSet<u128> = cuts(old).into_iter().chain(cuts(new)).collect();
    let owner = |side: &'a Side, hash: u128| {
        let entry = (hash * u128::from(side.size)) >> 64;
        side.owners.get(entry as usize).map(String::as_str)
    };
    let pairs = cuts.iter().zip(cuts.iter().skip(1));
    pairs.map(|(first, end)| (*first, *end, (owner(old, *first), owner(new, *first)))).collect()
}
