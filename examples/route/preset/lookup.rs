//! What a preset makes of keys.

use apportion::interop::{KeyFunction, NamedRing};
use apportion::{KeyHash, Locator, NodeIdx, Placement};
use std::str;

/// A key, or with `--raw` what the system makes of one.
#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    Bytes(&'a [u8]),
    Raw(u64),
}

impl<'a> Key<'a> {
    /// The bytes of a key. `--raw` comes only to presets that take it.
    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Raw(_) => &[],
        }
    }

    pub(super) fn text(self) -> Result<&'a str, String> {
        str::from_utf8(self.bytes()).map_err(|_| "not UTF-8".to_owned())
    }

    /// The hash of a request.
    pub(super) fn hash(self) -> u64 {
        match self {
            Self::Bytes(bytes) => KeyFunction::XxHash64.of(bytes),
            Self::Raw(hash) => hash,
        }
    }
}

/// Finds the holders of a key by their places in the list of nodes.
type Places = Box<dyn Fn(Key<'_>) -> Result<Vec<usize>, String>>;

/// A number of a key: a slot, a token, a partition or a bucket.
type Number = Box<dyn Fn(Key<'_>) -> Result<String, String>>;

pub(super) enum Lookup {
    Places(Places),
    Number(Number),
}

impl Lookup {
    pub(super) fn place(find: impl Fn(Key<'_>) -> Option<usize> + 'static) -> Self {
        Self::Places(Box::new(move |key| Ok(find(key).into_iter().collect())))
    }

    pub(super) fn places(find: impl Fn(Key<'_>) -> Result<Vec<usize>, String> + 'static) -> Self {
        Self::Places(Box::new(find))
    }

    pub(super) fn number<T: ToString>(
        find: impl Fn(Key<'_>) -> Result<T, String> + 'static,
    ) -> Self {
        Self::Number(Box::new(move |key| find(key).map(|number| number.to_string())))
    }

    /// The holders of a key on a ring.
    pub(super) fn ring(ring: NamedRing, replicas: usize) -> Self {
        Self::located(ring, replicas, |ring, key| match key {
            Key::Bytes(bytes) => ring.hash(bytes),
            Key::Raw(hash) => KeyHash::from_hash(hash),
        })
    }

    /// The holders of a key, whose hash `hash` makes.
    pub(super) fn located<P: Placement + 'static>(
        locator: Locator<String, P, KeyFunction>,
        replicas: usize,
        hash: impl Fn(&Locator<String, P, KeyFunction>, Key<'_>) -> KeyHash + 'static,
    ) -> Self {
        let replicas = replicas.min(locator.topology().members().slots());
        Self::places(move |key| {
            let mut room = vec![NodeIdx::default(); replicas];
            let found = locator.placement().replicas(hash(&locator, key), &mut room);
            Ok(room.iter().take(found).map(|node| node.index()).collect())
        })
    }
}
