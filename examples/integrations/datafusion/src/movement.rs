//! Which keys move, and how many bytes with them: one query.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::prelude::SessionContext;

/// The rows and bytes of the table `events` that move from the owner by `owner_before` to the one by
/// `owner_after`.
pub const QUERY: &str = r#"
SELECT owner_before(key) AS "from", owner_after(key) AS "to", count(*) AS "rows", sum(bytes) AS "bytes"
FROM events
WHERE owner_before(key) <> owner_after(key)
GROUP BY owner_before(key), owner_after(key)
ORDER BY owner_before(key), owner_after(key)"#;

/// A row of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    pub from: String,
    pub to: String,
    pub rows: i64,
    pub bytes: i64,
}

/// Asks [`QUERY`].
pub async fn movement(context: &SessionContext) -> Result<Vec<Moved>> {
    let mut moved = Vec::new();
    for batch in context.sql(QUERY).await?.collect().await? {
        let text = |column: usize| cast(batch.column(column), &DataType::Utf8);
        let (from, to) = (text(0)?, text(1)?);
        let (from, to) = (from.as_string::<i32>(), to.as_string::<i32>());
        let rows = batch.column(2).as_primitive::<Int64Type>();
        let bytes = batch.column(3).as_primitive::<Int64Type>();
        moved.extend((0..batch.num_rows()).map(|row| Moved {
            from: from.value(row).to_owned(),
            to: to.value(row).to_owned(),
            rows: rows.value(row),
            bytes: bytes.value(row),
        }));
    }
    Ok(moved)
}
