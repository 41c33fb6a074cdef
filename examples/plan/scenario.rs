//! The scenario: a cluster and its changes.

use super::carried::{Carried, Leaders, partitions, replicas};
use super::json::{Fields, Json};
use super::nodes::{self, Member, State};
use super::tables::{self, Table};
use super::text::quoted;
use apportion::limits::{MAX_DOMAIN_BYTES, MAX_DOMAIN_LEVELS};
use apportion::partition::{Affinity, TableConfig};
use apportion::{NodeIdx, Topology};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Scenario {
    pub(crate) levels: Vec<String>,
    pub(crate) limits: BTreeMap<String, u32>,
    name: String,
    under_replicated: bool,
    /// The tables, if there are several: see `tables`.
    pub(crate) tables: Vec<Table>,
    pub(crate) steps: Vec<Step>,
}

pub(crate) struct Step {
    pub(crate) label: String,
    pub(crate) nodes: Topology<String>,
    pub(crate) config: TableConfig,
    /// The configurations of several tables, in place of the one.
    pub(crate) tables: Vec<TableConfig>,
    /// How many replicas some nodes can hold.
    pub(crate) slots: Vec<(NodeIdx, u64)>,
    /// Nodes that take nothing new, and those that also give nothing.
    pub(crate) no_new: Vec<NodeIdx>,
    pub(crate) maintenance: Vec<NodeIdx>,
    pub(crate) pins: Vec<(u32, NodeIdx)>,
    pub(crate) frozen: Vec<u32>,
    pub(crate) frozen_if_possible: Vec<u32>,
    pub(crate) leaders: Option<Leaders<NodeIdx>>,
    /// Sizes of partitions.
    pub(crate) sizes: Vec<(u32, u64)>,
    pub(crate) affinity: Vec<Affinity>,
    /// Into how many partitions each one is split, if nothing else changes.
    pub(crate) only_split: Option<u32>,
}

impl Scenario {
    /// Parses a scenario and reports everything that can be wrong before planning. `from_table`:
    /// whether the first step changes a table.
    pub(crate) fn parse(bytes: &[u8], from_table: bool) -> Result<Self, String> {
        let mut fields = Json::parse(bytes)?.object("the scenario")?;
        let levels = levels(fields.need("levels")?)?;
        let limits = fields.take("max_per_domain").map_or(Ok(BTreeMap::new()), limits)?;
        if let Some((level, _)) = limits.iter().find(|(level, _)| !levels.contains(level)) {
            let level = quoted(level.as_bytes());
            return Err(format!("max_per_domain: {level} is not in levels"));
        }
        let tables = tables::given(&mut fields, &levels)?;
        let of_one = |given: Result<Json, String>, read: fn(&Json) -> Result<u32, String>| {
            if tables.is_empty() { read(&given?) } else { Ok(1) }
        };
        let mut carried = Carried {
            partitions: of_one(fields.need("partitions"), partitions)?,
            replicas: of_one(fields.need("replicas"), replicas)?,
            copies: BTreeMap::new(),
            pins: BTreeSet::new(),
            frozen: BTreeSet::new(),
            frozen_if_possible: BTreeSet::new(),
            leaders: None,
            sizes: BTreeMap::new(),
            affinity: Vec::new(),
        };
        let name = fields.take("name").map_or(Ok(String::new()), |name| name.text("name"))?;
        if name.len() > MAX_DOMAIN_BYTES {
            return Err(format!("name: {} bytes, more than {MAX_DOMAIN_BYTES}", name.len()));
        }
        let under_replicated = match fields.take("allow_under_replicated") {
            None => false,
            Some(Json::Bool(allowed)) => allowed,
            Some(other) => {
                return Err(format!("allow_under_replicated {other}: not true or false"));
            }
        };
        let given = fields.need("steps")?.list("steps")?;
        fields.done()?;
        if given.is_empty() {
            return Err("steps []: needs at least one step".to_owned());
        }
        let steps = Vec::new();
        let mut scenario = Self { levels, limits, name, under_replicated, tables, steps };
        let mut before = None;
        for (i, step) in given.into_iter().enumerate() {
            let here = format!("step {} of the list", i + 1);
            let mut fields = step.object(&here)?;
            let label = fields.need("label").and_then(|label| label.text("label"));
            let label = label.map_err(|why| format!("{here}: {why}"))?;
            let fresh = before.is_none() && !from_table;
            let read = scenario.step(label.clone(), fields, &carried, before.as_deref(), fresh);
            let (step, after, members) =
                read.map_err(|why| format!("step {}: {why}", quoted(label.as_bytes())))?;
            scenario.steps.push(step);
            (carried, before) = (after, Some(members));
        }
        Ok(scenario)
    }

