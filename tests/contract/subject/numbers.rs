//! Values that know their nodes by number alone.

use super::{Step, Subject, minimal};
use apportion::anchor::AnchorBuckets;
use apportion::asura::AsuraBoard;
use apportion::bucket::{BucketHash, Buckets};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::topology::Members;
use apportion::{Guarantees, NodeIdx, Placement};

/// Builds from the label and weight of each slot.
type BuildBy<P> = fn(&[Option<(String, u64)>]) -> Option<P>;

/// Values that know numbers only, and the name of each.
#[derive(Clone)]
pub struct Numbers<P> {
    names: Vec<Option<(String, u64)>>,
    placement: P,
    build: BuildBy<P>,
    /// Whether a slot in the middle may become free.
    any_removal: bool,
    /// Whether it stays free; otherwise all behind it move up.
    holes: bool,
    keeps: fn(&P) -> Guarantees,
}

impl<P: Placement + Clone> Numbers<P> {
    fn of(names: Vec<Option<(String, u64)>>, from: &Self) -> Option<Self> {
        let placement = (from.build)(&names)?;
        Some(Self { names, placement, ..from.clone() })
    }

    fn start(build: BuildBy<P>, any_removal: bool) -> Self {
        let names: Vec<_> = (0..3).map(|i| Some((format!("n{i}"), 1))).collect();
        let placement = build(&names).unwrap();
        Self { names, placement, build, any_removal, holes: true, keeps: P::guarantees }
    }
}

impl<P: Placement + Clone> Subject for Numbers<P> {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        Self::of(nodes.iter().cloned().map(Some).collect(), self)
    }

    fn step(&self, step: &Step) -> Option<Self> {
        let mut names = self.names.clone();
        let at = |name: &String| {
            self.names.iter().position(|slot| slot.as_ref().is_some_and(|(n, _)| n == name))
        };
        match step {
            Step::Add(name, weight) => {
                let node = Some((name.clone(), *weight));
                match names.iter().position(Option::is_none) {
                    Some(hole) => names[hole] = node,
                    None => names.push(node),
                }
            }
            Step::Remove(name) => {
                let at = at(name)?;
                if !self.any_removal && at + 1 < names.len() {
                    return None;
                }
                names[at] = None;
                if !self.holes {
                    names.remove(at);
                }
                while names.last().is_some_and(Option::is_none) {
                    names.pop();
                }
            }
            Step::Reweight(name, weight) => names[at(name)?] = Some((name.clone(), *weight)),
        }
        Self::of(names, self)
    }

    fn placement(&self) -> &dyn Placement {
        &self.placement
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.names.get(slot.index())?.as_ref().map(|(name, _)| name.as_str())
    }

    fn keeps(&self, _: &Self) -> Guarantees {
        (self.keeps)(&self.placement)
    }
}

/// All of one weight, which does not count.
fn alike(names: &[Option<(String, u64)>]) -> bool {
    names.iter().flatten().all(|(_, weight)| *weight == 1)
}

pub fn buckets<B: BucketHash + Copy + Default>() -> Numbers<Buckets<B>> {
    let build = |names: &[Option<(String, u64)>]| {
        alike(names).then(|| Buckets::new(B::default(), names.len() as u32))?
    };
    Numbers::start(build, false)
}

fn identity(name: &str) -> u64 {
    Members::identity_of(name.as_bytes())
}

/// Over slices that live as long as the test: a slot for each node, no holes.
pub fn slice() -> Numbers<RendezvousSlice<'static>> {
    let build = |names: &[Option<(String, u64)>]| {
        let all: Vec<u64> = names.iter().flatten().map(|(name, _)| identity(name)).collect();
        alike(names).then(|| RendezvousSlice::new(Vec::leak(all)).unwrap())
    };
    Numbers { holes: false, ..Numbers::start(build, true) }
}

pub fn weighted_slice() -> Numbers<WeightedRendezvousSlice<'static>> {
    // A hole is a node of weight 0.
    let build = |names: &[Option<(String, u64)>]| {
        let entry = |(slot, node): (usize, &Option<(String, u64)>)| match node {
            Some((name, weight)) => (identity(name), *weight),
            None => (slot as u64, 0),
        };
        let all: Vec<(u64, u64)> = names.iter().enumerate().map(entry).collect();
        WeightedRendezvousSlice::new(Vec::leak(all))
    };
    Numbers::start(build, true)
}

/// A board of 64 slots, one to a node.
pub fn board() -> Numbers<AsuraBoard> {
    let build = |names: &[Option<(String, u64)>]| {
        let weight = |node: &Option<(String, u64)>| match node {
            Some((_, weight)) => (*weight << 27).min(AsuraBoard::FULL.into()) as u32,
            None => 0,
        };
        AsuraBoard::new(6, names.iter().map(weight)).ok()
    };
    Numbers { keeps: |board| minimal(board.guarantees()), ..Numbers::start(build, true) }
}

/// Buckets of an anchor by name.
#[derive(Clone)]
pub struct Anchored {
    names: Vec<String>,
    buckets: AnchorBuckets,
}

impl Anchored {
    pub fn new() -> Self {
        let names = ["n0", "n1", "n2"].map(String::from).into();
        Self { names, buckets: AnchorBuckets::new(3).unwrap() }
    }
}

impl Subject for Anchored {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        let names: Vec<String> = nodes.iter().map(|(name, _)| name.clone()).collect();
        let buckets = AnchorBuckets::new(names.len() as u32).unwrap();
        nodes.iter().all(|(_, weight)| *weight == 1).then_some(Self { names, buckets })
    }

    fn step(&self, step: &Step) -> Option<Self> {
        let Self { mut names, mut buckets } = self.clone();
        match step {
            Step::Add(name, _) => {
                let at = buckets.add().unwrap() as usize;
                names.resize(names.len().max(at + 1), String::new());
                names[at] = name.clone();
            }
            Step::Remove(name) => {
                let works = |bucket: &u32| buckets.is_working(*bucket);
                let named = |bucket: &u32| names[*bucket as usize] == *name;
                let at = (0..buckets.size()).filter(works).find(named)?;
                buckets.remove(at).ok()?;
            }
            Step::Reweight(..) => return None,
        }
        Some(Self { names, buckets })
    }

    /// The log is the state.
    fn restored(&self) -> Option<Self> {
        let buckets = AnchorBuckets::from_state(&self.buckets.to_state()).unwrap();
        Some(Self { buckets, ..self.clone() })
    }

    fn placement(&self) -> &dyn Placement {
        &self.buckets
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.buckets.is_working(slot.get()).then(|| self.names[slot.index()].as_str())
    }
}
