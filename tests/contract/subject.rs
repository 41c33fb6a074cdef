//! Every kind of value that places keys, behind one interface for the laws.

#![allow(unreachable_pub)]

use apportion::anchor::AnchorBuckets;
use apportion::asura::AsuraBoard;
use apportion::bucket::{BucketHash, Buckets};
use apportion::placement::{Build, DynPlacement};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::topology::Members;
use apportion::{Guarantees, KeyHash, Locator, Node, NodeIdx, Placement, Topology, Walk, Xxh3};
use std::sync::Arc;

/// Nodes by name and weight, in the order in which they joined.
pub type Nodes = Vec<(String, u64)>;

/// A change of one node.
#[derive(Clone, Debug)]
pub enum Step {
    Add(String, u64),
    Remove(String),
    Reweight(String, u64),
}

impl Step {
    /// The nodes after it.
    pub fn apply(&self, nodes: &mut Nodes) {
        match self {
            Self::Add(name, weight) => nodes.push((name.clone(), *weight)),
            Self::Remove(name) => nodes.retain(|(other, _)| other != name),
            Self::Reweight(name, weight) => {
                nodes.iter_mut().filter(|(other, _)| other == name).for_each(|n| n.1 = *weight);
            }
        }
    }
}

/// A value under test. What it cannot do is `None`.
pub trait Subject: Clone {
    /// A fresh value of the same configuration.
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self>;

    /// This value after one change.
    fn step(&self, step: &Step) -> Option<Self>;

    fn placement(&self) -> &dyn Placement;

    /// The name of a slot that has a node.
    fn name(&self, slot: NodeIdx) -> Option<&str>;

    /// This value after a whole new list of nodes in one step.
    fn replaced(&self, _: &[(String, u64)]) -> Option<Self> {
        None
    }

    /// This value, saved and restored.
    fn restored(&self) -> Option<Self> {
        None
    }

    fn fingerprint(&self) -> Option<u64> {
        None
    }

    /// What holds between this value and the next one: what it promises, or more.
    fn keeps(&self, _: &Self) -> Guarantees {
        self.placement().guarantees()
    }

    /// The facade, if there is one, answers as the placement does.
    fn facade_agrees(&self, _: u64) {}
}

/// A node, in one of three zones if those are asked for.
fn node((name, weight): &(String, u64), zones: bool) -> Node<String> {
    let node = Node::new(name.clone()).weight(*weight);
    let zone = Members::identity_of(name.as_bytes()) % 3;
    if zones { node.domain("zone", &format!("z{zone}")) } else { node }
}

fn topology(nodes: &[(String, u64)], zones: bool) -> Topology<String> {
    Topology::of(nodes.iter().map(|n| node(n, zones))).unwrap()
}

type Of<P> = Locator<String, P>;
type Restore<P> = fn(&Of<P>) -> Of<P>;
/// Builds from the label and weight of each slot.
type BuildBy<P> = fn(&[Option<(String, u64)>]) -> Option<P>;

/// A locator and what it was built with.
#[derive(Clone)]
pub struct Named<P: Build> {
    config: P::Config,
    pub locator: Of<P>,
    restore: Option<Restore<P>>,
    keeps: fn(&P, &P) -> Guarantees,
    zones: bool,
}

impl<P: Build> Named<P> {
    /// Over three nodes.
    pub fn new(config: P::Config) -> Self {
        Self::within(config, false)
    }

    /// Over three nodes in zones.
    pub fn in_zones(config: P::Config) -> Self {
        Self::within(config, true)
    }

    fn within(config: P::Config, zones: bool) -> Self {
        let nodes: Vec<_> = (0..3).map(|i| (format!("n{i}"), 1)).collect();
        let locator = Locator::build(topology(&nodes, zones), &config).unwrap();
        Self { config, locator, restore: None, keeps: |old, _| old.guarantees(), zones }
    }

    pub fn keeping(self, keeps: fn(&P, &P) -> Guarantees) -> Self {
        Self { keeps, ..self }
    }

    fn at(&self, locator: Result<Of<P>, apportion::Error>) -> Option<Self> {
        Some(Self { locator: locator.ok()?, ..self.clone() })
    }
}

#[cfg(feature = "serde")]
impl<P: apportion::saved::Savable> Named<P> {
    /// Compared with what it becomes by a text that is saved, too.
    pub fn saved(self) -> Self {
        let restore = |locator: &Of<P>| {
            serde_json::from_str(&serde_json::to_string(locator).unwrap()).unwrap()
        };
        Self { restore: Some(restore), ..self }
    }
}

#[cfg(not(feature = "serde"))]
impl<P: Build> Named<P> {
    pub fn saved(self) -> Self {
        self
    }
}

