//! The table to start from, read from a file in the format of `--dump`.

use super::lines::Lines;
use super::text::{self, is_control, quoted};
use apportion::limits::{MAX_PARTITION_REPLICAS, MAX_PARTITIONS};
use apportion::{NodeIdx, PartitionTable, Topology};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A live table and its nodes.
pub(crate) struct Start {
    pub(crate) table: PartitionTable,
    pub(crate) nodes: Topology<String>,
}

/// The rows of one table as they stand in the file.
#[derive(Default)]
struct Rows {
    /// The line of its heading; 0 before the first one.
    heading: u64,
    /// Each node's number by id.
    numbers: HashMap<String, u32>,
    /// The line and the holders of each partition.
    rows: BTreeMap<u32, (u64, Vec<u32>)>,
}

impl Start {
    /// Reads the last table of a file. `partitions` is how many the first step has; `copies`: they may
    /// have different numbers of replicas.
    pub(crate) fn read(path: &Path, partitions: u32, copies: bool) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| e.to_string());
        let start = file.and_then(|file| Self::parse(file, partitions, copies));
        start.map_err(|why| format!("--from {}: {why}", text::path(path)))
    }

    /// Reads the last table of a text.
    pub(crate) fn parse(text: impl Read, partitions: u32, copies: bool) -> Result<Self, String> {
        let rows = rows(text).map_err(|e| e.to_string())?;
        rows.and_then(|rows| Self::of(rows, partitions, copies))
    }

    fn of(rows: Rows, partitions: u32, copies: bool) -> Result<Self, String> {
        let Rows { heading, numbers, rows } = rows;
        if heading == 0 {
            return Err("there is no table; one begins with a line `# label`".to_owned());
        }
        if rows.is_empty() {
            return Err(format!("line {heading}: the table has no partitions"));
        }
        let gap = (0..).zip(rows.keys()).find(|(next, partition)| next != *partition);
        if let Some((partition, next)) = gap {
            return Err(format!(
                "partition {partition} is missing in the table of line {heading}, which goes on with \
                 partition {next}"
            ));
        }
        let found = rows.len() as u32;
        if partitions % found != 0 {
            return Err(format!(
                "the table of line {heading} has {}, and the first step has {partitions}: not a \
                 multiple",
                text::counted(found.into(), "partition")
            ));
        }
        let rows: Vec<Vec<u32>> = rows.into_values().map(|(_, row)| row).collect();
        let replicas = rows.iter().map(Vec::len).max().unwrap_or(0);
        let missing = rows.iter().map(|row| replicas - row.len()).max().unwrap_or(0);
        let missing = if copies { 0 } else { missing };
        let known = numbers.len() as u32;
        let mut ids: Vec<(u32, String)> = numbers.into_iter().map(|(id, n)| (n, id)).collect();
        ids.sort_unstable();
        let ids = ids.into_iter().map(|(_, id)| id).chain((0..missing).map(missing_id));
        let nodes = Topology::new(ids).map_err(|e| e.to_string())?;
        if copies {
            let list = |row: &Vec<u32>| row.iter().copied().map(NodeIdx::new).collect();
            let lists: Vec<Vec<NodeIdx>> = rows.iter().map(list).collect();
            let table = PartitionTable::from_lists(nodes.members(), &lists);
            return Ok(Self { table: table.map_err(|e| e.to_string())?, nodes });
        }
        let places = rows.iter().flat_map(|row| {
            let missing = (known..).take(replicas - row.len());
            row.iter().copied().chain(missing).map(NodeIdx::new)
        });
        let places: Vec<NodeIdx> = places.collect();
        let table = PartitionTable::from_rows(nodes.members(), found, replicas as u32, &places);
        Ok(Self { table: table.map_err(|e| e.to_string())?, nodes })
    }
}

/// Stands for a replica that a row has fewer than the longest one. It counts as lost with a node of
/// its own. No id has a comma.
fn missing_id(number: usize) -> String {
    format!("(missing, {})", number + 1)
}

/// True for a node that stands for missing replicas.
pub(crate) fn is_missing(id: &str) -> bool {
    id.contains(',')
}

/// Reads all tables and keeps the last one.
fn rows(file: impl Read) -> io::Result<Result<Rows, String>> {
    let (mut lines, mut rows) = (Lines::new(file), Rows::default());
    let mut last = 0;
    while let Some((number, line)) = lines.next()? {
        if line.starts_with(b"#") {
            rows = Rows { heading: number, ..Rows::default() };
        } else if let Err(why) = rows.read(number, line) {
            return Ok(Err(format!("line {number}: {why}")));
        }
        last = number;
    }
    // A line that was cut may still look whole.
    if lines.is_cut() {
        return Ok(Err(format!(
            "line {last}: the last line does not end with a newline; the file seems to be cut off"
        )));
    }
    Ok(Ok(rows))
}

impl Rows {
    /// Reads a line `partition TAB id,id,...`.
    fn read(&mut self, number: u64, line: &[u8]) -> Result<(), String> {
        let form =
            || format!("{}: expected a partition, a TAB and ids separated by commas", quoted(line));
        let text = std::str::from_utf8(line).map_err(|_| form())?;
        let (partition, ids) = text.split_once('\t').ok_or_else(form)?;
        if self.heading == 0 {
            return Err("a table begins with a line `# label`".to_owned());
        }
        let digits = partition.bytes().all(|byte| byte.is_ascii_digit());
        let known = partition.parse::<u32>().ok().filter(|p| digits && *p < MAX_PARTITIONS);
        let Some(partition) = known else {
            let (partition, last) = (quoted(partition.as_bytes()), MAX_PARTITIONS - 1);
            return Err(format!("partition {partition}: not a whole number from 0 to {last}"));
        };
        let mut row = Vec::new();
        for id in ids.split(',') {
            if id.is_empty() || id.chars().any(is_control) {
                let id = quoted(id.as_bytes());
                return Err(format!("id {id}: not a name without control characters"));
            }
            let next = self.numbers.len() as u32;
            let node = match self.numbers.get(id) {
                Some(node) => *node,
                None => *self.numbers.entry(id.to_owned()).or_insert(next),
            };
            if row.contains(&node) {
                let id = quoted(id.as_bytes());
                return Err(format!("partition {partition} has the id {id} twice"));
            }
            row.push(node);
        }
        if row.len() > MAX_PARTITION_REPLICAS as usize {
            return Err(format!("{} ids, more than {MAX_PARTITION_REPLICAS}", row.len()));
        }
        match self.rows.insert(partition, (number, row)) {
            None => Ok(()),
            Some((first, _)) => {
                Err(format!("partition {partition} is given twice, first on line {first}"))
            }
        }
    }
}
