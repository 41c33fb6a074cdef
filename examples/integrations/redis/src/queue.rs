//! A work queue sharded by key: the jobs of a key wait on one server, in the order in which they came.
//!
//! A worker takes jobs of a server; each stays in the worker's own list until it is done. If a worker dies,
//! [`Queue::recover`] puts its jobs back, before all others and in their order.
//!
//! What it does not promise:
//! - Exactly once. A job whose worker died may have been done already: it is taken again. Make jobs
//!   idempotent, by their number for example.
//! - The order of a key with several workers on one server, or while a dead one is recovered. One worker a
//!   server keeps it, and a [lock](crate::lock) on the server's name makes sure that there is one.
//! - A server that is lost takes its jobs along. A change of the list of servers sends a key's later jobs
//!   elsewhere: let the earlier ones be done first.

use crate::Connections;
use apportion::{Error, Locator, Rendezvous};
use redis::{RedisError, RedisResult, cmd};

const WAITING: &str = "jobs";

/// Work for a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// Its number on its server, in the order of arrival.
    pub number: u64,
    /// What it is about.
    pub key: String,
    /// What is to be done.
    pub body: String,
}

/// Adds jobs and takes them.
pub struct Queue {
    servers: Locator<String, Rendezvous>,
    connections: Connections,
}

impl Queue {
    /// A queue on these servers.
    ///
    /// # Errors
    /// A server is listed twice.
    pub fn new(servers: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let servers = Locator::rendezvous(servers)?;
        Ok(Self { servers, connections: Connections::default() })
    }

    /// Adds a job, and returns its number.
    ///
    /// # Errors
    /// The key's server does not answer. The job may have been added.
    pub fn push(&mut self, key: &str, body: &str) -> RedisResult<u64> {
        let Some(server) = self.servers.get(key) else { return Err(no_server()) };
        self.connections.with(server, |c| {
            let number = cmd("INCR").arg("jobs:number").query(c)?;
            let job = Job { number, key: key.into(), body: body.into() }.text();
            cmd("LPUSH").arg(WAITING).arg(job).query::<()>(c)?;
            Ok(number)
        })
    }

    /// The next job of a server for this worker, if one is waiting.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn take(&mut self, server: &str, worker: &str) -> RedisResult<Option<Job>> {
        let taken: Option<String> = self.connections.with(server, |c| {
            cmd("LMOVE").arg(WAITING).arg(of(worker)).arg("RIGHT").arg("LEFT").query(c)
        })?;
        Ok(taken.and_then(|text| Job::read(&text)))
    }

    /// Says that a job of this worker is done.
    ///
    /// # Errors
    /// The server does not answer. The job may be taken again.
    pub fn done(&mut self, server: &str, worker: &str, job: &Job) -> RedisResult<()> {
        let text = job.text();
        self.connections.with(server, |c| cmd("LREM").arg(of(worker)).arg(1).arg(text).query(c))
    }

    /// Puts back what a worker has taken and not done. Call it when the worker is dead.
    ///
    /// # Errors
    /// The server does not answer; what was not put back still waits for this call.
    pub fn recover(&mut self, server: &str, worker: &str) -> RedisResult<usize> {
        let mut count = 0;
        self.connections.with(server, |c| {
            // The newest one first, so that the oldest one is the next to be taken.
            while cmd("LMOVE")
                .arg(of(worker))
                .arg(WAITING)
                .arg("LEFT")
                .arg("RIGHT")
                .query::<Option<String>>(c)?
                .is_some()
            {
                count += 1;
            }
            Ok(())
        })?;
        Ok(count)
    }
}

impl Job {
    fn text(&self) -> String {
        format!("{}:{}:{}{}", self.number, self.key.len(), self.key, self.body)
    }

    fn read(text: &str) -> Option<Self> {
        let (number, rest) = text.split_once(':')?;
        let (len, rest) = rest.split_once(':')?;
        let (key, body) = rest.split_at_checked(len.parse().ok()?)?;
        Some(Self { number: number.parse().ok()?, key: key.into(), body: body.into() })
    }
}

/// The list of what a worker has taken.
fn of(worker: &str) -> String {
    format!("jobs:taken:{worker}")
}

fn no_server() -> RedisError {
    std::io::Error::other("the queue has no server").into()
}
