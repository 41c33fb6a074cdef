//! The promises of a placement.

/// The promises of a placement: what a change of the nodes may move, and which nodes it accepts.
///
/// A promise holds without exceptions. The contract test checks every algorithm against each flag that
/// is set, and shows a counter-example for each flag that is not. A flag that is not set promises
/// nothing, but the property may still hold for most changes, as it does for
/// [`Asura`](crate::Asura) as long as its board does not grow.
///
/// Guarantees belong to a value, not to a type, because values of one type may differ (rings with
/// different point schemes, [`AnyPlacement`](crate::AnyPlacement)).
///
/// To describe a placement of your own, start from [`none`](Self::none) and set the flags it keeps:
///
/// ```
/// use apportion::Guarantees;
///
/// let mut guarantees = Guarantees::none();
/// guarantees.minimal_owner = true;
/// assert!(!guarantees.minimal_replicas);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools)] // promises, each kept or not
pub struct Guarantees {
    /// Adding a node moves keys only to that node; removing a node moves only its keys.
    pub minimal_owner: bool,
    /// Adding a node changes at most one member of each replica *set*, which the new node replaces.
    /// Removing a node changes only the sets that contain it, by one member.
    pub minimal_replicas: bool,
    /// Adding, removing or reweighting a node changes only its own position in a key's order of
    /// candidates; all other nodes keep their order. The replicas of a [`Spread`](crate::Spread) over
    /// the placement then also change by at most one member.
    pub minimal_order: bool,
    /// Raising a weight moves keys only to that node; lowering it moves keys only away from it.
    pub minimal_reweight: bool,
    /// Nodes may have unequal weights, and their shares of the keys are proportional to them. For a
    /// ring of [`GivenPoints`](crate::ring::GivenPoints) this holds as far as its lists follow the
    /// weights.
    pub weights: bool,
    /// The same nodes give the same answers, whatever the order in which they were listed and whatever
    /// changes led to them.
    pub order_free: bool,
    /// Any node can be removed, as long as enough others remain. Without this flag only the node that
    /// joined last can be removed.
    pub any_removal: bool,
    /// The maximum number of replicas of a key. The list of candidates is longer: it contains every
    /// live node.
    pub max_replicas: usize,
}

impl Guarantees {
    /// No promises except the laws of [`Placement`](crate::Placement): the starting point for a
    /// placement of your own.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            minimal_owner: false,
            minimal_replicas: false,
            minimal_order: false,
            minimal_reweight: false,
            weights: false,
            order_free: false,
            any_removal: false,
            max_replicas: usize::MAX,
        }
    }
}
