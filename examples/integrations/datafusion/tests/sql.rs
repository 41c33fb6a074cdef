//! The functions in SQL, over every type of key and over a million rows of Parquet: what they say is what
//! the library says.

use apportion::bucket::BucketHash;
use apportion::partition::TableConfig;
use apportion::{Algorithm, AnyPlacement, JumpBack, Locator, Node, PartitionTable, Topology, Xxh3};
use apportion_datafusion::{Bucket, Moved, Owner, Partition, key, movement, write_events};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, DictionaryArray, FixedSizeBinaryArray,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, LargeBinaryArray,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{Int32Type, Int64Type, UInt32Type};
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

fn nodes(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    // Longer than the twelve bytes that a view holds itself, and shorter.
    range
        .map(|i| if i % 2 == 0 { format!("n{i}") } else { format!("node-{i}.example.org") })
        .collect()
}

fn ring() -> Locator<String> {
    Locator::ring(nodes(1..=8)).unwrap()
}

fn table() -> Locator<String, PartitionTable> {
    Locator::table_of(Topology::new(nodes(1..=8)).unwrap(), TableConfig::new(256, 3)).unwrap()
}

fn context() -> SessionContext {
    let context = SessionContext::new();
    context.register_udf(Owner::new("owner", ring()).into());
    context.register_udf(Partition::new("partition", table()).into());
    context.register_udf(Bucket::new("bucket", JumpBack, Xxh3).into());
    context
}

fn answers<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

/// The answer to a query as one batch.
async fn ask(context: &SessionContext, query: &str) -> RecordBatch {
    let batches = context.sql(query).await.unwrap().collect().await.unwrap();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

/// What the library says of a key: its owner, its partition, its bucket among 12 and among `n`.
type Expected = (String, u32, u32, u32);

/// Asks for each row of a column `k`, with a column `n`, and compares.
async fn check(keys: ArrayRef, expected: impl Fn(usize, u32) -> Expected) {
    let kind = keys.data_type().clone();
    let rows = keys.len();
    // Runs of equal numbers and single ones.
    let n = |row: usize| if row < rows / 2 { 7 } else { 1 + row as u32 % 50 };
    let row: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..rows as u32));
    let counts: ArrayRef = Arc::new(UInt32Array::from_iter_values((0..rows).map(n)));
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("row", row, false),
        ("k", keys.clone(), true),
        ("n", counts, true),
    ]);
    let context = context();
    context.register_batch("t", batch.unwrap()).unwrap();
    let query = "SELECT owner(k), partition(k), bucket(k, 12), bucket(k, n) FROM t ORDER BY row";
    let answer = ask(&context, query).await;
    assert_eq!(answer.num_rows(), rows);
    let owners = answer.column(0).as_string_view();
    let number = |column: usize| answer.column(column).as_primitive::<UInt32Type>();
    let nulls = keys.logical_nulls();
    for row in 0..rows {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            assert!(answer.columns().iter().all(|column| column.is_null(row)), "{kind}: row {row}");
            continue;
        }
        assert!(answer.columns().iter().all(|column| column.is_valid(row)), "{kind}: row {row}");
        let got = (
            owners.value(row).to_owned(),
            number(1).value(row),
            number(2).value(row),
            number(3).value(row),
        );
        assert_eq!(got, expected(row, n(row)), "{kind}: row {row}");
    }
}

/// What the library says of a value in Rust.
macro_rules! library {
    ($key:expr) => {{
        let (ring, table) = (ring(), table());
        move |row: usize, n: u32| {
            let key = $key(row);
            let hash = ring.hash(&key);
            let owner = ring.get(&key).unwrap().clone();
            (owner, table.partition(&key), JumpBack.bucket(hash, 12), JumpBack.bucket(hash, n))
        }
    }};
}

const ROWS: usize = 300;

/// Every seventh row is NULL, in others is the value.
fn some<T>(value: impl Fn(usize) -> T) -> impl Iterator<Item = Option<T>> {
    (0..ROWS).map(move |row| (row % 7 != 3).then(|| value(row)))
}

