//! Kafka's two ways of assigning replicas, written from their documentation; both ignore weights.
//!
//! ```text
//!  new topics (the striped placer of KRaft)        racks A, B, C with brokers A0 A1 A2, B0 ...
//!    partition 0: A0 B0 C0      each partition begins one rack and one broker further; after as
//!    partition 1: B1 C1 A1      many partitions as there are brokers, racks and brokers are shuffled
//!    partition 2: C2 A2 B2
//!
//!  kafka-reassign-partitions --generate            brokers in a row, alternating racks: A0 B0 C0 A1 ..
//!    first replicas go round the row, the others follow at a shift that grows with each round,
//!    skipping racks that have a replica as long as another rack has none
//! ```

use crate::case::Case;
use crate::member::{Member, REPLICAS};
use crate::planner::Planned;
use apportion::KeyHash;
use std::collections::BTreeMap;
use std::time::Instant;

/// Pseudo-random numbers in place of Kafka's, which differ from run to run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 += 1;
        (KeyHash::of_id(self.0).get() % end.max(1) as u64) as usize
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

/// One rack: its brokers and the one that is next.
struct Rack {
    brokers: Vec<u32>,
    next: usize,
}

/// The table of a new topic.
pub(crate) fn striped(members: &[Member], partitions: u32) -> Vec<[u32; REPLICAS]> {
    let mut random = Random(1);
    let mut racks: Vec<Rack> = by_rack(members)
        .into_values()
        .map(|brokers| Rack { next: random.below(brokers.len()), brokers })
        .collect();
    let mut first = random.below(racks.len());
    let mut row = |partition: u32| {
        if partition > 0 && (partition as usize).is_multiple_of(members.len()) {
            random.shuffle(&mut racks);
            for rack in &mut racks {
                random.shuffle(&mut rack.brokers);
            }
        }
        let count = racks.len();
        for rack in &mut racks {
            rack.next = (rack.next + 1) % rack.brokers.len();
        }
        let holder = |i: usize| {
            let rack = &racks[(first + i) % count];
            // With fewer racks than replicas, a rack gives its following brokers.
            rack.brokers[(rack.next + i / count) % rack.brokers.len()]
        };
        let row = std::array::from_fn(holder);
        first = (first + 1) % count;
        row
    };
    (0..partitions).map(&mut row).collect()
}

/// Assigns all replicas anew, as the tool does: where data is does not matter.
pub(crate) fn plan(case: &Case) -> Result<Planned, String> {
    let start = Instant::now();
    let (mut random, n) = (Random(2), case.after.len());
    let begin = (random.below(n), random.below(n));
    Ok(Planned { rows: anew(&case.after, case.rows.len(), begin), took: start.elapsed() })
}

fn anew(
    members: &[Member],
    partitions: usize,
    (begin, mut shift): (usize, usize),
) -> Vec<[u32; REPLICAS]> {
    let row = alternating(members);
    let racks: BTreeMap<u32, u32> = members.iter().map(|node| (node.id, node.zone)).collect();
    let (n, zones) = (row.len(), by_rack(members).len());
    let mut rows = Vec::with_capacity(partitions);
    for partition in 0..partitions {
        if partition > 0 && partition.is_multiple_of(n) {
            shift += 1;
        }
        let first = (partition + begin) % n;
        let mut holders = vec![row[first]];
        let follower = |k: usize| row[(first + 1 + (shift * zones + k) % (n - 1)) % n];
        for k in 0.. {
            if holders.len() == REPLICAS {
                break;
            }
            let broker = follower(k);
            let used = |zone: u32| holders.iter().any(|holder| racks[holder] == zone);
            let all_used = racks.values().all(|zone| used(*zone));
            if !holders.contains(&broker) && (all_used || !used(racks[&broker])) {
                holders.push(broker);
            }
        }
        rows.push(holders.try_into().expect("three holders"));
    }
    rows
}

fn by_rack(members: &[Member]) -> BTreeMap<u32, Vec<u32>> {
    let mut racks: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for member in members {
        racks.entry(member.zone).or_default().push(member.id);
    }
    racks
}

/// All brokers, one of each rack in turn as long as it has any.
fn alternating(members: &[Member]) -> Vec<u32> {
    let racks: Vec<Vec<u32>> = by_rack(members).into_values().collect();
    let longest = racks.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|i| racks.iter().filter_map(move |rack| rack.get(i).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples in Kafka's documentation of the two.
    #[test]
    fn documented_examples() {
        let member = |(id, zone): (u32, &u32)| Member { id, zone: *zone, weight: 1 };
        let six: Vec<Member> = (0..).zip(&[1, 3, 3, 2, 2, 1]).map(member).collect();
        assert_eq!(alternating(&six), [0, 3, 1, 5, 4, 2]);
        let expected =
            [[0, 3, 1], [3, 1, 5], [1, 5, 4], [5, 4, 2], [4, 2, 0], [2, 0, 3], [0, 4, 2]];
        assert_eq!(anew(&six, 7, (0, 0)), expected);

        // Brokers 0 to 2 in the first rack, and so on: begins at random, then goes on as documented.
        let nine: Vec<Member> = (0..).zip(&[0, 0, 0, 1, 1, 1, 2, 2, 2]).map(member).collect();
        let rows = striped(&nine, 9);
        for pair in rows.windows(2) {
            let next = |broker: u32| broker / 3 * 3 + (broker + 1) % 3;
            let [a, b, c] = pair[0].map(next);
            assert_eq!(pair[1], [b, c, a]);
        }
    }
}
