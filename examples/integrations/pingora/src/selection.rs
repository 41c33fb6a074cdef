//! The selection: a locator whose nodes are backends.

use apportion::bounded::{InFlight, Lease, LoadLimit};
use apportion::topology::Members;
use apportion::{
    Algorithm, AnyPlacement, Locator, Node, NodeIdx, Placement, Spread, Topology, Walk,
};
use pingora_core::{Error, ErrorType, Result};
use pingora_load_balancing::Backend;
use pingora_load_balancing::selection::{BackendIter, BackendSelection};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The zone of a backend. Put it into [`Backend::ext`] where backends are discovered.
#[derive(Clone, Debug)]
pub struct Zone(pub String);

/// The domain level of zones.
const LEVEL: &str = "zone";

/// The number of candidates of a key that are spread over the zones; any further ones come in the
/// order of the algorithm.
const SPREAD_MAX: usize = 8;

/// What a [`Selection`] is made with: the algorithm, and whether zones and loads count.
#[derive(Debug, Default)]
pub struct Config {
    algorithm: Algorithm,
    zones: bool,
    limit: Option<LoadLimit>,
    /// The counters of the last list, which the next list takes over.
    in_flight: Mutex<Option<InFlight>>,
}

impl Config {
    /// A configuration with an algorithm and nothing else. `"maglev".parse()` reads its name.
    pub fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, ..Self::default() }
    }

    /// The second candidate of a key is in another zone than the first, the third in a third one, and
    /// so on. Every backend needs a [`Zone`].
    pub fn spread_over_zones(self) -> Self {
        Self { zones: true, ..self }
    }

    /// Counts the requests on each backend. [`Place::acquire`] refuses those above the limit.
    pub fn limited(self, limit: LoadLimit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The counters for a new list. Requests under way count on the backends that stay.
    fn in_flight(&self, members: &Members) -> Option<InFlight> {
        let limit = self.limit?;
        let mut last = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |last: &InFlight| last.follow(members);
        let next = last.as_ref().map_or_else(|| InFlight::of(members, limit), of);
        *last = Some(next.clone());
        Some(next)
    }
}

/// Selects backends by any algorithm. A backend is placed by its address: a new weight moves only
/// what the weight changes.
#[derive(Debug)]
pub struct Selection {
    pool: Locator<Backend, AnyPlacement>,
    spread: Option<Spread>,
    in_flight: Option<InFlight>,
}

impl Selection {
    /// A selection among backends. It counts no requests.
    ///
    /// # Errors
    /// An address that two backends have, a backend without a zone if zones count, what the algorithm
    /// refuses, for instance weights that it does not support, and an algorithm whose answers depend
    /// on more than the list: a proxy that was started again would send the keys elsewhere.
    pub fn new(backends: &BTreeSet<Backend>, config: &Config) -> Result<Self> {
        let refused =
            |error| Error::because(ErrorType::InternalError, "the list of backends", error);
        let selection = Self::of(backends, config).map_err(refused)?;
        if !selection.pool.placement().guarantees().order_free {
            let name = config.algorithm.name();
            let why = format!(
                "algorithm {name:?} numbers the backends; use one that does not, such as \"ring\""
            );
            return Error::e_explain(ErrorType::InternalError, why);
        }
        Ok(selection)
    }

    fn of(backends: &BTreeSet<Backend>, config: &Config) -> Result<Self, apportion::Error> {
        let node = |backend: &Backend| {
            let node = Node::labelled(backend.clone(), backend.addr.to_string());
            let node = node.weight(backend.weight as u64);
            match backend.ext.get::<Zone>() {
                Some(Zone(zone)) => node.domain(LEVEL, zone),
                None => node,
            }
        };
        let pool =
            Locator::any_of(Topology::of(backends.iter().map(node))?, config.algorithm.clone())?;
        let members = pool.topology().members();
        // The list is empty until backends were discovered for the first time.
        let zones = config.zones && members.live() > 0;
        let spread = zones.then(|| Spread::even(members, SPREAD_MAX, [LEVEL])).transpose()?;
        Ok(Self { pool, spread, in_flight: None })
    }

    /// The backends and their algorithm.
    pub fn pool(&self) -> &Locator<Backend, AnyPlacement> {
        &self.pool
    }

    fn next(&self, walk: &mut Walk, seen: &[NodeIdx]) -> Option<NodeIdx> {
        let mut order = [NodeIdx::default(); SPREAD_MAX];
        // Nearly all requests need one candidate, and that is the owner with and without zones.
        let found = match &self.spread {
            Some(spread) if !seen.is_empty() => {
                spread.replicas(self.pool.placement(), walk.key(), &mut order)
            }
            _ => 0,
        };
        if let Some(node) = order[..found].get(seen.len()) {
            return Some(*node);
        }
        // A ring names backends repeatedly.
        let next = self.pool.next_candidate_where(walk, |node| !seen.contains(&node));
        next.map(|(node, _)| node)
    }
}

impl BackendSelection for Selection {
    type Iter = Candidates;
    type Config = Config;

    /// # Panics
    /// If [`Selection::new`] is an error. [`Checked`](crate::Checked) refuses such a list before.
    fn build_with_config(backends: &BTreeSet<Backend>, config: &Config) -> Self {
        let mut selection = Self::new(backends, config)
            .unwrap_or_else(|error| panic!("a list of backends that was not checked: {error}"));
        selection.in_flight = config.in_flight(selection.pool.topology().members());
        selection
    }

    fn build(backends: &BTreeSet<Backend>) -> Self {
        Self::build_with_config(backends, &Config::default())
    }

    fn iter(self: &Arc<Self>, key: &[u8]) -> Candidates {
        let walk = self.pool.walk(key);
        Candidates { selection: Arc::clone(self), walk, seen: Vec::new(), current: None }
    }
}

/// The candidates of a key, each once, the owner first.
#[derive(Debug)]
pub struct Candidates {
    selection: Arc<Selection>,
    walk: Walk,
    seen: Vec<NodeIdx>,
    current: Option<Backend>,
}

impl BackendIter for Candidates {
    fn next(&mut self) -> Option<&Backend> {
        let node = self.selection.next(&mut self.walk, &self.seen)?;
        self.seen.push(node);
        let mut backend = self.selection.pool.topology().get(node)?.clone();
        if let Some(in_flight) = &self.selection.in_flight {
            backend.ext.insert(Place { in_flight: in_flight.clone(), node });
        }
        self.current = Some(backend);
        self.current.as_ref()
    }
}

/// A backend's counter of requests, in the [`Backend::ext`] of the backends of a selection that is
/// [limited](Config::limited).
#[derive(Clone, Debug)]
pub struct Place {
    in_flight: InFlight,
    node: NodeIdx,
}

impl Place {
    /// Counts a request on this backend until the lease is dropped; `None` if the backend is above its
    /// limit.
    pub fn acquire(&self) -> Option<Lease> {
        self.in_flight.acquire(std::iter::once(self.node))
    }
}
