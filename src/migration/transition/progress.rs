//! What is kept of a transition over a restart.

use super::state::{Phase, Place, TARGET};
use super::{Transition, Version};
use crate::error::{Error, MigrationFault};
use crate::node::NodeLabel;
use alloc::format;
use alloc::vec::Vec;

/// How far a [`Transition`] has come: the fingerprints of its versions, the nodes lost in each, and
/// the state of each partition. Together with the versions it gives the transition again.
///
/// With the feature `serde` it is saved and restored as it is. Save it after every event, before the
/// next one; save the locators of the versions once, when they become versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    pub(super) replicas: u32,
    /// The target last.
    pub(super) versions: Vec<Fingerprint>,
    /// For each partition four times the version's number, and 0 settled, 1 copying, 2 switched.
    pub(super) states: Vec<u32>,
}

/// A version by what it can be recognised by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fingerprint {
    pub(super) fingerprint: u64,
    /// Labels of its lost nodes.
    pub(super) lost: Vec<Vec<u8>>,
}

impl Progress {
    /// The fingerprints of the versions, which [`Transition::resume`] has to be given; the target's
    /// is the last one.
    pub fn fingerprints(&self) -> impl ExactSizeIterator<Item = u64> {
        self.versions.iter().map(|version| version.fingerprint)
    }
}

impl<N, H, const R: usize> Transition<N, H, R> {
    /// What has to be kept, beside the versions, to [resume](Self::resume) after a restart.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let kept = |version: &Version<N, H>| {
            let members = version.topology().members();
            let label = |node| members.label(node).unwrap_or_default().to_vec();
            let lost = version.lost().iter().map(|node| label(*node)).collect();
            Fingerprint { fingerprint: version.fingerprint(), lost }
        };
        let versions = self.earlier.iter().chain([&self.target]).map(kept).collect();
        let state = |place: &Place| {
            let version = place.version.min(self.earlier.len() as u32);
            version << 2 | place.phase as u32
        };
        let states = self.places.iter().map(state).collect();
        Progress { replicas: R as u32, versions, states }
    }

    /// The transition that had this progress. The versions may be given in any order, and more than
    /// are needed.
    ///
    /// # Errors
    /// A version that is missing: the message has its fingerprint and those that were given; another
    /// number of replicas; a progress that was altered.
    pub fn resume(
        progress: &Progress,
        versions: impl IntoIterator<Item = Version<N, H>>,
    ) -> Result<Self, Error>
    where
        H: Clone,
    {
        let Progress { replicas, versions: saved, states } = progress;
        if *replicas as usize != R {
            return Err(MigrationFault::OtherReplicas { saved: *replicas, given: R }.into());
        }
        let given: Vec<Version<N, H>> = versions.into_iter().collect();
        let mut found = Vec::with_capacity(saved.len());
        for Fingerprint { fingerprint, lost } in saved {
            let version = given.iter().find(|version| version.fingerprint() == *fingerprint);
            let Some(mut version) = version.cloned().map(Version::whole) else {
                let given = given.iter().map(Version::fingerprint).collect();
                return Err(MigrationFault::OtherVersion { saved: *fingerprint, given }.into());
            };
            for label in lost {
                let node = version.topology().members().find(label);
                let label = || NodeLabel::from_bytes(label).shown();
                let why =
                    || format!("node {} is lost in a placement that has no such node", label());
                version.lose(node.ok_or_else(|| MigrationFault::Altered { why: why() })?);
            }
            found.push(version);
        }
        let Some(target) = found.pop() else {
            return Err(MigrationFault::Altered { why: "it has no placement".into() }.into());
        };
        let mut transition = Self::settled_at(target, states.len() as u32)?;
        transition.earlier = found;
        for (place, state) in transition.places.iter_mut().zip(states) {
            let (version, earlier) = (state >> 2, transition.earlier.len() as u32);
            let phase = match state & 3 {
                0 => Phase::Settled,
                1 => Phase::Copying,
                2 => Phase::Switched,
                _ => return Err(unknown(*state)),
            };
            if version > earlier || version == earlier && phase != Phase::Settled {
                return Err(unknown(*state));
            }
            let version = if version == earlier { TARGET } else { version };
            *place = Place { version, phase };
        }
        transition.count_uses();
        Ok(transition)
    }
}

#[cold]
fn unknown(state: u32) -> Error {
    MigrationFault::Altered { why: format!("the state {state} is unknown") }.into()
}
