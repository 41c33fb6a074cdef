//! Writes tables and schedules to files.

use super::text;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file named by an option.
pub(crate) struct Dump {
    option: &'static str,
    path: PathBuf,
    out: BufWriter<File>,
}

/// A transfer of a step: its round, its partition, and where it comes from and goes to.
pub(crate) type Line<'a> = (u32, u32, Option<&'a str>, &'a str);

impl Dump {
    pub(crate) fn create(option: &'static str, path: PathBuf) -> Result<Self, String> {
        match File::create(&path) {
            Ok(file) => Ok(Self { option, path, out: BufWriter::new(file) }),
            Err(e) => Err(failed(option, &path, &e)),
        }
    }

    /// Writes `# label`, then one line for each partition with its holders, the owner first.
    pub(crate) fn table<'a>(
        &mut self,
        label: &str,
        rows: impl Iterator<Item = Vec<&'a str>>,
    ) -> Result<(), String> {
        let out = &mut self.out;
        let lines = || {
            writeln!(out, "# {}", text::visible(label))?;
            for (partition, row) in rows.enumerate() {
                writeln!(out, "{partition}\t{}", row.join(","))?;
            }
            Ok(())
        };
        lines().map_err(|e| failed(self.option, &self.path, &e))
    }

    /// Writes one line for each transfer.
    pub(crate) fn transfers<'a>(
        &mut self,
        label: &str,
        transfers: impl Iterator<Item = Line<'a>>,
    ) -> Result<(), String> {
        let (out, label) = (&mut self.out, text::visible(label));
        let mut lines = transfers.map(|(round, partition, from, to)| {
            let from = from.unwrap_or("-");
            writeln!(out, "{label}\t{round}\t{partition}\t{from}\t{to}")
        });
        lines.try_for_each(|line| line).map_err(|e| failed(self.option, &self.path, &e))
    }

    pub(crate) fn finish(mut self) -> Result<(), String> {
        self.out.flush().map_err(|e| failed(self.option, &self.path, &e))
    }
}

fn failed(option: &str, path: &Path, e: &io::Error) -> String {
    format!("{option} {}: {e}", text::path(path))
}
