//! A stream of keys with their sizes, chunk by chunk.

use crate::chunk::{Chunk, LineFault};
use crate::files;
use crate::text::{self, quoted};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::vec;

/// Where the keys come from.
pub(crate) enum Source {
    /// The crate sources of this machine, or the current folder.
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
                    // A program that waits in silence looks as if it hung.
                    let _ = writeln!(
                        io::stderr(),
                        "key_movement: reading keys from the terminal, one a line, up to the end \
                         of input"
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
        Err(format!(
            "there are no files to take for keys in {folders:?}; --keys or --dir names some"
        ))
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

    /// Where the keys come from, in words.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Units of progress: files, bytes of a file, or lines if there is no telling how many.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// How many there are to be, if that is known.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Fills the chunk with the keys that come next; false if there are none.
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
                            format!("{origin}, line {read}: {text} after the TAB is no size")
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
