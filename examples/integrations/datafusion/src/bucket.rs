//! `bucket(key, n)`.

use crate::keys::{hashes, key_type, on_columns};
use apportion::bucket::BucketHash;
use apportion::hash::BytesHasher;
use apportion::limits::MAX_BUCKETS;
use apportion::{JumpBack, Portable, Xxh3};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt32Array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The bucket of a key among `n`, in `0..n`, by a bucket function: jump hash, JumpBack or FlipHash.
/// When `n` grows to `m`, the fraction `(m − n) / m` of the keys moves, all of them to new buckets.
pub struct Bucket<B = JumpBack, H = Xxh3> {
    name: String,
    signature: Signature,
    function: B,
    hasher: H,
}

impl<B: BucketHash, H: Portable> Bucket<B, H> {
    /// The function under this name.
    pub fn new(name: &str, function: B, hasher: H) -> Self {
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { name: name.to_owned(), signature, function, hasher }
    }
}

impl<B: BucketHash, H> Bucket<B, H> {
    fn buckets(
        &self,
        hashes: &[u64],
        n: &Int64Array,
        nulls: Option<&NullBuffer>,
    ) -> Result<Vec<u32>> {
        let mut buckets = vec![0; hashes.len()];
        // Runs of the same n, mostly a single one, each as a batch.
        let mut start = 0;
        for run in n.values().chunk_by(i64::eq) {
            let end = start + run.len();
            let valid = nulls.is_none_or(|nulls| (start..end).any(|row| nulls.is_valid(row)));
            match u32::try_from(run[0]) {
                Ok(n @ 1..=MAX_BUCKETS) => {
                    self.function.bucket_batch(&hashes[start..end], n, &mut buckets[start..end]);
                }
                // Whatever stands there: the row is NULL.
                _ if !valid => {}
                _ => {
                    return exec_err!(
                        "{}: expected a number of buckets from 1 to {MAX_BUCKETS}, got {}",
                        self.name,
                        run[0]
                    );
                }
            }
            start = end;
        }
        Ok(buckets)
    }
}

impl<B, H> ScalarUDFImpl for Bucket<B, H>
where
    B: BucketHash + Send + Sync + 'static,
    H: BytesHasher + Portable + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        match args {
            [key, n] if n.is_integer() || n.is_null() => {
                Ok(vec![key_type(&self.name, key)?, DataType::Int64])
            }
            [_, n] => plan_err!("{}: expected an integer number of buckets, got {n}", self.name),
            _ => plan_err!(
                "{}: expected 2 arguments, the key and the number of buckets, got {}",
                self.name,
                args.len()
            ),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::UInt32)
    }

    /// NULL for NULL.
    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        on_columns(&args.args, args.number_rows, |columns| {
            let (keys, n) = (&columns[0], columns[1].as_primitive::<Int64Type>());
            let nulls = NullBuffer::union(keys.logical_nulls().as_ref(), n.nulls());
            let hashes = hashes(keys, &self.hasher)?;
            let buckets = self.buckets(&hashes, n, nulls.as_ref())?;
            Ok(Arc::new(UInt32Array::new(buckets.into(), nulls)) as ArrayRef)
        })
    }
}

impl<B, H> fmt::Debug for Bucket<B, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// By names and hasher: DataFusion evaluates equal functions of equal arguments once.
impl<B: BucketHash, H: Portable> PartialEq for Bucket<B, H> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.function.name() == other.function.name()
            && self.hasher.id() == other.hasher.id()
    }
}

impl<B: BucketHash, H: Portable> Eq for Bucket<B, H> {}

impl<B: BucketHash, H: Portable> Hash for Bucket<B, H> {
    fn hash<S: Hasher>(&self, state: &mut S) {
        (&self.name, self.function.name(), self.hasher.id()).hash(state);
    }
}
