//! Tables with copies, slots, states of nodes and balanced leaders, through a history of changes.

use super::Checksum;
use apportion::partition::{Plan, TableConfig};
use apportion::{Node, NodeIdx, PartitionTable, Planner, Topology};
use std::fmt::Write;

/// Partitions of the tables.
const PARTITIONS: u32 = 256;

/// A node: number, weight. Four zones, by number.
type Entry = (u32, u64);

const STEPS: [&str; 16] = [
    "fresh",
    "leaders",
    "leader weights",
    "slots",
    "one more",
    "cordoned",
    "maintenance",
    "one less",
    "drained",
    "copies",
    "fewer copies",
    "a full node",
    "three equal",
    "lead",
    "leaders back",
    "nothing",
];

/// What is in force at a step.
struct State {
    nodes: Vec<Entry>,
    copies: fn(u32) -> u32,
    slots: Vec<(u32, u64)>,
    /// Weights of leaders; `None` if they are not balanced.
    leaders: Option<Vec<(u32, u64)>>,
    cordoned: Option<u32>,
    maintained: Option<u32>,
}

impl State {
    fn advance(&mut self, step: &str) {
        match step {
            "leaders" => self.leaders = Some(Vec::new()),
            "leader weights" => self.leaders = Some(vec![(1, 9), (2, 0), (14, 1)]),
            "slots" => self.slots = vec![(0, 11), (5, 0), (9, 20), (13, 24)],
            "one more" => self.nodes.push((26, 3)),
            "cordoned" => self.cordoned = Some(26),
            "maintenance" => self.maintained = Some(4),
            "one less" => self.nodes.retain(|(i, _)| *i != 10),
            "drained" => self.nodes.iter_mut().for_each(|(i, w)| *w *= u64::from(*i != 11)),
            "copies" => self.copies = |p| 1 + p * p % 8,
            "fewer copies" => self.copies = |p| 1 + p % 3,
            "a full node" => self.slots.push((16, 1)),
            "three equal" => {
                (self.copies, self.slots, self.cordoned) = (|_| 3, Vec::new(), None);
                self.maintained = None;
            }
            _ => {}
        }
    }

    fn topology(&self) -> Topology<String> {
        let node = |(i, weight): &Entry| {
            let zone = format!("z{}", i % 4);
            Node::new(format!("node-{i}")).weight(*weight).domain("zone", &zone)
        };
        Topology::of(self.nodes.iter().map(node)).unwrap()
    }

    fn config(&self) -> TableConfig {
        let copies = (0..PARTITIONS).map(|p| (p, (self.copies)(p))).filter(|(_, n)| *n != 3);
        TableConfig::new(PARTITIONS, 3).max_per_domain("zone", 3).copies(copies)
    }

    fn plan(&self, step: &str, before: Option<&(PartitionTable, Topology<String>)>) -> Plan {
        let nodes = self.topology();
        let find = |i: &u32| nodes.find(format!("node-{i}").as_str());
        let all = |list: &[(u32, u64)]| -> Vec<(NodeIdx, u64)> {
            list.iter().filter_map(|(i, n)| Some((find(i)?, *n))).collect()
        };
        let mut planner = Planner::new(nodes.members(), &self.config()).unwrap();
        planner = planner.slots(all(&self.slots)).unwrap();
        if let Some(weights) = &self.leaders {
            planner = planner.balance_leaders().leader_weights(all(weights)).unwrap();
        }
        let Some((table, old)) = before else { return planner.fresh().unwrap() };
        let old = (table, old.members());
        planner = planner.cordoned(self.cordoned.iter().filter_map(find), old.0, old.1).unwrap();
        let maintained = self.maintained.iter().filter_map(find);
        planner = planner.in_maintenance(maintained, old.0, old.1).unwrap();
        if step == "lead" {
            let weights = all(&[(2, 5), (3, 1)]);
            return planner.leader_weights(weights).unwrap().lead(old.0, old.1).unwrap();
        }
        let mut plan = planner.rebalance(old.0, old.1).unwrap();
        assert!(planner.verify(&plan, Some(old)).unwrap().optimal(), "{step}");
        if step == "three equal" {
            planner.disperse(&mut plan).unwrap();
        }
        plan
    }
}

/// Movement and leaders of each step, a few rows, and who holds what in which order.
pub(crate) fn table() -> String {
    let mut text = String::new();
    for (what, weight) in
        [("equal", (|_| 10) as fn(u32) -> u64), ("weighted", |i| 1 + u64::from(i * i % 7))]
    {
        writeln!(text, "{what}").unwrap();
        let mut state = State {
            nodes: (0..26).map(|i| (i, weight(i))).collect(),
            copies: |p| [3, 1, 2, 3, 6, 3, 3][p as usize % 7],
            slots: Vec::new(),
            leaders: None,
            cordoned: None,
            maintained: None,
        };
        let mut before = None;
        for step in STEPS {
            state.advance(step);
            let plan = state.plan(step, before.as_ref());
            let nodes = state.topology();
            let mut sum = Checksum::new();
            for partition in 0..PARTITIONS {
                sum.add(plan.table().row(partition).len() as u64);
                for node in plan.table().row(partition) {
                    sum.add(nodes.members().identity(node).unwrap());
                }
            }
            writeln!(
                text,
                "  {step:<14} moved {:>3} bound {:>3} twice {:>2} leaders {:>3} bound {:>3} {:016x}",
                plan.moved(),
                plan.lower_bound(),
                plan.partitions_moved_twice(),
                plan.leaders_moved(),
                plan.leaders_lower_bound(),
                sum.0,
            )
            .unwrap();
            for partition in [0, 4, 255] {
                let names = plan.table().row(partition).map(|node| nodes.get(node).unwrap());
                writeln!(text, "    {partition:<4} {:?}", names.collect::<Vec<_>>()).unwrap();
            }
            before = Some((plan.into_table(), nodes));
        }
    }
    text
}
