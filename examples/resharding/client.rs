//! A client: reads and writes keys by the transition that it saw last, and looks for a newer one only now
//! and then. Each key is written by one client, and read by all.

use crate::cluster::Cluster;
use crate::keys::Keys;
use crate::node::{Request, Value};
use crate::router::{Router, View};
use std::thread;

/// The maximum number of operations between two looks at the newest transition.
const MAX_PATIENCE: u64 = 64;

/// What clients have done.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) acknowledged: u64,
    pub(crate) read: u64,
    /// Operations of clients that had not seen the newest transition.
    pub(crate) behind: u64,
    /// Operations that a crashed node did not answer.
    pub(crate) unanswered: u64,
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            acknowledged: sum.acknowledged + one.acknowledged,
            read: sum.read + one.read,
            behind: sum.behind + one.behind,
            unanswered: sum.unanswered + one.unanswered,
        })
    }
}

pub(crate) struct Client<'a> {
    pub(crate) number: usize,
    pub(crate) clients: usize,
    pub(crate) cluster: &'a Cluster,
    pub(crate) router: &'a Router,
    pub(crate) keys: &'a Keys,
    pub(crate) random: Random,
    /// The number of the last write that was tried, acknowledged or not, for keys that had one.
    pub(crate) last: std::collections::HashMap<u64, u64>,
}

impl Client<'_> {
    /// Reads and writes until the router stops. A wrong answer stops everybody.
    pub(crate) fn run(mut self) -> Result<Counts, String> {
        let mut counts = Counts::default();
        let mut view = self.router.newest(self.number);
        let mut patience = MAX_PATIENCE;
        while !self.router.is_stopped() {
            if patience == 0 {
                view = self.router.newest(self.number);
                patience = 1 + self.random.below(MAX_PATIENCE);
            }
            patience -= 1;
            counts.behind += u64::from(self.router.is_behind(&view));
            let answered = if self.random.below(2) == 0 {
                self.write(&view, &mut counts)
            } else {
                self.read(&view, &mut counts).inspect_err(|_| self.router.stop())?
            };
            if !answered {
                // A node is down: somebody may know better by now.
                counts.unanswered += 1;
                patience = 0;
                thread::yield_now();
            }
        }
        Ok(counts)
    }

    /// Writes one of the client's own keys to all of the write set.
    fn write(&mut self, view: &View, counts: &mut Counts) -> bool {
        let (number, clients) = (self.number as u64, self.clients as u64);
        let own = (self.keys.len() - number).div_ceil(clients);
        let key = number + clients * self.random.below(own);
        let version = self.last.entry(key).or_insert(1);
        *version += 1;
        let (partition, value) = (self.keys.partition(key), Value::new(key, *version));
        let put = |reply| Request::Put { partition, key, value: value.clone(), reply };
        let set = view.transition.write_set(&key);
        let stored = !set.is_empty() && self.cluster.all_do(set, put);
        if stored {
            self.keys.acknowledge(key, *version);
            counts.acknowledged += 1;
        }
        stored
    }

    /// Reads any key from any member of the read set.
    fn read(&mut self, view: &View, counts: &mut Counts) -> Result<bool, String> {
        let key = self.random.below(self.keys.len());
        let set = view.transition.read_set(&key);
        let Some(node) = set.get(self.random.below(set.len() as u64) as usize) else {
            return Err(format!("key {key} has no holder to read from"));
        };
        // What is acknowledged from here on may be missing from the answer.
        let newest = self.keys.acknowledged(key);
        let partition = self.keys.partition(key);
        let answer = self.cluster.ask(*node, |reply| Request::Get { partition, key, reply });
        let Some(found) = answer else { return Ok(false) };
        counts.read += 1;
        match found {
            Some(value) if value.version >= newest && value.is_intact(key) => Ok(true),
            found => {
                let found = found.map_or(0, |value| value.version);
                let state = view.transition.state(partition);
                let state = state.map_or("unknown", |state| state.name());
                Err(format!(
                    "n{node} has write {found} of key {key}, and write {newest} was acknowledged; its \
                     partition {partition} is {state}"
                ))
            }
        }
    }
}

/// Pseudo-random numbers: the finaliser of SplitMix64 over a counter.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `bound`, 0 if that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(word ^ (word >> 31)) * u128::from(bound)) >> 64) as u64
    }
}
