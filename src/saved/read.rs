//! Reading a saved form: the version decides before anything else does.
//!
//! A newer release may write one more field or one more variant anywhere. A reader that looked at
//! those first would call the file malformed; it has to say that the file is newer. So no error in
//! another part counts before the version is known:
//!
//! - A compact format writes fields in order, without names: the version comes first and is checked
//!   before the next byte is read.
//! - A format with names may have them in any order; this crate writes the version first, but a
//!   JSON object that went through a map comes back sorted. What comes before the version is read
//!   into a form that takes anything, and looked at afterwards.

use super::form::{Saved, SavedNode, VERSION};
use crate::error::{Error, SavedFault};
use crate::hash::hex::Hex;
use crate::node::SavedLabel;
use crate::placement::State;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Error as DeError, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

const FIELDS: &[&str] = &["version", "fingerprint", "hasher", "epoch", "nodes", "placement"];
const NODE_FIELDS: &[&str] = &["value", "label", "weight", "domains"];

/// Refuses what this release cannot know.
fn check_version<E: DeError>(version: u32) -> Result<(), E> {
    if version > VERSION {
        let newer = SavedFault::Newer { version, known: VERSION };
        return Err(E::custom(Error::from(newer)));
    }
    Ok(())
}

/// A part that was read before the version was known: an error in it waits.
type Pending<T> = Result<T, String>;

/// Takes any value whole, so that the reading goes on after an error in it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Whole<T> {
    Read(Attempt<T>),
}

struct Attempt<T>(Pending<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Attempt<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).map_err(|error| error.to_string())))
    }
}

impl<T> Whole<T> {
    fn pending(self) -> Pending<T> {
        let Self::Read(Attempt(pending)) = self;
        pending
    }
}

/// Label, weight and domains.
type Described = (SavedLabel, u64, Vec<(String, String)>);

/// A node whose parts were not looked at, but for the user's value.
struct LooseNode<N> {
    value: N,
    rest: Pending<Described>,
}

impl<N> LooseNode<N> {
    fn strict(self) -> Pending<SavedNode<N>> {
        let (label, weight, domains) = self.rest?;
        Ok(SavedNode { value: self.value, label, weight, domains })
    }
}

impl<'de, N: Deserialize<'de>> Deserialize<'de> for LooseNode<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<N>(PhantomData<N>);

        impl<'de, N: Deserialize<'de>> Visitor<'de> for Fields<N> {
            type Value = LooseNode<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a saved node")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut value, mut label, mut weight, mut domains) = (None, None, None, None);
                let mut unknown = None;
                while let Some(field) = map.next_key::<String>()? {
                    match field.as_str() {
                        "value" => put(&mut value, "value", map.next_value()?)?,
                        "label" => put(&mut label, "label", map.next_value::<Whole<_>>()?)?,
                        "weight" => put(&mut weight, "weight", map.next_value::<Whole<_>>()?)?,
                        "domains" => put(&mut domains, "domains", map.next_value::<Whole<_>>()?)?,
                        _ => ignore(&mut map, &mut unknown, &field, NODE_FIELDS)?,
                    }
                }
                let rest = || {
                    unknown.map_or(Ok(()), Err)?;
                    Ok((
                        read_whole(label, "label")?,
                        read_whole(weight, "weight")?,
                        read_whole(domains, "domains")?,
                    ))
                };
                let value = value.ok_or_else(|| A::Error::missing_field("value"))?;
                Ok(LooseNode { value, rest: rest() })
            }
        }

        deserializer.deserialize_struct("SavedNode", NODE_FIELDS, Fields(PhantomData))
    }
}

/// Fills a field that may be there once.
fn put<T, E: DeError>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

/// Passes over a field that this release does not know, and remembers the first one.
fn ignore<'de, A: MapAccess<'de>>(
    map: &mut A,
    unknown: &mut Option<String>,
    field: &str,
    known: &'static [&'static str],
) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>()?;
    let field: String = field.chars().take(64).collect();
    unknown.get_or_insert_with(|| A::Error::unknown_field(&field, known).to_string());
    Ok(())
}

fn read_whole<T>(field: Option<Whole<T>>, name: &str) -> Pending<T> {
    match field {
        Some(whole) => whole.pending(),
        None => Err(alloc::format!("missing field `{name}`")),
    }
}

/// What was read so far; a field is there once.
struct Parts<N> {
    version: Option<u32>,
    fingerprint: Option<Pending<Hex>>,
    hasher: Option<Pending<Hex>>,
    epoch: Option<Pending<u64>>,
    nodes: Option<Pending<Vec<Option<SavedNode<N>>>>>,
    placement: Option<Pending<State>>,
}

impl<N> Parts<N> {
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

/// The next value of a map: strictly once the version is known.
fn next<'de, T, A>(map: &mut A, known: bool) -> Result<Pending<T>, A::Error>
where
    T: Deserialize<'de>,
    A: MapAccess<'de>,
{
    if known { map.next_value().map(Ok) } else { map.next_value::<Whole<T>>().map(Whole::pending) }
}

struct Form<N>(PhantomData<N>);

impl<'de, N: Deserialize<'de>> Visitor<'de> for Form<N> {
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
        let mut parts = Parts {
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
                    let loose: Vec<Option<LooseNode<N>>> = map.next_value()?;
                    let strict = |node: Option<_>| node.map(LooseNode::strict).transpose();
                    put(&mut parts.nodes, "nodes", loose.into_iter().map(strict).collect())?;
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
        deserializer.deserialize_struct("Saved", FIELDS, Form(PhantomData))
    }
}
