//! The kind of an error, for programs.

/// The kind of an [`Error`](crate::Error), by which a program can decide what to do. The error's message
/// is for people.
///
/// ```
/// use apportion::{ErrorKind, Locator};
///
/// let pool = Locator::ring(["a", "b"])?;
/// // For this program, removing a node that is already gone is not a failure.
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
    /// No node has this label or slot, or no bucket has this number. Nothing was changed, so a program
    /// that wanted to remove the node may treat it as removed.
    UnknownNode,
    /// Two nodes have the same label, or different labels with the same 64-bit identity. Remove or
    /// rename one of them.
    DuplicateLabel,
    /// The algorithm does not support weights, but the nodes' weights differ. Give all nodes the same
    /// weight, or use an algorithm with weights: see
    /// [`Guarantees::weights`](crate::Guarantees::weights).
    UnequalWeights,
    /// The algorithm cannot remove this node or bucket, because it is not the last one or is the only
    /// one. Remove others first or add one, or use an algorithm that removes any node: see
    /// [`Guarantees::any_removal`](crate::Guarantees::any_removal).
    CannotRemove,
    /// There are more nodes, bytes, points, slots or keys than a limit allows: one of
    /// [`limits`](crate::limits), or a configured one such as a ring's budget. The message names the
    /// limit. Request less, or raise the configured limit.
    OverLimit,
    /// No assignment of keys, replicas or partitions to these nodes satisfies the rules. Add nodes or
    /// failure domains, or relax the rules. For a plan, [`Error::infeasible`](crate::Error::infeasible)
    /// returns the figures.
    Infeasible,
    /// A node's failure domains are malformed, missing, or in a different order from other nodes'.
    /// Correct the node's description.
    InvalidDomain,
    /// A configuration contains an unknown name or a value out of range, or cannot be parsed. Correct
    /// it.
    InvalidConfiguration,
    /// No algorithm has this name. [`Algorithm::NAMES`](crate::Algorithm::NAMES) lists them.
    UnknownAlgorithm,
    /// An argument does not fit the value it is used with: a partition that does not exist, rows of
    /// the wrong length, a plan of another planner. This is a mistake in the calling program.
    InvalidArgument,
    /// A placement of your own violates the laws of [`Placement`](crate::Placement), or is combined
    /// with nodes that it was not built for.
    InvalidPlacement,
    /// The two values cannot be compared exactly. Count the difference over your own keys:
    /// [`count_moves`](crate::analysis::count_moves).
    NotComparable,
    /// A saved value, or one of two compared values, uses another key hasher. Use the same hasher with
    /// the same seed and secret.
    OtherHasher,
    /// A saved value uses another algorithm than the one it is restored as. Restore it as that
    /// algorithm.
    OtherAlgorithm,
    /// A saved value was written by a newer release of this crate. Upgrade this program, or restore a
    /// value written by an older release.
    SavedByNewerRelease,
    /// A saved value is malformed or was altered. Use another copy.
    Altered,
    /// A table or a plan breaks its rules, or its figures or its certificate are wrong. Do not use it;
    /// plan again.
    NotVerified,
}
