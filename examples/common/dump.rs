//! Writes tables, schedules and reports to files.

use super::text;
use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file named by an option. Only a run that succeeds gives it its name, so no file ends halfway.
pub(crate) struct Dump {
    option: &'static str,
    path: PathBuf,
    out: BufWriter<File>,
    /// The file that is written, and whose place it takes. `None` for devices and pipes.
    temporary: Option<(PathBuf, PathBuf)>,
}

/// A transfer of a step: its round, its partition, and where it comes from and goes to.
pub(crate) type Line<'a> = (u32, u32, Option<&'a str>, &'a str);

impl Dump {
    pub(crate) fn create(option: &'static str, path: PathBuf) -> Result<Self, String> {
        match open(&path) {
            Ok((file, temporary)) => {
                Ok(Self { option, path, out: BufWriter::new(file), temporary })
            }
            Err(e) => Err(failed(option, &path, &e)),
        }
    }

    /// Writes `# label`, then one line for each partition with its holders, the owner first.
    pub(crate) fn table<'a>(
        &mut self,
        label: &str,
        rows: impl Iterator<Item = Vec<&'a str>>,
    ) -> Result<(), String> {
        self.rows(label, rows.enumerate())
    }

    /// The same with partitions named otherwise.
    pub(crate) fn rows<'a>(
        &mut self,
        label: &str,
        rows: impl Iterator<Item = (impl Display, Vec<&'a str>)>,
    ) -> Result<(), String> {
        let out = &mut self.out;
        let lines = || {
            writeln!(out, "# {}", text::visible(label))?;
            for (partition, row) in rows {
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

    /// Writes a text as it is.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), String> {
        let written = self.out.write_all(text.as_bytes());
        written.map_err(|e| failed(self.option, &self.path, &e))
    }

    /// Writes out what is still buffered.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        self.out.flush().map_err(|e| failed(self.option, &self.path, &e))
    }

    /// Gives the file its name.
    pub(crate) fn keep(mut self) -> Result<(), String> {
        self.flush()?;
        if let Some((temporary, target)) = &self.temporary {
            fs::rename(temporary, target).map_err(|e| failed(self.option, &self.path, &e))?;
            self.temporary = None;
        }
        Ok(())
    }
}

impl Drop for Dump {
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.temporary {
            // There is nothing else to try.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Opens a file to write to: a temporary one beside the target, or a device or a pipe itself.
fn open(path: &Path) -> io::Result<(File, Option<(PathBuf, PathBuf)>)> {
    let old = match fs::metadata(path) {
        // `/dev/stdout` is a regular file if it is redirected to one, and others write to it.
        _ if ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder)) => None,
        Ok(old) if old.is_file() => Some(old),
        Err(e) if e.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            return create(path, path.to_owned()).map(|(file, names)| (file, Some(names)));
        }
        _ => None,
    };
    let Some(old) = old else { return Ok((File::create(path)?, None)) };
    // A file that may not be written to is not replaced either.
    OpenOptions::new().write(true).open(path)?;
    let (file, names) = create(path, path.canonicalize()?)?;
    if let Err(e) = file.set_permissions(old.permissions()) {
        let _ = fs::remove_file(&names.0);
        return Err(e);
    }
    Ok((file, Some(names)))
}

/// Creates a temporary file beside a target.
fn create(path: &Path, target: PathBuf) -> io::Result<(File, (PathBuf, PathBuf))> {
    let Some(name) = target.file_name() else {
        // The error that says why it is no file.
        return Err(File::create(path).err().unwrap_or_else(|| io::ErrorKind::IsADirectory.into()));
    };
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(temporary);
    let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    Ok((file, (temporary, target)))
}

fn failed(option: &str, path: &Path, e: &io::Error) -> String {
    format!("{option} {}: {e}", text::path(path))
}

/// True if both paths are the same file, or would be if they existed. What is no regular file, such
/// as `/dev/null`, may be named twice.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
        if !a.is_file() || !b.is_file() {
            return false;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            // Several names of one file are several hard links of it.
            return (a.dev(), a.ino()) == (b.dev(), b.ino());
        }
    }
    let whole = |path: &Path| {
        path.canonicalize().or_else(|_| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
            Ok::<_, io::Error>(folder.join(path.file_name().unwrap_or_default()))
        })
    };
    whole(a).is_ok_and(|a| whole(b).is_ok_and(|b| a == b))
}
