//! A list that shares what is equal with the list it was cloned from.

use alloc::sync::Arc;
use alloc::vec::Vec;

/// Items of a chunk: a change copies one chunk, a clone counts one reference for each.
const CHUNK: usize = 64;

/// A list in chunks, all full but the last one. A clone shares all of them; a change copies the chunk
/// that it writes.
#[derive(Clone, Debug)]
pub(crate) struct SharedList<T> {
    chunks: Vec<Arc<Vec<T>>>,
}

impl<T> Default for SharedList<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T: PartialEq> PartialEq for SharedList<T> {
    fn eq(&self, other: &Self) -> bool {
        self.chunks == other.chunks
    }
}

// Chunk by chunk: a list of all items beside their chunks would take twice the memory.
impl<T: Clone> FromIterator<T> for SharedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        items.into_iter().for_each(|item| list.push(item));
        list
    }
}

impl<T> SharedList<T> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, |last| last.len());
        self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// The items from `at` to the end of its chunk, if both lists have one and the same chunk there.
    pub(crate) fn shared_run(&self, other: &Self, at: usize) -> Option<&[T]> {
        let (ours, theirs) = (self.chunks.get(at / CHUNK)?, other.chunks.get(at / CHUNK)?);
        Arc::ptr_eq(ours, theirs).then(|| ours.get(at % CHUNK..)).flatten()
    }

    pub(crate) fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

impl<T: Clone> SharedList<T> {
    /// Copies the item's chunk if another list shares it.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        Arc::make_mut(self.chunks.get_mut(at / CHUNK)?).get_mut(at % CHUNK)
    }

    pub(crate) fn push(&mut self, item: T) {
        if let Some(last) = self.chunks.last_mut().filter(|last| last.len() < CHUNK) {
            Arc::make_mut(last).push(item);
            return;
        }
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.push(item);
        self.chunks.push(Arc::new(chunk));
    }

    /// Adds an item until the list is so long.
    #[cfg(feature = "serde")]
    pub(crate) fn grow(&mut self, len: usize, item: &T) {
        for _ in self.len()..len {
            self.push(item.clone());
        }
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        let last = Arc::make_mut(self.chunks.last_mut()?);
        let item = last.pop();
        if last.is_empty() {
            self.chunks.pop();
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, SharedList};
    use crate::hash::mix::word;
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    #[test]
    fn the_same_as_a_plain_list_and_clones_stay() {
        let mut list = SharedList::default();
        let mut plain: Vec<u64> = Vec::new();
        let mut kept = Vec::new();
        for step in 0..3000 {
            let draw = word(1, step);
            let at = draw as usize % (plain.len() + 1);
            match draw % 7 {
                0 => assert_eq!(list.pop(), plain.pop()),
                1 | 2 => {
                    let (ours, theirs) = (list.get_mut(at), plain.get_mut(at));
                    assert_eq!(ours, theirs);
                    if let (Some(ours), Some(theirs)) = (ours, theirs) {
                        (*ours, *theirs) = (draw, draw);
                    }
                }
                _ => {
                    list.push(draw);
                    plain.push(draw);
                }
            }
            if step % 100 == 0 {
                kept.push((list.clone(), plain.clone()));
            }
            assert_eq!(
                (list.len(), list.get(at), list.last()),
                (plain.len(), plain.get(at), plain.last())
            );
        }
        kept.push((list, plain));
        for (list, plain) in kept {
            assert!(list.iter().eq(&plain));
            assert!(list == plain.into_iter().collect());
        }
    }

    #[test]
    fn a_change_copies_one_chunk() {
        let list = (0..10 * CHUNK).collect::<SharedList<_>>();
        let mut other = list.clone();
        *other.get_mut(3 * CHUNK).unwrap() = 0;
        let shared = list.chunks.iter().zip(&other.chunks).filter(|(a, b)| Arc::ptr_eq(a, b));
        assert_eq!(shared.count(), 9);
    }
}
