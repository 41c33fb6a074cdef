//! The traits of an adapter. Everything is dispatched statically: the timed loops know the
//! adapter's type and inline what its crate allows.

/// A crate, or one way to use it.
pub trait Peer: Sized {
    /// Its name in tables.
    const NAME: &'static str;

    /// Its family: the rows of a table are of one family.
    const FAMILY: &'static str = "ring";

    /// True for a lower bound on the cost of a lookup, which is no placement.
    const FLOOR: bool = false;

    /// False if a node may own far less than its share.
    const EVEN: bool = true;

    /// The input of [`build`](Self::build) in the form the crate takes; neither timed nor counted.
    type Plan;

    /// Prepares `n` nodes.
    fn plan(n: u32) -> Self::Plan;

    /// Builds a value as the crate's documentation does.
    fn build(plan: &Self::Plan) -> Self;

    /// Plans and builds.
    fn new(n: u32) -> Self {
        Self::build(&Self::plan(n))
    }

    /// The weights of the `n` nodes; 0 for a removed one.
    fn weights(n: u32) -> Vec<u32> {
        vec![1; n as usize]
    }
}

/// Finds the owner of a key, including hashing. The answer is the owner's number; the adapter gets
/// it in the way that is fastest for the crate.
pub trait Locate<K: ?Sized>: Peer {
    /// The owner's number, below the number of nodes.
    fn locate(&self, key: &K) -> u32;

    /// The same for a loop over keys. The closure owns what the loop would keep in local variables:
    /// behind a reference the compiler would have to reload it after every answer.
    fn asker(&self) -> impl Fn(&K) -> u32 {
        |key| self.locate(key)
    }
}

/// Finds the owners of a batch of hashes in one call.
pub trait Batch: Peer {
    /// The crate's type of an owner.
    type Owner: Copy + Default;

    /// Writes one owner for each hash.
    fn batch(&self, hashes: &[u64], out: &mut [Self::Owner]);

    /// The owner's number.
    fn number(owner: Self::Owner) -> u32;
}

/// Finds the first three nodes for a key.
pub trait Three: Peer {
    /// Their numbers.
    fn three(&self, key: u64) -> [u32; 3];

    /// False if the crate may give a node twice.
    const DISTINCT: bool = true;
}

/// Adds a node.
pub trait Grow: Peer {
    /// Adds a node `count` times, each time to the same value, and returns the time without the
    /// resets.
    fn grow(&mut self, n: u32, count: u64) -> std::time::Duration;
}

/// Compares two rings, an old and a new one: [`build`](Peer::build) makes both.
pub trait Diff: Peer {
    /// The number of points of both rings.
    fn points(&self) -> usize;

    /// Visits everything that moves and returns its share of all replicas.
    fn moved(&self) -> f64;
}
