//! Tables derived from a hash placement with one key per partition, as most systems without a
//! planner do. Their balance is random.

use crate::planning::{Member, REPLICAS, System, node, topology};
use apportion::placement::Build;
use apportion::ring::RingConfig;
use apportion::{
    Locator, Node, PartitionTable, Placement, Ring, Spread, Topology, WeightedRendezvous,
};

/// A table of a placement with one replica per zone. A change updates the placement and then looks
/// up every partition again, which takes nearly all of the time.
pub struct Derived<P: Kind> {
    locator: Locator<u32, P>,
    table: PartitionTable,
}

/// Both placements use weights.
pub type DerivedRendezvous = Derived<WeightedRendezvous>;
/// 256 points for a node of average weight.
pub type DerivedRing = Derived<Ring>;

/// The placement of a derived table.
pub trait Kind: Build + Placement {
    /// The name of the table in reports.
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
    fn of(locator: Locator<u32, P>, partitions: u32) -> Self {
        let members = locator.topology().members();
        let spread = Spread::strict(members, REPLICAS as usize, [("zone", 1)]).expect("zones");
        let ask = |key, out: &mut [_]| spread.replicas(locator.placement(), key, out);
        let table = PartitionTable::derived(members, partitions, REPLICAS, ask).expect("a table");
        Self { locator, table }
    }
}

impl<P: Kind> System for Derived<P> {
    const NAME: &'static str = P::NAME;
    type Nodes = (Topology<u32>, Vec<Node<u32>>);

    fn nodes(members: &[Member]) -> Self::Nodes {
        (topology(members), members.iter().map(node).collect())
    }

    fn fresh((nodes, _): &Self::Nodes, partitions: u32) -> Self {
        let locator = Locator::build(nodes.clone(), &P::config()).expect("a locator");
        Self::of(locator, partitions)
    }

    fn change(&self, _: &Self::Nodes, (_, after): &Self::Nodes) -> Self {
        let locator = self.locator.replaced_by(after.iter().cloned()).expect("a locator");
        Self::of(locator, self.table.partitions())
    }

    fn holders(&self, _: &Self::Nodes) -> Vec<u32> {
        let rows = (0..self.table.partitions()).flat_map(|partition| self.table.row(partition));
        rows.map(|node| *self.locator.topology().get(node).expect("a node")).collect()
    }
}
