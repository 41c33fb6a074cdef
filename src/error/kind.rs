//! What kind of error it is, for programs that decide by it.

/// What kind of error an [`Error`](crate::Error) is: what a program can decide by, where the message
/// is for people.
///
/// ```
/// use apportion::{ErrorKind, Locator};
///
/// let pool = Locator::ring(["a", "b"])?;
/// // Removing a node twice is not a failure for this program.
/// let pool = match pool.without("c") {
///     Err(error) if error.kind() == ErrorKind::UnknownNode => pool,
///     other => other?,
/// };
/// assert_eq!(pool.len(), 2);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No node has this label or slot, or no bucket this number. The value that was to be changed is
    /// as it was, so a program that removes a node may take it for removed.
    UnknownNode,
    /// Two nodes have the same label, or labels whose 64-bit identities are equal. Leave one of them
    /// out or rename it.
    DuplicateLabel,
    /// The algorithm has no weights, and the nodes' weights differ. Give all nodes the same weight,
    /// or take an algorithm with weights: see [`Guarantees::weights`](crate::Guarantees::weights).
    UnequalWeights,
    /// The algorithm cannot remove this node or bucket: one that is not the last, or the only one.
    /// Remove others first, or take an algorithm that removes any node: see
    /// [`Guarantees::any_removal`](crate::Guarantees::any_removal).
    CannotRemove,
    /// More nodes, bytes, points, slots or keys than a limit allows: one of
    /// [`limits`](crate::limits), or one that was configured, such as a ring's budget. The message
    /// names the limit; ask for less or raise a configured limit.
    OverLimit,
    /// No assignment of keys, replicas or partitions to these nodes keeps the rules. Add nodes or
    /// failure domains, or relax the rules. For a plan, [`Error::infeasible`](crate::Error::infeasible)
    /// has the figures.
    Infeasible,
    /// A node's failure domains are malformed, missing, or in another order than those of other nodes.
    /// Correct the node's description.
    InvalidDomain,
    /// A configuration has a value out of range or an unknown one, or does not parse. Correct it.
    InvalidConfiguration,
    /// No algorithm has this name. [`Algorithm::NAMES`](crate::Algorithm::NAMES) lists them.
    UnknownAlgorithm,
    /// An argument does not fit the value it is for: a partition that is not there, rows of another
    /// length, a plan of another planner. A mistake in the calling program.
    InvalidArgument,
    /// A placement of your own breaks the contract of [`Placement`](crate::Placement), or is joined
    /// with nodes it was not made for.
    InvalidPlacement,
    /// Two values have no exact comparison. Count the difference over keys of your own:
    /// [`count_moves`](crate::analysis::count_moves).
    NotComparable,
    /// A saved value, or one of two that are compared, was made under another key hasher. Use the
    /// same hasher with the same seed and secret.
    OtherHasher,
    /// A saved value is of another algorithm than the one it is to be restored as.
    OtherAlgorithm,
    /// A saved value was written by a newer release of this crate. Upgrade this program, or read an
    /// older value.
    SavedByNewerRelease,
    /// A saved value is malformed or was altered. Use another copy.
    Altered,
    /// A table, a plan or its certificate does not hold what it claims. Do not use it; plan again.
    NotVerified,
}
