//! The clusters for which tables are planned, and their changes.

use crate::peers::one_to_ten;
use apportion::partition::TableConfig;
use apportion::{Node, Topology};

/// Replicas of each partition, at most one per zone.
pub const REPLICAS: u32 = 3;

/// One node of a cluster.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Member {
    /// Its name.
    pub id: u32,
    /// Its failure domain.
    pub zone: u32,
    /// Its weight.
    pub weight: u32,
}

/// A cluster and the table to plan for it.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// A letter, under which the figures of other systems are recorded.
    pub name: &'static str,
    /// A description.
    pub says: &'static str,
    /// Number of nodes.
    pub nodes: u32,
    /// Number of zones, all of the same size.
    pub zones: u32,
    /// Number of partitions.
    pub partitions: u32,
    /// True if weights go from 1 to 10; every zone has the same total.
    pub unequal: bool,
}

/// 100 equal nodes.
pub const A: Scenario = Scenario {
    name: "a",
    says: "100 equal nodes, 5 zones, 2^14 partitions",
    nodes: 100,
    zones: 5,
    partitions: 1 << 14,
    unequal: false,
};
/// 100 nodes of weights 1 to 10; every zone has a total of 110.
pub const B: Scenario = Scenario {
    name: "b",
    says: "100 nodes of weights 1 to 10, 5 zones, 2^14 partitions",
    unequal: true,
    ..A
};
/// 1000 equal nodes.
pub const G: Scenario = Scenario {
    name: "g",
    says: "1000 equal nodes, 10 zones, 2^18 partitions",
    nodes: 1000,
    zones: 10,
    partitions: 1 << 18,
    unequal: false,
};
/// 10,000 equal nodes.
pub const H: Scenario = Scenario {
    name: "h",
    says: "10,000 equal nodes, 10 zones, 2^20 partitions",
    nodes: 10_000,
    partitions: 1 << 20,
    ..G
};

/// A change of a cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// A node joins the first zone.
    OneNodeMore,
    /// A node leaves.
    OneNodeLess,
    /// A zone joins, as large as the others.
    ZoneMore,
    /// The first zone leaves.
    ZoneLess,
    /// The weight of one node is doubled.
    WeightDoubled,
}

impl Change {
    /// All changes.
    pub const ALL: [Self; 5] =
        [Self::OneNodeMore, Self::OneNodeLess, Self::ZoneMore, Self::ZoneLess, Self::WeightDoubled];

    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneNodeMore => "one node more",
            Self::OneNodeLess => "one node less",
            Self::ZoneMore => "a zone more",
            Self::ZoneLess => "a zone less",
            Self::WeightDoubled => "one weight doubled",
        }
    }
}

/// The node that leaves or whose weight is doubled. In a cluster of unequal nodes, neither the
/// lightest nor the heaviest.
const CHANGED: u32 = 7;

impl Scenario {
    /// All nodes.
    pub fn members(&self) -> Vec<Member> {
        (0..self.nodes).map(|id| self.member(id, id % self.zones, id / self.zones)).collect()
    }

    /// The nodes after a change.
    pub fn after(&self, change: Change) -> Vec<Member> {
        let mut members = self.members();
        match change {
            Change::OneNodeMore => members.push(self.member(self.nodes, 0, 4)),
            Change::OneNodeLess => members.retain(|member| member.id != CHANGED),
            Change::ZoneMore => {
                let size = self.nodes / self.zones;
                members.extend((0..size).map(|i| self.member(self.nodes + i, self.zones, i)));
            }
            Change::ZoneLess => members.retain(|member| member.zone != 0),
            Change::WeightDoubled => {
                members.iter_mut().filter(|m| m.id == CHANGED).for_each(|m| m.weight *= 2);
            }
        }
        members
    }

    /// The `i`-th node of its zone.
    fn member(&self, id: u32, zone: u32, i: u32) -> Member {
        Member { id, zone, weight: if self.unequal { one_to_ten(i) } else { 1 } }
    }
}

/// The nodes in this crate's form, in the same order.
pub fn topology(members: &[Member]) -> Topology<u32> {
    Topology::of(members.iter().map(node)).expect("distinct labels")
}

/// A node in this crate's form.
pub fn node(member: &Member) -> Node<u32> {
    let zone = member.zone.to_string();
    Node::new(member.id).weight(member.weight.into()).domain("zone", &zone)
}

/// Size and rules in this crate's form.
pub fn config(partitions: u32) -> TableConfig {
    TableConfig::new(partitions, REPLICAS).max_per_domain("zone", 1)
}
