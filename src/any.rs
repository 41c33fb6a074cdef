//! An algorithm chosen at run time.

use crate::anchor::JumpBackAnchor;
use crate::asura::{Asura, AsuraConfig};
use crate::bucket::{FlipHash, Jump, JumpBack, JumpGuava, Numbered};
use crate::error::{Error, Kind};
use crate::hash::KeyHash;
use crate::maglev::{Maglev, MaglevConfig};
use crate::node::NodeIdx;
use crate::placement::{Build, Guarantees, Placement, View, Viewed, Walk};
use crate::rendezvous::{Rendezvous, WeightedRendezvous};
use crate::ring::{Ring, RingConfig};
use crate::topology::{Change, Members};
use core::fmt;
use core::str::FromStr;

/// The algorithms of this crate, for a choice by configuration.
///
/// ```
/// use apportion::{Algorithm, Locator, Topology};
///
/// let algorithm: Algorithm = "jump-back".parse()?;
/// let shards = Locator::any_of(Topology::new(["s0", "s1"])?, algorithm)?;
/// assert!(shards.without("s0").is_err()); // a jump hash can only lose its last bucket
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Algorithm {
    /// [`Ring`]: `ring`.
    Ring(RingConfig),
    /// [`Numbered`] over [`jump`](crate::jump()): `jump`.
    Jump,
    /// [`Numbered`] over [`jump_guava`](crate::jump_guava()): `jump-guava`.
    JumpGuava,
    /// [`Numbered`] over [`jump_back`](crate::jump_back()): `jump-back`.
    JumpBack,
    /// [`Numbered`] over [`flip`](crate::flip()): `flip`.
    Flip,
    /// [`JumpBackAnchor`]: `jump-back-anchor`.
    JumpBackAnchor,
    /// [`Asura`]: `asura`.
    Asura(AsuraConfig),
    /// [`Maglev`]: `maglev`.
    Maglev(MaglevConfig),
    /// [`Rendezvous`]: `rendezvous`.
    Rendezvous,
    /// [`WeightedRendezvous`]: `weighted-rendezvous`.
    WeightedRendezvous,
}

impl Default for Algorithm {
    fn default() -> Self {
        Self::Ring(RingConfig::default())
    }
}

impl Algorithm {
    /// The names [`from_str`](FromStr::from_str) takes and [`Display`](fmt::Display) prints.
    pub const NAMES: &'static [&'static str] = &[
        "ring",
        "jump",
        "jump-guava",
        "jump-back",
        "flip",
        "jump-back-anchor",
        "asura",
        "maglev",
        "rendezvous",
        "weighted-rendezvous",
    ];

    /// Every algorithm, with its default configuration.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::NAMES.iter().filter_map(|name| name.parse().ok())
    }

    /// The algorithm's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ring(_) => "ring",
            Self::Jump => "jump",
            Self::JumpGuava => "jump-guava",
            Self::JumpBack => "jump-back",
            Self::Flip => "flip",
            Self::JumpBackAnchor => "jump-back-anchor",
            Self::Asura(_) => "asura",
            Self::Maglev(_) => "maglev",
            Self::Rendezvous => "rendezvous",
            Self::WeightedRendezvous => "weighted-rendezvous",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every name in [`Algorithm::NAMES`]; a ring, an Asura board and a Maglev table get the default configuration.
impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "ring" => Self::default(),
            "jump" => Self::Jump,
            "jump-guava" => Self::JumpGuava,
            "jump-back" => Self::JumpBack,
            "flip" => Self::Flip,
            "jump-back-anchor" => Self::JumpBackAnchor,
            "asura" => Self::Asura(AsuraConfig::default()),
            "maglev" => Self::Maglev(MaglevConfig::default()),
            "rendezvous" => Self::Rendezvous,
            "weighted-rendezvous" => Self::WeightedRendezvous,
            _ => {
                let name = name.chars().take(64).collect();
                return Err(Kind::UnknownAlgorithm { name, known: Self::NAMES }.into());
            }
        })
    }
}

/// A placement whose algorithm is chosen at run time: an enum rather than a trait object, so that
/// it can be built, changed, compared and saved like any other.
///
/// What an algorithm cannot do is an error at run time here, for instance removing the third of
/// five nodes from a jump hash.
#[derive(Clone, Debug)]
pub struct AnyPlacement {
    inner: Inner,
}

#[derive(Clone, Debug)]
enum Inner {
    Ring(Ring),
    Jump(Numbered<Jump>),
    JumpGuava(Numbered<JumpGuava>),
    JumpBack(Numbered<JumpBack>),
    Flip(Numbered<FlipHash>),
    JumpBackAnchor(JumpBackAnchor),
    Asura(Asura),
    Maglev(Maglev),
    Rendezvous(Rendezvous),
    WeightedRendezvous(WeightedRendezvous),
}

impl AnyPlacement {
    /// Which algorithm it is, with the configuration it was built with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.inner {
            Inner::Ring(ring) => Algorithm::Ring(ring.config().clone()),
            Inner::Jump(_) => Algorithm::Jump,
            Inner::JumpGuava(_) => Algorithm::JumpGuava,
            Inner::JumpBack(_) => Algorithm::JumpBack,
            Inner::Flip(_) => Algorithm::Flip,
            Inner::JumpBackAnchor(_) => Algorithm::JumpBackAnchor,
            Inner::Asura(asura) => Algorithm::Asura(*asura.config()),
            Inner::Maglev(maglev) => Algorithm::Maglev(*maglev.config()),
            Inner::Rendezvous(_) => Algorithm::Rendezvous,
            Inner::WeightedRendezvous(_) => Algorithm::WeightedRendezvous,
        }
    }
}

