//! A proxy that sends each path to its backend.

use crate::{Place, Selection};
use apportion::bounded::Lease;
use async_trait::async_trait;
use pingora_core::protocols::l4::socket::SocketAddr;
use pingora_core::upstreams::peer::{HttpPeer, Peer};
use pingora_core::{Error, ErrorType, Result};
use pingora_load_balancing::{Backend, LoadBalancer};
use pingora_proxy::{ProxyHttp, Session};
use std::cell::Cell;
use std::sync::Arc;

/// The maximum number of candidates that are considered for a request.
const CANDIDATES_MAX: usize = 256;

/// A backend for a key and, if loads are limited, its lease: the first candidate that is healthy, not
/// among `failed`, and below its limit. If all of those are above their limits, the first of them,
/// without a lease. `None` if no backend is left.
pub fn choose(
    upstreams: &LoadBalancer<Selection>,
    key: &[u8],
    failed: &[SocketAddr],
) -> Option<(Backend, Option<Lease>)> {
    let lease = Cell::new(None);
    let is_up = |backend: &Backend, healthy: bool| healthy && !failed.contains(&backend.addr);
    let has_room = |backend: &Backend, healthy: bool| {
        if !is_up(backend, healthy) {
            return false;
        }
        let Some(place) = backend.ext.get::<Place>() else { return true };
        let acquired = place.acquire();
        let has_room = acquired.is_some();
        lease.set(acquired);
        has_room
    };
    let backend = upstreams.select_with(key, CANDIDATES_MAX, has_room);
    let backend = backend.or_else(|| upstreams.select_with(key, CANDIDATES_MAX, is_up))?;
    Some((backend, lease.take()))
}

/// A proxy whose keys are the paths of requests.
pub struct Proxy(pub Arc<LoadBalancer<Selection>>);

/// One request under way.
#[derive(Default)]
pub struct InProgress {
    /// Backends that could not be reached.
    failed: Vec<SocketAddr>,
    /// Counts until the response has ended.
    lease: Option<Lease>,
}

#[async_trait]
impl ProxyHttp for Proxy {
    type CTX = InProgress;

    fn new_ctx(&self) -> InProgress {
        InProgress::default()
    }

    /// Called again after every failure that may be retried.
    async fn upstream_peer(
        &self,
        session: &mut Session,
        request: &mut InProgress,
    ) -> Result<Box<HttpPeer>> {
        request.lease = None;
        let key = session.req_header().uri.path().as_bytes();
        let Some((backend, lease)) = choose(&self.0, key, &request.failed) else {
            return Error::e_explain(ErrorType::HTTPStatus(503), "no backend is left");
        };
        request.lease = lease;
        Ok(Box::new(HttpPeer::new(backend, false, String::new())))
    }

    /// Nothing was sent, so any request may go to the next candidate.
    fn fail_to_connect(
        &self,
        _: &mut Session,
        peer: &HttpPeer,
        request: &mut InProgress,
        mut error: Box<Error>,
    ) -> Box<Error> {
        request.failed.push(peer.address().clone());
        error.set_retry(true);
        error
    }
}
