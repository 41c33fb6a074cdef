//! Writes events to a Parquet file in a temporary folder and asks, in SQL, where their keys are and which
//! of them move.

use apportion::partition::TableConfig;
use apportion::{JumpBack, Locator, Node, Topology, Xxh3};
use apportion_datafusion::{Bucket, Owner, Partition, QUERY, movement, write_events};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use std::error::Error;
use std::time::Instant;

const USAGE: &str = "usage: apportion-datafusion [--rows N]    (default: 10000000)";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rows = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 10_000_000,
        ["--rows", rows] => rows.parse().map_err(|_| format!("--rows {rows}: not a number"))?,
        _ => return Err(USAGE.into()),
    };
    tokio::runtime::Runtime::new()?.block_on(run(rows))
}

async fn run(rows: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("events.parquet");
    let start = Instant::now();
    write_events(&file, rows)?;
    let size = file.metadata()?.len() >> 20;
    println!(
        "{rows} rows written in {:.1} s: {size} MiB of Parquet\n",
        start.elapsed().as_secs_f64()
    );

    // Eight nodes. The third one leaves, and one of twice the weight joins.
    let before = Locator::ring((1..=8).map(|node| format!("node-{node}")))?;
    let after = before.without("node-3")?.with_node(Node::new("node-9".to_owned()).weight(2))?;
    let nodes = Topology::new(before.nodes().cloned())?;
    let table = Locator::table_of(nodes, TableConfig::new(4096, 3))?;

    let context = SessionContext::new();
    let path = file.to_str().ok_or("the temporary folder's name is not text")?;
    context.register_parquet("events", path, ParquetReadOptions::default()).await?;
    context.register_udf(Owner::new("owner", before.clone()).into());
    context.register_udf(Owner::new("owner_before", before.clone()).into());
    context.register_udf(Owner::new("owner_after", after.clone()).into());
    context.register_udf(Partition::new("partition", table).into());
    context.register_udf(Bucket::new("bucket", JumpBack, Xxh3).into());

    show(
        &context,
        "SELECT owner(key), count(*) FROM events GROUP BY owner(key) ORDER BY owner(key)",
    )
    .await?;
    show(
        &context,
        "SELECT count(*) AS partitions, min(n) AS min_rows, max(n) AS max_rows\n\
         FROM (SELECT count(*) AS n FROM events GROUP BY partition(key))",
    )
    .await?;
    show(&context, "SELECT count(*) AS moved FROM events WHERE bucket(key, 12) <> bucket(key, 16)")
        .await?;

    println!("{}\n", QUERY.trim_start());
    let start = Instant::now();
    let moved = movement(&context).await?;
    let seconds = start.elapsed().as_secs_f64();
    let diff = before.diff(&after)?;
    let percent = |some: i64| 100.0 * some as f64 / rows as f64;
    println!(
        "{:8} {:8} {:>10} {:>14} {:>10} {:>10}",
        "from", "to", "rows", "bytes", "rows %", "exact %"
    );
    for flow in diff.matrix().unwrap_or_default() {
        let (Some(from), Some(to)) = (flow.from, flow.to) else { continue };
        let Some(row) = moved.iter().find(|row| row.from == *from && row.to == *to) else {
            continue;
        };
        println!(
            "{from:8} {to:8} {:10} {:14} {:10.4} {:10.4}",
            row.rows,
            row.bytes,
            percent(row.rows),
            100.0 * flow.fraction
        );
    }
    let (all, bytes) = moved.iter().fold((0, 0), |sum, row| (sum.0 + row.rows, sum.1 + row.bytes));
    println!(
        "{:17} {all:10} {bytes:14} {:10.4} {:10.4}",
        "all",
        percent(all),
        100.0 * diff.moved_fraction().unwrap_or(1.0)
    );
    println!("{seconds:.2} s, {:.1} million rows a second", rows as f64 / seconds / 1e6);
    Ok(())
}

async fn show(context: &SessionContext, query: &str) -> Result<(), Box<dyn Error>> {
    println!("{query}");
    let start = Instant::now();
    context.sql(query).await?.show().await?;
    println!("{:.2} s\n", start.elapsed().as_secs_f64());
    Ok(())
}
