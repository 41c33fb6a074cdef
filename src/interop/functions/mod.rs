//! The hash functions of other systems by themselves, below everything that uses them.

pub(super) mod cassandra;
pub(super) mod digests;
pub(super) mod haproxy;
pub(super) mod memcached;
pub(super) mod redis;
