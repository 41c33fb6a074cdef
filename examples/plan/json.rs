//! JSON values without repeated fields, with error messages that name the field.

use super::text::quoted;
use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A whole number that is not negative.
    Whole(u64),
    /// Any other number, as printed.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// A whole number within a range; `field` names it in messages.
    pub(crate) fn whole(&self, field: &str, min: u64, max: u64) -> Result<u64, String> {
        match self {
            Self::Whole(n) if (min..=max).contains(n) => Ok(*n),
            _ => Err(format!("{field} {self}: not a whole number from {min} to {max}")),
        }
    }

    pub(crate) fn text(self, field: &str) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(format!("{field} {self}: not text")),
        }
    }

    pub(crate) fn list(self, field: &str) -> Result<Vec<Self>, String> {
        match self {
            Self::List(items) => Ok(items),
            _ => Err(format!("{field} {self}: not a list")),
        }
    }

    pub(crate) fn object(self, field: &str) -> Result<Fields, String> {
        match self {
            Self::Object(members) => Ok(Fields { members }),
            _ => Err(format!("{field} {self}: not an object")),
        }
    }
}

/// A short form for messages.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => f.write_str(&quoted(value.as_bytes())),
            Self::List(_) => f.write_str("[…]"),
            Self::Object(_) => f.write_str("{…}"),
        }
    }
}

/// The fields of an object that have not been read yet.
pub(crate) struct Fields {
    members: BTreeMap<String, Json>,
}

impl Fields {
    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        self.members.remove(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    pub(crate) fn need(&mut self, name: &str) -> Result<Json, String> {
        self.take(name).ok_or_else(|| format!("{} is missing", quoted(name.as_bytes())))
    }

    pub(crate) fn rest(self) -> impl Iterator<Item = (String, Json)> {
        self.members.into_iter()
    }

    /// Rejects the fields that are left: they are unknown.
    pub(crate) fn done(self) -> Result<(), String> {
        match self.members.first_key_value() {
            None => Ok(()),
            Some((name, _)) => Err(format!("unknown field {}", quoted(name.as_bytes()))),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(format!("{value:?}")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = from.next_entry::<String, Json>()? {
            match members.entry(name) {
                Entry::Vacant(free) => drop(free.insert(value)),
                Entry::Occupied(first) => {
                    let name = quoted(first.key().as_bytes());
                    return Err(A::Error::custom(format!("the field {name} is given twice")));
                }
            }
        }
        Ok(Json::Object(members))
    }
}
