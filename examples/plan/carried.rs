//! Settings that carry over from step to step until a later step changes them.

use super::affinity::{self, Rule};
use super::json::{Fields, Json};
use super::text::quoted;
use apportion::limits::{MAX_PARTITION_REPLICAS, MAX_PARTITION_SLOTS, MAX_PARTITIONS};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) partitions: u32,
    pub(crate) replicas: u32,
    /// Partitions with another number of replicas.
    pub(crate) copies: BTreeMap<u32, u32>,
    pub(crate) pins: BTreeSet<(u32, String)>,
    pub(crate) frozen: BTreeSet<u32>,
    pub(crate) frozen_if_possible: BTreeSet<u32>,
    pub(crate) leaders: Option<Leaders<String>>,
    /// Sizes of partitions; those that are not named have none.
    pub(crate) sizes: BTreeMap<u32, u64>,
    pub(crate) affinity: Vec<Rule>,
}

pub(crate) fn partitions(given: &Json) -> Result<u32, String> {
    given.whole("partitions", 1, MAX_PARTITIONS.into()).map(|n| n as u32)
}

pub(crate) fn replicas(given: &Json) -> Result<u32, String> {
    given.whole("replicas", 1, MAX_PARTITION_REPLICAS.into()).map(|n| n as u32)
}

/// How leaders are balanced. With no weight left, because the nodes that had one are gone, `ByWeight` is
/// still not `ByQuota`: every node then counts with its weight for replicas.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Leaders<N: Ord> {
    /// In proportion to the quotas of replicas.
    ByQuota,
    ByWeight(BTreeMap<N, u64>),
}

impl Carried {
    /// The settings after a step with these fields.
    pub(crate) fn after(&self, fields: &mut Fields, first: bool) -> Result<Self, String> {
        let mut next = self.clone();
        if let Some(given) = fields.take("replicas") {
            next.replicas = replicas(&given)?;
        }
        if let Some(given) = fields.take("partitions") {
            next.partitions = partitions(&given)?;
        }
        let (from, to) = (self.partitions, next.partitions);
        if !first && to % from != 0 {
            return Err(format!("partitions {to}: not a multiple of the {from} before"));
        }
        if !first {
            next.split(to / from);
        }
        if let Some(given) = fields.take("copies") {
            next.copies = copies(given, to)?;
        }
        let most = next.copies.values().copied().max().unwrap_or(0).max(next.replicas);
        if u64::from(to) * u64::from(most) > MAX_PARTITION_SLOTS {
            return Err(format!(
                "partitions {to} and replicas {most}: more than {MAX_PARTITION_SLOTS} replicas"
            ));
        }
        if let Some(given) = fields.take("pins") {
            next.pins = pins(given, to)?;
        }
        if let Some(given) = fields.take("frozen") {
            next.frozen = frozen(given, "frozen", to)?;
        }
        if let Some(given) = fields.take("frozen_if_possible") {
            next.frozen_if_possible = frozen(given, "frozen_if_possible", to)?;
        }
        if let Some(given) = fields.take("leaders") {
            next.leaders = leaders(given)?;
        }
        if let Some(given) = fields.take("sizes") {
            next.sizes = sizes(given, to)?;
        }
        if let Some(given) = fields.take("affinity") {
            next.affinity = affinity::rules(given, to)?;
        }
        if next.leaders.is_none() && next.affinity.iter().any(Rule::is_about_leaders) {
            return Err(
                "affinity: a rule is about leaders, which are not balanced; set leaders".into()
            );
        }
        Ok(next)
    }

    /// Splits the partitions of copies, pins, freezes and affinities, and sizes: in equal parts, as far as
    /// they are whole.
    fn split(&mut self, ways: u32) {
        let split = |partition: u32| partition * ways..(partition + 1) * ways;
        let copies = std::mem::take(&mut self.copies).into_iter();
        self.copies = copies.flat_map(|(at, n)| split(at).map(move |new| (new, n))).collect();
        let part = |size: u64, new: u32| {
            let (ways, nth) = (u64::from(ways), u64::from(new % ways));
            size / ways + u64::from(nth < size % ways)
        };
        let sizes = std::mem::take(&mut self.sizes).into_iter();
        let sizes = sizes.flat_map(|(at, size)| split(at).map(move |new| (new, part(size, new))));
        self.sizes = sizes.collect();
        self.pins = std::mem::take(&mut self.pins)
            .into_iter()
            .flat_map(|(partition, id)| split(partition).map(move |new| (new, id.clone())))
            .collect();
        for frozen in [&mut self.frozen, &mut self.frozen_if_possible] {
            *frozen = frozen.iter().flat_map(|partition| split(*partition)).collect();
        }
        self.affinity.iter_mut().for_each(|rule| rule.split(ways));
    }

