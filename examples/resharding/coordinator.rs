//! Moves partitions round by round: copy, catch up, switch, drop.

use crate::Move;
use crate::cluster::Cluster;
use crate::common::progress;
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::node::Request;
use crate::router::Router;
use crate::work::{Copying, Work};
use apportion::Error;
use apportion::migration::{PartitionState, Progress};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;

pub(crate) struct Coordinator<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) router: &'a Router,
    pub(crate) keys: &'a Keys,
    pub(crate) transition: Move,
    /// What would be on disk.
    pub(crate) saved: Progress,
    pub(crate) ledger: Ledger,
}

/// Where the moving is interrupted: in the round after which more partitions than these would have
/// completed.
#[derive(Clone, Copy)]
pub(crate) enum Interruption {
    /// All copies of a round are made, and none has switched.
    Copied(usize),
    /// Half of the copies of a round are made.
    Copying(usize),
}

impl Interruption {
    fn completed(self) -> usize {
        match self {
            Self::Copied(completed) | Self::Copying(completed) => completed,
        }
    }
}

impl Coordinator<'_> {
    /// Makes calls, saves the progress, and only then shows clients the new state. Returns when all of
    /// them have seen it.
    pub(crate) fn call(
        &mut self,
        calls: impl FnOnce(&mut Move) -> Result<(), Error>,
    ) -> Result<(), String> {
        calls(&mut self.transition).map_err(|e| e.to_string())?;
        self.saved = self.transition.progress();
        if self.router.publish(&self.transition) { Ok(()) } else { Err(STOPPED.to_owned()) }
    }

    /// Carries out what is left of the work. Returns how many partitions completed, and whether it was
    /// interrupted.
    pub(crate) fn carry_out(
        &mut self,
        work: &Work,
        interruption: Option<Interruption>,
    ) -> Result<(usize, bool), String> {
        let all = self.transition.remaining();
        let template = "{bar:40} {pos} of {len} partitions";
        let progress = progress::Progress::new(Some(all.into()), template);
        let mut completed = 0;
        let mut left: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for copy in work.copies() {
            left.entry(copy.partition).or_default().insert(copy.to);
        }
        for round in &work.rounds {
            let is_left = |copy: &&Copying| self.state(copy.partition) != PartitionState::Complete;
            let mut round: Vec<Copying> = round.iter().filter(is_left).copied().collect();
            self.begin(work, &round)?;
            let now = interruption.filter(|at| completed + round.len() > at.completed());
            if let Some(Interruption::Copying(_)) = now {
                round.truncate(round.len().div_ceil(2));
            }
            self.copy(&round)?;
            if now.is_some() {
                return Ok((completed, true));
            }
            let mut ready = Vec::new();
            for Copying { partition, to, .. } in round {
                let destinations = left.entry(partition).or_default();
                destinations.remove(&to);
                if destinations.is_empty() {
                    ready.push(partition);
                }
            }
            completed += ready.len();
            self.finish(&ready)?;
            progress.show(all.saturating_sub(self.transition.remaining()).into());
        }
        // Where a replica is dropped and none is new, there is nothing to copy.
        let partitions = 0..self.transition.partitions();
        let rest: Vec<u32> =
            partitions.filter(|p| self.state(*p) != PartitionState::Complete).collect();
        let waiting = rest.iter().filter(|p| self.state(**p) == PartitionState::Waiting);
        let waiting: Vec<u32> = waiting.copied().collect();
        self.call(|transition| waiting.iter().try_for_each(|p| transition.begin(*p)))?;
        self.finish(&rest)?;
        Ok((completed + rest.len(), false))
    }

    /// New holders are written from now on.
    fn begin(&mut self, work: &Work, round: &[Copying]) -> Result<(), String> {
        let is_waiting = |copy: &&Copying| self.state(copy.partition) == PartitionState::Waiting;
        let waiting: Vec<u32> =
            round.iter().filter(is_waiting).map(|copy| copy.partition).collect();
        self.call(|transition| waiting.iter().try_for_each(|p| transition.begin(*p)))?;
        for copy in round {
            let new = self.transition.new_holders(&self.keys.sample(copy.partition));
            let planned = work.destinations(copy.partition);
            if new.iter().copied().collect::<BTreeSet<u32>>() != planned {
                let partition = copy.partition;
                return Err(format!("partition {partition} goes to {new:?}, not to {planned:?}"));
            }
        }
        Ok(())
    }

    /// Copies at the same time. All clients write to the new holders already, so each copy catches up
    /// by itself: whatever it misses is stored there by the client.
    fn copy(&mut self, round: &[Copying]) -> Result<(), String> {
        let cluster = self.cluster;
        let one = |copy: Copying| {
            let Copying { partition, from, to } = copy;
            let entries = cluster.ask(from, |reply| Request::Read { partition, reply })?;
            let keys = entries.len() as u64;
            let bytes = entries.values().map(|value| value.bytes()).sum();
            cluster.ask(to, |reply| Request::Store { partition, entries, reply })?;
            Some((copy, keys, bytes))
        };
        let made = thread::scope(|scope| {
            let threads: Vec<_> =
                round.iter().map(|copy| scope.spawn(move || one(*copy))).collect();
            threads.into_iter().map(|thread| thread.join().ok().flatten()).collect::<Vec<_>>()
        });
        for made in made {
            let (copy, keys, bytes) = made.ok_or("a node crashed while it copied")?;
            let all = self.keys.count(copy.partition);
            if keys != all {
                let partition = copy.partition;
                return Err(format!("{keys} of {all} keys of partition {partition} were copied"));
            }
            self.ledger.book(copy, keys, bytes)?;
        }
        Ok(())
    }

    /// New holders serve reads, then the old ones are not written any more, then they delete.
    fn finish(&mut self, partitions: &[u32]) -> Result<(), String> {
        self.call(|transition| partitions.iter().try_for_each(|p| transition.switch(*p)))?;
        let mut gone = Vec::new();
        for partition in partitions {
            let old = self.transition.old_holders(&self.keys.sample(*partition));
            gone.extend(old.iter().map(|node| (*partition, *node)));
        }
        self.call(|transition| partitions.iter().try_for_each(|p| transition.complete(*p)))?;
        for (partition, node) in gone {
            self.delete(partition, node)?;
        }
        Ok(())
    }

    /// Deletes a partition from a node that all clients know not to hold it.
    pub(crate) fn delete(&self, partition: u32, node: u32) -> Result<(), String> {
        let done = self.cluster.ask(node, |reply| Request::Delete { partition, reply });
        done.ok_or_else(|| format!("n{node} crashed before it deleted partition {partition}"))
    }

    pub(crate) fn state(&self, partition: u32) -> PartitionState {
        self.transition.state(partition).unwrap_or(PartitionState::Complete)
    }

    pub(crate) fn in_state(&self, state: PartitionState) -> Vec<u32> {
        (0..self.transition.partitions()).filter(|p| self.state(*p) == state).collect()
    }
}

/// The coordinator gives up because a client did: the client says why.
pub(crate) const STOPPED: &str = "a client stopped";
