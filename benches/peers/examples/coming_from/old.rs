//! The other crates, behind one interface.

use crate::keys::Key;
use crate::nodes::Member;
use crate::peer::Peer;
use apportion::Xxh3;
use apportion::hash::BytesHasher;
use hashring::HashRing;
use pingora_ketama::{Bucket, Continuum, DEFAULT_POINT_MULTIPLE};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;

/// Maximum number of points of a ring built here: apportion's default limit.
const POINTS: u64 = 1 << 24;

/// The other crate's value over the nodes.
pub(crate) enum Old {
    HashRing(HashRing<Point>),
    Ketama { ring: Continuum, places: HashMap<SocketAddr, usize> },
    Jump(usize),
}

impl Old {
    pub(crate) fn build(from: Peer, members: &[Member]) -> Result<Self, String> {
        let fits = |points: u64| {
            let name = from.name();
            let message = || format!("{points} points on the ring of {name}: more than {POINTS}");
            (points <= POINTS).then_some(()).ok_or_else(message)
        };
        match from {
            Peer::HashRing { vnodes } => {
                fits((members.len() as u64).saturating_mul(vnodes as u64))?;
                let mut ring = HashRing::new();
                ring.batch_add(members.iter().enumerate().flat_map(points(vnodes)).collect());
                Ok(Self::HashRing(ring))
            }
            Peer::Ketama => {
                let weight: u64 = members.iter().map(|member| u64::from(member.weight)).sum();
                fits(weight.saturating_mul(DEFAULT_POINT_MULTIPLE.into()))?;
                let (mut buckets, mut places) = (Vec::new(), HashMap::new());
                for (place, Member { name, weight }) in members.iter().enumerate() {
                    let address = name.parse().map_err(|_| {
                        format!(
                            "--node {name:?}: pingora-ketama takes addresses such as 10.0.0.1:80"
                        )
                    })?;
                    if places.insert(address, place).is_some() {
                        return Err(format!("--node {name:?}: the address is given twice"));
                    }
                    buckets.push(Bucket::new(address, *weight));
                }
                Ok(Self::Ketama { ring: Continuum::new(&buckets), places })
            }
            Peer::Jump => Ok(Self::Jump(members.len())),
        }
    }

    /// The key's node: its place in the list.
    pub(crate) fn place(&self, key: Key<'_>) -> usize {
        match (self, key) {
            (Self::HashRing(ring), Key::Text(text)) => owner(ring.get(&Text(text))),
            (Self::HashRing(ring), Key::Number(number)) => owner(ring.get(&number)),
            (Self::Ketama { ring, places }, key) => {
                let bytes = match key {
                    Key::Text(text) => text,
                    Key::Number(number) => &number.to_le_bytes(),
                };
                ring.node(bytes).and_then(|address| places.get(&address)).copied().expect("nodes")
            }
            (Self::Jump(n), Key::Text(text)) => jump(Xxh3.hash_bytes(text).get(), *n),
            (Self::Jump(n), Key::Number(number)) => jump(number, *n),
        }
    }
}

fn owner(point: Option<&Point>) -> usize {
    point.expect("nodes").place
}

fn jump(key: u64, n: usize) -> usize {
    jump_consistent_hash::hash(key, n) as usize
}

/// A node on hashring's ring, or one of its virtual nodes.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    place: usize,
    name: Arc<str>,
    number: Option<u32>,
}

/// Hashes as text for a node without virtual nodes, otherwise as a pair; the place is not hashed.
impl Hash for Point {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        if let Some(number) = self.number {
            number.hash(state);
        }
    }
}

fn points(vnodes: usize) -> impl Fn((usize, &Member)) -> Vec<Point> {
    move |(place, member)| {
        let name: Arc<str> = member.name.as_str().into();
        let numbers = (0..vnodes).map(|number| (vnodes > 1).then_some(number as u32));
        numbers.map(|number| Point { place, name: name.clone(), number }).collect()
    }
}

/// Bytes that hash like a `str` of the same bytes, whether UTF-8 or not.
struct Text<'a>(&'a [u8]);

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0);
        state.write_u8(0xff);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion::KeyHash;

    fn members(names: &[&str]) -> Vec<Member> {
        names.iter().map(|name| Member { name: (*name).to_owned(), weight: 1 }).collect()
    }

    /// As in a program that calls `ring.add("a")` and `ring.get(&"key")`.
    #[test]
    fn hashring_is_asked_with_text() {
        let names = ["a", "b", "c", "d"];
        let mut direct: HashRing<&str> = HashRing::new();
        direct.batch_add(names.to_vec());
        let ours = Old::build(Peer::HashRing { vnodes: 1 }, &members(&names)).expect("built");
        for i in 0..1000_u32 {
            let key = format!("user:{i}");
            let place = ours.place(Key::Text(key.as_bytes()));
            assert_eq!(direct.get(&key.as_str()), Some(&names[place]));
            assert_eq!(direct.get(&key), Some(&names[place]));
            let place = ours.place(Key::Number(i.into()));
            assert_eq!(direct.get(&u64::from(i)), Some(&names[place]));
        }
    }

    #[test]
    fn hashring_has_as_many_points_as_asked() {
        let nodes = members(&["a", "b"]);
        let Ok(Old::HashRing(ring)) = Old::build(Peer::HashRing { vnodes: 40 }, &nodes) else {
            panic!("a ring")
        };
        assert_eq!(ring.len(), 80);
    }

    #[test]
    fn ketama_wants_addresses() {
        let message = |names| Old::build(Peer::Ketama, &members(names)).err().expect("wrong");
        assert!(message(&["cache-1"]).contains("\"cache-1\""));
        assert!(message(&["[::1]:80", "[0::1]:80"]).contains("\"[0::1]:80\""));
        let mut heavy = members(&["10.0.0.1:80"]);
        heavy[0].weight = u32::MAX;
        assert!(Old::build(Peer::Ketama, &heavy).err().expect("wrong").contains("points"));
    }

    /// Every number of buckets up to 4096, large ones, small keys: 1,025,400 pairs.
    #[test]
    fn jump_gives_the_same_buckets() {
        let mut pairs = 0;
        let mut same = |key: u64, n: u32| {
            let ours = apportion::bucket::jump(KeyHash::from_hash(key), n);
            assert_eq!(ours, jump_consistent_hash::hash(key, n as usize), "{key} among {n}");
            pairs += 1;
        };
        let random = |i: u64| KeyHash::of_id(i).get();
        for n in 0..=4096 {
            (0..200).for_each(|i| same(random(u64::from(n) << 32 | i), n));
        }
        let most = apportion::limits::MAX_BUCKETS;
        for n in [10_007, 65_536, 1_000_000, 1 << 30, most] {
            (0..40_000).for_each(|i| same(random(u64::from(n) << 32 | i), n));
        }
        for key in 0..1000 {
            [1, 2, 3, 10, 1000, most].into_iter().for_each(|n| same(key, n));
        }
        assert_eq!(pairs, 1_025_400);
    }
}
