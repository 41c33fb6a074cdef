//! Locks of which a majority of three servers decides.
//!
//! A lock has one owner at a time, for a limited time. An owner that has been paused, by the scheduler or a
//! long collection of garbage, may believe that it still has the lock when it has expired. So each lease has
//! a *fencing token*, higher than all before it, and the resource refuses lower ones: [`write_fenced`]. The
//! lock alone saves work; the token keeps the resource safe.
//!
//! What it does not promise:
//! - A server that forgets (a restart without `appendfsync always`) forgets locks and tokens. Keep it away
//!   for the longest time of a lease; if two of a lock's three servers forget, tokens start again.
//! - Another list of servers gives a lock other servers. Change the list in all programs when no lease is
//!   alive, or through a `Transition` whose read and write sets are both asked.
//! - It waits for nobody: who comes too late tries again, and there is no order among those who wait.

use crate::Connections;
use apportion::{Error, Locator, Rendezvous};
use redis::{Connection, RedisResult, cmd};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Servers that are asked for a lock.
const SERVERS: usize = 3;
const MAJORITY: usize = 2;

/// Takes a free lock, and answers with the highest token that this server knows.
const TAKE: &str = "
    if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return -1 end
    return tonumber(redis.call('GET', KEYS[2]) or '0')";

/// Stores the new token for the owner of the lock.
const CONFIRM: &str = "
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[2], ARGV[2])
    return 1";

const RELEASE: &str = "
    if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
    return 0";

/// A resource that refuses a token lower than one it has seen.
const FENCED: &str = "
    local seen = tonumber(redis.call('HGET', KEYS[1], 'token') or '0')
    if tonumber(ARGV[1]) < seen then return 0 end
    redis.call('HSET', KEYS[1], 'token', ARGV[1], 'value', ARGV[2])
    return 1";

/// A lock that its owner has until some time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The name of the lock.
    pub name: String,
    /// Higher than that of every lease of this lock before. Send it with each request to what the lock
    /// protects.
    pub token: u64,
    /// Until when the owner may begin something; another one may have the lock afterwards.
    pub until: Instant,
    owner: String,
}

/// Takes and releases locks.
pub struct Locks {
    servers: Locator<String, Rendezvous>,
    connections: Connections,
}

impl Locks {
    /// Locks on these servers, three for each lock.
    ///
    /// # Errors
    /// A server is listed twice.
    pub fn new(servers: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let servers = Locator::rendezvous(servers)?;
        Ok(Self { servers, connections: Connections::default() })
    }

    /// Takes a lock. `None` if another owner has it, or if fewer than two of its servers answer in time.
    pub fn acquire(&mut self, name: &str, time: Duration) -> Option<Lease> {
        let begin = Instant::now();
        let owner = unique();
        let time_ms = time.as_millis().max(1) as u64;
        let mut seen: Vec<i64> = Vec::new();
        self.each(name, |server, keys| {
            let highest: i64 =
                cmd("EVAL").arg(TAKE).arg(2).arg(keys).arg(&owner).arg(time_ms).query(server)?;
            seen.extend((highest >= 0).then_some(highest));
            Ok(())
        });
        // A majority has met the lease before this one, so at least one of them knows its token.
        let token = 1 + seen.iter().max().copied().unwrap_or(0) as u64;
        let mut confirmed = 0;
        if seen.len() >= MAJORITY {
            self.each(name, |server, keys| {
                confirmed += cmd("EVAL")
                    .arg(CONFIRM)
                    .arg(2)
                    .arg(keys)
                    .arg(&owner)
                    .arg(token)
                    .query::<usize>(server)?;
                Ok(())
            });
        }
        // The servers began to count later than this program, and their clocks may run faster.
        let until = begin + time - time / 50;
        let lease = Lease { name: name.into(), token, until, owner };
        if confirmed >= MAJORITY && Instant::now() < until {
            return Some(lease);
        }
        self.release(&lease);
        None
    }

    /// Gives a lock back before its time is over. Where a server does not answer, it expires.
    pub fn release(&mut self, lease: &Lease) {
        self.each(&lease.name, |server, keys| {
            cmd("EVAL").arg(RELEASE).arg(2).arg(keys).arg(&lease.owner).query(server)
        });
    }

    /// Asks each server of a lock; one that does not answer has no vote.
    fn each(
        &mut self,
        name: &str,
        mut ask: impl FnMut(&mut Connection, &[String; 2]) -> RedisResult<()>,
    ) {
        let keys = [format!("lock:{name}"), format!("token:{name}")];
        for server in &self.servers.replicas::<SERVERS>(name) {
            let _ = self.connections.with(server, |connection| ask(connection, &keys));
        }
    }
}

/// Writes to a resource on any redis-server with the token of a lease. False if it has seen a higher
/// one: the lease has been over for some time.
///
/// # Errors
/// The server does not answer.
pub fn write_fenced(
    server: &mut Connection,
    key: &str,
    token: u64,
    value: &[u8],
) -> RedisResult<bool> {
    cmd("EVAL").arg(FENCED).arg(1).arg(key).arg(token).arg(value).query(server)
}

/// A name that no other attempt has.
fn unique() -> String {
    static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{}-{now}-{}", std::process::id(), ATTEMPTS.fetch_add(1, Relaxed))
}
