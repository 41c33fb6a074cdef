//! Pingora's load balancing over a locator: [`Selection`] is a `BackendSelection` for every algorithm,
//! with weights, zones and bounded loads, and [`Proxy`] a proxy that uses it.

mod checked;
mod proxy;
mod selection;

pub use checked::Checked;
pub use proxy::{InProgress, Proxy, choose};
pub use selection::{Candidates, Config, Place, Selection, Zone};
