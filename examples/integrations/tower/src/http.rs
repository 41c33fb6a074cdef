//! What stands around the services: HTTP servers as upstreams, and clients for them.

use axum::Router;
use axum::body::Bytes;
use axum::http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error, ResponseFuture};
use hyper_util::rt::TokioExecutor;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower::Service;

/// A request without a body.
pub type Get = Request<Empty<Bytes>>;

/// A request for a path, which is its key.
pub fn get(path: &str) -> Get {
    Request::get(path).body(Empty::new()).expect("a path")
}

/// The key of a request.
pub fn path(request: &Get) -> &str {
    request.uri().path()
}

/// A server that answers every request with its name. It has threads of its own, so that it can be
/// killed with all that it has open.
pub struct Server {
    pub name: &'static str,
    pub address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    /// Starts a server on a free port of the loopback.
    pub fn start(name: &'static str) -> Self {
        Self::start_at(name, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts a server where another one was.
    pub fn start_at(name: &'static str, address: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind(address).expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("a bound port");
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a thread");
        let router = Router::new().fallback(move || async move { name });
        runtime.spawn(async move { axum::serve(TcpListener::from_std(listener)?, router).await });
        Self { name, address, runtime: Some(runtime) }
    }

    /// Stops at once: the listener and all connections are closed, requests under way are lost.
    pub fn kill(self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // On a thread of its own, since a task must not wait. Nothing of it answers afterwards.
        if let Some(runtime) = self.runtime.take() {
            let stop = move || runtime.shutdown_timeout(Duration::from_secs(10));
            std::thread::spawn(stop).join().expect("a runtime that stops");
        }
    }
}

/// The client of one server. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Remote {
    address: SocketAddr,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Remote {
    /// A client of the server at an address.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, client: Client::builder(TokioExecutor::new()).build_http() }
    }
}

impl Service<Get> for Remote {
    type Response = Response<Incoming>;
    type Error = Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.client.poll_ready(context)
    }

    fn call(&mut self, mut request: Get) -> ResponseFuture {
        let uri = format!("http://{}{}", self.address, request.uri().path());
        *request.uri_mut() = uri.parse().expect("an address and a path");
        self.client.call(request)
    }
}

/// The body of a response: the name of the server.
pub async fn name_in(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.expect("a whole body").to_bytes();
    String::from_utf8_lossy(&body).into_owned()
}
