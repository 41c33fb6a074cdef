//! Systems in which a key has a number: slots, tokens, partitions, buckets.

use super::given::Given;
use super::lookup::{Key, Lookup};
use crate::hex;
use crate::text::{decimal, path};
use apportion::interop::kafka::{self, Partitioner};
use apportion::interop::swift::SwiftRing;
use apportion::interop::{cassandra, guava as jump, iceberg as buckets, redis as cluster};
use std::path::Path;

pub(super) fn redis(given: &Given) -> Result<Lookup, String> {
    if given.nodes.is_empty() {
        return Ok(Lookup::number(|key| Ok(cluster::slot(key.bytes()))));
    }
    let nodes = cluster::cluster(given.lines()).map_err(|e| e.to_string())?;
    Ok(Lookup::located(nodes, 1, |nodes, key| nodes.hash(key.bytes())))
}

pub(super) fn kafka_murmur2(given: &Given) -> Result<Lookup, String> {
    kafka(given, Partitioner::Murmur2)
}

pub(super) fn kafka_consistent(given: &Given) -> Result<Lookup, String> {
    kafka(given, Partitioner::Consistent)
}

pub(super) fn kafka_fnv1a(given: &Given) -> Result<Lookup, String> {
    kafka(given, Partitioner::Fnv1a)
}

fn kafka(given: &Given, partitioner: Partitioner) -> Result<Lookup, String> {
    let partitions = given.count("partitions")?;
    Ok(Lookup::number(move |key| {
        let partition = partitioner.partition(Some(key.bytes()), partitions);
        partition.ok_or_else(|| "any partition".to_owned())
    }))
}

pub(super) fn kafka_hash(_: &Given) -> Result<Lookup, String> {
    Ok(Lookup::number(|key| Ok(kafka::murmur2(key.bytes()))))
}

pub(super) fn cassandra_token(_: &Given) -> Result<Lookup, String> {
    Ok(Lookup::number(|key| Ok(cassandra::token(key.bytes()))))
}

pub(super) fn random_token(_: &Given) -> Result<Lookup, String> {
    Ok(Lookup::number(|key| Ok(cassandra::random_token(key.bytes()))))
}

pub(super) fn swift(given: &Given) -> Result<Lookup, String> {
    let bytes = |name: &str| {
        let mut bytes = Vec::new();
        let decoded = hex::decode(given.option(name).unwrap_or("").as_bytes(), &mut bytes);
        decoded.map(|()| bytes).map_err(|_| given.wrong(name, "two hex digits per byte"))
    };
    given.needed("part-power")?;
    let power = given.number("part-power", 0)?;
    let ring = SwiftRing::new(power, &bytes("prefix-hex")?, &bytes("suffix-hex")?);
    let ring = ring.map_err(|e| e.to_string())?;
    let Some(file) = given.option("devices") else {
        // The separators of a path are the same wherever its parts end.
        return Ok(Lookup::number(move |key| Ok(ring.partition(key.text()?, None, None))));
    };
    let rows = std::fs::read_to_string(file);
    let rows = rows.map_err(|e| format!("--devices {}: {e}", path(Path::new(file))))?;
    let row = |line: &str| -> Result<Vec<u32>, String> {
        let device = |id: &str| {
            let wrong = || format!("--devices {}: not a number: {id}", path(Path::new(file)));
            decimal(id.as_bytes()).ok_or_else(wrong)
        };
        line.split_whitespace().map(device).collect()
    };
    let ring = ring.with_devices(rows.lines().map(row).collect::<Result<_, _>>()?);
    Ok(Lookup::number(move |key| {
        let devices = ring.primaries(ring.partition(key.text()?, None, None));
        Ok(devices.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
    }))
}

#[derive(Clone, Copy)]
enum Type {
    Text,
    Uuid,
    Integer,
    Decimal,
}

pub(super) fn iceberg(given: &Given) -> Result<Lookup, String> {
    given.needed("type")?;
    let kind = given.choice(
        "type",
        &[
            ("string", Type::Text),
            ("binary", Type::Text),
            ("uuid", Type::Uuid),
            ("int", Type::Integer),
            ("long", Type::Integer),
            ("date", Type::Integer),
            ("time", Type::Integer),
            ("timestamp", Type::Integer),
            ("decimal", Type::Decimal),
        ],
    )?;
    let count = given.count("buckets")?;
    Ok(Lookup::number(move |key| {
        let whole = || "not a whole number".to_owned();
        match kind {
            Type::Text => Ok(buckets::bucket(key.bytes(), count)),
            Type::Uuid => {
                let mut bytes = Vec::new();
                let digits = key.text()?.replace('-', "");
                match hex::decode(digits.as_bytes(), &mut bytes) {
                    Ok(()) if bytes.len() == 16 => Ok(buckets::bucket(&bytes, count)),
                    _ => Err("not a UUID".to_owned()),
                }
            }
            Type::Integer => {
                let value = key.text()?.parse().map_err(|_| whole())?;
                Ok(buckets::bucket_of_integer(value, count))
            }
            Type::Decimal => {
                // The point only says where the digits of the scale begin.
                let digits = key.text()?.replacen('.', "", 1);
                Ok(buckets::bucket_of_decimal(digits.parse().map_err(|_| whole())?, count))
            }
        }
    }))
}

#[derive(Clone, Copy)]
enum Code {
    Given,
    Murmur3Short,
    Murmur3Long,
}

pub(super) fn guava(given: &Given) -> Result<Lookup, String> {
    let codes = [
        ("none", Code::Given),
        ("murmur3_32_fixed", Code::Murmur3Short),
        ("murmur3_128", Code::Murmur3Long),
    ];
    let (count, code) = (given.count("buckets")?, given.choice("hash", &codes)?);
    Ok(Lookup::number(move |key| {
        let bytes = match key {
            Key::Raw(input) => return Ok(jump::consistent_hash(input as i64, count)),
            Key::Bytes(bytes) => bytes,
        };
        Ok(match code {
            Code::Given => jump::consistent_hash_code(bytes, count),
            Code::Murmur3Short => {
                let code = mur3::murmurhash3_x86_32(bytes, 0).to_le_bytes();
                jump::consistent_hash_code(&code, count)
            }
            Code::Murmur3Long => {
                let (first, _) = mur3::murmurhash3_x64_128(bytes, 0);
                jump::consistent_hash_code(&first.to_le_bytes(), count)
            }
        })
    }))
}
