//! The configuration of a table: size, limits and name.

use crate::error::{Error, PartitionFault};
use crate::limits::{
    MAX_DOMAIN_BYTES, MAX_PARTITION_REPLICAS, MAX_PARTITION_SLOTS, MAX_PARTITIONS,
};
use crate::steps;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The size of a [`PartitionTable`](crate::PartitionTable) and its rules: how many replicas of one
/// partition a failure domain may hold.
///
/// ```
/// use apportion::partition::TableConfig;
///
/// let config = TableConfig::new(4096, 3).max_per_domain("zone", 1).max_per_domain("region", 2);
/// assert_eq!(config.partitions(), 4096);
/// ```
///
/// With the feature `serde` it is a map with `partitions` and `replicas`, and optionally `limits`
/// (a map from levels to limits), `name`, `under_replicated` and `copies` (a list of pairs of a
/// partition and its number of replicas):
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use apportion::partition::TableConfig;
///
/// let text = r#"{"partitions":4096,"replicas":3,"limits":{"zone":1},"name":"users"}"#;
/// let config: TableConfig = serde_json::from_str(text)?;
/// assert_eq!(config, TableConfig::new(4096, 3).max_per_domain("zone", 1).named("users"));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TableConfig {
    partitions: u32,
    replicas: u32,
    #[cfg_attr(feature = "serde", serde(with = "limits"))]
    limits: Vec<(String, u32)>,
    name: String,
    under_replicated: bool,
    /// Partitions with another number of replicas, ascending, each with it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "as_list"))]
    copies: Copies,
}

/// Partitions and their numbers of replicas.
type Copies = Arc<[(u32, u32)]>;

/// Reads the map that `Serialize` writes, and checks sizes and limits.
#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for TableConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct ConfigFields {
            partitions: u32,
            replicas: u32,
            #[serde(default, with = "limits")]
            limits: Vec<(String, u32)>,
            #[serde(default)]
            name: String,
            #[serde(default)]
            under_replicated: bool,
            #[serde(default)]
            copies: Vec<(u32, u32)>,
        }

        let ConfigFields { partitions, replicas, limits, name, under_replicated, copies } =
            ConfigFields::deserialize(deserializer)?;
        let copies = copies.into();
        let config = Self { partitions, replicas, limits, name, under_replicated, copies };
        config.checked().map_err(D::Error::custom)?;
        Ok(config)
    }
}

#[cfg(feature = "serde")]
fn as_list<S: serde::Serializer>(copies: &Copies, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(copies.iter())
}

/// Serializes limits as a map from levels, in their order.
#[cfg(feature = "serde")]
mod limits {
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::fmt;
    use serde::de::{MapAccess, Visitor};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        limits: &[(String, u32)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(limits.iter().map(|(level, limit)| (level, limit)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, u32)>, D::Error> {
        deserializer.deserialize_map(Limits)
    }

    struct Limits;

    impl<'de> Visitor<'de> for Limits {
        type Value = Vec<(String, u32)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(
                "a map from levels to the maximum number of replicas in one of their domains",
            )
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut limits = Vec::new();
            while let Some(limit) = map.next_entry()? {
                limits.push(limit);
            }
            Ok(limits)
        }
    }
}

/// The order in which limits were given does not matter.
impl PartialEq for TableConfig {
    fn eq(&self, other: &Self) -> bool {
        let Self { partitions, replicas, limits, name, under_replicated, copies } = self;
        let sorted = |limits: &[(String, u32)]| {
            let mut limits = limits.to_vec();
            limits.sort_unstable();
            limits
        };
        (*partitions, *replicas, *under_replicated)
            == (other.partitions, other.replicas, other.under_replicated)
            && (name, copies) == (&other.name, &other.copies)
            && (*limits == other.limits || sorted(limits) == sorted(&other.limits))
    }
}

impl Eq for TableConfig {}

/// 4096 partitions of three replicas, without a limit.
impl Default for TableConfig {
    fn default() -> Self {
        Self::new(4096, 3)
    }
}

impl TableConfig {
    /// A table without limits: the replicas of a partition are on different nodes, and that is the
    /// only rule.
    #[must_use]
    pub fn new(partitions: u32, replicas: u32) -> Self {
        let (limits, name, copies) = (Vec::new(), String::new(), Copies::default());
        Self { partitions, replicas, limits, name, under_replicated: false, copies }
    }

