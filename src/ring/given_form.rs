//! The serialised form of a configuration of given points.

use super::given::GivenPointsConfig;
use super::saved::restored_lists;
use crate::circle::Rule;
use crate::hash::hex::Hex;
use crate::node::SavedLabel;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedLists {
    #[serde(default)]
    rule: Rule,
    lists: Vec<(SavedLabel, Vec<Hex>)>,
}

impl Serialize for GivenPointsConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lists = self.lists().map(|(label, points)| {
            let points = points.map(Hex).collect();
            (SavedLabel::new(label), points)
        });
        SavedLists { rule: self.get_rule(), lists: lists.collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for GivenPointsConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SavedLists { rule, lists } = SavedLists::deserialize(deserializer)?;
        let lists = Arc::new(restored_lists(lists).map_err(D::Error::custom)?);
        Ok(Self { rule, lists })
    }
}
