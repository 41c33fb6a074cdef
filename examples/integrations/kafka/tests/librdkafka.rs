//! librdkafka's own partitioners and brokers: its mock cluster speaks Kafka's protocol on the loopback.

use apportion::interop::kafka::Partitioner as Preset;
use apportion_kafka::{Broker, KeyPartitioner, Rule, reassign};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::message::Message;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{
    BaseProducer, BaseRecord, DefaultProducerContext, DeliveryResult, Producer, ProducerContext,
};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Remembers where each record was written.
struct Written {
    partitioner: Option<KeyPartitioner>,
    partitions: Mutex<BTreeMap<usize, i32>>,
}

impl ClientContext for Written {}

impl ProducerContext<KeyPartitioner> for Written {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, record: usize) {
        let message =
            result.as_ref().unwrap_or_else(|(error, _)| panic!("record {record}: {error}"));
        let before = self.partitions.lock().unwrap().insert(record, message.partition());
        assert!(before.is_none());
    }

    fn get_custom_partitioner(&self) -> Option<&KeyPartitioner> {
        self.partitioner.as_ref()
    }
}

/// Writes a record for each key and returns the partitions in which the broker has them: those of
/// librdkafka's partitioner of this name, or of one of ours.
fn written(
    cluster: &MockCluster<'_, DefaultProducerContext>,
    topic: &str,
    keys: &[Option<Vec<u8>>],
    name: &str,
    partitioner: Option<KeyPartitioner>,
) -> Vec<i32> {
    let context = Written { partitioner, partitions: Mutex::default() };
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers());
    config.set("partitioner", name).set("sticky.partitioning.linger.ms", "0");
    let producer: BaseProducer<Written, KeyPartitioner> =
        config.create_with_context(context).unwrap();
    for (at, key) in keys.iter().enumerate() {
        let record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, at).payload(b"record");
        let record = match key {
            Some(key) => record.key(key),
            None => record,
        };
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(TIMEOUT).unwrap();
    let partitions = producer.context().partitions.lock().unwrap();
    assert_eq!(partitions.len(), keys.len());
    partitions.values().copied().collect()
}

/// Text, bytes of every value in keys of every length up to 40, an empty key and none.
fn keys() -> Vec<Option<Vec<u8>>> {
    let text = |i: u32| format!("user-{i}").into_bytes();
    let bytes = |i: u32| (0..i % 41).map(|at| (i * 31 + at * 97) as u8).collect();
    let keys = (0..1000).map(text).chain((0..1000).map(bytes)).map(Some);
    keys.chain([Some(Vec::new()), None, None]).collect()
}

#[test]
fn partitioners_answer_as_librdkafka() {
    let cluster = MockCluster::new(3).unwrap();
    let presets = [
        ("consistent", Preset::Consistent),
        ("consistent_random", Preset::ConsistentRandom),
        ("murmur2", Preset::Murmur2),
        ("murmur2_random", Preset::Murmur2Random),
        ("fnv1a", Preset::Fnv1a),
        ("fnv1a_random", Preset::Fnv1aRandom),
    ];
    let keys = keys();
    for partitions in [12, 7] {
        let topic = format!("topic-{partitions}");
        cluster.create_topic(&topic, partitions, 3).unwrap();
        for (name, preset) in presets {
            let theirs = written(&cluster, &topic, &keys, name, None);
            let ours = Some(KeyPartitioner::new(Rule::As(preset)));
            let ours = written(&cluster, &topic, &keys, name, ours);
            let mut any = 0;
            for (key, (theirs, ours)) in keys.iter().zip(theirs.iter().zip(&ours)) {
                match preset.partition(key.as_deref(), partitions as u32) {
                    Some(partition) => {
                        assert_eq!(
                            (*theirs, *ours),
                            (partition as i32, partition as i32),
                            "{name}: {key:?}"
                        );
                    }
                    None => {
                        assert!(key.as_deref().is_none_or(<[u8]>::is_empty));
                        assert!((0..partitions).contains(theirs) && (0..partitions).contains(ours));
                        any += 1;
                    }
                }
            }
            println!(
                "{name}, {partitions} partitions: {} records where librdkafka puts them, {any} anywhere",
                keys.len() - any
            );
        }
    }
}

