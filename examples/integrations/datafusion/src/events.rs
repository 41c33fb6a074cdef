//! A Parquet file of events to ask about.

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Result;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

const BATCH: u64 = 100_000;

/// The key of a row.
pub fn key(row: u64) -> String {
    format!("user-{row}")
}

/// Writes events with the columns `key`, another one in every row, and `bytes`.
pub fn write_events(path: &Path, rows: u64) -> Result<()> {
    let field = |name, kind| Field::new(name, kind, false);
    let fields = vec![field("key", DataType::Utf8), field("bytes", DataType::Int64)];
    let schema = Arc::new(Schema::new(fields));
    // No key occurs twice: a dictionary would only be given up.
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, schema.clone(), Some(properties))?;
    for start in (0..rows).step_by(BATCH as usize) {
        let batch = start..rows.min(start + BATCH);
        let keys = StringArray::from_iter_values(batch.clone().map(key));
        // From 1 to 9973 bytes.
        let bytes = Int64Array::from_iter_values(batch.map(|row| (row * 7919 % 9973 + 1) as i64));
        let columns: Vec<ArrayRef> = vec![Arc::new(keys), Arc::new(bytes)];
        writer.write(&RecordBatch::try_new(schema.clone(), columns)?)?;
    }
    writer.close()?;
    Ok(())
}
