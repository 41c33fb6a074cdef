//! Counts the heap in use and its peak.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: passes every call unchanged to the system allocator; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            grown(layout.size());
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            grown(layout.size());
        }
        block
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let block = unsafe { System.realloc(old, layout, size) };
        if !block.is_null() {
            LIVE.fetch_sub(layout.size(), Relaxed);
            grown(size);
        }
        block
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        unsafe { System.dealloc(old, layout) }
        LIVE.fetch_sub(layout.size(), Relaxed);
    }
}

fn grown(by: usize) {
    let live = LIVE.fetch_add(by, Relaxed) + by;
    PEAK.fetch_max(live, Relaxed);
}

/// Measures the peak of the bytes in use from now on, above those in use now.
pub(crate) struct Watch {
    before: usize,
}

impl Watch {
    pub(crate) fn start() -> Self {
        let before = LIVE.load(Relaxed);
        PEAK.store(before, Relaxed);
        Self { before }
    }

    pub(crate) fn peak(&self) -> usize {
        PEAK.load(Relaxed).saturating_sub(self.before)
    }
}
