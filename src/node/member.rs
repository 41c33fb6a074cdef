//! A node as the user describes it.

use super::label::NodeLabel;
use super::weight::Weight;
use crate::hash::StableHash;
use alloc::string::String;
use alloc::vec::Vec;

/// A node as the user describes it: a value of any type, a label, a weight and failure domains.
///
/// The **label** is the node's identity: bytes that are the same in every process. [`Node::new`]
/// makes it from the value itself; [`Node::labelled`] takes a label and a value of any type.
///
/// ```
/// use apportion::{Node, Topology};
///
/// let topology = Topology::of([
///     Node::new("cache-1").weight(4).domain("zone", "a"),
///     Node::new("cache-2").weight(2).domain("zone", "b"),
/// ])?;
/// assert_eq!(topology.members().live(), 2);
/// # Ok::<(), apportion::Error>(())
/// ```
#[doc(alias = "server")]
#[doc(alias = "shard")]
#[doc(alias = "backend")]
#[doc(alias = "member")]
#[derive(Clone, Debug)]
pub struct Node<N> {
    pub(crate) value: N,
    pub(crate) label: NodeLabel,
    pub(crate) weight: Weight,
    pub(crate) domains: Vec<(String, String)>,
}

impl<N> Node<N> {
    /// A node of weight 1 that is its own label. The label consists of the value's bytes as a whole
    /// key: the text itself for text, eight little-endian bytes for an integer (see [`StableHash`]).
    #[must_use]
    pub fn new(id: N) -> Self
    where
        N: StableHash,
    {
        let label = NodeLabel::of(&id);
        Self { value: id, label, weight: Weight::ONE, domains: Vec::new() }
    }

    /// A node of weight 1 with a value of any type, identified by the label. Messages print the label
    /// as text if it is printable, otherwise in hexadecimal digits.
    #[must_use]
    pub fn labelled(value: N, label: impl Into<Vec<u8>>) -> Self {
        let label = NodeLabel::from_bytes(&label.into());
        Self { value, label, weight: Weight::ONE, domains: Vec::new() }
    }

    /// Sets the weight; 0 drains the node.
    #[must_use]
    pub fn weight(mut self, weight: u64) -> Self {
        self.weight = Weight::new(weight);
        self
    }

    /// Replaces the value and keeps the label, weight and failure domains.
    ///
    /// ```
    /// use apportion::{Node, Topology};
    ///
    /// struct Pool(&'static str); // connections to an address
    ///
    /// let configured = [("10.0.0.1:80", 2), ("10.0.0.2:80", 1)];
    /// let nodes = configured.map(|(address, weight)| Node::new(address).weight(weight));
    /// let topology = Topology::of(nodes.map(|node| node.map(Pool)))?;
    /// assert_eq!(topology.nodes().next().map(|pool| pool.0), Some("10.0.0.1:80"));
    /// assert!(topology.contains("10.0.0.2:80"));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[must_use]
    pub fn map<M>(self, value: impl FnOnce(N) -> M) -> Node<M> {
        let Self { value: old, label, weight, domains } = self;
        Node { value: value(old), label, weight, domains }
    }

    /// Adds a failure domain. Add the outermost first:
    /// `.domain("region", "eu").domain("zone", "eu-1")`.
    #[must_use]
    pub fn domain(mut self, level: &str, name: &str) -> Self {
        self.domains.push((level.into(), name.into()));
        self
    }
}