#[test]
fn every_type_is_answered_as_the_library_does() {
    answers(async {
        // Empty, short, and longer than a view holds.
        let text = |row: usize| "user:".repeat(row % 5) + &"x".repeat(row % 3);
        check(Arc::new(StringArray::from_iter(some(text))), library!(text)).await;
        check(Arc::new(LargeStringArray::from_iter(some(text))), library!(text)).await;
        check(Arc::new(StringViewArray::from_iter(some(text))), library!(text)).await;
        let dictionary: DictionaryArray<Int32Type> =
            some(text).collect::<Vec<_>>().iter().map(Option::as_deref).collect();
        check(Arc::new(dictionary), library!(text)).await;

        let bytes = |row: usize| vec![row as u8; row % 40];
        check(Arc::new(BinaryArray::from_iter(some(bytes))), library!(bytes)).await;
        check(Arc::new(LargeBinaryArray::from_iter(some(bytes))), library!(bytes)).await;
        check(Arc::new(BinaryViewArray::from_iter(some(bytes))), library!(bytes)).await;
        let id = |row: usize| (row as u128 * 0x9e37_79b9_7f4a_7c15).to_le_bytes();
        let ids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(some(id), 16).unwrap();
        check(Arc::new(ids), library!(|row| id(row).to_vec())).await;

        macro_rules! integers {
            ($($array:ident $type:ty),*) => {$({
                let value = |row: usize| (row as i64 - 150).wrapping_mul(0x1234_5679) as $type;
                check(Arc::new($array::from_iter(some(value))), library!(value)).await;
            })*};
        }
        integers!(Int8Array i8, Int16Array i16, Int32Array i32, Int64Array i64);
        integers!(UInt8Array u8, UInt16Array u16, UInt32Array u32, UInt64Array u64);
    });
}

#[test]
fn constants_are_answered_too() {
    answers(async {
        let context = context();
        let constants = ask(
            &context,
            "SELECT owner('user:42'), owner(42), owner(X'00ff'), owner(NULL), partition('user:42'),
                    partition(NULL), bucket('user:42', 12), bucket(NULL, 12), bucket('user:42', NULL)",
        )
        .await;
        let owner = |column: usize| constants.column(column).as_string_view().value(0).to_owned();
        let number = |column: usize| constants.column(column).as_primitive::<UInt32Type>().value(0);
        assert_eq!(&owner(0), ring().get("user:42").unwrap());
        assert_eq!(&owner(1), ring().get(&42_i64).unwrap());
        assert_eq!(&owner(2), ring().get(&[0_u8, 255]).unwrap());
        assert_eq!(number(4), table().partition("user:42"));
        assert_eq!(number(6), JumpBack.bucket(ring().hash("user:42"), 12));
        for column in [3, 5, 7, 8] {
            assert!(constants.column(column).is_null(0), "column {column}");
        }
        // A number is one key in any integer type, and so are a text and its bytes.
        let query = "SELECT owner(arrow_cast(42, 'Int16')), owner(arrow_cast(42, 'UInt64')),
                            owner(arrow_cast('user:42', 'Binary'))";
        let answer = ask(&context, query).await;
        let same = |column: usize| answer.column(column).as_string_view().value(0).to_owned();
        assert_eq!([same(0), same(1), same(2)], [owner(1), owner(1), owner(0)]);
        // One key, a column of n.
        let query = "SELECT n, bucket('user:42', n) FROM (VALUES (1), (5), (NULL), (1000000)) t(n)";
        let answer = ask(&context, query).await;
        let (n, bucket) = (answer.column(0), answer.column(1).as_primitive::<UInt32Type>());
        for (n, bucket) in n.as_primitive::<Int64Type>().iter().zip(bucket) {
            assert_eq!(bucket, n.map(|n| JumpBack.bucket(ring().hash("user:42"), n as u32)));
        }
    });
}

