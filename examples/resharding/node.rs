//! A node: a thread with a store in memory, which answers requests until it crashes.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender};

/// What a key has: the number of the write, and bytes that follow from both.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) version: u64,
    payload: Vec<u8>,
}

impl Value {
    /// The value of a key's write with this number.
    pub(crate) fn new(key: u64, version: u64) -> Self {
        let len = 16 + (key % 48) as usize;
        let word = (key ^ version.rotate_left(32)).to_le_bytes();
        Self { version, payload: word.into_iter().cycle().take(len).collect() }
    }

    pub(crate) fn is_intact(&self, key: u64) -> bool {
        self.payload == Self::new(key, self.version).payload
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.payload.len() as u64
    }
}

/// All keys of a partition that a node has.
pub(crate) type Entries = HashMap<u64, Value>;

/// What a node is asked. Whoever asked learns of a crash because the reply never comes.
pub(crate) enum Request {
    Put {
        partition: u32,
        key: u64,
        value: Value,
        reply: Sender<()>,
    },
    Get {
        partition: u32,
        key: u64,
        reply: Sender<Option<Value>>,
    },
    /// All keys of a partition, to be copied.
    Read {
        partition: u32,
        reply: Sender<Entries>,
    },
    /// A copy, which may be older than what clients wrote meanwhile.
    Store {
        partition: u32,
        entries: Entries,
        reply: Sender<()>,
    },
    Delete {
        partition: u32,
        reply: Sender<()>,
    },
    /// Everything that the node has.
    List {
        reply: Sender<HashMap<u32, Entries>>,
    },
    /// Loses everything and never answers again.
    Crash,
}

/// Answers requests until nobody can ask any more, or until a crash.
pub(crate) fn serve(requests: &Receiver<Request>) {
    let mut store: HashMap<u32, Entries> = HashMap::new();
    // If nobody waits for a reply any more, it does no harm.
    for request in requests {
        match request {
            Request::Put { partition, key, value, reply } => {
                put(store.entry(partition).or_default(), key, value);
                let _ = reply.send(());
            }
            Request::Get { partition, key, reply } => {
                let found = store.get(&partition).and_then(|entries| entries.get(&key));
                let _ = reply.send(found.cloned());
            }
            Request::Read { partition, reply } => {
                let _ = reply.send(store.get(&partition).cloned().unwrap_or_default());
            }
            Request::Store { partition, entries, reply } => {
                let here = store.entry(partition).or_default();
                entries.into_iter().for_each(|(key, value)| put(here, key, value));
                let _ = reply.send(());
            }
            Request::Delete { partition, reply } => {
                store.remove(&partition);
                let _ = reply.send(());
            }
            Request::List { reply } => {
                let _ = reply.send(store.clone());
            }
            Request::Crash => return,
        }
    }
}

/// The newest write stays, in whatever order writes and copies arrive.
fn put(entries: &mut Entries, key: u64, value: Value) {
    match entries.get(&key) {
        Some(newer) if newer.version >= value.version => {}
        _ => drop(entries.insert(key, value)),
    }
}
