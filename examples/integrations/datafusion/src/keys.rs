//! Columns of keys: the types that are keys, and their hashes.

use apportion::KeyHash;
use apportion::hash::{BytesHasher, KeyHasher};
use datafusion::arrow::array::{Array, ArrayAccessor, ArrayIter, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::ColumnarValue;

/// The type in which a column of keys is passed on: its own, or that of the values if it is
/// dictionary-encoded. Nothing else is converted, as a key of another type may be another key.
pub(crate) fn key_type(function: &str, given: &DataType) -> Result<DataType> {
    use DataType::*;
    match given {
        Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView | FixedSizeBinary(_)
        | Null => Ok(given.clone()),
        integer if integer.is_integer() => Ok(given.clone()),
        Dictionary(_, values) => key_type(function, values),
        other => plan_err!(
            "{function}: expected a key of text, bytes or integers, got {other}; say which bytes are \
             the key, for instance with CAST(… AS VARCHAR)"
        ),
    }
}

/// The hash of each key, as the library has it for the same value in Rust; any number for NULL.
pub(crate) fn hashes(keys: &dyn Array, hasher: &impl BytesHasher) -> Result<Vec<u64>> {
    macro_rules! integers {
        ($type:ty) => {
            each(keys.as_primitive::<$type>(), |key| hasher.hash_key(&key))
        };
    }
    Ok(match keys.data_type() {
        DataType::Utf8 => each(keys.as_string::<i32>(), |key| hasher.hash_key(key)),
        DataType::LargeUtf8 => each(keys.as_string::<i64>(), |key| hasher.hash_key(key)),
        DataType::Utf8View => each(keys.as_string_view(), |key| hasher.hash_key(key)),
        DataType::Binary => each(keys.as_binary::<i32>(), |key| hasher.hash_key(key)),
        DataType::LargeBinary => each(keys.as_binary::<i64>(), |key| hasher.hash_key(key)),
        DataType::BinaryView => each(keys.as_binary_view(), |key| hasher.hash_key(key)),
        DataType::FixedSizeBinary(_) => {
            each(keys.as_fixed_size_binary(), |key| hasher.hash_key(key))
        }
        DataType::Int8 => integers!(Int8Type),
        DataType::Int16 => integers!(Int16Type),
        DataType::Int32 => integers!(Int32Type),
        DataType::Int64 => integers!(Int64Type),
        DataType::UInt8 => integers!(UInt8Type),
        DataType::UInt16 => integers!(UInt16Type),
        DataType::UInt32 => integers!(UInt32Type),
        DataType::UInt64 => integers!(UInt64Type),
        DataType::Null => vec![0; keys.len()],
        other => return exec_err!("expected keys of text, bytes or integers, got {other}"),
    })
}

fn each<A: ArrayAccessor>(keys: A, hash: impl Fn(A::Item) -> KeyHash) -> Vec<u64> {
    ArrayIter::new(keys).map(|key| key.map_or(0, |key| hash(key).get())).collect()
}

/// Applies a function on columns to arguments of which some may be constants. The result is a constant
/// if all of them are.
pub(crate) fn on_columns(
    args: &[ColumnarValue],
    rows: usize,
    function: impl FnOnce(&[ArrayRef]) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let constant = args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    let rows = if constant { 1 } else { rows };
    let columns = args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>()?;
    let result = function(&columns)?;
    if constant {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
    }
    Ok(ColumnarValue::Array(result))
}
