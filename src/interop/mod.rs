//! Answers of other systems, bit by bit: nginx, memcached clients, HAProxy, Envoy and others.
//!
//! A fleet is often mixed. A Rust program has to send a key to the same server as the PHP, Java or C
//! program beside it. Each module here is one family of systems, and takes servers in the notation of
//! that system:
//!
//! ```
//! use apportion::interop::nginx;
//!
//! // upstream cache { hash $request_uri consistent; server 10.0.0.1:80; server 10.0.0.2:80 weight=2; }
//! let ring = nginx::consistent(["10.0.0.1:80", "10.0.0.2:80 weight=2"])?;
//! assert_eq!(ring.get("/index.html").map(String::as_str), Some("10.0.0.1:80"));
//! # Ok::<(), apportion::Error>(())
//! ```
//!
//! Where the system is a ring, a table or a ranking, the result is a [`Locator`](crate::Locator): its
//! replicas, shares, diffs and migrations work as on any other. Its nodes are the texts of the servers,
//! in the order of the list. To change it as the system would after its configuration changed, make it
//! again from the new list, and [compare both](crate::Locator::diff).
//!
//! Where the answer depends on the bytes of the key in other ways, there is a plain struct with a method
//! `get`.

pub mod cassandra;
pub mod envoy;
mod functions;
pub mod go;
pub mod grpc;
pub mod guava;
pub mod haproxy;
pub mod iceberg;
pub mod kafka;
mod key_hash;
pub mod memcached;
mod named_ring;
pub mod nginx;
pub mod redis;
mod server_line;
pub mod swift;

pub use key_hash::KeyFunction;
pub use named_ring::NamedRing;
