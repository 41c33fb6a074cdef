//! The locator's constructors, two for each algorithm, from the table of algorithms; those of the
//! ring are in `locator/ring.rs`.

use crate::algorithms::{Algorithm, AnyPlacement, algorithms};
use crate::asura::Asura;
use crate::error::Error;
use crate::hash::{StableHash, Xxh3};
use crate::locator::Locator;
use crate::partition::{PartitionTable, TableConfig};
use crate::placement::Build;
use crate::ring::{
    ClusterPoints, ClusterPointsConfig, GivenPoints, GivenPointsConfig, LabelPoints,
    LabelPointsConfig, Ring, RingConfig,
};
use crate::topology::Topology;

impl<N, P: Build> Locator<N, P, Xxh3> {
    /// Builds a locator of any algorithm, for generic code:
    /// `Locator::<_, Ring>::build(topology, &config)`. The named constructors do the same without a
    /// type annotation.
    ///
    /// # Errors
    /// The algorithm cannot serve these nodes, for instance unequal weights.
    pub fn build(topology: Topology<N>, config: &P::Config) -> Result<Self, Error> {
        let placement = P::build(config, topology.members())?;
        Self::from_parts(topology, placement, Xxh3)
    }
}

impl<N> Locator<N, Ring<GivenPoints>, Xxh3> {
    /// A ring over a topology whose points you list yourself, for instance to reproduce the ring of
    /// another program.
    ///
    /// # Errors
    /// A live node has no points, or one of the [`limits`](crate::limits) is exceeded.
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn given_points_of(
        topology: Topology<N>,
        config: GivenPointsConfig,
    ) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

impl<N> Locator<N, PartitionTable, Xxh3> {
    /// A planned partition table over a topology: see [`Planner`](crate::Planner). Every change of
    /// the nodes rebalances it.
    ///
    /// ```
    /// use apportion::{Locator, Node, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let node = |id: &'static str, zone: &str| Node::new(id).domain("zone", zone);
    /// let three = Topology::of([node("a", "x"), node("b", "y"), node("c", "z")])?;
    /// let config = TableConfig::new(256, 2).max_per_domain("zone", 1);
    /// let table = Locator::table_of(three, config)?;
    /// let holders = table.replicas::<2>("user:42");
    /// assert_eq!(holders.iter().count(), 2);
    /// let four = table.with_node(node("d", "x"))?;
    /// assert!(four.diff_replicas(&table, 2)?.moved_fraction() <= Some(0.26));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Planner::new`](crate::Planner::new).
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn table_of(topology: Topology<N>, config: TableConfig) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

impl<N> Locator<N, Ring<LabelPoints>, Xxh3> {
    /// A ring over a topology whose points are computed from each node's label by a function of
    /// yours.
    ///
    /// # Errors
    /// - The configuration is out of range.
    /// - The nodes need more points than the budget allows.
    /// - Weights are unequal, but the configuration gives every node the same number of points.
    /// - A live node has no points.
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn label_points_of(
        topology: Topology<N>,
        config: LabelPointsConfig,
    ) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

impl<N> Locator<N, Ring<ClusterPoints>, Xxh3> {
    /// A ring over a topology whose points are computed from all nodes together by functions of yours.
    ///
    /// # Errors
    /// The nodes need more points than [`MAX_RING_BUDGET`](crate::limits::MAX_RING_BUDGET).
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn cluster_points_of(
        topology: Topology<N>,
        config: ClusterPointsConfig,
    ) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

impl<N, H: Clone> Locator<N, Asura, H> {
    /// The same nodes on the smallest board that holds them, see [`Asura::compact`].
    #[must_use]
    pub fn compact(&self) -> Self {
        self.with_placement(self.placement().compact())
    }
}

impl<N, H: Clone> Locator<N, Ring, H> {
    /// A ring over the same nodes with another configuration. Changing the scale moves keys between
    /// nodes that did not change ([`diff`](Locator::diff) computes how many); changing only the
    /// budget moves none.
    ///
    /// # Errors
    /// As [`Locator::ring_of`].
    pub fn rescaled(&self, config: &RingConfig) -> Result<Self, Error> {
        Ok(self.with_placement(Ring::build(config, self.topology().members())?))
    }
}

macro_rules! constructors {
    (()
        // The ring's are in the locator's room: its page begins with them.
        [Ring $($ring:tt)*]
        $([
            $name:ident $(($c:ident: $config:ty))?:
            $placement:ty, $text:literal, $title:literal, $new:ident $new_of:ident
        ])*
    ) => {$(
        impl<N> Locator<N, $placement, Xxh3> {
            #[doc = concat!("A locator by ", $title, ", over nodes of weight 1 that are their own labels, in the")]
            /// order given.
            ///
            /// # Errors
            /// A label is given twice, there are more nodes than the algorithm can serve, or one of
            /// the [`limits`](crate::limits) is exceeded.
            pub fn $new(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
            where
                N: StableHash,
            {
                Self::build(Topology::new(ids)?, &<$placement as Build>::Config::default())
            }

            #[doc = concat!("A locator by ", $title, ", over a topology.")]
            ///
            /// # Errors
            /// The algorithm cannot serve these nodes, for instance unequal weights where it does not
            /// support weights, or the configuration is out of range.
            #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
            pub fn $new_of(topology: Topology<N> $(, $c: $config)?) -> Result<Self, Error> {
                Self::build(topology, &or_unit!($($c)?))
            }
        }
    )*};
}

/// The configuration; `()` for an algorithm without one.
macro_rules! or_unit {
    () => {
        ()
    };
    ($c:ident) => {
        $c
    };
}

algorithms!(constructors);

impl<N> Locator<N, AnyPlacement, Xxh3> {
    /// A locator over a topology whose algorithm is chosen at run time.
    ///
    /// # Errors
    /// The algorithm cannot serve these nodes, for instance unequal weights.
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn any_of(topology: Topology<N>, algorithm: Algorithm) -> Result<Self, Error> {
        Self::build(topology, &algorithm)
    }
}

#[cfg(test)]
mod tests {
    use crate::algorithms::{Algorithm, algorithms};
    use crate::locator::Locator;
    use crate::topology::Topology;

    macro_rules! fingerprints {
        (() $([
            $name:ident $(($c:ident: $config:ty))?:
            $placement:ty, $text:literal, $title:literal, $new:ident $new_of:ident
        ])*) => {
            [$(
                [
                    Locator::$new(["a", "b", "c"]).expect($text).fingerprint(),
                    Locator::$new_of(nodes() $(, <$config>::default())?).expect($text).fingerprint(),
                ],
            )*]
        };
    }

    fn nodes() -> Topology<&'static str> {
        Topology::new(["a", "b", "c"]).expect("three nodes")
    }

    #[test]
    fn constructors_build_what_can_be_chosen_at_run_time() {
        let chosen = Algorithm::all().map(|algorithm| {
            Locator::any_of(nodes(), algorithm).expect("three nodes").fingerprint()
        });
        let built = algorithms!(fingerprints);
        assert!(chosen.map(|fingerprint| [fingerprint; 2]).eq(built));
    }
}
