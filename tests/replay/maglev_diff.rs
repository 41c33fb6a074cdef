//! What moves between two Maglev tables, recounted entry by entry.

use super::diff::{Ends, close, names};
use super::maglev::Side;
use apportion::Part;
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
        let Part::Arc { first, last } = m.part else { panic!("tables have intervals") };
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

    let (part, of) = diff.least().expect("a ratio of integers");
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
    let [ours, theirs] = [old, new].map(|side| side.locator.replicated(replicas).unwrap());
    let refused = ours.diff(&theirs).unwrap_err().to_string();
    let named = format!("maglev has exact figures for 1 replica, not for {replicas}");
    assert!(refused.starts_with(&named), "{refused}");
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
