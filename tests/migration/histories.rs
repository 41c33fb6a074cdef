//! Random histories of a transition, each a number: no acknowledged write is lost in any of them.

use super::model::{Choices, PARTITIONS, World, versions};
use apportion::Xxh3;
use apportion::hash::KeyHasher;

/// A generator with a state, so that a history is one number.
struct Draw(u64);

impl Choices for Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        Xxh3.hash_key(&self.0).get() % bound
    }
}

/// Says which history it was if it fails.
struct Running(u64);

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("history {}", self.0);
        }
    }
}

#[test]
fn no_acknowledged_write_is_lost_in_any_history() {
    let pool = versions();
    let histories = if cfg!(debug_assertions) { 100_000 } else { 400_000 };
    let (mut moved, mut lost, mut completed) = (0_u64, 0_u64, 0_u64);
    for history in 0..histories {
        let mut draw = Draw(history);
        let mut world = World::new(&pool, &mut draw);
        let _running = Running(history);
        // Losses on both sides of a partition take many events.
        let events = if history % 32 == 0 { 240 } else { 40 };
        (0..events).for_each(|_| world.event(&mut draw));
        moved += u64::from(world.truth.remaining() < PARTITIONS && world.used.len() > 1);
        lost += u64::from(!world.dead.is_empty());
        if history % 8 == 0 {
            world.finish();
            completed += 1;
        }
    }
    // The histories are not empty ones.
    assert!(moved > histories / 8 && lost > histories / 8 && completed > 0, "{moved} {lost}");
}
