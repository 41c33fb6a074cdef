//! Keys sharded over redis-servers, which are added and removed while the keys are read and written.
//!
//! Each key is a hash with a value and a stamp. A server keeps the newer stamp, in whatever order writes
//! and copies arrive, so a copy never overwrites a write, and two servers that have got the same writes
//! hold the same value. A removal is a write without a value: it keeps its stamp for an hour.
//!
//! What it does not promise:
//! - Every key has one server. If that is lost, so are its keys: this moves keys, it does not replicate.
//! - The last writer wins by the clock of its machine. There is no compare-and-set.
//! - [`Cluster`] is one process: a change of the routes waits for the operations of this process alone. With
//!   several, each has to confirm the new routes before the next step, see the example `resharding`.

use crate::Connections;
use apportion::Xxh3;
use apportion::migration::{PartitionState, Transition, Version};
use redis::{Connection, RedisError, RedisResult, cmd, pipe};
use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// Who serves each key: a server is its address, and each key has one.
pub type Routes = Transition<String, Xxh3, 1>;

/// An error that may come from another thread.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Keeps the newer one of what is stored and what comes. Without a value, a removal.
pub const STORE: &str = "
    local at = redis.call('HGET', KEYS[1], 'at')
    if at and at >= ARGV[1] then return 0 end
    if ARGV[2] then
        redis.call('HSET', KEYS[1], 'at', ARGV[1], 'value', ARGV[2])
        redis.call('PERSIST', KEYS[1])
    else
        redis.call('HSET', KEYS[1], 'at', ARGV[1])
        redis.call('HDEL', KEYS[1], 'value')
        redis.call('EXPIRE', KEYS[1], 3600)
    end
    return 1";

/// A key with its stamp and its value.
type Entry = (Vec<u8>, String, Option<Vec<u8>>);

/// The routes of a process, and how they change.
#[derive(Debug)]
pub struct Cluster {
    routes: RwLock<Routes>,
    /// All servers that may have keys. Locked while keys move.
    servers: Mutex<BTreeSet<String>>,
    last_stamp: AtomicU64,
}

/// What a resharding did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moved {
    /// Keys that were copied to their new server.
    pub copied: usize,
    /// Keys that were deleted from a server that is not theirs.
    pub deleted: usize,
}

impl Cluster {
    /// A cluster of these servers, whose keys move in so many partitions.
    ///
    /// # Errors
    /// As [`Transition::new`].
    pub fn new(servers: Version<String, Xxh3>, partitions: u32) -> Result<Self, apportion::Error> {
        let names = servers.topology().nodes().cloned().collect();
        let routes = RwLock::new(Routes::new(servers, partitions)?);
        Ok(Self { routes, servers: Mutex::new(names), last_stamp: AtomicU64::new(0) })
    }

    /// A client for one thread.
    #[must_use]
    pub fn client(&self) -> Client<'_> {
        Client { cluster: self, connections: Connections::default() }
    }

    /// The routes. They do not change while this is held.
    pub fn routes(&self) -> RwLockReadGuard<'_, Routes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves all keys to where the target has them, in so many rounds, while clients go on. After an
    /// error call it again, with this or another target; if a server is gone for good,
    /// [`lose`](Self::lose) it first. Until then writes to keys that were being copied may fail.
    ///
    /// # Errors
    /// A server does not answer, or the target does not fit the routes.
    pub fn reshard(&self, target: Version<String, Xxh3>, rounds: usize) -> Result<Moved, Failure> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.extend(target.topology().nodes().cloned());
        let kept: BTreeSet<String> = target.topology().nodes().cloned().collect();
        self.change(|routes| routes.change_to(target))?;

        let is_waiting =
            |partition: &u32| self.routes().state(*partition) == Some(PartitionState::Waiting);
        let waiting: Vec<u32> = (0..self.routes().partitions()).filter(is_waiting).collect();
        let mut moved = Moved::default();
        for round in waiting.chunks(waiting.len().div_ceil(rounds.max(1)).max(1)) {
            self.change(|routes| round.iter().try_for_each(|p| routes.begin(*p)))?;
            moved.copied += on_each(&servers, |server| self.copy_from(server))?;
            self.change(|routes| round.iter().try_for_each(|p| routes.switch(*p)))?;
            self.change(|routes| round.iter().try_for_each(|p| routes.complete(*p)))?;
        }
        moved.deleted = on_each(&servers, |server| self.clean(server))?;
        *servers = kept;
        Ok(moved)
    }

    /// Takes a server that is gone for good out of the routes. Then move its keys' partitions to other
    /// servers with [`reshard`](Self::reshard): until then they are errors.
    ///
    /// # Errors
    /// There is no such server.
    pub fn lose(&self, server: &str) -> Result<(), apportion::Error> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        self.change(|routes| routes.lose(server))?;
        servers.remove(server);
        Ok(())
    }

    /// Changes the routes when no operation is under way, so that no client is ever behind.
    fn change(
        &self,
        call: impl FnOnce(&mut Routes) -> Result<(), apportion::Error>,
    ) -> Result<(), apportion::Error> {
        call(&mut self.routes.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Copies the keys of copying partitions that this server is read for. Clients write to both servers
    /// since before it began, so it misses none.
    fn copy_from(&self, server: &str) -> RedisResult<usize> {
        let mut connections = Connections::default();
        let routes = self.routes();
        let mut copied = 0;
        connections.with(server, |source| {
            let mut others = Connections::default();
            scan(source, |source, keys| {
                let mut by_server: HashMap<&String, Vec<Vec<u8>>> = HashMap::new();
                for key in keys {
                    let is_read_here = routes.read_set(&key[..]).iter().any(|s| s == server);
                    for new in routes.new_holders(&key[..]).iter().filter(|_| is_read_here) {
                        by_server.entry(new).or_default().push(key.clone());
                    }
                }
                for (new, keys) in by_server {
                    let entries = read_many(source, keys)?;
                    copied += entries.len();
                    others.with(new, |new| store_many(new, &entries))?;
                }
                Ok(())
            })
        })?;
        Ok(copied)
    }

    /// Deletes what this server has and nobody reads or writes there any more.
    fn clean(&self, server: &str) -> RedisResult<usize> {
        let mut connections = Connections::default();
        let routes = self.routes();
        let mut deleted = 0;
        connections.with(server, |connection| {
            scan(connection, |connection, keys| {
                let is_gone =
                    |key: &&Vec<u8>| !routes.write_set(&key[..]).iter().any(|s| s == server);
                let gone: Vec<&Vec<u8>> = keys.iter().filter(is_gone).collect();
                if !gone.is_empty() {
                    deleted += cmd("UNLINK").arg(gone).query::<usize>(connection)?;
                }
                Ok(())
            })
        })?;
        Ok(deleted)
    }

    /// Later than all stamps of this process: microseconds, or one more than the last.
    fn stamp(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let later = |last: u64| now.max(last + 1);
        let last = self.last_stamp.fetch_update(SeqCst, SeqCst, |last| Some(later(last)));
        // Of one length, so that the order of the texts is that of the numbers. The process breaks ties.
        format!("{:020}.{:010}", later(last.unwrap_or_default()), std::process::id())
    }
}

/// Reads and writes keys.
pub struct Client<'c> {
    cluster: &'c Cluster,
    connections: Connections,
}

