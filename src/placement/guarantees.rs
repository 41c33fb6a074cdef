//! What a placement promises.

/// What a placement value promises about itself, without exceptions. The contract test holds every
/// algorithm to each flag that is set, and shows a counter-example for flags that are not.
///
/// It is a property of the value, not of the type, because one type may hold both (a ring under
/// two point schemes, [`AnyPlacement`](crate::AnyPlacement)). A flag that is not set promises
/// nothing: the property may still hold for most changes, as it does for
/// [`Asura`](crate::Asura) as long as its board does not grow.
///
/// To describe a placement of your own, start from [`none`](Self::none) and set what it keeps:
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
    /// Adding a node changes an owner only to that node; removing it is the mirror image.
    pub minimal_owner: bool,
    /// Adding a node changes at most one member of each replica *set*, and only by bringing in
    /// that node; removing it is the mirror image.
    pub minimal_replicas: bool,
    /// Adding a node puts it somewhere into the order of candidates, removing it takes it out, a
    /// new weight moves it; all others keep their order. A [`Spread`](crate::Spread) over the
    /// placement then changes at most one member too.
    pub minimal_order: bool,
    /// Raising a weight moves keys only to that node, lowering it only from that node.
    pub minimal_reweight: bool,
    /// Nodes may have unequal weights, and their shares follow them; those of a ring of
    /// [`GivenPoints`](crate::ring::GivenPoints) as far as its lists do.
    pub weights: bool,
    /// Equal nodes place alike, whatever the order in which they were given and whatever changes
    /// led to them: neither order nor history decides.
    pub order_free: bool,
    /// Any node may leave, as long as enough others are left; otherwise only the one that joined
    /// last.
    pub any_removal: bool,
    /// The most replicas a key can have. Candidates go on behind them, to every live node.
    pub max_replicas: usize,
}

impl Guarantees {
    /// Promises nothing but laws 1 and 2: the start for a placement of your own.
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
