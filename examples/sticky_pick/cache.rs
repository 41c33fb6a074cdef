//! A cache of keys that drops the one that was used longest ago.

/// A list of the cached keys in the order of their last use, linked through arrays by key.
pub(crate) struct Cache {
    capacity: u32,
    len: u32,
    links: Vec<Option<Links>>,
    ends: Links,
}

/// The keys used next before and next after; `END` at the ends of the list.
#[derive(Clone, Copy)]
struct Links {
    older: u32,
    newer: u32,
}

const END: u32 = u32::MAX;

impl Cache {
    pub(crate) fn new(keys: u32, capacity: u32) -> Self {
        let ends = Links { older: END, newer: END };
        Self { capacity, len: 0, links: vec![None; keys as usize], ends }
    }

    /// Uses a key; true if it was there.
    pub(crate) fn hit(&mut self, key: u32) -> bool {
        let was_there = self.unlink(key);
        if !was_there && self.len == self.capacity {
            self.unlink(self.ends.newer);
        }
        let newest = self.ends.older;
        self.links[key as usize] = Some(Links { older: newest, newer: END });
        self.at(newest).newer = key;
        self.ends.older = key;
        self.len += 1;
        was_there
    }

    fn unlink(&mut self, key: u32) -> bool {
        let Some(Links { older, newer }) = self.links[key as usize].take() else { return false };
        self.at(older).newer = newer;
        self.at(newer).older = older;
        self.len -= 1;
        true
    }

    /// The links of a key; those of the list itself for `END`: its oldest key is `newer` than the end,
    /// its newest `older`.
    fn at(&mut self, key: u32) -> &mut Links {
        self.links.get_mut(key as usize).and_then(Option::as_mut).unwrap_or(&mut self.ends)
    }
}
