//! Buckets of which any may be removed, beside the four arrays of the paper, and their saved state.

use super::anchors_nodes;
use super::formulas::{PHI, bucket_order, unmix, word};
use super::input::Input;
use super::laws;
use super::meter::most_held;
use super::paper::Arrays;
use apportion::anchor::{AnchorBuckets, AnchorHash, JumpBackAnchor};
use apportion::limits::{MAX_ANCHOR_BUCKETS, RESTORE_POINTS, RESTORE_POINTS_PER_NODE};
use apportion::{KeyHash, NodeIdx, Placement};

const STEPS: usize = 24;
/// So many buckets can be followed in order.
const ORDERED: u32 = 64;
/// Of more buckets than this only the lower ones are removed: the log takes memory up to them.
const MANY: u32 = 500;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    match input.below(4) {
        0 => state(input.rest(), &[KeyHash::from_hash(1)]),
        1 => buckets(&mut input),
        _ => {
            anchors_nodes::run::<JumpBackAnchor>(&mut input.clone());
            anchors_nodes::run::<AnchorHash>(&mut input);
        }
    }
}

fn buckets(input: &mut Input<'_>) {
    let size = match input.below(4) {
        0 => input.number() as u32,
        1 => input.word() as u32 % MANY,
        _ => input.below(ORDERED as u8 + 1) as u32,
    };
    let seed = input.word();
    let mut keys: Vec<KeyHash> = (0..4).map(|i| KeyHash::from_hash(word(seed, i))).collect();
    keys.extend((0..3).map(|i| drawn_again(word(seed, i), 1 + i % 2)));
    let built = AnchorBuckets::new(size);
    if size > MAX_ANCHOR_BUCKETS {
        assert!(built.unwrap_err().to_string().contains(&size.to_string()));
        return;
    }
    let mut side = Side { buckets: built.unwrap(), arrays: Arrays::new(size) };
    side.check(&keys);
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        match input.below(8) {
            0..=3 => {
                let order = Order::read(input);
                for _ in 0..=input.below(16) {
                    let bucket = side.next_to_go(&order, input);
                    bucket.into_iter().for_each(|bucket| side.remove(bucket));
                }
            }
            4 => side.remove(input.number() as u32 % MANY),
            5 => (0..=input.below(16)).for_each(|_| side.add()),
            6 => side.hostile(input, &keys[..1]),
            _ => side.buckets = side.reread(),
        }
        side.check(&keys);
    }
}

/// A key of which the lower half of a word is 0, as it has to be drawn again.
fn drawn_again(seed: u64, place: u64) -> KeyHash {
    KeyHash::from_hash(unmix(seed << 32).wrapping_sub((place + 1).wrapping_mul(PHI)))
}

/// Which bucket goes next.
enum Order {
    Any,
    /// Always the one that took the place of the last: the longest chains.
    Chased,
    Lowest,
    Highest,
    Ascending,
    Descending,
}

impl Order {
    fn read(input: &mut Input<'_>) -> Self {
        match input.below(6) {
            0 => Self::Any,
            1 => Self::Chased,
            2 => Self::Lowest,
            3 => Self::Highest,
            4 => Self::Ascending,
            _ => Self::Descending,
        }
    }
}

struct Side {
    buckets: AnchorBuckets,
    arrays: Arrays,
}

impl Side {
    /// A bucket that works, if there is one.
    fn next_to_go(&self, order: &Order, input: &mut Input<'_>) -> Option<u32> {
        let end = self.arrays.size().min(MANY);
        let working = (0..end).filter(|bucket| self.arrays.is_working(*bucket));
        let last = self.arrays.removed().last().copied();
        match (order, last) {
            (Order::Any, _) | (_, None) => {
                let working: Vec<u32> = working.collect();
                working.get(input.word() as usize % working.len().max(1)).copied()
            }
            (Order::Chased, Some(last)) => Some(self.arrays.instead_of(last)).filter(|b| *b < end),
            (Order::Lowest, _) => working.min(),
            (Order::Highest, _) => working.max(),
            (Order::Ascending, Some(last)) => working.filter(|b| *b > last).min(),
            (Order::Descending, Some(last)) => working.filter(|b| *b < last).max(),
        }
    }

    fn remove(&mut self, bucket: u32) {
        let before = self.buckets.clone();
        match (self.buckets.remove(bucket), removed(&mut self.arrays, bucket)) {
            (Ok(()), true) => {}
            (Err(error), false) => {
                assert!(error.to_string().contains(&bucket.to_string()), "{error}");
                assert_eq!(self.buckets, before);
            }
            (result, _) => panic!("{result:?} of {bucket}"),
        }
    }

    fn add(&mut self) {
        let size = self.arrays.size();
        let expected = self.arrays.add().unwrap_or(size);
        if expected == size && size == MAX_ANCHOR_BUCKETS {
            assert!(self.buckets.add().is_err());
            return;
        }
        assert_eq!(self.buckets.add().unwrap(), expected);
        if expected == size {
            self.arrays = Arrays::new(size + 1);
        }
    }

