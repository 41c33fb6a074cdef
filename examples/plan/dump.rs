//! Writes every table to a file, partition by partition.

use super::text;
use apportion::{PartitionTable, Topology};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub(crate) struct Dump {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Dump {
    pub(crate) fn create(path: PathBuf) -> Result<Self, String> {
        match File::create(&path) {
            Ok(file) => Ok(Self { path, out: BufWriter::new(file) }),
            Err(e) => Err(failed(&path, &e)),
        }
    }

    /// Writes `# label`, then one line for each partition with its holders, the owner first.
    pub(crate) fn write(
        &mut self,
        label: &str,
        table: &PartitionTable,
        nodes: &Topology<String>,
    ) -> Result<(), String> {
        let out = &mut self.out;
        let mut rows = || {
            writeln!(out, "# {}", text::visible(label))?;
            for partition in 0..table.partitions() {
                write!(out, "{partition}")?;
                for (i, node) in table.row(partition).enumerate() {
                    let name = nodes.get(node).map_or("", String::as_str);
                    write!(out, "{}{name}", if i == 0 { '\t' } else { ',' })?;
                }
                writeln!(out)?;
            }
            Ok(())
        };
        rows().map_err(|e| failed(&self.path, &e))
    }

    pub(crate) fn finish(mut self) -> Result<(), String> {
        self.out.flush().map_err(|e| failed(&self.path, &e))
    }
}

fn failed(path: &Path, e: &io::Error) -> String {
    format!("--dump {}: {e}", text::path(path))
}
