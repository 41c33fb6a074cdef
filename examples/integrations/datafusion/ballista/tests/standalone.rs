//! A Ballista scheduler and its executor in this process, spoken to over the loopback.

use apportion::{Algorithm, AnyPlacement, Locator, Node, Topology};
use apportion_ballista::{AnyOwner, LogicalCodec, PhysicalCodec};
use apportion_datafusion::{movement, write_events};
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const ROWS: u64 = 1_000_000;

/// Eight nodes. The third one leaves, and one of twice the weight joins.
fn change() -> (Locator<String, AnyPlacement>, Locator<String, AnyPlacement>) {
    let nodes = Topology::new((1..=8).map(|node| format!("node-{node}"))).unwrap();
    let algorithm: Algorithm = "ring".parse().unwrap();
    let before = Locator::any_of(nodes, algorithm).unwrap();
    let joins = Node::new("node-9".to_owned()).weight(2);
    let after = before.without("node-3").unwrap().with_node(joins).unwrap();
    (before, after)
}

/// The client registers the functions; nobody else does.
async fn register(context: &SessionContext, file: &Path) {
    let (before, after) = change();
    context.register_udf(AnyOwner::new("owner_before", before).into());
    context.register_udf(AnyOwner::new("owner_after", after).into());
    let path = file.to_str().unwrap();
    context.register_parquet("events", path, ParquetReadOptions::default()).await.unwrap();
}

#[test]
fn key_movement_in_a_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.parquet");
    write_events(&file, ROWS).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let config = SessionConfig::new_with_ballista()
            .with_ballista_standalone_parallelism(2)
            .with_ballista_logical_extension_codec(Arc::new(LogicalCodec::default()))
            .with_ballista_physical_extension_codec(Arc::new(PhysicalCodec::default()));
        let state = SessionStateBuilder::new().with_config(config).with_default_features().build();
        let cluster = SessionContext::standalone_with_state(state).await.unwrap();
        register(&cluster, &file).await;
        let start = Instant::now();
        let moved = movement(&cluster).await.unwrap();
        let seconds = start.elapsed().as_secs_f64();

        let alone = SessionContext::new();
        register(&alone, &file).await;
        assert_eq!(moved, movement(&alone).await.unwrap());

        let (before, after) = change();
        let exact = before.diff(&after).unwrap().moved_fraction().unwrap();
        let rows = moved.iter().map(|row| row.rows).sum::<i64>() as f64;
        let deviation = (exact * (1.0 - exact) / ROWS as f64).sqrt();
        assert!((rows / ROWS as f64 - exact).abs() < 5.0 * deviation, "{rows} rows, {exact}");
        println!(
            "{rows} of {ROWS} rows move between {} pairs of nodes: {:.4} %, exact {:.4} %; {seconds:.1} s",
            moved.len(),
            100.0 * rows / ROWS as f64,
            100.0 * exact
        );
    });
}

/// Without the codecs the function's name arrives, and nothing is known by it.
#[test]
fn a_cluster_without_the_codecs_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.parquet");
    write_events(&file, 10).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let cluster = SessionContext::standalone().await.unwrap();
        register(&cluster, &file).await;
        let error = movement(&cluster).await.unwrap_err().to_string();
        assert!(error.contains("owner_before"), "{error}");
    });
}