    fn step(
        &self,
        label: String,
        mut fields: Fields,
        carried: &Carried,
        before: Option<&[Member]>,
        fresh: bool,
    ) -> Result<(Step, Carried, Vec<Member>), String> {
        let mut members = nodes::members(fields.need("nodes")?, &self.levels)?;
        if !self.tables.is_empty() {
            tables::refuse(&fields, &members)?;
        }
        let given_affinity = fields.has("affinity");
        let after = carried.after(&mut fields, before.is_none())?;
        fields.done()?;
        if let (true, Some(partition)) = (fresh, after.frozen.first()) {
            return Err(format!(
                "frozen: partition {partition}: a fresh table has nothing to keep"
            ));
        }
        let nodes = nodes::topology(&members, &self.levels)?;
        let pin = |(partition, id): &(u32, String)| {
            let unknown = || format!("pins: id {} is not a node", quoted(id.as_bytes()));
            let node = nodes.members().find(id.as_bytes()).ok_or_else(unknown)?;
            Ok((*partition, node))
        };
        let pins = after.pins.iter().map(pin).collect::<Result<_, String>>()?;
        let weight = |(id, weight): (&String, &u64)| {
            let unknown = || format!("leaders: id {} is not a node", quoted(id.as_bytes()));
            Ok((nodes.members().find(id.as_bytes()).ok_or_else(unknown)?, *weight))
        };
        // Weights of the step before may name nodes that are gone since.
        let carried_over = after.leaders == carried.leaders;
        let there = |(id, _): &(&String, &u64)| {
            !carried_over || nodes.members().find(id.as_bytes()).is_some()
        };
        let leaders = match &after.leaders {
            None => None,
            Some(Leaders::ByQuota) => Some(Leaders::ByQuota),
            Some(Leaders::ByWeight(given)) => {
                let weights = given.iter().filter(there).map(weight);
                Some(Leaders::ByWeight(weights.collect::<Result<_, String>>()?))
            }
        };
        // The same for the listed nodes of affinities.
        let kept = !given_affinity;
        let rules = after.affinity.iter().map(|rule| rule.of(&nodes, &self.levels, kept));
        let affinity = rules.collect::<Result<_, _>>()?;
        let config = TableConfig::new(after.partitions, after.replicas).named(&self.name);
        let config = config.copies(after.copies.iter().map(|(at, copies)| (*at, *copies)));
        let config = if self.under_replicated { config.allow_under_replicated() } else { config };
        // Without nodes no level exists, and the error should not be about levels.
        let limits = self.limits.iter().filter(|_| !members.is_empty());
        let config =
            limits.fold(config, |config, (level, limit)| config.max_per_domain(level, *limit));
        let tables = self.tables.iter().map(|table| {
            let config = table.config(&self.limits, !members.is_empty());
            if self.under_replicated { config.allow_under_replicated() } else { config }
        });
        let tables = tables.collect();
        let sizes = after.sizes.iter().map(|(partition, size)| (*partition, *size)).collect();
        let frozen = after.frozen.iter().copied().collect();
        let frozen_if_possible = after.frozen_if_possible.iter().copied().collect();
        let find = |member: &Member| nodes.members().find(member.id.as_bytes());
        let of =
            |state| members.iter().filter(move |m| m.state == state).filter_map(find).collect();
        let (no_new, maintenance) = (of(State::NoNew), of(State::Maintenance));
        // A node in maintenance holds what it has, whatever its slots.
        let bounded = members.iter().filter(|member| member.state != State::Maintenance);
        let slots = bounded.filter_map(|member| Some((find(member)?, member.slots?))).collect();
        members.sort_unstable();
        let same = before.is_some_and(|before| before == members);
        let only_split = after.only_split(carried).filter(|_| same);
        let step = Step {
            label,
            nodes,
            config,
            tables,
            slots,
            no_new,
            maintenance,
            pins,
            frozen,
            frozen_if_possible,
            leaders,
            sizes,
            affinity,
            only_split,
        };
        Ok((step, after, members))
    }
}

fn levels(given: Json) -> Result<Vec<String>, String> {
    let mut levels: Vec<String> = Vec::new();
    for level in given.list("levels")? {
        let level = level.text("levels:")?;
        let name = quoted(level.as_bytes());
        if level.is_empty() || level.len() > MAX_DOMAIN_BYTES {
            return Err(format!("levels: {name}: not a name of 1 to {MAX_DOMAIN_BYTES} bytes"));
        }
        if ["id", "weight", "slots", "state"].contains(&&*level) {
            return Err(format!("levels: {name} is another field of a node"));
        }
        if levels.contains(&level) {
            return Err(format!("levels: {name} is given twice"));
        }
        levels.push(level);
    }
    if levels.len() > MAX_DOMAIN_LEVELS {
        return Err(format!("levels: {} of them, more than {MAX_DOMAIN_LEVELS}", levels.len()));
    }
    Ok(levels)
}

pub(crate) fn limits(given: Json) -> Result<BTreeMap<String, u32>, String> {
    let limit = |(level, limit): (String, Json)| {
        let field = format!("max_per_domain: {}", quoted(level.as_bytes()));
        let limit = limit.whole(&field, 1, u32::MAX.into())?;
        Ok((level, limit as u32))
    };
    given.object("max_per_domain")?.rest().map(limit).collect()
}
