//! The nodes of a step.

use super::json::{Fields, Json};
use super::text::{is_control, quoted};
use apportion::{Node, Topology};

/// A node's id, weight and failure domains, the replicas it can hold at most, and its state.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    pub(crate) id: String,
    weight: u64,
    pub(crate) slots: Option<u64>,
    pub(crate) state: State,
    domains: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Open,
    NoNew,
    Maintenance,
}

/// Reads the field `nodes`.
pub(crate) fn members(given: Json, levels: &[String]) -> Result<Vec<Member>, String> {
    let mut members = Vec::new();
    for (i, node) in given.list("nodes")?.into_iter().enumerate() {
        let here = format!("node {} of the list", i + 1);
        let mut fields = node.object(&here)?;
        let id = fields.need("id").and_then(id).map_err(|why| format!("{here}: {why}"))?;
        let rest = member(&mut fields, levels).and_then(|rest| fields.done().map(|()| rest));
        let rest = rest.map_err(|why| format!("node {}: {why}", quoted(id.as_bytes())))?;
        members.push(Member { id, ..rest });
    }
    Ok(members)
}

fn id(given: Json) -> Result<String, String> {
    let id = given.text("id")?;
    // In schedules `-` stands for no node.
    if id == "-" {
        return Err("id \"-\": stands for no node in schedules; choose another one".to_owned());
    }
    // Commas separate the ids of a dump.
    if id.is_empty() || id.chars().any(|c| c == ',' || is_control(c)) {
        let id = quoted(id.as_bytes());
        return Err(format!("id {id}: not a name without commas and control characters"));
    }
    Ok(id)
}

/// All but the id.
fn member(fields: &mut Fields, levels: &[String]) -> Result<Member, String> {
    let weight = fields.take("weight").map_or(Ok(1), |w| w.whole("weight", 0, u64::MAX))?;
    let name = |level: &String| fields.need(level)?.text(&quoted(level.as_bytes()));
    let domains = levels.iter().map(name).collect::<Result<_, _>>()?;
    let slots = fields.take("slots").map(|slots| slots.whole("slots", 0, u64::MAX)).transpose()?;
    let state = match fields.take("state") {
        None => State::Open,
        Some(Json::Text(state)) if state == "no_new" => State::NoNew,
        Some(Json::Text(state)) if state == "maintenance" => State::Maintenance,
        Some(other) => return Err(format!("state {other}: not \"no_new\" or \"maintenance\"")),
    };
    if (state, weight) == (State::Maintenance, 0) {
        return Err("state \"maintenance\": the weight is 0, so the node is drained".to_owned());
    }
    Ok(Member { id: String::new(), weight, slots, state, domains })
}

pub(crate) fn topology(members: &[Member], levels: &[String]) -> Result<Topology<String>, String> {
    let nodes = members.iter().map(|member| {
        let node = Node::new(member.id.clone()).weight(member.weight);
        levels
            .iter()
            .zip(&member.domains)
            .fold(node, |node, (level, name)| node.domain(level, name))
    });
    Topology::of(nodes).map_err(|e| format!("nodes: {e}"))
}