impl Client<'_> {
    /// The value of a key.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn get(&mut self, key: &[u8]) -> RedisResult<Option<Vec<u8>>> {
        let routes = self.cluster.routes();
        let server = routes.read_set(key).get(0).ok_or_else(lost)?;
        self.connections.with(server, |c| cmd("HGET").arg(key).arg("value").query(c))
    }

    /// Sets a key. It is set when this returns, and may be set after an error.
    ///
    /// # Errors
    /// A server does not answer.
    pub fn set(&mut self, key: &[u8], value: &[u8]) -> RedisResult<()> {
        self.write(key, Some(value.to_vec()))
    }

    /// Removes a key. It is removed when this returns, and may be removed after an error.
    ///
    /// # Errors
    /// A server does not answer.
    pub fn remove(&mut self, key: &[u8]) -> RedisResult<()> {
        self.write(key, None)
    }

    fn write(&mut self, key: &[u8], value: Option<Vec<u8>>) -> RedisResult<()> {
        // Held until all servers have it: the routes do not change in the middle of a write.
        let routes = self.cluster.routes();
        let servers = routes.write_set(key);
        if servers.is_empty() {
            return Err(lost());
        }
        let entry = [(key.to_vec(), self.cluster.stamp(), value)];
        for server in servers {
            self.connections.with(server, |connection| store_many(connection, &entry))?;
        }
        Ok(())
    }
}

fn lost() -> RedisError {
    std::io::Error::other("the server of this key is lost").into()
}

/// Calls `each` with keys of a server, until it has had every key that was there all the while.
fn scan(
    connection: &mut Connection,
    mut each: impl FnMut(&mut Connection, &[Vec<u8>]) -> RedisResult<()>,
) -> RedisResult<()> {
    let mut cursor = 0_u64;
    loop {
        let answer = cmd("SCAN").arg(cursor).arg("COUNT").arg(1000).query(connection)?;
        let (next, keys): (u64, Vec<Vec<u8>>) = answer;
        each(connection, &keys)?;
        cursor = next;
        if cursor == 0 {
            return Ok(());
        }
    }
}

fn read_many(connection: &mut Connection, keys: Vec<Vec<u8>>) -> RedisResult<Vec<Entry>> {
    let mut reads = pipe();
    for key in &keys {
        reads.cmd("HMGET").arg(key).arg("at").arg("value");
    }
    let found: Vec<(Option<String>, Option<Vec<u8>>)> = reads.query(connection)?;
    let entry = |(key, (at, value))| Some((key, at?, value));
    Ok(keys.into_iter().zip(found).filter_map(entry).collect())
}

fn store_many(connection: &mut Connection, entries: &[Entry]) -> RedisResult<()> {
    let mut writes = pipe();
    for (key, at, value) in entries {
        writes.cmd("EVAL").arg(STORE).arg(1).arg(key).arg(at).arg(value.as_deref()).ignore();
    }
    writes.query(connection)
}

/// The sum of what `each` counts on all servers, which it asks at the same time.
fn on_each(
    servers: &BTreeSet<String>,
    each: impl Fn(&str) -> RedisResult<usize> + Sync,
) -> Result<usize, Failure> {
    thread::scope(|scope| {
        let threads: Vec<_> = servers.iter().map(|server| scope.spawn(|| each(server))).collect();
        let mut sum = 0;
        for thread in threads {
            sum += thread.join().map_err(|_| "a thread that asks a server panicked")??;
        }
        Ok(sum)
    })
}