    fn reread(&self) -> AnchorBuckets {
        let again = AnchorBuckets::from_state(&self.buckets.to_state()).unwrap();
        assert_eq!(again, self.buckets);
        again
    }

    fn check(&self, keys: &[KeyHash]) {
        let Self { buckets, arrays } = self;
        let (size, working) = (arrays.size(), arrays.working());
        assert_eq!((buckets.size(), buckets.working()), (size, working));
        assert_eq!((buckets.slots(), buckets.live()), (size as usize, working as usize));
        assert_eq!(buckets.removed(), arrays.removed());
        let words = std::iter::once(&size).chain(arrays.removed());
        assert!(words.flat_map(|word| word.to_le_bytes()).eq(buckets.to_state()));
        let last = size.saturating_sub(1);
        for bucket in arrays.removed().iter().flat_map(|b| [*b, b + 1]).chain([0, last, size]) {
            assert_eq!(buckets.is_working(bucket), arrays.is_working(bucket), "{bucket}");
        }
        for key in keys {
            let expected = (size > 0).then(|| arrays.bucket(*key));
            assert_eq!(buckets.bucket(*key), expected, "{key:?}");
            if size <= ORDERED {
                let first = expected.map(|b| bucket_order(*key, size as usize, b as usize));
                let order = first.into_iter().flatten().map(|bucket| bucket as u32);
                let order: Vec<u32> = order.filter(|b| arrays.is_working(*b)).collect();
                laws::answers(buckets, *key, &order, NodeIdx::get);
                continue;
            }
            let three = laws::names(buckets, *key, 3, NodeIdx::get);
            assert_eq!(three.len(), working.min(3) as usize);
            assert_eq!(three.first().copied(), expected);
            assert!(three.iter().all(|b| arrays.is_working(*b)));
            let twice = (1..three.len()).any(|i| three[..i].contains(&three[i]));
            assert!(!twice, "{three:?}");
        }
    }

    /// Foreign words in a walk, and in the state.
    fn hostile(&self, input: &mut Input<'_>, keys: &[KeyHash]) {
        let Self { buckets, arrays } = self;
        let bound = u64::from(arrays.size()).next_power_of_two() + 1;
        let live = |slot: NodeIdx| arrays.is_working(slot.get());
        laws::hostile_walk(buckets, live, bound, input);
        let mut words = [&[arrays.size()], arrays.removed()].concat();
        for _ in 0..input.below(4) {
            let at = input.byte() as usize % words.len();
            let word = match input.below(4) {
                0 => input.number() as u32,
                1 => words[0].wrapping_sub(1),
                2 => RESTORE_POINTS as u32 - 1 + input.below(8) as u32,
                _ => input.byte().into(),
            };
            match input.below(4) {
                0 => words.push(word),
                1 => words.truncate(at + 1),
                2 => words.swap(0, at),
                _ => words[at] = word,
            }
        }
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.truncate(bytes.len() - input.below(16) / 13);
        state(&bytes, keys);
    }
}

/// Removes a bucket from the arrays, unless it has to be refused.
fn removed(arrays: &mut Arrays, bucket: u32) -> bool {
    if !arrays.is_working(bucket) || arrays.working() == 1 {
        return false;
    }
    if arrays.removed().is_empty() && bucket == arrays.size() - 1 {
        // Of the last one, removed first, nothing remains.
        *arrays = Arrays::new(bucket);
    } else {
        arrays.remove(bucket);
    }
    true
}

/// Any bytes as a state: refused, or written again as they were read.
fn state(bytes: &[u8], keys: &[KeyHash]) {
    let (result, held) = most_held(|| AnchorBuckets::from_state(bytes));
    let words: Vec<u32> =
        bytes.chunks_exact(4).map(|chunk| u32::from_le_bytes(chunk.try_into().unwrap())).collect();
    let limit = RESTORE_POINTS.max(RESTORE_POINTS_PER_NODE * words.len() as u64);
    let small = |bucket: &&u32| u64::from(**bucket) < limit;
    let highest = words.iter().skip(1).filter(small).max().copied().unwrap_or(0);
    // Eight bytes for each bucket below, and twice as much before when that grows.
    let most = 24 * (highest as usize + 1) + 16 * bytes.len() + 4096;
    assert!(held <= most, "{held} bytes held for {}, up to bucket {highest}", bytes.len());
    match (result, replayed(bytes.len(), &words, limit)) {
        (Ok(buckets), Some(arrays)) => {
            assert_eq!(buckets.to_state(), bytes);
            Side { buckets, arrays }.check(keys);
        }
        (Err(error), None) => assert!(!error.to_string().is_empty()),
        (result, _) => panic!("{result:?}"),
    }
}

/// The removals that a state says, one after the other.
fn replayed(bytes: usize, words: &[u32], limit: u64) -> Option<Arrays> {
    let (size, log) = words.split_first()?;
    if bytes % 4 != 0 || *size > MAX_ANCHOR_BUCKETS || log.iter().any(|b| u64::from(*b) >= limit) {
        return None;
    }
    let mut arrays = Arrays::new(*size);
    let all = log.iter().all(|bucket| removed(&mut arrays, *bucket));
    (all && arrays.size() == *size).then_some(arrays)
}
