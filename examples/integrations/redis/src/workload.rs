//! Clients that read, write and remove keys, and check every answer.

use crate::sharded::{Client, Cluster, Failure};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;

/// A key's write is a removal if its number is a multiple of this.
const REMOVAL: u64 = 16;

/// Keys, and the number of the last write of each that was acknowledged.
#[derive(Debug)]
pub struct Workload(Vec<AtomicU64>);

/// What clients did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Writes and removals that were acknowledged.
    pub writes: u64,
    /// Reads, whose answers were right.
    pub reads: u64,
}

impl Workload {
    /// So many keys, which [`fill`](Self::fill) writes.
    #[must_use]
    pub fn new(keys: usize) -> Self {
        Self((0..keys).map(|_| AtomicU64::new(0)).collect())
    }

    /// Writes each key once, from so many threads.
    ///
    /// # Errors
    /// A server does not answer.
    pub fn fill(&self, cluster: &Cluster, threads: usize) -> Result<(), Failure> {
        self.in_threads(threads, |thread| {
            let mut client = cluster.client();
            (thread..self.0.len()).step_by(threads).try_for_each(|key| self.write(&mut client, key))
        })?;
        Ok(())
    }

    /// Clients in so many threads read and write all the while that `change` runs.
    ///
    /// # Errors
    /// A server does not answer, `change` fails, or an answer is wrong: older than what had been
    /// acknowledged when it was asked.
    pub fn during<T>(
        &self,
        cluster: &Cluster,
        threads: usize,
        change: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<(T, Counts), Failure> {
        let stop = AtomicBool::new(false);
        let client = |thread: usize| {
            let mut client = cluster.client();
            let mut random = thread as u64;
            let mut counts = Counts::default();
            while !stop.load(SeqCst) {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99_991);
                let key = (random >> 33) as usize % self.0.len();
                if random >> 63 == 0 {
                    self.check(&mut client, key)?;
                    counts.reads += 1;
                } else {
                    // Each key is written by one thread.
                    let own = key - key % threads + thread;
                    self.write(&mut client, if own < self.0.len() { own } else { thread })?;
                    counts.writes += 1;
                }
            }
            Ok(counts)
        };
        let (changed, counts) = thread::scope(|scope| {
            let clients = scope.spawn(|| self.in_threads(threads, client));
            let changed = change();
            stop.store(true, SeqCst);
            (changed, clients.join())
        });
        let counts = counts.map_err(|_| "a client panicked")??;
        let sum = |sum: Counts, one: Counts| Counts {
            writes: sum.writes + one.writes,
            reads: sum.reads + one.reads,
        };
        Ok((changed?, counts.into_iter().fold(Counts::default(), sum)))
    }

    /// Checks every key, from so many threads.
    ///
    /// # Errors
    /// A server does not answer, or has not what was acknowledged last.
    pub fn check_all(&self, cluster: &Cluster, threads: usize) -> Result<(), Failure> {
        self.in_threads(threads, |thread| {
            let mut client = cluster.client();
            (thread..self.0.len()).step_by(threads).try_for_each(|key| self.check(&mut client, key))
        })?;
        Ok(())
    }

    fn in_threads<T: Send>(
        &self,
        threads: usize,
        each: impl Fn(usize) -> Result<T, Failure> + Sync,
    ) -> Result<Vec<T>, Failure> {
        thread::scope(|scope| {
            let each = &each;
            let threads: Vec<_> = (0..threads).map(|i| scope.spawn(move || each(i))).collect();
            let joined = threads.into_iter().map(|t| t.join().map_err(|_| "a client panicked")?);
            joined.collect()
        })
    }

    fn write(&self, client: &mut Client<'_>, key: usize) -> Result<(), Failure> {
        let number = self.0[key].load(SeqCst) + 1;
        match number % REMOVAL {
            0 => client.remove(&name(key))?,
            _ => client.set(&name(key), &value(key, number))?,
        }
        self.0[key].store(number, SeqCst);
        Ok(())
    }

    fn check(&self, client: &mut Client<'_>, key: usize) -> Result<(), Failure> {
        let acknowledged = self.0[key].load(SeqCst);
        let found = client.get(&name(key))?;
        // A write under way may be seen already.
        let newest = self.0[key].load(SeqCst) + 1;
        let is_right = match &found {
            Some(found) => {
                let number = found.split(|byte| *byte == b' ').next_back().unwrap_or_default();
                let number = std::str::from_utf8(number)?.parse().unwrap_or(0);
                (acknowledged..=newest).contains(&number) && *found == value(key, number)
            }
            None => newest / REMOVAL * REMOVAL >= acknowledged.max(1),
        };
        if is_right {
            return Ok(());
        }
        let found = found.map(|found| found.escape_ascii().to_string());
        Err(format!("key {key} has {found:?}, and write {acknowledged} was acknowledged").into())
    }
}

fn name(key: usize) -> Vec<u8> {
    format!("user:{key}").into_bytes()
}

fn value(key: usize, number: u64) -> Vec<u8> {
    format!("value of {key}, write {number}").into_bytes()
}
