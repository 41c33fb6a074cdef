//! Both crates over the same nodes, now and after the next node joined.

use crate::count::Placed;
use crate::keys::Key;
use crate::nodes::{Cluster, Member};
use crate::old::Old;
use crate::peer::Peer;
use apportion::{Algorithm, AnyPlacement, KeyHash, Locator, Placement, Topology};

pub(crate) struct Sides {
    old: [Old; 2],
    new: [Locator<String, AnyPlacement>; 2],
    /// A number is used as a hash, as in the other crate.
    raw: bool,
}

impl Sides {
    pub(crate) fn build(cluster: &Cluster, to: Algorithm) -> Result<Self, String> {
        let from = cluster.from;
        let old = Old::build(from, &cluster.members)?;
        let grown = Old::build(from, &cluster.grown())?;
        let wrong = |e: apportion::Error| format!("--to {to}: {e}");
        let nodes = Topology::of(cluster.members.iter().map(Member::node)).map_err(wrong)?;
        let new = Locator::any_of(nodes, to.clone()).map_err(wrong)?;
        let bigger = new.with_node(cluster.joining.node()).map_err(wrong)?;
        let family = [Algorithm::Jump, Algorithm::JumpGuava, Algorithm::JumpBack];
        let raw = from == Peer::Jump && family.contains(&to);
        Ok(Self { old: [old, grown], new: [new, bigger], raw })
    }

    /// apportion's algorithm.
    pub(crate) fn algorithm(&self) -> &'static str {
        self.new[0].placement().algorithm().name()
    }

    pub(crate) fn place(&self, key: Key<'_>) -> Placed {
        Placed {
            old: self.old.each_ref().map(|old| old.place(key)),
            new: self.new.each_ref().map(|new| self.locate(new, key)),
        }
    }

    /// Slots equal places in the list, because no node ever left.
    fn locate(&self, new: &Locator<String, AnyPlacement>, key: Key<'_>) -> usize {
        let slot = match key {
            Key::Text(text) => new.locate(text),
            Key::Number(hash) if self.raw => new.placement().locate(KeyHash::from_hash(hash)),
            Key::Number(number) => new.locate(&number),
        };
        slot.expect("nodes").index()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::Request;

    fn placed(from: Peer, to: &str, keys: &[Key<'_>]) -> Vec<Placed> {
        let request = Request { nodes: Some(("--nodes", 5)), named: Vec::new() };
        let cluster = request.cluster(from).expect("nodes");
        let sides = Sides::build(&cluster, to.parse().expect("known")).expect("built");
        keys.iter().map(|key| sides.place(*key)).collect()
    }

    #[test]
    fn jump_to_jump_moves_nothing() {
        let keys = [Key::Number(0), Key::Number(u64::MAX), Key::Text(b""), Key::Text(b"user:42")];
        for placed in placed(Peer::Jump, "jump", &keys) {
            assert_eq!(placed.old, placed.new);
        }
    }

    #[test]
    fn a_node_more_takes_keys_and_gives_none() {
        let numbers: Vec<u64> = (0..500).collect();
        let keys: Vec<Key<'_>> = numbers.iter().map(|number| Key::Number(*number)).collect();
        for from in [Peer::HashRing { vnodes: 8 }, Peer::Ketama, Peer::Jump] {
            for Placed { old, new } in placed(from, "ring", &keys) {
                for [before, after] in [old, new] {
                    assert!(before < 5 && (after == before || after == 5), "{from:?}");
                }
            }
        }
    }
}