#[test]
fn every_algorithm_is_answered_as_the_library_does() {
    async fn check(name: &str, locator: Locator<String, AnyPlacement>) {
        let context = SessionContext::new();
        context.register_udf(Owner::new("owner", locator.clone()).into());
        let keys: ArrayRef = Arc::new(StringArray::from_iter_values((0..2000).map(key)));
        context.register_batch("t", RecordBatch::try_from_iter([("k", keys)]).unwrap()).unwrap();
        let answer = ask(&context, "SELECT k, owner(k) FROM t").await;
        let owners = answer.column(1).as_string_view();
        for (key, owner) in answer.column(0).as_string::<i32>().iter().zip(owners) {
            assert_eq!(owner, locator.get(key.unwrap()).map(String::as_str), "{name}: {key:?}");
        }
    }
    answers(async {
        for name in Algorithm::NAMES {
            let algorithm: Algorithm = name.parse().unwrap();
            let topology = Topology::new(nodes(1..=9)).unwrap();
            let locator = Locator::any_of(topology, algorithm).unwrap();
            check(name, locator.clone()).await;
            // Slots with a hole.
            if let Ok(fewer) = locator.without("n4") {
                check(name, fewer).await;
            }
        }
        // No node is live.
        let drained = Locator::ring(["a"]).unwrap().reweighted("a", 0).unwrap();
        let context = SessionContext::new();
        context.register_udf(Owner::new("owner", drained).into());
        let query = "SELECT owner(k), owner('x') FROM (VALUES ('x'), ('y')) t(k)";
        let answer = ask(&context, query).await;
        assert!(answer.columns().iter().all(|column| column.null_count() == 2));
    });
}

#[test]
fn what_is_no_key_and_no_number_is_refused() {
    answers(async {
        let context = context();
        let keys: ArrayRef = Arc::new(Float64Array::from(vec![1.5]));
        context.register_batch("t", RecordBatch::try_from_iter([("k", keys)]).unwrap()).unwrap();
        for (query, message) in [
            (
                "SELECT owner(k) FROM t",
                "owner: expected a key of text, bytes or integers, got Float64",
            ),
            ("SELECT partition(DATE '2026-01-01')", "partition: expected a key of text"),
            ("SELECT owner()", "owner"),
            ("SELECT owner('a', 'b')", "owner: expected 1 argument, the key, got 2"),
            ("SELECT bucket('a')", "bucket: expected 2 arguments"),
            ("SELECT bucket('a', 'b')", "bucket: expected an integer number of buckets, got Utf8"),
            (
                "SELECT bucket('a', 0)",
                "bucket: expected a number of buckets from 1 to 2147483647, got 0",
            ),
            ("SELECT bucket('a', -1)", "got -1"),
            ("SELECT bucket('a', 2147483648)", "got 2147483648"),
        ] {
            let result = async { context.sql(query).await?.collect().await };
            let error = result.await.unwrap_err().to_string();
            assert!(error.contains(message), "{query}: {error}");
        }
    });
}

#[test]
fn functions_are_equal_if_their_answers_are() {
    fn hash(function: &ScalarUDF) -> u64 {
        let mut hasher = DefaultHasher::new();
        function.hash(&mut hasher);
        hasher.finish()
    }
    let owner = |locator| ScalarUDF::from(Owner::new("owner", locator));
    let more = ring().with("n10".to_owned()).unwrap();
    assert_eq!(owner(ring()), owner(more.without("n10").unwrap()));
    assert_eq!(hash(&owner(ring())), hash(&owner(more.without("n10").unwrap())));
    assert_ne!(owner(ring()), owner(more));
    assert_ne!(owner(ring()), ScalarUDF::from(Owner::new("owner_before", ring())));
    let bucket = |name| ScalarUDF::from(Bucket::new(name, JumpBack, Xxh3));
    assert_eq!(bucket("bucket"), bucket("bucket"));
    assert_ne!(bucket("bucket"), bucket("shard"));
    let jump = ScalarUDF::from(Bucket::new("bucket", apportion::bucket::Jump, Xxh3));
    assert_ne!(bucket("bucket"), jump);
}

