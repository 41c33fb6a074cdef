//! The files under a directory as keys.

use crate::text;
use std::env;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// The directory where cargo keeps the sources of crates: thousands of real paths on most machines.
pub(crate) fn registry() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = || variable("HOME").or_else(|| variable("USERPROFILE"));
    let cargo = variable("CARGO_HOME").or_else(|| Some(home()?.join(".cargo")))?;
    Some(cargo.join("registry").join("src"))
}

/// Paths below a folder and their sizes, sorted by path. Symbolic links are left out.
pub(crate) fn list(folder: &Path) -> Result<Vec<(Vec<u8>, u64)>, String> {
    let mut files = Vec::new();
    // Sorted at the end rather than while walking, because "a-b" sorts before "a/b".
    for entry in WalkDir::new(folder).min_depth(1) {
        let file = entry.and_then(|entry| {
            let is_file = entry.file_type().is_file();
            is_file.then(|| Ok((key(folder, entry.path()), entry.metadata()?.len()))).transpose()
        });
        match file {
            Ok(file) => files.extend(file),
            // The file was deleted after its directory was read.
            Err(e) if e.depth() > 0 && e.io_error().is_some_and(is_not_found) => {}
            Err(e) => return Err(reason(&e)),
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The path below the folder with `/` on every system.
fn key(folder: &Path, path: &Path) -> Vec<u8> {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let names = below.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.as_encoded_bytes()),
        _ => None,
    });
    names.collect::<Vec<_>>().join(&b'/')
}

fn is_not_found(e: &std::io::Error) -> bool {
    e.kind() == ErrorKind::NotFound
}

fn reason(e: &walkdir::Error) -> String {
    match (e.path(), e.io_error()) {
        (Some(path), Some(io)) => format!("{}: {io}", text::path(path)),
        _ => e.to_string(),
    }
}