    /// Allows at most `limit` replicas of a partition in one failure domain of this level. Without
    /// a limit, a domain may hold any number of them.
    #[must_use]
    pub fn max_per_domain(mut self, level: &str, limit: u32) -> Self {
        self.limits.push((level.into(), limit));
        self
    }

    /// Sets the name that breaks ties: it decides which nodes hold the replicas that do not divide
    /// evenly, and which partitions they hold. The same name gives the same table; tables with
    /// different names are spread independently. The default is the empty name.
    ///
    /// If you have many small tables, name each of them: without names, a hundred tables of one
    /// partition put all their replicas on the same node.
    ///
    /// ```
    /// use apportion::{Locator, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let nodes = Topology::new(["a", "b", "c", "d"])?;
    /// let mut owners = std::collections::BTreeSet::new();
    /// for table in ["users", "orders", "parts", "prices", "stocks", "bills", "visits", "logs"] {
    ///     let config = TableConfig::new(1, 1).named(table);
    ///     owners.extend(Locator::table_of(nodes.clone(), config)?.get("a key").copied());
    /// }
    /// assert!(owners.len() > 1);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// Plans fewer replicas instead of returning an error where the nodes and limits admit fewer
    /// than R per partition: for example after one of three nodes died with R = 3, or after a whole
    /// zone was drained with a limit of one replica per zone.
    ///
    /// Every partition then has the same, largest possible number of replicas,
    /// [`PartitionTable::replication_factor`](crate::PartitionTable::replication_factor), and
    /// [`Plan::missing_replicas`](crate::partition::Plan::missing_replicas) counts the missing
    /// ones. The next plan for nodes that admit more adds them; added replicas are not moves.
    #[must_use]
    pub fn allow_under_replicated(mut self) -> Self {
        self.under_replicated = true;
        self
    }

    /// Gives some partitions another number of replicas than R: more for those that are read most,
    /// fewer for others. Each pair is a partition and its number, at least 1. The numbers replace those
    /// of an earlier call.
    ///
    /// ```
    /// use apportion::{Planner, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let config = TableConfig::new(8, 2).copies([(0, 4), (5, 1)]);
    /// let nodes = Topology::new(["a", "b", "c", "d", "e"])?;
    /// let table = Planner::new(nodes.members(), &config)?.fresh()?.into_table();
    /// assert_eq!([0, 1, 5].map(|partition| table.row(partition).len()), [4, 2, 1]);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[must_use]
    pub fn copies(mut self, copies: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut copies: Vec<(u32, u32)> = copies.into_iter().collect();
        copies.sort_unstable();
        self.copies = copies.into();
        self
    }

    /// The same name and rules with other sizes. With a multiple of the partitions,
    /// [copies](Self::copies) go with the partitions that are split; otherwise those of partitions that
    /// no longer exist are dropped.
    #[must_use]
    pub fn sized(&self, partitions: u32, replicas: u32) -> Self {
        let ways = partitions.checked_div(self.partitions).unwrap_or(0);
        let splits = partitions.checked_rem(self.partitions) == Some(0);
        let copies = if partitions == self.partitions || self.copies.is_empty() {
            self.copies.clone()
        } else if splits {
            let split = |(p, n): &(u32, u32)| {
                let (p, n) = (*p, *n);
                (0..ways).map(move |i| (p.saturating_mul(ways).saturating_add(i), n))
            };
            self.copies.iter().flat_map(split).collect()
        } else {
            self.copies.iter().copied().filter(|(partition, _)| *partition < partitions).collect()
        };
        Self { partitions, replicas, copies, ..self.clone() }
    }

    /// The same configuration with at most this many replicas of each partition.
    pub(super) fn at_most(&self, replicas: u32) -> Self {
        let copies = self.copies.iter().map(|(p, n)| (*p, (*n).min(replicas))).collect();
        Self { replicas: self.replicas.min(replicas), copies, ..self.clone() }
    }

    /// The number of partitions, P.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    /// The number of replicas of each partition that has no other [copies](Self::copies), R.
    #[must_use]
    pub fn replicas(&self) -> u32 {
        self.replicas
    }

    /// The number of replicas of a partition. O(log copies).
    #[must_use]
    pub fn replicas_of(&self, partition: u32) -> u32 {
        let found = self.copies.binary_search_by_key(&partition, |(partition, _)| *partition);
        found.ok().and_then(|at| self.copies.get(at)).map_or(self.replicas, |(_, copies)| *copies)
    }

