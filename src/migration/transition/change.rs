//! The events that change a transition.

use super::state::{PartitionState, Phase, Place, TARGET};
use super::unmoved::unmoved;
use super::{Transition, Version};
use crate::error::{CompareFault, Error, MigrationFault, NodeFault};
use crate::hash::{Portable, StableHash};
use crate::node::NodeLabel;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

impl<N, H, const R: usize> Transition<N, H, R> {
    /// Begins the move of a waiting partition: its new holders are written too from now on, and
    /// are to be copied to.
    ///
    /// # Errors
    /// No such partition, and one that is not waiting.
    pub fn begin(&mut self, partition: u32) -> Result<(), Error> {
        self.step(partition, PartitionState::Waiting, |place| place.phase = Phase::Copying)
    }

    /// Lets the new holders of a copying partition serve reads. Each of them must have a copy of
    /// every key of the partition that includes all acknowledged writes.
    ///
    /// # Errors
    /// No such partition, and one that is not copying.
    pub fn switch(&mut self, partition: u32) -> Result<(), Error> {
        self.step(partition, PartitionState::Copying, |place| place.phase = Phase::Switched)
    }

    /// Settles a switched partition at the target: the old holders are not written any more and
    /// can delete their copies.
    ///
    /// # Errors
    /// No such partition, and one that has not switched.
    pub fn complete(&mut self, partition: u32) -> Result<(), Error> {
        let version = self.places.get(partition as usize).map(|place| place.version);
        self.step(partition, PartitionState::Switched, |place| *place = Place::settled(TARGET))?;
        self.remaining -= 1;
        if let Some(uses) = version.and_then(|version| self.uses.get_mut(version as usize)) {
            *uses -= 1;
            if *uses == 0 {
                self.count_uses();
            }
        }
        Ok(())
    }

    /// Goes back one state: from switched to copying, or from copying to waiting; then the copies on
    /// the new holders are worth nothing.
    ///
    /// # Errors
    /// No such partition, and one that is waiting or complete. To undo a complete one,
    /// [change](Self::change_to) back to the old placement.
    pub fn step_back(&mut self, partition: u32) -> Result<(), Error> {
        let state = self.state(partition);
        let back = match state {
            Some(PartitionState::Switched) => Phase::Copying,
            _ => Phase::Settled,
        };
        let wanted =
            if back == Phase::Copying { PartitionState::Switched } else { PartitionState::Copying };
        self.step(partition, wanted, |place| place.phase = back)
    }

    /// Gives a new target, in any state. Partitions that were copying are settled at the placement they
    /// came from; those that had switched, and the complete ones, at the target so far.
    ///
    /// Partitions whose keys all have the same holders there as in the new target are complete at once,
    /// so that only partitions of which a replica is copied or deleted are left. These are known
    /// where both placements are rings (but by nearest points), Maglev tables or partition tables, under any
    /// [spread](Version::under) for rings and Maglev tables; for other algorithms all partitions
    /// are taken to move. Going back to a placement where partitions are still settled makes these
    /// complete at once for every algorithm.
    ///
    /// Nothing changes if the target has this placement already and no node of it is lost. A lost
    /// node that is among the new target's nodes is one that comes back empty: its keys are copied
    /// to it again. So nodes that were lost in a version taken from a transition are not lost in it as
    /// a new target.
    ///
    /// # Errors
    /// Another key hasher, a placement without a live node, and a partition table or a spread of more than
    /// `R` replicas. The transition is as it was.
    ///
    /// # Complexity
    /// For each version at which partitions are settled, two lookups for each partition and for each piece
    /// of the hashes in partitions that stay. Pieces are cut by the points of rings, the entries of Maglev
    /// tables and the partitions of tables. O(partitions) for other algorithms.
    pub fn change_to(&mut self, target: Version<N, H>) -> Result<(), Error>
    where
        H: Portable,
    {
        let (old, new) = (self.target.hasher().id(), target.hasher().id());
        if old != new {
            return Err(CompareFault::OtherHasher { old, new }.into());
        }
        if !target.is_live() {
            return Err(MigrationFault::NoNodes.into());
        }
        target.check_replicas(R)?;
        let target = target.whole();
        let is_target = |version: &Version<N, H>| {
            version.fingerprint() == target.fingerprint() && version.lost().is_empty()
        };
        if is_target(&self.target) {
            return Ok(());
        }
        let back = self.earlier.iter().position(is_target).map(|version| version as u32);
        let before = self.earlier.len() as u32;
        self.earlier.push(core::mem::replace(&mut self.target, target));
        for place in &mut self.places {
            let version = match place.phase {
                Phase::Switched => before,
                _ if place.version == TARGET => before,
                _ => place.version,
            };
            *place = Place::settled(if back == Some(version) { TARGET } else { version });
        }
        self.complete_unmoved();
        self.count_uses();
        Ok(())
    }

