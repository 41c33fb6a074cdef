//! A model of a transition with stores, clients that lag behind, crashes and losses: no acknowledged
//! write is ever missing from a node that a client would read. Histories of it are drawn at random in
//! `tests/migration/histories.rs` and by the fuzz target `transitions`.

use apportion::migration::{PartitionState, Progress, Transition, Version};
use apportion::partition::TableConfig;
use apportion::{Locator, Topology, Xxh3};
use std::collections::{BTreeMap, BTreeSet};

const REPLICAS: usize = 2;
pub(crate) const PARTITIONS: u32 = 4;
const KEYS: u64 = 6;
const CLIENTS: usize = 2;

type Move = Transition<u32, Xxh3, REPLICAS>;
pub(crate) type Side = Version<u32, Xxh3>;

/// Where the decisions of a history come from.
pub(crate) trait Choices {
    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64;
}

/// Placements by four algorithms over several sets of nodes.
pub(crate) fn versions() -> Vec<Side> {
    let sets: [&[u32]; 7] = [
        &[0, 1, 2],
        &[0, 1, 2, 3],
        &[0, 1, 3],
        &[1, 2, 3, 4],
        &[0, 4],
        &[3, 4, 0],
        &[0, 1, 2, 3, 4],
    ];
    let mut versions = Vec::new();
    for nodes in sets {
        let topology = Topology::new(nodes.iter().copied()).unwrap();
        versions.push(Version::of(&Locator::ring(nodes.iter().copied()).unwrap()));
        versions.push(Version::of(&Locator::rendezvous_of(topology.clone()).unwrap()));
        let config = TableConfig::new(PARTITIONS, REPLICAS as u32);
        versions.push(Version::of(&Locator::table_of(topology.clone(), config).unwrap()));
        versions.push(Version::of(&Locator::maglev_of(topology, Default::default()).unwrap()));
    }
    versions
}

/// A write that is stored by one node after the other.
#[derive(Clone)]
struct Write {
    key: u64,
    id: u64,
    left: Vec<u32>,
}

pub(crate) struct World<'a> {
    pool: &'a [Side],
    pub(crate) truth: Move,
    /// What each client has seen, and its write under way.
    clients: Vec<(Move, Option<Write>)>,
    /// Whether all clients have seen the last event.
    in_sync: bool,
    /// The newest write that each node has of each key.
    stores: BTreeMap<(u32, u64), u64>,
    pub(crate) dead: BTreeSet<u32>,
    acknowledged: BTreeMap<u64, u64>,
    next_id: u64,
    /// Copies made since all clients have seen the partition copying.
    copied: BTreeSet<(u64, u32)>,
    /// What is deleted once all clients have seen the last event.
    deletions: Vec<(u64, u32)>,
    /// Versions used so far, for a restart.
    pub(crate) used: Vec<Side>,
}

impl<'a> World<'a> {
    pub(crate) fn new(pool: &'a [Side], draw: &mut impl Choices) -> Self {
        let first = pool[draw.below(pool.len() as u64) as usize].clone();
        let truth = Transition::new(first.clone(), PARTITIONS).unwrap();
        Self {
            pool,
            clients: (0..CLIENTS).map(|_| (truth.clone(), None)).collect(),
            truth,
            in_sync: true,
            stores: BTreeMap::new(),
            dead: BTreeSet::new(),
            acknowledged: BTreeMap::new(),
            next_id: 1,
            copied: BTreeSet::new(),
            deletions: Vec::new(),
            used: vec![first],
        }
    }

    /// All clients see the last event, after what they had under way has ended; then deletions run.
    fn sync(&mut self) {
        for client in &mut self.clients {
            *client = (self.truth.clone(), None);
        }
        for (key, node) in std::mem::take(&mut self.deletions) {
            self.stores.remove(&(node, key));
        }
        self.in_sync = true;
    }

    fn store(&mut self, node: u32, key: u64, id: u64) {
        let stored = self.stores.entry((node, key)).or_default();
        *stored = id.max(*stored);
    }