impl<P: Build> Subject for Named<P> {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        self.at(Locator::build(topology(nodes, self.zones), &self.config))
    }

    fn step(&self, step: &Step) -> Option<Self> {
        self.at(match step {
            Step::Add(name, 1) if !self.zones => self.locator.with(name.clone()),
            Step::Add(name, weight) => {
                self.locator.with_node(node(&(name.clone(), *weight), self.zones))
            }
            Step::Remove(name) => self.locator.without(name),
            Step::Reweight(name, weight) => self.locator.reweighted(name, *weight),
        })
    }

    fn replaced(&self, nodes: &[(String, u64)]) -> Option<Self> {
        self.at(self.locator.replaced_by(nodes.iter().map(|n| node(n, self.zones))))
    }

    fn restored(&self) -> Option<Self> {
        let restore = self.restore?;
        self.at(Ok(restore(&self.locator)))
    }

    fn placement(&self) -> &dyn Placement {
        self.locator.placement()
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.locator.topology().get(slot).map(String::as_str)
    }

    fn fingerprint(&self) -> Option<u64> {
        Some(self.locator.fingerprint())
    }

    fn keeps(&self, next: &Self) -> Guarantees {
        (self.keeps)(self.locator.placement(), next.locator.placement())
    }

    fn facade_agrees(&self, key: u64) {
        let (locator, placement) = (&self.locator, self.locator.placement());
        let hash = locator.hash(&key);
        let mut three = [NodeIdx::default(); 3];
        let found = placement.replicas(hash, &mut three);
        let names: Vec<_> = three[..found].iter().map(|slot| self.name(*slot).unwrap()).collect();
        assert_eq!(locator.locate(&key), placement.locate(hash));
        assert_eq!(locator.get(&key).map(String::as_str), names.first().copied());
        let replicas = locator.replicas::<3>(&key);
        assert!(replicas.iter().eq(&names) && replicas.len() == found);
        assert!(locator.candidates(&key).map(|(_, name)| name).take(found).eq(&names));
        let mut walk = locator.walk(&key);
        let next = locator.next_candidate(&mut walk).map(|(_, name)| name.as_str());
        assert_eq!(next, names.first().copied());
        let mut one = [NodeIdx::default()];
        let written = locator.locate_batch(&[hash.get()], &mut one);
        assert_eq!(one.iter().take(written).next().copied(), locator.locate(&key));
    }
}

/// The same behind pointers: a locator's placement as a trait object.
#[derive(Clone)]
pub struct Behind<P: Build> {
    inner: Named<P>,
    pointer: Box<Arc<DynPlacement>>,
}

impl<P: Build + Send + Sync + 'static> Behind<P> {
    pub fn new(inner: Named<P>) -> Self {
        let pointer: Arc<DynPlacement> = Arc::new(inner.locator.placement().clone());
        Self { inner, pointer: Box::new(pointer) }
    }
}

impl<P: Build + Send + Sync + 'static> Subject for Behind<P> {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        self.inner.over(nodes).map(Self::new)
    }

    fn step(&self, step: &Step) -> Option<Self> {
        self.inner.step(step).map(Self::new)
    }

    fn placement(&self) -> &dyn Placement {
        &self.pointer
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.inner.name(slot)
    }
}

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

/// With all that can be promised of movement.
pub fn minimal(mut guarantees: Guarantees) -> Guarantees {
    guarantees.minimal_owner = true;
    guarantees.minimal_replicas = true;
    guarantees.minimal_order = true;
    guarantees.minimal_reweight = true;
    guarantees
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

/// A placement that is not of the crate: nodes rank by a mix of their identity and the key.
struct Own {
    nodes: Vec<(u64, NodeIdx)>,
    slots: usize,
}

impl Placement for Own {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.nodes.len()
    }

    fn guarantees(&self) -> Guarantees {
        let mut guarantees = Guarantees::none();
        guarantees.minimal_owner = true;
        guarantees.minimal_replicas = true;
        guarantees.minimal_order = true;
        guarantees.order_free = true;
        guarantees.any_removal = true;
        guarantees
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.next_candidate(&mut Walk::new(key))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let key = walk.key().get();
        let rank = |identity: u64| KeyHash::of_id(identity ^ KeyHash::of_id(key).get()).get();
        let [begun, last, ..] = *walk.state();
        let left = self.nodes.iter().map(|(id, node)| (rank(*id), node));
        let (rank, node) = left.filter(|(rank, _)| begun == 0 || *rank < last).max()?;
        [walk.state()[0], walk.state()[1]] = [1, rank];
        Some(*node)
    }
}

/// A user's own placement behind a pointer, over a topology.
#[derive(Clone)]
pub struct UsersOwn {
    topology: Topology<String>,
    placement: Arc<Locator<String, Box<DynPlacement>>>,
}

impl UsersOwn {
    pub fn new(topology: Topology<String>) -> Self {
        let members = topology.members();
        let nodes = members.iter_live().map(|node| (members.identity(node).unwrap(), node));
        let own = Own { nodes: nodes.collect(), slots: members.slots() };
        let own: Box<DynPlacement> = Box::new(own);
        let placement = Locator::from_parts(topology.clone(), own, Xxh3).unwrap();
        Self { topology, placement: Arc::new(placement) }
    }
}

impl Subject for UsersOwn {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        let live = || nodes.iter().map(|(_, weight)| *weight).filter(|weight| *weight > 0);
        (live().min() == live().max()).then(|| Self::new(topology(nodes, false)))
    }

    fn step(&self, step: &Step) -> Option<Self> {
        Some(Self::new(match step {
            Step::Add(name, _) => self.topology.with_node(Node::new(name.clone())).ok()?.0,
            Step::Remove(name) => self.topology.without(name).ok()?.0,
            Step::Reweight(..) => return None,
        }))
    }

    fn placement(&self) -> &dyn Placement {
        self.placement.placement()
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.topology.get(slot).map(String::as_str)
    }
}
