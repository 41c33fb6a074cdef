//! A planning problem as the vectors write it.

use crate::case::{Listed, listed, topology};
use crate::tables::rows;
use apportion::partition::{Certificate, Plan, TableConfig};
use apportion::{Error, NodeIdx, PartitionTable, Planner, Topology};
use serde_json::{Value, json};

/// A table with the nodes that it is about.
pub(crate) struct Old {
    pub(crate) topology: Topology<String>,
    pub(crate) table: PartitionTable,
}

/// The state of a node that takes nothing new.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum State {
    NoNew,
    Maintenance,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoNew => "no_new",
            Self::Maintenance => "maintenance",
        }
    }
}

/// What a table is planned for. Nodes are numbered by their places in the list.
pub(crate) struct Problem {
    pub(crate) nodes: Vec<Listed>,
    pub(crate) topology: Topology<String>,
    pub(crate) config: TableConfig,
    pub(crate) pins: Vec<(u32, u32)>,
    pub(crate) frozen: Vec<u32>,
    pub(crate) frozen_if_possible: Vec<u32>,
    pub(crate) slots: Vec<(u32, u64)>,
    pub(crate) states: Vec<(u32, State)>,
    /// `Some` if leaders are balanced, with weights of their own.
    pub(crate) leaders: Option<Vec<(u32, u64)>>,
    pub(crate) old: Option<Old>,
}

impl Problem {
    pub(crate) fn new(nodes: Vec<Listed>, config: TableConfig, old: Option<Old>) -> Self {
        Self {
            topology: topology(&nodes),
            nodes,
            config,
            pins: Vec::new(),
            frozen: Vec::new(),
            frozen_if_possible: Vec::new(),
            slots: Vec::new(),
            states: Vec::new(),
            leaders: None,
            old,
        }
    }

    pub(crate) fn planner(&self) -> Result<Planner<'_>, Error> {
        let node = NodeIdx::new;
        let mut planner = Planner::new(self.topology.members(), &self.config)?
            .pinned(self.pins.iter().map(|(p, n)| (*p, node(*n))))?
            .frozen(self.frozen.iter().copied())?
            .frozen_if_possible(self.frozen_if_possible.iter().copied())?
            .slots(self.slots.iter().map(|(n, slots)| (node(*n), *slots)))?;
        if let Some(old) = &self.old {
            let (table, before) = (&old.table, old.topology.members());
            let of = |state| self.states.iter().filter(move |(_, is)| *is == state);
            planner = planner.cordoned(of(State::NoNew).map(|(n, _)| node(*n)), table, before)?;
            let resting = of(State::Maintenance).map(|(n, _)| node(*n));
            planner = planner.in_maintenance(resting, table, before)?;
        }
        match &self.leaders {
            None => Ok(planner),
            Some(weights) if weights.is_empty() => Ok(planner.balance_leaders()),
            Some(weights) => planner.leader_weights(weights.iter().map(|(n, w)| (node(*n), *w))),
        }
    }

    pub(crate) fn old(&self) -> Option<(&PartitionTable, &apportion::topology::Members)> {
        self.old.as_ref().map(|old| (&old.table, old.topology.members()))
    }

    pub(crate) fn plan(&self, planner: &Planner<'_>) -> Result<Plan, Error> {
        match self.old() {
            None => planner.fresh(),
            Some((table, before)) => planner.rebalance(table, before),
        }
    }

    /// The problem without its old table.
    pub(crate) fn json(&self) -> Value {
        let mut nodes = listed(&self.nodes);
        for (n, slots) in &self.slots {
            nodes[*n as usize]["slots"] = json!(slots);
        }
        for (n, state) in &self.states {
            nodes[*n as usize]["state"] = json!(state.name());
        }
        let config = &self.config;
        let mut json = json!({"nodes": nodes, "config": {
            "partitions": config.partitions(), "replicas": config.replicas(),
            "limits": config.limits().collect::<Vec<_>>(), "name": config.name(),
            "under_replicated": config.allows_under_replicated(),
            "copies": config.copies_of_partitions().collect::<Vec<_>>(),
        }});
        if !self.pins.is_empty() {
            json["pins"] = json!(self.pins);
        }
        if !self.frozen.is_empty() {
            json["frozen"] = json!(self.frozen);
        }
        if !self.frozen_if_possible.is_empty() {
            json["frozen_if_possible"] = json!(self.frozen_if_possible);
        }
        json
    }

    pub(crate) fn old_json(&self) -> Value {
        let Some(old) = &self.old else {
            return Value::Null;
        };
        let labels: Vec<&String> = old.topology.iter().map(|(_, name)| name).collect();
        json!({"labels": labels, "rows": rows(&old.table)})
    }

    /// What verification says of a table under a certificate; null if it refuses them.
    pub(crate) fn verified(
        &self,
        planner: &Planner<'_>,
        table: &PartitionTable,
        certificate: &Certificate,
    ) -> Value {
        match planner.verify_table(table, certificate, self.old()) {
            Ok(verified) => json!({"moved": verified.moved, "minimum": verified.minimum}),
            Err(_) => Value::Null,
        }
    }
}