    fn keys_of(&self, partition: u32) -> Vec<u64> {
        (0..KEYS).filter(|key| self.truth.partition(key) == partition).collect()
    }

    /// Begins a write, or stores it on one more node, and acknowledges it behind the last one.
    fn write(&mut self, client: usize, draw: &mut impl Choices) {
        let (view, write) = &mut self.clients[client];
        let Some(under_way) = write else {
            let key = draw.below(KEYS);
            let left: Vec<u32> = view.write_set(&key).iter().copied().collect();
            assert!(left.len() <= 2 * REPLICAS);
            assert_eq!(left.iter().collect::<BTreeSet<_>>().len(), left.len());
            if !left.is_empty() {
                *write = Some(Write { key, id: self.next_id, left });
                self.next_id += 1;
            }
            return;
        };
        let node = under_way.left.swap_remove(draw.below(under_way.left.len() as u64) as usize);
        let Write { key, id, .. } = *under_way;
        let (dead, done) = (self.dead.contains(&node), under_way.left.is_empty());
        if dead || done {
            // Without an answer of every member the client gives up, and nothing is acknowledged.
            *write = None;
        }
        if !dead {
            self.store(node, key, id);
            // A key all of whose holders were lost while the write was under way is gone.
            if done && !self.truth.read_set(&key).is_empty() {
                let newest = self.acknowledged.entry(key).or_default();
                *newest = id.max(*newest);
            }
        }
    }

    fn copy(&mut self, key: u64) {
        let partition = self.truth.partition(&key);
        let ready = self.in_sync && self.truth.state(partition) == Some(PartitionState::Copying);
        if !ready {
            return;
        }
        // Where all holders are lost there is nothing to copy, and the new ones begin empty.
        let source = self.truth.read_set(&key).get(0).copied();
        let id = source.and_then(|node| self.stores.get(&(node, key)).copied()).unwrap_or(0);
        for node in self.truth.new_holders(&key).iter().copied().collect::<Vec<u32>>() {
            self.copied.insert((key, node));
            if !self.dead.contains(&node) {
                self.store(node, key, id);
            }
        }
    }

    /// One more step of a partition, as an operator would take it.
    fn step(&mut self, partition: u32) {
        let keys = self.keys_of(partition);
        match self.truth.state(partition).unwrap() {
            PartitionState::Waiting => {
                self.sync();
                self.truth.begin(partition).unwrap();
                self.copied.retain(|(key, _)| !keys.contains(key));
                self.in_sync = false;
            }
            PartitionState::Copying => {
                let copied = |key: &u64| {
                    let new = self.truth.new_holders(key);
                    new.iter().all(|node| self.copied.contains(&(*key, *node)))
                };
                if keys.iter().all(copied) {
                    self.sync();
                    self.truth.switch(partition).unwrap();
                    self.in_sync = false;
                }
            }
            PartitionState::Switched if self.is_completion_fatal(partition) => {
                self.step_back(partition);
            }
            PartitionState::Switched => {
                self.sync();
                for key in keys {
                    let old = self.truth.old_holders(&key);
                    self.deletions.extend(old.iter().map(|node| (key, *node)));
                }
                self.truth.complete(partition).unwrap();
                self.in_sync = false;
            }
            PartitionState::Complete => {
                assert!(self.truth.begin(partition).is_err());
            }
        }
    }

    /// True if a call would leave a key without a holder that has one now: after losses, all its holders
    /// may be lost where the call leads.
    fn is_fatal(&self, call: impl FnOnce(&mut Move)) -> bool {
        let mut after = self.truth.clone();
        call(&mut after);
        let mut keys = 0..KEYS;
        keys.any(|key| !self.truth.read_set(&key).is_empty() && after.read_set(&key).is_empty())
    }

    fn is_completion_fatal(&self, partition: u32) -> bool {
        self.is_fatal(|transition| drop(transition.complete(partition)))
    }

    fn step_back(&mut self, partition: u32) {
        let keys = self.keys_of(partition);
        let state = self.truth.state(partition).unwrap();
        let fatal = self.is_fatal(|transition| drop(transition.step_back(partition)));
        if matches!(state, PartitionState::Copying | PartitionState::Switched) && !fatal {
            self.sync();
            self.truth.step_back(partition).unwrap();
            self.copied.retain(|(key, _)| state == PartitionState::Switched || !keys.contains(key));
            self.in_sync = false;
        }
    }

