//! pymemcache's `RendezvousHash`. Checked against 4.0.0.

use crate::error::{Error, InteropFault};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// The node with the highest MurmurHash3 of `NODE-KEY`, where each character counts as its lowest byte.
///
/// ```
/// use apportion::interop::memcached::pymemcache::Rendezvous;
///
/// let nodes = Rendezvous::new(["10.0.1.1:11211", "10.0.1.2:11211", "10.0.1.3:11211"], 0)?;
/// assert_eq!(nodes.nodes()[nodes.get("a")], "10.0.1.3:11211");
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rendezvous {
    nodes: Vec<String>,
    seed: u32,
}

impl Rendezvous {
    /// Over nodes as `HashClient` names them, `HOST:PORT`, and a seed, 0 by default there.
    ///
    /// # Errors
    /// An empty name, and no node.
    pub fn new<'a>(nodes: impl IntoIterator<Item = &'a str>, seed: u32) -> Result<Self, Error> {
        const SYSTEM: &str = "pymemcache";
        let nodes: Vec<String> = nodes.into_iter().map(String::from).collect();
        if nodes.is_empty() {
            return Err(InteropFault::NoServer { system: SYSTEM }.into());
        }
        if nodes.iter().any(|node| node.trim_ascii().is_empty()) {
            return Err(InteropFault::token(SYSTEM, "", "", "a server").into());
        }
        Ok(Self { nodes, seed })
    }

    /// The nodes, as they were given.
    #[must_use]
    pub fn nodes(&self) -> &[String] {
        &self.nodes
    }

    /// The node of a key, by its place in the list. O(n · length).
    #[must_use]
    pub fn get(&self, key: &str) -> usize {
        let score = |node: &String| {
            let text = node.chars().chain(core::iter::once('-')).chain(key.chars());
            let bytes: Vec<u8> = text.map(|character| u32::from(character) as u8).collect();
            mur3::murmurhash3_x86_32(&bytes, self.seed)
        };
        // A name that is given again is the same node: its first place counts.
        let scores = self.nodes.iter().enumerate();
        let scores = scores.map(|(i, node)| (score(node), node, Reverse(i)));
        { scores }.max().map_or(0, |(_, _, Reverse(i))| i)
    }
}