    /// The number of replicas of the partition that has the most. O(copies).
    #[must_use]
    pub fn max_replicas(&self) -> u32 {
        let others = (self.copies.len() as u64) < u64::from(self.partitions);
        let common = if others { self.replicas } else { 0 };
        self.copies.iter().map(|(_, copies)| *copies).max().unwrap_or(0).max(common)
    }

    /// The number of replicas of all partitions. O(copies).
    #[must_use]
    pub fn total_replicas(&self) -> u64 {
        let more: u64 = self.copies.iter().map(|(_, copies)| u64::from(*copies)).sum();
        let others = u64::from(self.partitions).saturating_sub(self.copies.len() as u64);
        others * u64::from(self.replicas) + more
    }

    /// The partitions with other [copies](Self::copies) than R, ascending, each with its number.
    pub fn copies_of_partitions(&self) -> impl ExactSizeIterator<Item = (u32, u32)> {
        self.copies.iter().copied()
    }

    /// True if all partitions have the same number of replicas.
    pub(super) fn is_uniform(&self) -> bool {
        let max = self.max_replicas();
        self.total_replicas() == u64::from(max) * u64::from(self.partitions)
    }

    /// The [name](Self::named), empty by default.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True if plans may have fewer than R replicas of each partition: see
    /// [`allow_under_replicated`](Self::allow_under_replicated).
    #[must_use]
    pub fn allows_under_replicated(&self) -> bool {
        self.under_replicated
    }

    /// The limits by level, in the order given.
    pub fn limits(&self) -> impl Iterator<Item = (&str, u32)> {
        self.limits.iter().map(|(level, limit)| (level.as_str(), *limit))
    }

    pub(crate) fn checked(&self) -> Result<(), Error> {
        sizes(self.partitions, self.replicas)?;
        let mut before = None;
        for (partition, copies) in self.copies.iter().copied() {
            if partition >= self.partitions {
                let (what, partitions) = ("copies: the", self.partitions);
                return Err(PartitionFault::Partition { what, partition, partitions }.into());
            }
            if before == Some(partition) {
                return Err(PartitionFault::CopiesTwice { partition }.into());
            }
            before = Some(partition);
            if !(1..=MAX_PARTITION_REPLICAS).contains(&copies) {
                let max = MAX_PARTITION_REPLICAS;
                return Err(PartitionFault::Copies { partition, copies, max }.into());
            }
        }
        sizes(self.partitions, self.max_replicas())?;
        let (bytes, max) = (self.name.len() as u64, MAX_DOMAIN_BYTES as u64);
        if bytes > max {
            return Err(PartitionFault::Name { bytes, max }.into());
        }
        let mut levels = BTreeSet::new();
        for (level, limit) in &self.limits {
            steps::count(1);
            if *limit == 0 {
                return Err(PartitionFault::LimitZero { level: level.clone() }.into());
            }
            if !levels.insert(level) {
                return Err(PartitionFault::RepeatedLevel { level: level.clone() }.into());
            }
        }
        Ok(())
    }
}

/// Checks the sizes of a table.
pub(super) fn sizes(partitions: u32, replicas: u32) -> Result<(), Error> {
    let size = |what, value: u32, max: u32| {
        if (1..=max).contains(&value) {
            return Ok(());
        }
        Err(PartitionFault::Size { what, value: value.into(), max: max.into() })
    };
    size("partitions", partitions, MAX_PARTITIONS)?;
    size("replicas", replicas, MAX_PARTITION_REPLICAS)?;
    let max = MAX_PARTITION_SLOTS;
    if u64::from(partitions) * u64::from(replicas) > max {
        return Err(PartitionFault::Slots { partitions, replicas, max }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::TableConfig;
    use crate::steps;
    use alloc::format;
    use alloc::string::ToString;

    /// Untrusted input may list any number of limits.
    #[test]
    fn limits_are_compared_in_their_order() {
        let config = |n: usize| {
            let limits = (0..n).map(|i| format!("level {i}"));
            limits.fold(TableConfig::new(1, 1), |config, level| config.max_per_domain(&level, 1))
        };
        steps::assert_growth("limits", 1000, 2.2, |n| {
            let config = config(n);
            steps::during(|| config.checked().unwrap()).1
        });
        let error = config(1000).max_per_domain("level 0", 2).checked().unwrap_err().to_string();
        assert!(error.contains("level 0"), "{error}");
    }
}
