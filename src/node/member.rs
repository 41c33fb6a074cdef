//! A node as the user describes it.

use super::Weight;
use crate::hash::{BytesHasher, KeyHash, Parts, StableHash};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

/// A node as the user describes it: a value of any type, a label, a weight and failure domains.
///
/// The **label** is the node's identity: bytes that are the same in every process. [`Node::new`]
/// takes it from the value itself, [`Node::labelled`] takes it beside a value of any type.
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
    pub(crate) label: Vec<u8>,
    pub(crate) weight: Weight,
    pub(crate) domains: Vec<(String, String)>,
}

impl<N> Node<N> {
    /// A node of weight 1 that is its own label: the bytes of the value as a whole key, which are
    /// the text itself for text and eight little-endian bytes for an integer.
    #[must_use]
    pub fn new(id: N) -> Self
    where
        N: StableHash,
    {
        let label = label_of(&id);
        Self::labelled(id, label)
    }

    /// A node of weight 1 with a value of any type; the label is its identity.
    #[must_use]
    pub fn labelled(value: N, label: impl Into<Vec<u8>>) -> Self {
        Self { value, label: label.into(), weight: Weight::ONE, domains: Vec::new() }
    }

    /// Sets the weight; 0 drains the node.
    #[must_use]
    pub fn weight(mut self, weight: u64) -> Self {
        self.weight = Weight::new(weight);
        self
    }

    /// The node with another value and the same label, weight and domains.
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

    /// Adds a failure domain, outermost first: `.domain("region", "eu").domain("zone", "eu-1")`.
    #[must_use]
    pub fn domain(mut self, level: &str, name: &str) -> Self {
        self.domains.push((level.into(), name.into()));
        self
    }
}

/// The bytes of a value as a whole key.
pub(crate) fn label_of(id: &(impl StableHash + ?Sized)) -> Vec<u8> {
    let collect = Collect(RefCell::default());
    id.hash_whole(&collect);
    collect.0.into_inner()
}

/// True if an id spells this label as a whole key: [`label_of`] without the heap.
pub(crate) fn is_label_of(label: &[u8], id: &(impl StableHash + ?Sized)) -> bool {
    let rest = Cell::new(Some(label));
    id.hash_whole(&Strip(&rest));
    rest.get().is_some_and(<[u8]>::is_empty)
}

/// A "hasher" that takes the bytes off the front of a label; `None` once they differ.
struct Strip<'a, 'l>(&'a Cell<Option<&'l [u8]>>);

impl BytesHasher for Strip<'_, '_> {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.hash_parts(&mut |part| part(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.set(self.0.get().and_then(|rest| rest.strip_prefix(bytes))));
        KeyHash::default()
    }
}

/// A "hasher" that keeps the bytes.
struct Collect(RefCell<Vec<u8>>);

impl BytesHasher for Collect {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        self.hash_parts(&mut |part| part(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        parts(&mut |bytes| self.0.borrow_mut().extend_from_slice(bytes));
        KeyHash::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{is_label_of, label_of};
    use crate::StableHash;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Ids of all lengths about that of the buffer they are spelled in, and labels next to theirs.
    #[test]
    fn an_id_is_its_label_and_no_other() {
        fn check(id: &impl StableHash) {
            let label = label_of(id);
            assert!(is_label_of(&label, id));
            let mut others: Vec<Vec<u8>> = vec![label.clone(), label.clone()];
            others[0].push(0);
            others[1].insert(0, b'x');
            for at in [0, label.len() / 2, label.len().wrapping_sub(1)] {
                if at < label.len() {
                    let mut other = label.clone();
                    other[at] ^= 1;
                    others.extend([other, label[..at].to_vec(), label[at + 1..].to_vec()]);
                }
            }
            assert!(others.iter().all(|other| !is_label_of(other, id)), "{label:?}");
        }
        check(&42_u64);
        check(&(7, "a", [1_u16, 2]));
        for len in [0, 1, 127, 128, 129, 1000] {
            let text: Vec<u8> = (0..len).map(|i: usize| (i % 251) as u8).collect();
            check(&text);
            check(&(1, &text, 2));
        }
    }
}
