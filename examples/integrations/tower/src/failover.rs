//! A service that asks the candidates of a key, one after another, until one answers.

use crate::Shared;
use apportion::{Node, NodeIdx, Placement};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{Service, ServiceExt};

/// One upstream: a name, by which it is placed, and the service that reaches it.
#[derive(Clone, Debug)]
pub struct Upstream<S> {
    pub name: Arc<str>,
    pub service: S,
}

impl<S> Upstream<S> {
    /// An upstream as a node of weight 1, labelled with its name.
    pub fn node(name: &str, service: S) -> Node<Self> {
        Node::labelled(Self { name: name.into(), service }, name)
    }
}

/// Why a request has no response.
#[derive(Debug)]
pub enum Unanswered<E> {
    /// The pool has no live upstream.
    NoUpstream,
    /// This many upstreams were asked; the last one failed with this error.
    Failed { asked: usize, last: E },
}

impl<E: fmt::Display> fmt::Display for Unanswered<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUpstream => f.write_str("no upstream is live"),
            Self::Failed { asked, last } => {
                write!(f, "{asked} upstreams failed, the last with {last}")
            }
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Unanswered<E> {}

/// Sends each request to the owner of its key and, if that one fails, to the next candidates.
///
/// The walk over the candidates borrows nothing, so no list is kept alive across an `await`: a list
/// that is replaced between two tries takes effect with the next try. No upstream is asked twice.
///
/// A request may reach two upstreams. Use it for requests that may be repeated.
#[derive(Debug)]
pub struct Failover<S, R, P> {
    pool: Shared<Upstream<S>, P>,
    key: fn(&R) -> &str,
    max_tries: usize,
}

impl<S, R, P> Failover<S, R, P> {
    /// A service over a pool, with the key of a request and the maximum number of upstreams that are
    /// asked. Retries multiply the load at the worst moment: keep it small.
    pub fn new(pool: Shared<Upstream<S>, P>, key: fn(&R) -> &str, max_tries: usize) -> Self {
        Self { pool, key, max_tries }
    }
}

impl<S, R, P> Clone for Failover<S, R, P> {
    fn clone(&self) -> Self {
        Self { pool: Arc::clone(&self.pool), ..*self }
    }
}

impl<S, R, P> Service<R> for Failover<S, R, P>
where
    S: Service<R, Future: Send> + Clone + Send + Sync + 'static,
    S::Error: Send,
    R: Clone + Send + Sync + 'static,
    P: Placement + Send + Sync + 'static,
{
    type Response = S::Response;
    type Error = Unanswered<S::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, Self::Error>> + Send>>;

    /// Always ready: which upstream has to be ready is known with the request.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let Self { pool, key, max_tries } = self.clone();
        Box::pin(async move {
            let mut walk = pool.load().walk(key(&request));
            let mut asked: Vec<Arc<str>> = Vec::new();
            let mut error = Unanswered::NoUpstream;
            while asked.len() < max_tries {
                // In a block of its own: nothing of the list lives at the `await`.
                let next = {
                    let list = pool.load();
                    let is_new = |at: NodeIdx| {
                        list.topology().get(at).is_some_and(|node| !asked.contains(&node.name))
                    };
                    list.next_candidate_where(&mut walk, is_new).map(|(_, node)| node.clone())
                };
                let Some(Upstream { name, service }) = next else { break };
                asked.push(name);
                match service.oneshot(request.clone()).await {
                    Ok(response) => return Ok(response),
                    Err(last) => error = Unanswered::Failed { asked: asked.len(), last },
                }
            }
            Err(error)
        })
    }
}
