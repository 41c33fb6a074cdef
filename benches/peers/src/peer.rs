//! What an adapter implements. Everything is dispatched statically: the timed loops know the
//! peer's type and inline what its crate lets them.

/// A crate, or one way to use it.
pub trait Peer: Sized {
    /// How tables call it.
    const NAME: &'static str;

    /// What it is: a table holds one kind.
    const FAMILY: &'static str = "ring";

    /// True of what is no placement at all but the least a lookup can cost.
    const FLOOR: bool = false;

    /// False if a node may own far less than its share.
    const EVEN: bool = true;

    /// What [`build`](Self::build) starts from, in the form the crate takes: not timed, not
    /// counted.
    type Plan;

    /// Prepares `n` nodes.
    fn plan(n: u32) -> Self::Plan;

    /// Builds a value the way the crate's documentation does it.
    fn build(plan: &Self::Plan) -> Self;

    /// Both.
    fn new(n: u32) -> Self {
        Self::build(&Self::plan(n))
    }

    /// What the shares of the `n` nodes are proportional to; 0 of one that was removed.
    fn weights(n: u32) -> Vec<u32> {
        vec![1; n as usize]
    }
}

/// Finds the owner of a key, hashing included. The answer is the owner's number: how far a crate
/// has to go for it is the adapter's choice, in favour of the crate.
pub trait Locate<K: ?Sized>: Peer {
    /// The owner's number, below the number of nodes.
    fn locate(&self, key: &K) -> u32;

    /// The same for a loop over keys: what the loop would keep in variables is in the closure, not
    /// behind a reference that every answer may have changed for all the compiler knows.
    fn asker(&self) -> impl Fn(&K) -> u32 {
        |key| self.locate(key)
    }
}

/// Finds the owners of a column of keys in one call, the keys being taken for hashed.
pub trait Batch: Peer {
    /// An owner as the crate writes it.
    type Owner: Copy + Default;

    /// Writes as many owners as there are hashes.
    fn batch(&self, hashes: &[u64], out: &mut [Self::Owner]);

    /// The owner's number.
    fn number(owner: Self::Owner) -> u32;
}

/// Finds the first three nodes for a key.
pub trait Three: Peer {
    /// Their numbers.
    fn three(&self, key: u64) -> [u32; 3];

    /// True unless the crate may give a node twice.
    const DISTINCT: bool = true;
}

/// Takes one more node.
pub trait Grow: Peer {
    /// Takes one more node `count` times, each time from the same beginning, and says how long
    /// that took without the way back.
    fn grow(&mut self, n: u32, count: u64) -> std::time::Duration;
}

/// Compares two rings, an old and a new one: [`build`](Peer::build) makes both.
pub trait Diff: Peer {
    /// Points of both together.
    fn points(&self) -> usize;

    /// Goes through all that moves and gives its share of all replicas.
    fn moved(&self) -> f64;
}
