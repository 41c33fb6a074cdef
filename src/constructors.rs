//! The locator's constructors, two for each algorithm. Those of the ring are in `locator/ring.rs`.

use crate::algorithms::{Algorithm, AnyPlacement};
use crate::anchor::JumpBackAnchor;
use crate::asura::{Asura, AsuraConfig};
use crate::bucket::{FlipHash, Jump, JumpBack, JumpGuava, Numbered};
use crate::error::Error;
use crate::hash::{StableHash, Xxh3};
use crate::locator::Locator;
use crate::maglev::{Maglev, MaglevConfig};
use crate::partition::{PartitionTable, TableConfig};
use crate::placement::Build;
use crate::rendezvous::{Rendezvous, WeightedRendezvous};
use crate::ring::{
    GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, Ring, RingConfig,
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

impl<N> Locator<N, Maglev, Xxh3> {
    /// Maglev hashing over nodes of weight 1 that are their own labels, with a table of 65,537
    /// entries.
    ///
    /// # Errors
    /// A label is given twice, there are more nodes than entries, or one of the
    /// [`limits`](crate::limits) is exceeded.
    pub fn maglev(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
    where
        N: StableHash,
    {
        Self::maglev_of(Topology::new(ids)?, MaglevConfig::default())
    }

    /// Maglev hashing over a topology.
    ///
    /// # Errors
    /// The table size is not a prime or out of range, or there are more live nodes than entries.
    pub fn maglev_of(topology: Topology<N>, config: MaglevConfig) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

impl<N> Locator<N, Asura, Xxh3> {
    /// An Asura board over nodes of weight 1 that are their own labels.
    ///
    /// # Errors
    /// A label is given twice, or one of the [`limits`](crate::limits) is exceeded.
    pub fn asura(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
    where
        N: StableHash,
    {
        Self::asura_of(Topology::new(ids)?, AsuraConfig::default())
    }

    /// An Asura board over a topology.
    ///
    /// # Errors
    /// The unit is not a power of two, the board is too small for the nodes, or the nodes need more
    /// slots than a board may have.
    pub fn asura_of(topology: Topology<N>, config: AsuraConfig) -> Result<Self, Error> {
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
    ($($(#[$doc:meta])* $name:ident $name_of:ident $p:ty;)*) => {$(
        impl<N> Locator<N, $p, Xxh3> {
            $(#[$doc])*
            ///
            /// # Errors
            /// A label is given twice, or one of the [`limits`](crate::limits) is exceeded.
            pub fn $name(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
            where
                N: StableHash,
            {
                Self::$name_of(Topology::new(ids)?)
            }

            #[doc = concat!("As [`", stringify!($name), "`](Self::", stringify!($name), "), over a topology.")]
            ///
            /// # Errors
            /// Weights are unequal and the algorithm does not support weights.
            pub fn $name_of(topology: Topology<N>) -> Result<Self, Error> {
                Self::build(topology, &())
            }
        }
    )*};
}

constructors! {
    /// Jump hash over nodes numbered in the order given, weight 1, their own labels.
    jump jump_of Numbered<Jump>;
    /// Guava's dialect of jump hash over nodes numbered in the order given, weight 1, their own
    /// labels.
    jump_guava jump_guava_of Numbered<JumpGuava>;
    /// JumpBackHash over nodes numbered in the order given, weight 1, their own labels.
    jump_back jump_back_of Numbered<JumpBack>;
    /// FlipHash over nodes numbered in the order given, weight 1, their own labels.
    flip flip_of Numbered<FlipHash>;
    /// AnchorHash on JumpBackHash over nodes of weight 1 that are their own labels, in the order
    /// given.
    jump_back_anchor jump_back_anchor_of JumpBackAnchor;
    /// Rendezvous hashing over nodes of weight 1 that are their own labels.
    rendezvous rendezvous_of Rendezvous;
    /// Weighted rendezvous hashing over nodes of weight 1 that are their own labels.
    weighted_rendezvous weighted_rendezvous_of WeightedRendezvous;
}

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
