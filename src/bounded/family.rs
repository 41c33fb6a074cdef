//! The counters that a family shares: an `InFlight` value and all values that follow it.

use super::lease::RequestCounter;
use crate::node::NodeLabel;
use alloc::sync::Arc;
#[cfg(feature = "std")]
use {crate::steps, alloc::collections::BTreeMap, alloc::sync::Weak, std::sync::PoisonError};
// As for the atomics of `lease.rs`.
#[cfg(apportion_model)]
use model::sync::Mutex;
#[cfg(all(feature = "std", not(apportion_model)))]
use std::sync::Mutex;

/// One counter for each label, the same for all values of the family.
///
/// Values and leases keep a counter alive; the family holds only a weak reference. So a label that
/// returns finds its requests, and a counter that is no longer used is soon dropped. Only
/// `InFlight::follow` takes the lock. Without `std` there is no lock and no `follow`: each value is a
/// family of its own.
#[derive(Default)]
pub(super) struct Family {
    #[cfg(feature = "std")]
    counters: Mutex<Counters>,
}

#[cfg(feature = "std")]
#[derive(Default)]
struct Counters {
    by_label: BTreeMap<NodeLabel, Weak<RequestCounter>>,
    /// The number of entries at which unused ones are removed.
    sweep_at: usize,
}

/// The number of entries below which none are removed.
#[cfg(feature = "std")]
const SWEEP_MIN: usize = 16;

#[cfg(not(feature = "std"))]
impl Family {
    /// New counters, as many as there are labels.
    #[allow(clippy::unused_self)] // as with `std`
    pub(super) fn counters<'a>(
        &self,
        labels: impl Iterator<Item = &'a NodeLabel>,
        mut each: impl FnMut(Arc<RequestCounter>),
    ) {
        labels.for_each(|_| each(Arc::default()));
    }
}

#[cfg(feature = "std")]
impl Family {
    /// The counters of these labels, in their order; a label without one gets a new one.
    /// O(labels · log labels) amortised.
    pub(super) fn counters<'a>(
        &self,
        labels: impl Iterator<Item = &'a NodeLabel>,
        mut each: impl FnMut(Arc<RequestCounter>),
    ) {
        // A panic cannot leave an entry half written.
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        labels.for_each(|label| each(counters.counter(label)));
        counters.sweep();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).by_label.len()
    }
}

#[cfg(feature = "std")]
impl Counters {
    fn counter(&mut self, label: &NodeLabel) -> Arc<RequestCounter> {
        steps::count(1);
        if let Some(counter) = self.by_label.get(label).and_then(Weak::upgrade) {
            return counter;
        }
        let counter = Arc::default();
        self.by_label.insert(label.clone(), Arc::downgrade(&counter));
        counter
    }

    /// Removes unused entries whenever the number of entries has doubled since the last time. So the
    /// cost is amortised over the added entries.
    fn sweep(&mut self) {
        if self.by_label.len() >= self.sweep_at.max(SWEEP_MIN) {
            steps::count(self.by_label.len() as u64);
            self.by_label.retain(|_, counter| counter.strong_count() > 0);
            self.sweep_at = 2 * self.by_label.len();
        }
    }
}