#[test]
fn a_million_rows_of_parquet() {
    const ROWS: u64 = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.parquet");
    write_events(&file, ROWS).unwrap();

    let before = ring();
    let heavy = Node::new("node-9.example.org".to_owned()).weight(2);
    let after = before.without("node-3.example.org").unwrap().with_node(heavy).unwrap();
    let context = context();
    context.register_udf(Owner::new("owner_before", before.clone()).into());
    context.register_udf(Owner::new("owner_after", after.clone()).into());
    answers(async {
        let path = file.to_str().unwrap();
        context.register_parquet("events", path, ParquetReadOptions::default()).await.unwrap();

        let mut owners = BTreeMap::<_, i64>::new();
        let mut partitions = BTreeMap::<_, i64>::new();
        let mut moves = BTreeMap::<_, (i64, i64)>::new();
        let mut buckets = 0;
        let table = table();
        for row in 0..ROWS {
            let (key, bytes) = (key(row), (row * 7919 % 9973 + 1) as i64);
            let (from, to) = (before.get(&key).unwrap(), after.get(&key).unwrap());
            *owners.entry(from.clone()).or_default() += 1;
            *partitions.entry(table.partition(&key)).or_default() += 1;
            if from != to {
                let sum = moves.entry((from.clone(), to.clone())).or_default();
                *sum = (sum.0 + 1, sum.1 + bytes);
            }
            let hash = before.hash(&key);
            buckets += i64::from(JumpBack.bucket(hash, 12) != JumpBack.bucket(hash, 16));
        }

        let by = |function| {
            format!("SELECT {function}(key), count(*) FROM events GROUP BY 1 ORDER BY 1")
        };
        let answer = ask(&context, &by("owner")).await;
        let counts = answer.column(1).as_primitive::<Int64Type>().values();
        let names = answer.column(0).as_string_view().iter().map(|name| name.unwrap().to_owned());
        assert_eq!(names.zip(counts.iter().copied()).collect::<BTreeMap<_, _>>(), owners);

        let answer = ask(&context, &by("partition")).await;
        let counts = answer.column(1).as_primitive::<Int64Type>().values();
        let numbers = answer.column(0).as_primitive::<UInt32Type>().values();
        let numbers = numbers.iter().copied().zip(counts.iter().copied());
        assert_eq!(numbers.collect::<BTreeMap<_, _>>(), partitions);

        let query = "SELECT count(*) FROM events WHERE bucket(key, 12) <> bucket(key, 16)";
        let answer = ask(&context, query).await;
        assert_eq!(answer.column(0).as_primitive::<Int64Type>().value(0), buckets);

        let expected: Vec<Moved> = moves
            .into_iter()
            .map(|((from, to), (rows, bytes))| Moved { from, to, rows, bytes })
            .collect();
        assert_eq!(movement(&context).await.unwrap(), expected);

        // The exact fractions, within five standard deviations of a sample of this size.
        let diff = before.diff(&after).unwrap();
        let near = |rows: i64, fraction: f64| {
            let deviation = (fraction * (1.0 - fraction) / ROWS as f64).sqrt();
            let apart = (rows as f64 / ROWS as f64 - fraction) / deviation;
            assert!(apart.abs() < 5.0, "{rows} rows, {fraction} expected: {apart} deviations");
        };
        near(expected.iter().map(|row| row.rows).sum(), diff.moved_fraction().unwrap());
        let matrix = diff.matrix().unwrap();
        for row in &expected {
            let of_row = |from: &Option<&String>, name: &String| *from == Some(name);
            let flow = matrix
                .iter()
                .find(|flow| of_row(&flow.from, &row.from) && of_row(&flow.to, &row.to));
            near(row.rows, flow.unwrap().fraction);
        }
        near(buckets, 0.25);
    });
}
