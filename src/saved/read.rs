//! Reads a saved form. The version is checked before any other error is reported.
//!
//! A newer release may write additional fields or variants anywhere. A reader that met those first
//! would report a malformed file, but it must report a newer one. So errors in other fields are
//! deferred until the version is known:
//!
//! - A compact format writes fields in order, without names: the version comes first and is checked
//!   before the next byte is read.
//! - A format with names may have the fields in any order. This crate writes the version first, but
//!   a JSON object that went through a map may be sorted by name. Fields before the version are read
//!   into a form that accepts anything, and checked afterwards.

use super::fields::{ignore, put};
use super::form::{Saved, VERSION};
use super::nodes::{LooseNodes, SavedNodes};
use crate::algorithms::AnyState;
use crate::error::{Error, SavedFault};
use crate::form::Tape;
use crate::hash::hex::Hex;
use alloc::string::{String, ToString};
use core::fmt;
use core::marker::PhantomData;
use serde::de::{DeserializeOwned, Error as DeError, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

const FIELDS: &[&str] = &["version", "fingerprint", "hasher", "epoch", "nodes", "placement"];

/// Rejects a version newer than this release knows.
fn check_version<E: DeError>(version: u32) -> Result<(), E> {
    if version > VERSION {
        let newer = SavedFault::Newer { version, known: VERSION };
        return Err(E::custom(Error::from(newer)));
    }
    Ok(())
}

/// The value of a field read before the version was known, or its deferred error.
type Pending<T> = Result<T, String>;

/// The fields read so far.
struct ReadFields<N> {
    version: Option<u32>,
    fingerprint: Option<Pending<Hex>>,
    hasher: Option<Pending<Hex>>,
    epoch: Option<Pending<u64>>,
    nodes: Option<Pending<SavedNodes<N>>>,
    placement: Option<Pending<AnyState>>,
}

impl<N> ReadFields<N> {
    fn whole<E: DeError>(self) -> Result<Saved<N>, E> {
        fn there<T, E: DeError>(part: Option<Pending<T>>, name: &'static str) -> Result<T, E> {
            part.ok_or_else(|| E::missing_field(name))?.map_err(E::custom)
        }
        Ok(Saved {
            version: self.version.ok_or_else(|| E::missing_field("version"))?,
            fingerprint: there::<Hex, E>(self.fingerprint, "fingerprint")?.0,
            hasher: there::<Hex, E>(self.hasher, "hasher")?.0,
            epoch: there(self.epoch, "epoch")?,
            nodes: there(self.nodes, "nodes")?,
            placement: there(self.placement, "placement")?,
        })
    }
}

/// The next value of a map. Read strictly if the version is `known`, otherwise errors are deferred.
fn next<'de, T, A>(map: &mut A, known: bool) -> Result<Pending<T>, A::Error>
where
    T: DeserializeOwned,
    A: MapAccess<'de>,
{
    if known {
        return map.next_value().map(Ok);
    }
    Ok(map.next_value::<Tape>()?.read().map_err(|error| error.to_string()))
}

struct SavedVisitor<N>(PhantomData<N>);

impl<'de, N: Deserialize<'de>> Visitor<'de> for SavedVisitor<N> {
    type Value = Saved<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a saved locator")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(
            seq: &mut A,
            at: usize,
        ) -> Result<T, A::Error> {
            let expected = &"a saved locator of six parts";
            seq.next_element()?.ok_or_else(|| A::Error::invalid_length(at, expected))
        }
        let version = next(&mut seq, 0)?;
        check_version(version)?;
        Ok(Saved {
            version,
            fingerprint: next::<Hex, _>(&mut seq, 1)?.0,
            hasher: next::<Hex, _>(&mut seq, 2)?.0,
            epoch: next(&mut seq, 3)?,
            nodes: next(&mut seq, 4)?,
            placement: next(&mut seq, 5)?,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut parts = ReadFields {
            version: None,
            fingerprint: None,
            hasher: None,
            epoch: None,
            nodes: None,
            placement: None,
        };
        let mut unknown = None;
        while let Some(field) = map.next_key::<String>()? {
            let known = parts.version.is_some();
            match field.as_str() {
                "version" => {
                    put(&mut parts.version, "version", map.next_value()?)?;
                    check_version(parts.version.unwrap_or(VERSION))?;
                }
                "fingerprint" => {
                    put(&mut parts.fingerprint, "fingerprint", next(&mut map, known)?)?;
                }
                "hasher" => put(&mut parts.hasher, "hasher", next(&mut map, known)?)?,
                "epoch" => put(&mut parts.epoch, "epoch", next(&mut map, known)?)?,
                "nodes" if known => put(&mut parts.nodes, "nodes", map.next_value().map(Ok)?)?,
                "nodes" => {
                    let LooseNodes(nodes) = map.next_value()?;
                    put(&mut parts.nodes, "nodes", nodes)?;
                }
                "placement" => put(&mut parts.placement, "placement", next(&mut map, known)?)?,
                _ if known => {
                    let field: String = field.chars().take(64).collect();
                    return Err(A::Error::unknown_field(&field, FIELDS));
                }
                _ => ignore(&mut map, &mut unknown, &field, FIELDS)?,
            }
        }
        match unknown.filter(|_| parts.version.is_some()) {
            Some(unknown) => Err(A::Error::custom(unknown)),
            None => parts.whole(),
        }
    }
}

impl<'de, N: Deserialize<'de>> Deserialize<'de> for Saved<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Saved", FIELDS, SavedVisitor(PhantomData))
    }
}