    /// Into how many partitions each one is split, if nothing else changes.
    pub(crate) fn only_split(&self, before: &Self) -> Option<u32> {
        let ways = self.partitions / before.partitions;
        let mut expected = before.clone();
        expected.split(ways);
        expected.partitions = self.partitions;
        (ways > 1 && *self == expected).then_some(ways)
    }
}

fn partition(given: &Json, field: &str, partitions: u32) -> Result<u32, String> {
    let last = u64::from(partitions) - 1;
    given.whole(&format!("{field}: partition"), 0, last).map(|n| n as u32)
}

fn copies(given: Json, partitions: u32) -> Result<BTreeMap<u32, u32>, String> {
    let mut copies = BTreeMap::new();
    for given in given.list("copies")? {
        let [at, number] = <[Json; 2]>::try_from(given.list("copies")?)
            .map_err(|items| format!("copies: {} values, not [partition, copies]", items.len()))?;
        let at = partition(&at, "copies", partitions)?;
        let max = MAX_PARTITION_REPLICAS.into();
        let number = number.whole(&format!("copies: partition {at}: copies"), 1, max)? as u32;
        if copies.insert(at, number).is_some() {
            return Err(format!("copies: partition {at} is given twice"));
        }
    }
    Ok(copies)
}

fn sizes(given: Json, partitions: u32) -> Result<BTreeMap<u32, u64>, String> {
    let mut sizes = BTreeMap::new();
    for given in given.list("sizes")? {
        let [at, size] = <[Json; 2]>::try_from(given.list("sizes")?)
            .map_err(|items| format!("sizes: {} values, not [partition, bytes]", items.len()))?;
        let at = partition(&at, "sizes", partitions)?;
        let size = size.whole(&format!("sizes: partition {at}: bytes"), 0, u64::MAX)?;
        if sizes.insert(at, size).is_some() {
            return Err(format!("sizes: partition {at} is given twice"));
        }
    }
    Ok(sizes)
}

fn pins(given: Json, partitions: u32) -> Result<BTreeSet<(u32, String)>, String> {
    let mut pins = BTreeSet::new();
    for given in given.list("pins")? {
        let [at, id] = <[Json; 2]>::try_from(given.list("pins")?)
            .map_err(|items| format!("pins: {} values, not [partition, id]", items.len()))?;
        let (at, id) = (partition(&at, "pins", partitions)?, id.text("pins: id")?);
        if !pins.insert((at, id.clone())) {
            let id = quoted(id.as_bytes());
            return Err(format!("pins: partition {at} is pinned to {id} twice"));
        }
    }
    Ok(pins)
}

fn frozen(given: Json, field: &str, partitions: u32) -> Result<BTreeSet<u32>, String> {
    let list = given.list(field)?;
    list.iter().map(|given| partition(given, field, partitions)).collect()
}

/// `true`, `false`, or weights by id.
fn leaders(given: Json) -> Result<Option<Leaders<String>>, String> {
    let mut fields = match given {
        Json::Bool(balanced) => return Ok(balanced.then_some(Leaders::ByQuota)),
        Json::Object(_) => given.object("leaders")?,
        other => return Err(format!("leaders {other}: not true, false or an object")),
    };
    let weights = fields.need("weights").map_err(|why| format!("leaders: {why}"))?;
    fields.done().map_err(|why| format!("leaders: {why}"))?;
    let weight = |(id, weight): (String, Json)| {
        let field = format!("leaders: weight of {}", quoted(id.as_bytes()));
        Ok((id, weight.whole(&field, 0, u64::MAX)?))
    };
    let weights = weights.object("leaders: weights")?.rest().map(weight);
    let weights: Result<_, String> = weights.collect();
    Ok(Some(Leaders::ByWeight(weights?)))
}