#[test]
fn more_partitions_move_few_keys() {
    let cluster = MockCluster::new(3).unwrap();
    cluster.create_topic("before", 12, 3).unwrap();
    cluster.create_topic("after", 16, 3).unwrap();
    let keys: Vec<_> = (0..2000).map(|i| Some(format!("user-{i}").into_bytes())).collect();
    for (rule, percent) in [(Rule::As(Preset::Murmur2), 70..80), (Rule::Consistent, 22..28)] {
        let put =
            |topic| written(&cluster, topic, &keys, "murmur2", Some(KeyPartitioner::new(rule)));
        let (before, after) = (put("before"), put("after"));
        let moves = || before.iter().zip(&after).filter(|(before, after)| before != after);
        let moved = moves().count();
        assert!(percent.contains(&(100 * moved / keys.len())), "{rule:?}: {moved}");
        if rule == Rule::Consistent {
            assert!(moves().all(|(_, after)| *after >= 12));
        }
        println!("{rule:?}, 12 to 16 partitions: {moved} of {} keys move", keys.len());
    }
}

#[test]
fn reassignments_are_balanced_and_minimal() {
    const PARTITIONS: usize = 24;
    let cluster = MockCluster::new(4).unwrap();
    cluster.create_topic("orders", PARTITIONS as i32, 3).unwrap();
    let mut config = ClientConfig::new();
    let producer: BaseProducer =
        config.set("bootstrap.servers", cluster.bootstrap_servers()).create().unwrap();
    let metadata = producer.client().fetch_metadata(Some("orders"), TIMEOUT).unwrap();
    let mut replicas = vec![Vec::new(); PARTITIONS];
    for partition in metadata.topics()[0].partitions() {
        replicas[partition.id() as usize] = partition.replicas().to_vec();
    }

    // Three racks. Two brokers join, and broker 1 leaves.
    let broker = |id: i32| Broker { id, rack: format!("rack-{}", id % 3) };
    let before: Vec<Broker> = (1..=4).map(broker).collect();
    let after: Vec<Broker> = (2..=6).map(broker).collect();
    let change = reassign("orders", &replicas, &before, &after, 1).unwrap();
    assert_eq!(change.moved, change.minimum);

    let json = change.json.unwrap();

    // The file alone, applied to what the cluster says, gives the new rows.
    let file: serde_json::Value = serde_json::from_str(&json).unwrap();
    let mut rows = replicas.clone();
    for entry in file["partitions"].as_array().unwrap() {
        assert_eq!(entry["topic"], "orders");
        let row =
            entry["replicas"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap() as i32);
        rows[entry["partition"].as_u64().unwrap() as usize] = row.collect();
    }
    assert_eq!(rows, change.after);
    let copies = |row: &Vec<i32>, old: &Vec<i32>| row.iter().filter(|id| !old.contains(id)).count();
    let copies: usize = rows.iter().zip(&replicas).map(|(row, old)| copies(row, old)).sum();
    assert_eq!(copies as u64, change.moved);
    let mut loads: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
    for row in &rows {
        let mut racks: Vec<i32> = row.iter().map(|id| id % 3).collect();
        racks.sort_unstable();
        assert_eq!(racks, [0, 1, 2]);
        loads.entry(row[0]).or_default().1 += 1;
        row.iter().for_each(|id| loads.entry(*id).or_default().0 += 1);
    }
    assert!(!loads.contains_key(&1));
    println!(
        "1 leaves, 5 and 6 join: {} replicas copied, proved minimum {}, {} preferred leaders change",
        change.moved, change.minimum, change.leaders_moved
    );
    println!("replicas and leaders by broker: {loads:?}");
    println!("{}…", &json[..json.len().min(160)]);

    // Nothing to do: no file.
    let again = reassign("orders", &rows, &after, &after, 1).unwrap();
    assert_eq!((again.moved, again.json), (0, None));

    let error = reassign("orders", &rows, &before, &after, 1).unwrap_err();
    assert!(error.to_string().contains("is not in the list"), "{error}");
}
