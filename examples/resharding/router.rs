//! How clients learn where keys are: the coordinator publishes its transition, and each client takes the
//! newest one when it gets to it.

use crate::Move;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

pub(crate) struct Router {
    current: RwLock<Arc<Move>>,
    /// The number of publications.
    epoch: AtomicU64,
    /// The publication that each client uses.
    seen: Vec<AtomicU64>,
    stopped: AtomicBool,
}

/// What a client routes by until it looks again.
pub(crate) struct View {
    pub(crate) transition: Arc<Move>,
    epoch: u64,
}

impl Router {
    pub(crate) fn new(first: &Move, clients: usize) -> Self {
        Self {
            current: RwLock::new(Arc::new(first.clone())),
            epoch: AtomicU64::new(0),
            seen: (0..clients).map(|_| AtomicU64::new(0)).collect(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The newest transition. The client must have nothing under way by an older one.
    pub(crate) fn newest(&self, client: usize) -> View {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that the number is that of the value.
        let epoch = self.epoch.load(SeqCst);
        if let Some(seen) = self.seen.get(client) {
            seen.store(epoch, SeqCst);
        }
        View { transition: current.clone(), epoch }
    }

    /// True if a newer transition has been published.
    pub(crate) fn is_behind(&self, view: &View) -> bool {
        self.epoch.load(SeqCst) != view.epoch
    }

    /// Publishes a transition and waits until every client uses it, so that none is ever two
    /// states of a partition behind. False if the clients have been stopped.
    pub(crate) fn publish(&self, transition: &Move) -> bool {
        let epoch = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            *current = Arc::new(transition.clone());
            self.epoch.fetch_add(1, SeqCst) + 1
        };
        while self.seen.iter().any(|seen| seen.load(SeqCst) < epoch) {
            if self.is_stopped() {
                return false;
            }
            thread::sleep(Duration::from_micros(20));
        }
        true
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, SeqCst);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst)
    }
}
