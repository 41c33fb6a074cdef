//! Histories of a transition: writes, copies, steps of partitions, steps back, changes of the target,
//! lost nodes and restarts, while clients lag behind. At any moment every node that a client would read
//! has every acknowledged write.

use super::input::Input;
use super::transitions_model::{Choices, Side, World, versions};
use std::cell::OnceCell;

impl Choices for Input<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.byte() as u64 % bound.max(1)
    }
}

thread_local! {
    /// Built once: every input is a history over the same placements.
    static POOL: OnceCell<Vec<Side>> = const { OnceCell::new() };
}

pub fn run(data: &[u8]) {
    POOL.with(|pool| {
        let mut input = Input(data);
        let mut world = World::new(pool.get_or_init(versions), &mut input);
        while !input.is_empty() {
            world.event(&mut input);
        }
        world.finish();
    });
}
