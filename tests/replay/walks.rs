//! Walks that are begun on one value and continued on others, some of their words overwritten:
//! they give live nodes of the value at hand, and end.

use super::input::Input;
use super::model::{Kind, Member, Model};
use apportion::bucket::{Buckets, FlipHash, Jump, JumpGuava};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::{JumpBack, KeyHash, Locator, NodeIdx, PartitionTable, Placement, Topology, Walk};

const STEPS: usize = 12;
/// A walk over huge numbers of buckets is followed only for a while.
const HUGE: u64 = 1_000;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let sources: Vec<Source> = (0..=1 + input.below(2)).map(|_| Source::read(&mut input)).collect();
    let values: Vec<Value<'_>> = sources.iter().map(Source::value).collect();
    let mut walk = Walk::new(KeyHash::from_hash(input.word()));
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        if !edit(&mut walk, &mut input) {
            let value = input.pick(&values);
            for _ in 0..=input.below(20) {
                value.step(&mut walk);
            }
        }
        for value in &values {
            value.to_the_end(walk);
        }
    }
}

/// Overwrites words of a walk, and says whether it did.
pub fn edit(walk: &mut Walk, input: &mut Input<'_>) -> bool {
    match input.below(8) {
        0 => walk.state()[input.below(8)] = input.number(),
        1 => {
            let (word, bit) = (input.below(8), input.below(64));
            walk.state()[word] ^= 1 << bit;
        }
        2 => *walk.state() = std::array::from_fn(|_| input.word()),
        _ => return false,
    }
    true
}

/// What a value borrows from.
enum Source {
    Named(Box<dyn Placement>, Vec<bool>, u64),
    Buckets(Box<dyn Placement>),
    Identities(Vec<u64>),
    Weighted(Vec<(u64, u64)>),
}

impl Source {
    fn read(input: &mut Input<'_>) -> Self {
        match input.below(8) {
            0 => {
                let n = (input.number() % (1 << 31)) as u32;
                let n = if input.byte() > 31 { n % 300 } else { n };
                Self::Buckets(match input.below(4) {
                    0 => Box::new(Buckets::new(Jump, n).unwrap()),
                    3 => Box::new(Buckets::new(FlipHash, n).unwrap()),
                    1 => Box::new(Buckets::new(JumpGuava, n).unwrap()),
                    _ => Box::new(Buckets::new(JumpBack, n).unwrap()),
                })
            }
            1 => {
                let mut identities: Vec<u64> = (0..input.below(20)).map(|_| input.word()).collect();
                identities.sort_unstable();
                identities.dedup();
                Self::Identities(identities)
            }
            2 => {
                let node = |_| (input.word(), input.number());
                let mut nodes: Vec<(u64, u64)> = (0..20).map(node).collect();
                nodes.sort_unstable_by_key(|(id, _)| *id);
                nodes.dedup_by_key(|(id, _)| *id);
                Self::Weighted(nodes)
            }
            7 => Self::table(input),
            _ => Self::named(input),
        }
    }

    /// A partition table: a walk goes to R holders, then to all live nodes but these, and one that
    /// is begun in the middle to both.
    fn table(input: &mut Input<'_>) -> Self {
        let mut nodes: Vec<Member> = Vec::new();
        for _ in 0..=input.below(15) {
            let weight = input.below(4).min(1) as u64;
            let member = Member::read(input, weight);
            if nodes.iter().all(|m| m.name != member.name) {
                nodes.push(member);
            }
        }
        nodes[0].weight = 1;
        let live: Vec<bool> = nodes.iter().map(|m| m.weight > 0).collect();
        let most = live.iter().filter(|live| **live).count();
        let (partitions, replicas) = (1 + input.below(40), 1 + input.below(6) % most);
        let topology = Topology::of(nodes.iter().map(Member::node)).unwrap();
        let drawn = Locator::rendezvous_of(topology).unwrap();
        let table = PartitionTable::derived(
            drawn.topology().members(),
            partitions as u32,
            replicas as u32,
            |key, out| drawn.placement().replicas(key, out),
        );
        Self::Named(Box::new(table.unwrap()), live, (replicas + most) as u64)
    }

