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
    GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, Ring, RingConfig,
};
use crate::topology::Topology;

impl<N, P: Build> Locator<N, P, Xxh3> {
    /// Builds any algorithm: `Locator::<_, Ring>::build(topology, &config)`. The named
    /// constructors do the same and need no type to be written.
    ///
    /// # Errors
    /// Nodes the algorithm cannot serve.
    pub fn build(topology: Topology<N>, config: &P::Config) -> Result<Self, Error> {
        let placement = P::build(config, topology.members())?;
        Self::from_parts(topology, placement, Xxh3)
    }
}

impl<N> Locator<N, Ring<GivenPoints>, Xxh3> {
    /// A ring of given lists of points over a topology.
    ///
    /// # Errors
    /// A live node without points, and the [`limits`](crate::limits).
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn given_points_of(
        topology: Topology<N>,
        config: GivenPointsConfig,
    ) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

impl<N> Locator<N, PartitionTable, Xxh3> {
    /// A planned partition table over a topology: see [`Planner`](crate::Planner). Changes of nodes
    /// rebalance it.
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
    /// A ring over a topology whose points come from a function of the label.
    ///
    /// # Errors
    /// A configuration out of range, more points than the budget allows, unequal weights where
    /// every node has as many points, a live node without points.
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn label_points_of(
        topology: Topology<N>,
        config: LabelPointsConfig,
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
    /// A ring over the same nodes with another configuration. Another scale moves keys between
    /// nodes that did not change, and [`diff`](Locator::diff) says how many; another budget alone
    /// moves none.
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
            /// A label given twice, more nodes than the algorithm can serve, and the
            /// [`limits`](crate::limits).
            pub fn $new(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
            where
                N: StableHash,
            {
                Self::build(Topology::new(ids)?, &<$placement as Build>::Config::default())
            }

            #[doc = concat!("A locator by ", $title, ", over a topology.")]
            ///
            /// # Errors
            /// Nodes that the algorithm cannot serve, such as unequal weights where it has none, and a
            /// configuration out of range.
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
    /// An algorithm chosen at run time, over a topology.
    ///
    /// # Errors
    /// Nodes the algorithm cannot serve.
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