    fn change(&mut self, draw: &mut impl Choices) {
        let back = draw.below(3) == 0;
        let from = if back { &self.used[..] } else { self.pool };
        let target = from[draw.below(from.len() as u64) as usize].clone();
        let fatal = |world: &Self| {
            world.is_fatal(|transition| transition.change_to(target.clone()).unwrap())
        };
        if fatal(self) {
            (0..PARTITIONS).for_each(|partition| self.step_back(partition));
        }
        if fatal(self) {
            return;
        }
        self.sync();
        let same = target.fingerprint() == self.truth.target().fingerprint();
        // A dead node of the new target comes back, with an empty disk.
        let returning: Vec<u32> = target.topology().nodes().copied().collect();
        let stays_lost = same && !returning.iter().any(|node| self.dead.contains(node));
        self.truth.change_to(target.clone()).unwrap();
        if !stays_lost {
            self.dead.retain(|node| !returning.contains(node));
            self.copied.clear();
        }
        self.used.push(target);
        self.in_sync = false;
    }

    fn lose(&mut self, node: u32) {
        if self.dead.contains(&node) || self.truth.lose(&node).is_err() {
            return;
        }
        self.dead.insert(node);
        self.stores.retain(|(holder, _), _| *holder != node);
        self.copied.retain(|(_, holder)| *holder != node);
        // Clients can no more reach it, whatever they have seen. What no node has any more is lost.
        for key in 0..KEYS {
            if self.truth.read_set(&key).is_empty() {
                self.acknowledged.remove(&key);
            }
        }
    }

    fn restart(&mut self) {
        let progress: Progress = self.truth.progress();
        let again = Move::resume(&progress, self.used.iter().cloned()).unwrap();
        assert_eq!(again.progress(), progress);
        assert_eq!(again.remaining(), self.truth.remaining());
        self.truth = again;
    }

    fn check(&self) {
        let views = self.clients.iter().map(|(view, _)| view).chain([&self.truth]);
        for view in views {
            for key in 0..KEYS {
                let newest = self.acknowledged.get(&key).copied().unwrap_or(0);
                for node in view.read_set(&key).iter().filter(|node| !self.dead.contains(node)) {
                    let stored = self.stores.get(&(*node, key)).copied().unwrap_or(0);
                    assert!(
                        stored >= newest,
                        "node {node} has write {stored} of key {key}, and {newest} \
                         is acknowledged, in {:?}",
                        view.state(view.partition(&key))
                    );
                }
            }
        }
    }

    /// One event, and whether everything acknowledged is still there.
    pub(crate) fn event(&mut self, draw: &mut impl Choices) {
        match draw.below(24) {
            0..=7 => self.write(draw.below(CLIENTS as u64) as usize, draw),
            8..=12 => self.copy(draw.below(KEYS)),
            13..=17 => self.step(draw.below(PARTITIONS.into()) as u32),
            18 => self.step_back(draw.below(PARTITIONS.into()) as u32),
            19 => self.sync(),
            20 => self.change(draw),
            21 => self.restart(),
            22 if draw.below(3) == 0 => self.lose(draw.below(5) as u32),
            _ => {}
        }
        self.check();
    }

    /// Takes all steps that are left; then only the target is left. Not where a key has lost its holders
    /// in the target: that needs another one.
    pub(crate) fn finish(&mut self) {
        for round in 0.. {
            if self.truth.is_complete() {
                break;
            }
            assert!(round < 4, "three steps complete a partition");
            for partition in 0..PARTITIONS {
                self.sync();
                (0..KEYS).for_each(|key| self.copy(key));
                if self.is_completion_fatal(partition) {
                    return;
                }
                self.step(partition);
                self.check();
            }
        }
        self.sync();
        assert!(self.truth.progress().fingerprints().eq([self.truth.target().fingerprint()]));
    }
}
