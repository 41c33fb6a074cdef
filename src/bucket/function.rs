//! What a bucket function is.

use crate::hash::{KeyHash, Seal};

/// The name of a bucket function in fingerprints and saved forms.
#[cfg(feature = "alloc")]
pub(crate) fn recorded_name(function: &impl BucketHash) -> alloc::borrow::Cow<'static, str> {
    let name = function.name();
    if function.is_of_this_crate(Seal) { name.into() } else { alloc::format!("own:{name}").into() }
}

/// A pure function from a key hash and a number of buckets `n` to a bucket. It is *consistent*: when
/// `n` grows by one, each key stays in its bucket or moves to the new one.
///
/// Buckets are numbers: only the last one can leave. [`Buckets`](crate::bucket::Buckets) makes a placement over slots
/// `0..n` of it without any memory, [`Numbered`](crate::bucket::Numbered) one over named nodes. Both add
/// replicas.
pub trait BucketHash {
    /// The bucket of a key among `n`, in `0..n`; 0 if `n` is 0. An `n` above
    /// [`MAX_BUCKETS`](crate::limits::MAX_BUCKETS) counts as that.
    fn bucket(&self, hash: KeyHash, n: u32) -> u32;

    /// The short name that options and saved forms use. A function of your own may have any name: it
    /// enters fingerprints and saved forms as `own:` and the name, so it is never taken for one of
    /// this crate, and two of your own are told apart by their names alone.
    fn name(&self) -> &'static str;

    /// True for the functions of this crate, which alone can name the seal.
    #[doc(hidden)]
    fn is_of_this_crate(&self, _: Seal) -> bool {
        false
    }

    /// Writes the bucket of each hash to `out`, as far as both slices reach, and returns how many
    /// were written.
    fn bucket_batch(&self, hashes: &[u64], n: u32, out: &mut [u32]) -> usize {
        let mut done = 0;
        for (place, hash) in out.iter_mut().zip(hashes) {
            *place = self.bucket(KeyHash::from_hash(*hash), n);
            done += 1;
        }
        done
    }
}
