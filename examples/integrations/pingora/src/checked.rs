//! A check of lists of backends before they are used.

use crate::{Config, Selection};
use async_trait::async_trait;
use pingora_core::Result;
use pingora_load_balancing::Backend;
use pingora_load_balancing::discovery::ServiceDiscovery;
use std::collections::{BTreeSet, HashMap};

/// Discovers what `D` discovers, but refuses lists of which no [`Selection`] can be made. The load
/// balancer then keeps its last list and logs why.
///
/// Pingora builds a selection where it cannot return an error.
#[derive(Debug)]
pub struct Checked<D> {
    discovery: D,
    config: Config,
}

impl<D> Checked<D> {
    /// A check of what `discovery` finds, for selections with this configuration.
    pub fn new(discovery: D, config: Config) -> Self {
        Self { discovery, config }
    }
}

#[async_trait]
impl<D: ServiceDiscovery + Send + Sync> ServiceDiscovery for Checked<D> {
    async fn discover(&self) -> Result<(BTreeSet<Backend>, HashMap<u64, bool>)> {
        let found = self.discovery.discover().await?;
        Selection::new(&found.0, &self.config)?;
        Ok(found)
    }
}