    /// Any algorithm over nodes that may stand in the other values as well; some are drained.
    fn named(input: &mut Input<'_>) -> Self {
        let kind = Kind::read(input);
        let mut nodes: Vec<Member> = Vec::new();
        for _ in 0..input.below(16) {
            let weight =
                if kind.has_weights() { input.number() } else { input.below(4).min(1) as u64 };
            let member = Member::read(input, weight);
            if nodes.iter().all(|m| m.name != member.name) {
                nodes.push(member);
            }
        }
        // A ring over its budget: take what it can hold.
        let model = loop {
            match Model::fresh(&kind, nodes.clone()) {
                Some(model) => break model,
                None => drop(nodes.pop()),
            }
        };
        let topology = Topology::of(nodes.iter().map(Member::node)).unwrap();
        let locator = Locator::any_of(topology, kind.algorithm()).unwrap();
        let bound = (model.points().len() as u64).max(most_steps(model.live() as u64));
        let live = nodes.iter().map(|m| m.weight > 0).collect();
        Self::Named(Box::new(locator.placement().clone()), live, bound)
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Named(placement, live, bound) => {
                let live = |slot: NodeIdx| live.get(slot.index()) == Some(&true);
                Value { placement: Box::new(placement), live: Box::new(live), bound: *bound }
            }
            Self::Buckets(placement) => {
                let n = placement.slots();
                let live = move |slot: NodeIdx| slot.index() < n;
                let bound = most_steps(n as u64);
                Value { placement: Box::new(placement), live: Box::new(live), bound }
            }
            Self::Identities(identities) => {
                let n = identities.len();
                let placement = Box::new(RendezvousSlice::new(identities).unwrap());
                let live = Box::new(move |slot: NodeIdx| slot.index() < n);
                Value { placement, live, bound: n as u64 }
            }
            Self::Weighted(nodes) => {
                let placement = Box::new(WeightedRendezvousSlice::new(nodes).unwrap());
                let live = |slot: NodeIdx| nodes.get(slot.index()).is_some_and(|n| n.1 > 0);
                Value { placement, live: Box::new(live), bound: nodes.len() as u64 }
            }
        }
    }
}

/// A walk over buckets visits those below the next power of two at most, and the first one.
fn most_steps(n: u64) -> u64 {
    n.next_power_of_two() + 1
}

pub struct Value<'a> {
    pub placement: Box<dyn Placement + 'a>,
    pub live: Box<dyn Fn(NodeIdx) -> bool + 'a>,
    /// Steps after which any walk has ended.
    pub bound: u64,
}

impl Value<'_> {
    pub fn step(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let node = self.placement.next_candidate(walk)?;
        assert!((self.live)(node), "{node:?} is not a live node");
        assert!(node.index() < self.placement.slots());
        Some(node)
    }

    /// The same in batches, by a filter and one by one; then to the end.
    pub fn to_the_end(&self, walk: Walk) {
        self.in_batches(walk);
        self.one_by_one(walk);
    }

    /// Batches and admitted steps give what single steps give, from any place; repeats may be left
    /// out of a batch. Not where a walk would not end soon.
    fn in_batches(&self, walk: Walk) {
        if self.bound > HUGE {
            return;
        }
        let accept = |node: NodeIdx| node.get() % 3 != 1;
        let mut single = walk;
        let steps = std::iter::from_fn(|| self.placement.next_candidate(&mut single));
        let expected: Vec<NodeIdx> = steps.filter(|node| accept(*node)).collect();
        let mut admitted = walk;
        let next = || self.placement.next_candidate_where(&mut admitted, &mut { accept });
        assert_eq!(std::iter::from_fn(next).collect::<Vec<_>>(), expected);
        assert_eq!(self.placement.next_candidate(&mut admitted), None, "refused nodes come again");
        let (mut batches, mut found) = (walk, Vec::new());
        for size in (1..).map(|i: usize| 3 * i) {
            let mut out = vec![NodeIdx::default(); size];
            let n = self.placement.next_candidates(&mut batches, &mut out, &mut { accept });
            found.extend_from_slice(&out[..n]);
            if n < size {
                break;
            }
        }
        assert_eq!(distinct(&found), distinct(&expected));
        assert!(found.len() <= expected.len());
    }

    fn one_by_one(&self, mut walk: Walk) {
        let most = if self.bound > HUGE { 40 } else { HUGE };
        for steps in 0..most {
            if self.step(&mut walk).is_none() {
                assert!((0..3).all(|_| self.step(&mut walk).is_none()), "an ended walk goes on");
                return;
            }
            assert!(steps < self.bound, "more than {} steps", self.bound);
        }
    }
}

fn distinct(nodes: &[NodeIdx]) -> Vec<NodeIdx> {
    let mut seen = std::collections::BTreeSet::new();
    nodes.iter().copied().filter(|node| seen.insert(*node)).collect()
}
