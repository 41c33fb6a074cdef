//! A stream of keys with their sizes, chunk by chunk.

use crate::chunk::{Chunk, LineFault};
use crate::files;
use crate::text::{self, quoted};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::vec;

/// The source of the keys.
pub(crate) enum Source {
    /// The crate sources on this machine, or the current directory.
    Default,
    Folder(PathBuf),
    Lines(PathBuf),
    Stdin,
}

/// The stream.
pub(crate) struct Keys {
    origin: String,
    done: u64,
    total: Option<u64>,
    inner: Inner,
}

enum Inner {
    Files(vec::IntoIter<(Vec<u8>, u64)>),
    Lines { reader: Box<dyn BufRead>, read: u64 },
}

impl Keys {
    pub(crate) fn open(source: &Source) -> Result<Self, String> {
        match source {
            Source::Default => Self::of_machine(),
            Source::Folder(folder) => {
                let named = |e| format!("--dir {}: {e}", text::path(folder));
                if !fs::metadata(folder).map_err(|e| named(e.to_string()))?.is_dir() {
                    return Err(named("not a folder".to_owned()));
                }
                Ok(Self::of_files(folder, files::list(folder)?))
            }
            Source::Lines(path) => {
                let named = |e| format!("--keys {}: {e}", text::path(path));
                let file = File::open(path).map_err(named)?;
                let length = file.metadata().ok().filter(fs::Metadata::is_file).map(|m| m.len());
                let reader = BufReader::with_capacity(1 << 16, file);
                Ok(Self::of_lines(&path.display().to_string(), length, Box::new(reader)))
            }
            Source::Stdin => {
                if io::stdin().is_terminal() {
                    // Without a message, a waiting program looks as if it hung.
                    let _ = writeln!(
                        io::stderr(),
                        "key_movement: reading keys from the terminal, one per line, up to the \
                         end of input"
                    );
                }
                Ok(Self::of_lines("standard input", None, Box::new(io::stdin().lock())))
            }
        }
    }

    fn of_machine() -> Result<Self, String> {
        let here = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
        let folders: Vec<PathBuf> = files::registry().into_iter().chain([here]).collect();
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            let found = files::list(folder)?;
            if !found.is_empty() {
                return Ok(Self::of_files(folder, found));
            }
        }
        Err(format!("found no files to use as keys in {folders:?}; name keys with --keys or --dir"))
    }

    fn of_files(folder: &Path, found: Vec<(Vec<u8>, u64)>) -> Self {
        Self {
            origin: format!("the files under {}", folder.display()),
            done: 0,
            total: Some(found.len() as u64),
            inner: Inner::Files(found.into_iter()),
        }
    }

    fn of_lines(name: &str, total: Option<u64>, reader: Box<dyn BufRead>) -> Self {
        let inner = Inner::Lines { reader, read: 0 };
        Self { origin: format!("the lines of {name}"), done: 0, total, inner }
    }

    /// A description of where the keys come from.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The progress so far: in files, in bytes of a file, or in lines if the total is unknown.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// The total in the same unit, if it is known.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Fills the chunk with the next keys; false if there are none.
    pub(crate) fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, String> {
        chunk.clear();
        match &mut self.inner {
            Inner::Files(files) => {
                while !chunk.is_full() {
                    let Some((path, size)) = files.next() else { break };
                    chunk.push(&path, size);
                    self.done += 1;
                }
            }
            Inner::Lines { reader, read } => {
                while !chunk.is_full() {
                    *read += 1;
                    let length = chunk.read_line(reader).map_err(|fault| match fault {
                        LineFault::Io(e) => format!("{}: {e}", self.origin),
                        LineFault::Size(text) => {
                            let (origin, text) = (&self.origin, quoted(&text));
                            format!(
                                "{origin}, line {read}: {text} after the TAB is not a size in bytes"
                            )
                        }
                    })?;
                    if length == 0 {
                        break;
                    }
                    self.done += if self.total.is_some() { length as u64 } else { 1 };
                }
            }
        }
        Ok(!chunk.is_empty())
    }
}
