//! Locators of nodes by name, and the same behind pointers.

use super::{Step, Subject, node, topology};
use apportion::placement::{Build, DynPlacement};
use apportion::{Guarantees, Locator, NodeIdx, Placement};
use std::sync::Arc;

type Of<P> = Locator<String, P>;
type Restore<P> = fn(&Of<P>) -> Of<P>;
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
