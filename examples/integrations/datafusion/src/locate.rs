//! `owner(key)` and `partition(key)`.

use crate::keys::{hashes, key_type, on_columns};
use apportion::hash::BytesHasher;
use apportion::placement::Build;
use apportion::{KeyHash, Locator, NodeIdx, PartitionTable, Placement, Portable, Xxh3};
use datafusion::arrow::array::{Array, ArrayRef, StringViewArray, UInt32Array, new_null_array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The node that owns a key, as text, over any algorithm. Register it under as many names as there are
/// lists of nodes to compare:
///
/// ```
/// use apportion::Locator;
/// use apportion_datafusion::Owner;
/// use datafusion::prelude::SessionContext;
///
/// let before = Locator::ring(["node-1", "node-2", "node-3"])?;
/// let context = SessionContext::new();
/// context.register_udf(Owner::new("owner_after", before.with("node-4")?).into());
/// context.register_udf(Owner::new("owner_before", before).into());
/// # Ok::<(), apportion::Error>(())
/// ```
pub struct Owner<N, P, H = Xxh3> {
    function: Function,
    locator: Locator<N, P, H>,
    /// The node in each slot as text.
    names: StringViewArray,
}

impl<N: fmt::Display, P: Build, H: Portable> Owner<N, P, H> {
    /// The function under this name, in lower case if SQL is to find it without quotes.
    pub fn new(name: &str, locator: Locator<N, P, H>) -> Self {
        let nodes = locator.topology();
        let slots = 0..locator.placement().slots() as u32;
        let names = slots.map(|slot| nodes.get(NodeIdx::new(slot)).map(N::to_string)).collect();
        Self { function: Function::new(name, locator.fingerprint()), locator, names }
    }
}

impl<N, P, H> Owner<N, P, H> {
    /// The locator.
    pub fn locator(&self) -> &Locator<N, P, H> {
        &self.locator
    }
}

impl<N, P, H> ScalarUDFImpl for Owner<N, P, H>
where
    N: Send + Sync + 'static,
    P: Placement + Send + Sync + 'static,
    H: BytesHasher + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        &self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.function.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        self.function.one_key(args)
    }

    /// A view refers to a name or contains it: no name is copied, however many rows there are.
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    /// NULL for NULL.
    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        on_columns(&args.args, args.number_rows, |columns| {
            let keys = &columns[0];
            let hashes = hashes(keys, self.locator.hasher())?;
            let mut slots = vec![NodeIdx::NONE; hashes.len()];
            if self.locator.locate_batch(&hashes, &mut slots) < hashes.len() {
                // No node is live.
                return Ok(new_null_array(&DataType::Utf8View, keys.len()));
            }
            let slots = slots.into_iter().map(NodeIdx::get).collect();
            let slots = UInt32Array::new(slots, keys.logical_nulls());
            Ok(take(&self.names, &slots, None)?)
        })
    }
}

/// The partition of a key in a partition table.
pub struct Partition<N, H = Xxh3> {
    function: Function,
    locator: Locator<N, PartitionTable, H>,
}

impl<N, H: Portable> Partition<N, H> {
    /// The function under this name.
    pub fn new(name: &str, locator: Locator<N, PartitionTable, H>) -> Self {
        Self { function: Function::new(name, locator.fingerprint()), locator }
    }
}

impl<N, H> ScalarUDFImpl for Partition<N, H>
where
    N: Send + Sync + 'static,
    H: BytesHasher + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        &self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.function.signature
    }

    fn coerce_types(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        self.function.one_key(args)
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
            let keys = &columns[0];
            let table = self.locator.placement();
            // One multiplication a key: there is nothing that a batch would save.
            let partition = |hash| table.partition(KeyHash::from_hash(hash));
            let hashes = hashes(keys, self.locator.hasher())?;
            let partitions = hashes.into_iter().map(partition).collect();
            Ok(Arc::new(UInt32Array::new(partitions, keys.logical_nulls())) as ArrayRef)
        })
    }
}

/// What DataFusion asks of a function, whatever it computes.
#[derive(PartialEq, Eq, Hash)]
struct Function {
    name: String,
    signature: Signature,
    /// Two calls with the same fingerprint and key are one to the optimizer.
    fingerprint: u64,
}

impl Function {
    fn new(name: &str, fingerprint: u64) -> Self {
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { name: name.to_owned(), signature, fingerprint }
    }

    fn one_key(&self, args: &[DataType]) -> Result<Vec<DataType>> {
        match args {
            [key] => Ok(vec![key_type(&self.name, key)?]),
            _ => plan_err!("{}: expected 1 argument, the key, got {}", self.name, args.len()),
        }
    }
}

/// By name and fingerprint: DataFusion evaluates equal functions of equal arguments once.
macro_rules! compared_by_function {
    ($(($($generics:ident),*) $type:ty),*) => {$(
        impl<$($generics),*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} with fingerprint {:016x}", self.function.name, self.function.fingerprint)
            }
        }

        impl<$($generics),*> PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.function == other.function
            }
        }

        impl<$($generics),*> Eq for $type {}

        impl<$($generics),*> Hash for $type {
            fn hash<S: Hasher>(&self, state: &mut S) {
                self.function.hash(state);
            }
        }
    )*};
}

compared_by_function!((N, P, H) Owner<N, P, H>, (N, H) Partition<N, H>);
