//! The nodes before and after.

use crate::text::short;
use apportion::Node;
use apportion::limits::MAX_NODES;
use std::collections::{HashMap, HashSet};

/// A node.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) weight: u64,
}

impl Member {
    pub(crate) fn new(option: &str, name: &str, weight: u64) -> Result<Self, String> {
        if name.is_empty() {
            return Err(format!("{option} {name:?}: a node needs a name"));
        }
        Ok(Self { name: name.to_owned(), weight })
    }
}

/// The requested nodes and changes.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) nodes: Option<usize>,
    pub(crate) named: Vec<Member>,
    pub(crate) add: Vec<Member>,
    pub(crate) remove: Vec<String>,
    pub(crate) reweight: Vec<Member>,
}

/// The nodes before and after, and the change in words.
pub(crate) struct Plan {
    pub(crate) before: Vec<Member>,
    pub(crate) after: Vec<Member>,
    pub(crate) steps: Vec<String>,
}

impl Request {
    /// Checks the request and applies it, as one change.
    pub(crate) fn plan(mut self) -> Result<Plan, String> {
        let before = self.before()?;
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (at, member) in before.iter().enumerate() {
            if known.insert(&member.name, at).is_some() {
                return Err(format!("--node {:?}: given twice", member.name));
            }
        }
        let Some(last_live) = before.iter().rfind(|m| m.weight > 0) else {
            let first = before.first().map_or("", |m| &m.name);
            return Err(format!("--node \"{first}=0\": no node has a weight above 0"));
        };
        if self.add.is_empty() && self.remove.is_empty() && self.reweight.is_empty() {
            let mut names = (before.len()..).map(|i| format!("n{i}"));
            let name = names.find(|name| !known.contains_key(name.as_str())).unwrap_or_default();
            self.add.push(Member { name, weight: last_live.weight });
        }

        let mut after: Vec<Option<Member>> = before.iter().cloned().map(Some).collect();
        let mut steps = Vec::new();
        let mut touched = HashSet::new();
        let mut find = |option: &str, name: &str| {
            let at = known.get(name).ok_or_else(|| format!("{option} {name:?}: no such node"))?;
            if !touched.insert(*at) {
                return Err(format!("{option} {name:?}: a node can be changed only once"));
            }
            Ok(*at)
        };
        for name in &self.remove {
            after[find("--remove", name)?] = None;
            steps.push(format!("remove {}", short(name)));
        }
        for Member { name, weight } in &self.reweight {
            let member = &mut after[find("--reweight", name)?];
            if let Some(member) = member {
                steps.push(format!("reweight {} {} → {weight}", short(name), member.weight));
                member.weight = *weight;
            }
        }
        let mut joining = HashSet::new();
        for Member { name, weight } in &self.add {
            if known.contains_key(name.as_str()) || !joining.insert(name) {
                return Err(format!("--add {name:?}: a node of this name exists already"));
            }
            let weight = if *weight == 1 { String::new() } else { format!("={weight}") };
            steps.push(format!("add {}{weight}", short(name)));
        }
        let after: Vec<Member> = after.into_iter().flatten().chain(self.add).collect();
        if !after.iter().any(|m| m.weight > 0) {
            let what = if after.is_empty() { "no node" } else { "no node with a weight above 0" };
            return Err(format!("{}: {what} is left", steps.join(", ")));
        }
        Ok(Plan { before, after, steps })
    }

    fn before(&mut self) -> Result<Vec<Member>, String> {
        let numbered = |n| (0..n).map(|i| Member { name: format!("n{i}"), weight: 1 }).collect();
        match (self.nodes, self.named.first()) {
            (Some(n), Some(first)) => {
                Err(format!("--nodes {n} and --node {:?}: only one of them", first.name))
            }
            (Some(n), None) if n > MAX_NODES => {
                Err(format!("--nodes {n}: more than the maximum of {MAX_NODES} nodes"))
            }
            (None, Some(_)) => Ok(std::mem::take(&mut self.named)),
            (n, None) => Ok(numbered(n.unwrap_or(10))),
        }
    }
}

/// The members as nodes of the library.
pub(crate) fn nodes(members: &[Member]) -> impl Iterator<Item = Node<String>> {
    members.iter().map(|m| Node::new(m.name.clone()).weight(m.weight))
}
