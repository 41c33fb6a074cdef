//! A pool as a WebAssembly module, with plain functions over one buffer: `apportion.mjs` calls them.
//!
//! The caller asks for room in the buffer, writes text there, and calls a function with its length.
//! The module reads no other memory, so there is no unsafe code on this side.

use apportion::{Algorithm, AnyPlacement, Locator, Node, Topology};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Nodes as text, in any algorithm.
pub type Pool = Locator<String, AnyPlacement>;

static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static POOL: Mutex<Option<Pool>> = Mutex::new(None);

/// The answer where there is none.
const NONE: i32 = -1;

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for so many bytes and returns where. The place holds until the next call.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(length: usize) -> *mut u8 {
    let mut buffer = locked(&BUFFER);
    buffer.resize(length, 0);
    buffer.as_mut_ptr()
}

/// The number of bytes in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn buffer_length() -> usize {
    locked(&BUFFER).len()
}

/// Makes a pool of the text in the buffer: the name of an algorithm in the first line, and for each
/// node a line with its weight, a space and its name. Returns the number of nodes, or -1 with an error
/// in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn open() -> i32 {
    let text = std::mem::take(&mut *locked(&BUFFER));
    match parsed(&String::from_utf8_lossy(&text)) {
        Ok(pool) => {
            let nodes = pool.len() as i32;
            *locked(&POOL) = Some(pool);
            nodes
        }
        Err(error) => {
            *locked(&BUFFER) = error.into_bytes();
            NONE
        }
    }
}

/// The place in the list of the node that owns the key in the buffer; -1 if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn owner() -> i32 {
    let (buffer, pool) = (locked(&BUFFER), locked(&POOL));
    let owner = pool.as_ref().and_then(|pool| pool.locate(buffer.as_slice()));
    owner.map_or(NONE, |node| node.get() as i32)
}

/// Writes the places of the first nodes for the key in the buffer to the buffer, four bytes each, the
/// owner first, and returns how many there are: the owner of the key, then where to go next.
#[unsafe(no_mangle)]
pub extern "C" fn candidates(max: usize) -> usize {
    let (mut buffer, pool) = (locked(&BUFFER), locked(&POOL));
    let Some(pool) = pool.as_ref() else { return 0 };
    let candidates = pool.candidates(buffer.as_slice()).take(max);
    let nodes: Vec<u8> = candidates.flat_map(|(node, _)| node.get().to_le_bytes()).collect();
    *buffer = nodes;
    buffer.len() / 4
}

/// A number that two pools share only if they give the same answers; 0 without a pool. Compare it with
/// the server's.
#[unsafe(no_mangle)]
pub extern "C" fn fingerprint() -> u64 {
    locked(&POOL).as_ref().map_or(0, Pool::fingerprint)
}

/// A pool from its description, see [`open`].
pub fn parsed(text: &str) -> Result<Pool, String> {
    let mut lines = text.lines();
    let name = lines.next().unwrap_or_default();
    let algorithm: Algorithm = name.parse().map_err(|error: apportion::Error| error.to_string())?;
    let node = |line: &str| {
        let (weight, name) = line.split_once(' ')?;
        Some(Node::new(name.to_owned()).weight(weight.parse().ok()?))
    };
    let node = |line| node(line).ok_or(format!("{line:?}: expected a weight, a space and a name"));
    let nodes = lines.map(node).collect::<Result<Vec<_>, String>>()?;
    let topology = Topology::of(nodes).map_err(|error| error.to_string())?;
    Locator::any_of(topology, algorithm).map_err(|error| error.to_string())
}
