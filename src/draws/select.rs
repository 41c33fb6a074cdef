//! The k best of many draws in one pass, without a heap.

use super::CHUNK;

/// Best ranks kept on the stack; more than this many replicas take another pass each.
const KEPT: usize = 16;

/// Finds the `k` smallest ranks among entries `0..count`, in order, and calls `emit` with the place
/// and the entry of each. Ranks of different entries differ.
///
/// `rank` is given the rank an entry has to beat, if there is one yet, and may answer `None` for
/// an entry that does not. `hopeless` is given the first entry of a chunk and the same, and may say
/// that all of the chunk would.
pub(crate) fn smallest<R: Copy + Ord>(
    count: usize,
    k: usize,
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    hopeless: impl Fn(usize, R) -> bool,
    mut emit: impl FnMut(usize, usize),
) -> usize {
    let mut done = 0;
    let mut floor: Option<R> = None;
    let worst =
        |kept: &[Option<(R, usize)>; KEPT], want: usize| kept.get(want - 1)?.map(|(r, _)| r);
    while done < k {
        let want = (k - done).min(KEPT);
        let mut kept: [Option<(R, usize)>; KEPT] = [None; KEPT];
        for start in (0..count).step_by(CHUNK) {
            if worst(&kept, want).is_some_and(|worst| hopeless(start, worst)) {
                continue;
            }
            for entry in start..count.min(start + CHUNK) {
                let worst = worst(&kept, want);
                let Some(r) = rank(entry, worst) else { continue };
                if floor.is_some_and(|f| r <= f) || worst.is_some_and(|w| r >= w) {
                    continue;
                }
                insert(&mut kept, want, (r, entry));
            }
        }
        let mut found = 0;
        for (r, entry) in kept.iter().flatten() {
            emit(done + found, *entry);
            floor = Some(*r);
            found += 1;
        }
        done += found;
        if found < want {
            break;
        }
    }
    done
}

/// Puts an item into its place among the first `want`, which are sorted, `None` last.
fn insert<R: Copy + Ord>(kept: &mut [Option<(R, usize)>; KEPT], want: usize, item: (R, usize)) {
    let mut carried = Some(item);
    for place in kept.iter_mut().take(want) {
        let better = match (&carried, &*place) {
            (Some((new, _)), Some((old, _))) => new < old,
            (Some(_), None) => true,
            (None, _) => return,
        };
        if better {
            core::mem::swap(&mut carried, place);
        }
    }
}
