//! Tables derived from a hash placement, each partition standing for a key: what most systems
//! without a planner do. Balance is what chance makes it.

use crate::planning::{Member, REPLICAS, System, topology};
use apportion::{
    Build, Locator, PartitionTable, Placement, Ring, RingConfig, Spread, Topology,
    WeightedRendezvous,
};

/// Of a placement under the rule of one replica a zone. A change derives it anew: every partition
/// asks again, which costs far more than updating what it asks.
pub struct Derived<P>(PartitionTable, std::marker::PhantomData<P>);

/// Weights count in both.
pub type DerivedRendezvous = Derived<WeightedRendezvous>;
/// 256 points to a node of average weight.
pub type DerivedRing = Derived<Ring>;

/// What there is to say of a placement.
pub trait Kind: Build + Placement {
    /// How tables call the table.
    const NAME: &'static str;

    /// Its settings.
    fn config() -> Self::Config;
}

impl Kind for WeightedRendezvous {
    const NAME: &'static str = "rendezvous, one a zone";

    fn config() {}
}

impl Kind for Ring {
    const NAME: &'static str = "ring of 256 points a node";

    fn config() -> RingConfig {
        RingConfig::default().points_per_node(256)
    }
}

impl<P: Kind> Derived<P> {
    fn new(nodes: &Topology<u32>, partitions: u32) -> Self {
        let locator: Locator<u32, P> =
            Locator::build(nodes.clone(), &P::config()).expect("a locator");
        let members = nodes.members();
        let spread = Spread::strict(members, REPLICAS as usize, [("zone", 1)]).expect("zones");
        let ask = |key, out: &mut [_]| spread.replicas(locator.placement(), key, out);
        let table = PartitionTable::derived(members, partitions, REPLICAS, ask).expect("a table");
        Self(table, std::marker::PhantomData)
    }
}

impl<P: Kind> System for Derived<P> {
    const NAME: &'static str = P::NAME;
    type Nodes = Topology<u32>;

    fn nodes(members: &[Member]) -> Topology<u32> {
        topology(members)
    }

    fn fresh(nodes: &Topology<u32>, partitions: u32) -> Self {
        Self::new(nodes, partitions)
    }

    fn change(&mut self, _: &Topology<u32>, after: &Topology<u32>) {
        *self = Self::new(after, self.0.partitions());
    }

    fn holders(&self, nodes: &Topology<u32>) -> Vec<u32> {
        let rows = (0..self.0.partitions()).flat_map(|partition| self.0.row(partition));
        rows.map(|node| *nodes.get(node).expect("a node")).collect()
    }
}
