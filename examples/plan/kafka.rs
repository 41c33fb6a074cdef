//! Partition reassignments as `kafka-reassign-partitions.sh --reassignment-json-file` reads them.
//!
//! The order of the replicas matters there: the first one is the preferred leader. So a partition
//! whose holders only change their order is part of the file too. The field `log_dirs` is left out,
//! which leaves the choice of a disk to each broker.

use super::text::quoted;
use std::fmt::Write;

/// A topic's name.
#[derive(Debug)]
pub(crate) struct Topic(String);

/// The maximum length of a topic's name.
const TOPIC_BYTES_MAX: usize = 249;

impl Topic {
    /// Checks the name as Kafka does.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let good = name.bytes().all(allowed) && !["", ".", ".."].contains(&name);
        if !good || name.len() > TOPIC_BYTES_MAX {
            return Err(format!(
                "a topic has 1 to {TOPIC_BYTES_MAX} letters, digits, `.`, `_` and `-`, and is not \
                 `.` or `..`"
            ));
        }
        Ok(Self(name.to_owned()))
    }

    /// One line of JSON: the holders after, of each partition whose holders or their order changed.
    /// Without holders before, every partition changed. Empty if none did: Kafka's tool refuses a
    /// reassignment without partitions.
    pub(crate) fn reassignment<'a>(
        &self,
        before: Option<&[Vec<&'a str>]>,
        after: &[Vec<&'a str>],
    ) -> Result<String, String> {
        let mut out = String::from("{\"version\":1,\"partitions\":[");
        let mut comma = "";
        for (partition, row) in after.iter().enumerate() {
            if before.and_then(|before| before.get(partition)) == Some(row) {
                continue;
            }
            let ids: Result<Vec<&str>, String> = row.iter().map(|id| broker(id)).collect();
            let (topic, ids) = (&self.0, ids?.join(","));
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "{comma}{{\"topic\":\"{topic}\",\"partition\":{partition},\"replicas\":[{ids}]}}"
            );
            comma = ",";
        }
        Ok(if comma.is_empty() { String::new() } else { out + "]}\n" })
    }
}

/// A node's id as the number of a broker.
pub(crate) fn broker(id: &str) -> Result<&str, String> {
    let number = id.parse::<u32>().ok().filter(|number| i32::try_from(*number).is_ok());
    // One spelling for each number: `07` and `+7` are other nodes than `7`.
    if number.is_some_and(|number| number.to_string() == id) {
        return Ok(id);
    }
    let id = quoted(id.as_bytes());
    Err(format!("--export: id {id}: not the number of a broker, from 0 to {}", i32::MAX))
}
