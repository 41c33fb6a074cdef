//! Confluent's producer against a mock broker that speaks Kafka's protocol on the loopback: with the
//! client's own partitioners and with ours.

mod broker;

use apportion::interop::kafka::Partitioner as Preset;
use apportion_kafka::Rule;
use apportion_kafka_confluent::KeyPartitioner;
use broker::Broker;
use confluent_kafka::common::serialization::ByteArraySerializer;
use confluent_kafka::producer::{KafkaProducer, Producer, ProducerConfig, ProducerRecord};
use std::collections::{BTreeSet, HashMap};

type Key = Option<Vec<u8>>;

/// Writes a record for each key and returns the partitions in which the broker has them: those of the
/// client's partitioner of this name, of its default one, or of one of ours.
async fn written(
    servers: &str,
    topic: &str,
    keys: &[Key],
    theirs: Option<&str>,
    ours: Option<KeyPartitioner>,
) -> Vec<i32> {
    let text = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let properties = [("bootstrap.servers", servers), ("linger.ms", "5")];
    let theirs = theirs.map(|name| ("partitioner.type", name));
    let properties: HashMap<_, _> = properties.into_iter().chain(theirs).map(text).collect();
    let mut config = ProducerConfig::new(&properties).unwrap();
    if let Some(partitioner) = ours {
        config = config.set_partitioner::<Vec<u8>, Vec<u8>>(Box::new(partitioner));
    }
    let serializer = ByteArraySerializer::default;
    let producer = KafkaProducer::new(config, serializer(), serializer()).unwrap();
    let mut sent = Vec::new();
    for key in keys {
        let value = Some(b"record".to_vec());
        let record = ProducerRecord::with_key(topic.to_owned(), key.clone(), value);
        sent.push(Producer::send(&producer, record).await.unwrap());
    }
    producer.flush().await.unwrap();
    let mut partitions = Vec::new();
    for future in sent {
        partitions.push(future.get().await.unwrap().partition());
    }
    Producer::close(&producer).await.unwrap();
    partitions
}

/// Text, bytes of every value in keys of every length up to 40, an empty key and none.
fn keys() -> Vec<Key> {
    let text = |i: u32| format!("user-{i}").into_bytes();
    let bytes = |i: u32| (0..i % 41).map(|at| (i * 31 + at * 97) as u8).collect();
    let keys = (0..1000).map(text).chain((0..1000).map(bytes)).map(Some);
    keys.chain([Some(Vec::new()), None, None]).collect()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

#[test]
fn partitioners_answer_as_the_client() {
    let broker = Broker::start();
    let presets = [
        (None, Preset::ConsistentRandom),
        (Some(ProducerConfig::CONSISTENT_RANDOM_PARTITIONER), Preset::ConsistentRandom),
        (Some(ProducerConfig::MURMUR2_RANDOM_PARTITIONER), Preset::Murmur2Random),
    ];
    let keys = keys();
    for partitions in [12, 7] {
        let topic = format!("topic-{partitions}");
        broker.mock.create_topic(&topic, partitions, 1).unwrap();
        for (theirs, preset) in presets {
            let name = theirs.unwrap_or("by default");
            let ours = KeyPartitioner::new(Rule::As(preset));
            let theirs = wait(written(&broker.address, &topic, &keys, theirs, None));
            let ours = wait(written(&broker.address, &topic, &keys, None, Some(ours)));
            let mut any = 0;
            for (key, (theirs, ours)) in keys.iter().zip(theirs.iter().zip(&ours)) {
                match preset.partition(key.as_deref(), partitions as u32) {
                    Some(partition) => {
                        let partition = partition as i32;
                        assert_eq!((*theirs, *ours), (partition, partition), "{name}: {key:?}");
                    }
                    None => {
                        assert!(key.as_deref().is_none_or(<[u8]>::is_empty));
                        assert!((0..partitions).contains(theirs) && (0..partitions).contains(ours));
                        any += 1;
                    }
                }
            }
            println!(
                "{name}, {partitions} partitions: {} records where the client puts them, {any} anywhere",
                keys.len() - any
            );
        }
    }
}

#[test]
fn more_partitions_move_few_keys() {
    let broker = Broker::start();
    broker.mock.create_topic("before", 12, 1).unwrap();
    broker.mock.create_topic("after", 16, 1).unwrap();
    let keys: Vec<Key> = (0..2000).map(|i| Some(format!("user-{i}").into_bytes())).collect();
    let put = |topic| {
        let partitioner = KeyPartitioner::new(Rule::Consistent);
        wait(written(&broker.address, topic, &keys, None, Some(partitioner)))
    };
    let (before, after) = (put("before"), put("after"));
    let moves = || before.iter().zip(&after).filter(|(before, after)| before != after);
    let moved = moves().count();
    assert!((22..28).contains(&(100 * moved / keys.len())), "{moved}");
    assert!(moves().all(|(_, after)| *after >= 12));
    println!("Consistent, 12 to 16 partitions: {moved} of {} keys move", keys.len());
}

#[test]
fn records_without_a_key_take_turns() {
    let broker = Broker::start();
    broker.mock.create_topic("turns", 5, 1).unwrap();
    let ours = KeyPartitioner::new(Rule::As(Preset::Murmur2Random));
    let keys = vec![None; 10];
    let partitions = wait(written(&broker.address, "turns", &keys, None, Some(ours)));
    let (first, second) = partitions.split_at(5);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 5);
    assert_eq!(first, second);
}