    /// Settles partitions at the target that have the same holders there.
    fn complete_unmoved(&mut self) {
        let partitions = self.partitions();
        for (version, earlier) in (0..).zip(&self.earlier) {
            let is_settled = |place: &Place| *place == Place::settled(version);
            if !self.places.iter().any(is_settled) {
                continue;
            }
            let stays = unmoved::<N, H, R>(earlier, &self.target, partitions);
            let places = self.places.iter_mut().zip(stays);
            for (place, _) in places.filter(|(place, stays)| *stays && is_settled(place)) {
                *place = Place::settled(TARGET);
            }
        }
    }

    /// Leaves a node out of all sets, because what it held is lost. Call it only when no client can
    /// reach the node any more, or when it refuses them.
    ///
    /// A key that has lost all its new holders in a switched partition is still on the old ones:
    /// [step back](Self::step_back) before the partition is completed or gets another target. One that
    /// has lost all its old holders there is on the new ones alone: do not step back. A clone tells:
    /// its read sets after such a call must not be empty.
    ///
    /// # Errors
    /// A node that no version has.
    pub fn lose(&mut self, id: &(impl StableHash + ?Sized)) -> Result<(), Error> {
        let mut found = false;
        for version in self.earlier.iter_mut().chain([&mut self.target]) {
            if let Some(node) = version.topology().find(id) {
                version.lose(node);
                found = true;
            }
        }
        let label = || NodeLabel::of(id).shown();
        if found { Ok(()) } else { Err(NodeFault::Unknown { label: label() }.into()) }
    }

    fn step(
        &mut self,
        partition: u32,
        wanted: PartitionState,
        change: impl FnOnce(&mut Place),
    ) -> Result<(), Error> {
        let partitions = self.partitions();
        let state = self.state(partition);
        let place = self.places.get_mut(partition as usize);
        let (Some(state), Some(place)) = (state, place) else {
            return Err(MigrationFault::Partition { partition, partitions }.into());
        };
        if state != wanted {
            let (is, wanted) = (state.name(), wanted.name());
            return Err(MigrationFault::State { partition, is, wanted }.into());
        }
        change(place);
        Ok(())
    }

    /// Counts the partitions of each version, and drops versions that have none.
    pub(super) fn count_uses(&mut self) {
        let mut uses = vec![0_u32; self.earlier.len()];
        self.remaining = 0;
        for place in &self.places {
            steps::count(1);
            self.remaining += u32::from(!place.is_complete());
            if let Some(uses) = uses.get_mut(place.version as usize) {
                *uses += 1;
            }
        }
        if uses.contains(&0) {
            let mut kept = 0;
            let number = |uses: &u32| {
                let number = if *uses == 0 { TARGET } else { kept };
                kept += u32::from(*uses > 0);
                number
            };
            let numbers: Vec<u32> = uses.iter().map(number).collect();
            for place in &mut self.places {
                place.version = numbers.get(place.version as usize).copied().unwrap_or(TARGET);
            }
            let mut used = uses.iter().map(|uses| *uses > 0);
            self.earlier.retain(|_| used.next().unwrap_or(false));
            uses.retain(|uses| *uses > 0);
        }
        self.uses = uses;
    }
}