/// Runs the same expression on whichever placement it is.
macro_rules! each {
    ($self:expr, $p:ident => $e:expr) => {
        match &$self.inner {
            Inner::Ring($p) => $e,
            Inner::Jump($p) => $e,
            Inner::JumpGuava($p) => $e,
            Inner::JumpBack($p) => $e,
            Inner::Flip($p) => $e,
            Inner::JumpBackAnchor($p) => $e,
            Inner::Asura($p) => $e,
            Inner::Maglev($p) => $e,
            Inner::Rendezvous($p) => $e,
            Inner::WeightedRendezvous($p) => $e,
        }
    };
}

macro_rules! wraps {
    ($($name:ident($t:ty)),* $(,)?) => {$(
        impl From<$t> for AnyPlacement {
            fn from(placement: $t) -> Self {
                Self { inner: Inner::$name(placement) }
            }
        }
    )*};
}

wraps! {
    Ring(Ring), Jump(Numbered<Jump>), JumpGuava(Numbered<JumpGuava>),
    JumpBack(Numbered<JumpBack>), Flip(Numbered<FlipHash>),
    JumpBackAnchor(JumpBackAnchor), Asura(Asura), Maglev(Maglev), Rendezvous(Rendezvous),
    WeightedRendezvous(WeightedRendezvous),
}

impl Placement for AnyPlacement {
    fn slots(&self) -> usize {
        each!(self, p => p.slots())
    }

    fn live(&self) -> usize {
        each!(self, p => p.live())
    }

    fn guarantees(&self) -> Guarantees {
        each!(self, p => p.guarantees())
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        each!(self, p => p.locate(key))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        each!(self, p => p.next_candidate(walk))
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        each!(self, p => p.next_candidate_where(walk, accept))
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        each!(self, p => p.next_candidates(walk, out, accept))
    }

    fn walk_repeats(&self) -> bool {
        each!(self, p => p.walk_repeats())
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        each!(self, p => p.replicas(key, out))
    }

    fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        each!(self, p => p.locate_batch(hashes, out))
    }
}

impl Viewed for AnyPlacement {
    fn view(&self) -> View<'_> {
        each!(self, p => p.view())
    }
}

impl Build for AnyPlacement {
    type Config = Algorithm;

    fn build(algorithm: &Algorithm, members: &Members) -> Result<Self, Error> {
        Ok(match algorithm {
            Algorithm::Ring(config) => Ring::build(config, members)?.into(),
            Algorithm::Jump => Numbered::<Jump>::build(&(), members)?.into(),
            Algorithm::JumpGuava => Numbered::<JumpGuava>::build(&(), members)?.into(),
            Algorithm::JumpBack => Numbered::<JumpBack>::build(&(), members)?.into(),
            Algorithm::Flip => Numbered::<FlipHash>::build(&(), members)?.into(),
            Algorithm::JumpBackAnchor => JumpBackAnchor::build(&(), members)?.into(),
            Algorithm::Asura(config) => Asura::build(config, members)?.into(),
            Algorithm::Maglev(config) => Maglev::build(config, members)?.into(),
            Algorithm::Rendezvous => Rendezvous::build(&(), members)?.into(),
            Algorithm::WeightedRendezvous => WeightedRendezvous::build(&(), members)?.into(),
        })
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        Ok(each!(self, p => p.update(changes, before, after)?.into()))
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        each!(self, p => p.fingerprint(members))
    }
}

impl crate::placement::sealed::Sealed for AnyPlacement {
    #[cfg(feature = "serde")]
    fn save(&self) -> crate::placement::State {
        each!(self, p => p.save())
    }

    #[cfg(feature = "serde")]
    fn derived(&self) -> u64 {
        each!(self, p => p.derived())
    }

    #[cfg(feature = "serde")]
    fn restore(
        state: crate::placement::State,
        members: &Members,
        limit: crate::placement::RestoreLimit,
    ) -> Result<Self, Error> {
        Ok(match state.algorithm() {
            "ring" => Ring::restore(state, members, limit)?.into(),
            "jump" => Numbered::<Jump>::restore(state, members, limit)?.into(),
            "jump-guava" => Numbered::<JumpGuava>::restore(state, members, limit)?.into(),
            "jump-back" => Numbered::<JumpBack>::restore(state, members, limit)?.into(),
            "flip" => Numbered::<FlipHash>::restore(state, members, limit)?.into(),
            "jump-back-anchor" => JumpBackAnchor::restore(state, members, limit)?.into(),
            "asura" => Asura::restore(state, members, limit)?.into(),
            "maglev" => Maglev::restore(state, members, limit)?.into(),
            "rendezvous" => Rendezvous::restore(state, members, limit)?.into(),
            "weighted-rendezvous" => WeightedRendezvous::restore(state, members, limit)?.into(),
            other => {
                let name = other.chars().take(64).collect();
                return Err(Kind::UnknownAlgorithm { name, known: Algorithm::NAMES }.into());
            }
        })
    }
}
