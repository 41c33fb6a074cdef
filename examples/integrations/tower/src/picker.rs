//! A picker for `tower::steer`: each request goes to the service that owns its key.

use crate::Shared;
use apportion::Placement;
use tower::steer::Picker;

/// Picks the service that owns the key of a request.
///
/// A [`Steer`](tower::steer::Steer) has a fixed list of services. The nodes of the locator are
/// positions in it, labelled with the names of the services:
///
/// ```
/// use apportion::{Locator, Node, Topology};
///
/// let names = ["10.0.0.1:80", "10.0.0.2:80"];
/// let nodes = names.iter().enumerate().map(|(at, name)| Node::labelled(at, *name));
/// let pool = Locator::maglev_of(Topology::of(nodes)?, Default::default())?;
/// assert!(pool.get("/index.html").is_some_and(|at| *at < names.len()));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// So the locator may be exchanged for one with other weights, or without some of the services, and
/// no service has to be made again.
#[derive(Debug)]
pub struct OwnerPicker<R, P> {
    pool: Shared<usize, P>,
    key: fn(&R) -> &str,
}

impl<R, P> OwnerPicker<R, P> {
    /// A picker over a pool, with the key of a request.
    pub fn new(pool: Shared<usize, P>, key: fn(&R) -> &str) -> Self {
        Self { pool, key }
    }
}

impl<S, R, P: Placement> Picker<S, R> for OwnerPicker<R, P> {
    /// `Steer` has no way to refuse a request: one without an owner goes to the first service.
    fn pick(&mut self, request: &R, services: &[S]) -> usize {
        let owner = self.pool.load().get((self.key)(request)).copied();
        owner.filter(|at| *at < services.len()).unwrap_or(0)
    }
}
