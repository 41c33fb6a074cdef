//! The field `affinity` of a step: where replicas and leaders of some partitions are.

use super::json::{Fields, Json};
use super::text::quoted;
use apportion::limits::MAX_PARTITION_REPLICAS;
use apportion::partition::Affinity;
use apportion::{NodeIdx, Topology};
use std::ops::Range;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The partitions; `None` for all.
    partitions: Option<Range<u32>>,
    nodes: Among,
    at_least: Option<u32>,
    at_most: Option<u32>,
    leader: Option<bool>,
}

#[derive(Clone, PartialEq, Eq)]
enum Among {
    /// A level and the name of its failure domains.
    Domain(String, String),
    Ids(Vec<String>),
}

/// The rules of a step; `partitions` is how many it has.
pub(crate) fn rules(given: Json, partitions: u32) -> Result<Vec<Rule>, String> {
    let rule = |(i, given): (usize, Json)| {
        let fields = given.object("affinity: rule")?;
        rule(fields, partitions).map_err(|why| format!("affinity: rule {}: {why}", i + 1))
    };
    given.list("affinity")?.into_iter().enumerate().map(rule).collect()
}

fn rule(mut fields: Fields, all: u32) -> Result<Rule, String> {
    let partitions = fields.take("partitions").map(|given| partitions(given, all)).transpose()?;
    let (level, domain, nodes) =
        (fields.take("level"), fields.take("domain"), fields.take("nodes"));
    let nodes = match (level, domain, nodes) {
        (Some(level), Some(domain), None) => {
            Among::Domain(level.text("level")?, domain.text("domain")?)
        }
        (None, None, Some(nodes)) => {
            let ids = nodes.list("nodes")?.into_iter().map(|id| id.text("nodes: id"));
            Among::Ids(ids.collect::<Result<_, _>>()?)
        }
        (None, None, None) => return Err("needs \"level\" and \"domain\", or \"nodes\"".into()),
        (_, _, None) => return Err("\"level\" and \"domain\" are given together".into()),
        (_, _, Some(_)) => return Err("\"nodes\" takes the place of a level and a domain".into()),
    };
    let mut bound = |field| {
        let given = fields.take(field);
        let whole = |given: Json| given.whole(field, 0, MAX_PARTITION_REPLICAS.into());
        given.map(whole).transpose().map(|bound| bound.map(|bound| bound as u32))
    };
    let (at_least, at_most) = (bound("at_least")?, bound("at_most")?);
    let leader = match fields.take("leader") {
        None => None,
        Some(Json::Bool(leads)) => Some(leads),
        Some(other) => return Err(format!("leader {other}: not true or false")),
    };
    fields.done()?;
    if (at_least.unwrap_or(0), at_most, leader) == (0, None, None) {
        return Err("asks for nothing: needs \"at_least\", \"at_most\" or \"leader\"".into());
    }
    Ok(Rule { partitions, nodes, at_least, at_most, leader })
}

/// `[from, to]`, without `to`.
fn partitions(given: Json, all: u32) -> Result<Range<u32>, String> {
    let [from, to] = <[Json; 2]>::try_from(given.list("partitions")?)
        .map_err(|items| format!("partitions: {} values, not [from, to]", items.len()))?;
    let from = from.whole("partitions: from", 0, u64::from(all) - 1)? as u32;
    let to = to.whole("partitions: to", u64::from(from) + 1, all.into())? as u32;
    Ok(from..to)
}

impl Rule {
    /// The rule after each partition was split.
    pub(crate) fn split(&mut self, ways: u32) {
        if let Some(Range { start, end }) = &mut self.partitions {
            (*start, *end) = (*start * ways, *end * ways);
        }
    }

    pub(crate) fn is_about_leaders(&self) -> bool {
        self.leader.is_some()
    }

    /// The rule for these nodes. If it was `carried` over from an earlier step, ids that are gone do
    /// not count.
    pub(crate) fn of(
        &self,
        nodes: &Topology<String>,
        levels: &[String],
        carried: bool,
    ) -> Result<Affinity, String> {
        let mut affinity = match &self.nodes {
            Among::Domain(level, name) => {
                if !levels.contains(level) {
                    let level = quoted(level.as_bytes());
                    return Err(format!("affinity: level {level} is not in levels"));
                }
                Affinity::domain(level, name)
            }
            Among::Ids(ids) => {
                let find = |id: &String| {
                    let found = nodes.members().find(id.as_bytes());
                    let unknown =
                        || format!("affinity: id {} is not a node", quoted(id.as_bytes()));
                    if carried { Ok(found) } else { found.ok_or_else(unknown).map(Some) }
                };
                let found: Vec<Option<NodeIdx>> = ids.iter().map(find).collect::<Result<_, _>>()?;
                Affinity::nodes(found.into_iter().flatten())
            }
        };
        if let Some(partitions) = &self.partitions {
            affinity = affinity.partitions(partitions.clone());
        }
        if let Some(at_least) = self.at_least {
            affinity = affinity.at_least(at_least);
        }
        if let Some(at_most) = self.at_most {
            affinity = affinity.at_most(at_most);
        }
        Ok(match self.leader {
            None => affinity,
            Some(true) => affinity.leads(),
            Some(false) => affinity.never_leads(),
        })
    }
}
