//! Partitions that two versions place alike.
//!
//! ```text
//! partitions   |     0     |     1     |     2     |     3     |
//! old version  |     a b     |   b c   |     c a         | a b |
//! new version  |  b a  | a b |   b c      | c d |  c a   | a b |
//!                 stays       stays       moves       stays
//! ```
//!
//! A partition stays if the holders are the same, in any order, on every piece of it. Once one piece
//! differs, the others are not looked up.

use super::holders::HolderSet;
use super::version::Version;
use crate::hash::KeyHash;
use crate::hash::mix::last_of;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// For each partition whether every key of it has the same holders in both versions. All false if one of
/// the versions does not cut the hashes into pieces, so that no partition can be known to stay.
pub(super) fn unmoved<N, H, const R: usize>(
    old: &Version<N, H>,
    new: &Version<N, H>,
    partitions: u32,
) -> Vec<bool> {
    let mut stays = vec![false; partitions as usize];
    let (Some(before), Some(after)) = (old.pieces(), new.pieces()) else { return stays };
    let mut first = 0;
    for (partition, stays) in (0..).zip(&mut stays) {
        let end = last_of(partition, partitions.into());
        *stays = loop {
            steps::count(1);
            if !agree::<N, H, R>(old, new, KeyHash::from_hash(first)) {
                break false;
            }
            let ends = (before.end_of_piece(first), after.end_of_piece(first));
            let (Some(before), Some(after)) = ends else { break false };
            let last = before.min(after);
            if last >= end {
                break true;
            }
            first = last.wrapping_add(1);
        };
        first = end.wrapping_add(1);
    }
    stays
}

/// True if a key has the same holders in both versions.
fn agree<N, H, const R: usize>(old: &Version<N, H>, new: &Version<N, H>, key: KeyHash) -> bool {
    let [old, new] = [old, new].map(|version| HolderSet::<N, R>::of(version, key));
    old.len() == new.len() && old.without(&new).is_empty()
}

#[cfg(test)]
mod tests {
    use super::unmoved;
    use crate::Locator;
    use crate::migration::Version;
    use crate::steps::during;

    /// One look at each partition that moves as a rule, and one at each piece of those that stay.
    #[test]
    fn costs_the_pieces_of_what_stays() {
        let ring = |nodes: u32| Version::of(&Locator::ring(0..nodes).unwrap());
        let cost = |old: u32, new: u32, partitions: u32| {
            let (old, new) = (ring(old), ring(new));
            during(|| unmoved::<_, _, 2>(&old, &new, partitions)).1
        };
        assert!(cost(128, 128, 1024) <= 2 * cost(64, 64, 1024) + 1024);
        // Of the partitions that move a part is looked at, down to one piece each.
        assert!(cost(64, 65, 1024) < cost(64, 64, 1024));
        assert!(cost(8, 256, 16) < cost(8, 8, 16) / 8);
    }
}
