//! Keys inside a subset, and what the docs say beside their programs.

use crate::support::{Draws, chi_squared, level};
use apportion::rendezvous::RendezvousSlice;
use apportion::subset::Subsets;
use apportion::{
    Candidates, Locator, Node, NodeIdx, Placement, Topology, Walk, WeightedRendezvous,
};

/// The node of a key inside a subset in the two ways of the recipe: the first candidate of the
/// locator there, and rendezvous over the identities alone.
fn inside<P: Placement>(cells: &Locator<String, P>, subset: &[NodeIdx], key: u64) -> [String; 2] {
    let first = cells.candidates(&key).find(|(at, _)| subset.contains(at)).unwrap().1;
    let identity = |at: &NodeIdx| cells.topology().members().identity(*at).unwrap();
    let identities: Vec<u64> = subset.iter().map(identity).collect();
    let slice = RendezvousSlice::new(&identities).unwrap();
    let best = subset[slice.locate(cells.hash(&key)).unwrap().index()];
    [first.clone(), cells.topology().get(best).unwrap().clone()]
}

#[test]
fn keys_move_only_with_the_member_that_changes() {
    let mut draws = Draws(5);
    let (mut stayed, mut moved) = (0, 0);
    for _ in 0..60 {
        let cells = Locator::ring((0..30).map(|i| format!("n{i}"))).unwrap();
        let gone = format!("n{}", draws.below(30));
        let fewer = cells.without(&gone).unwrap();
        let tenant = draws.next();
        let (a, b) = (cells.subset::<6>(&tenant), fewer.subset::<6>(&tenant));
        let joined = b.iter().find(|name| !a.iter().any(|old| old == *name));
        for key in 0..300 {
            let before = inside(&cells, a.indices(), key);
            let after = inside(&fewer, b.indices(), key);
            for (before, after) in before.iter().zip(&after) {
                let same = before == after;
                assert!(same || *before == gone || Some(after) == joined, "{before} {after}");
                stayed += u32::from(same);
                moved += u32::from(!same);
            }
        }
    }
    assert!(stayed > 20_000 && moved > 500, "{stayed} {moved}");
}

#[test]
fn keys_are_even_inside_a_subset_under_rendezvous() {
    let cells = Locator::ring((0..100).map(|i| format!("n{i}"))).unwrap();
    let tests = 20;
    for tenant in 0..tests {
        let subset = cells.subset::<8>(&tenant);
        let mut counts = [0_u64; 8];
        for key in 0..20_000 {
            let [_, best] = inside(&cells, subset.indices(), key);
            counts[subset.iter().position(|name| *name == best).unwrap()] += 1;
        }
        let chance = chi_squared(&counts, &[2_500.0; 8]);
        assert!(chance > level(tests), "{tenant}: {counts:?}");
    }
}

/// The subsets are the replicas of weighted rendezvous hashing, in every way to ask.
#[test]
fn subsets_are_the_replicas_of_weighted_rendezvous() {
    let mut draws = Draws(6);
    for _ in 0..300 {
        let n = 1 + draws.below(90);
        let node = |i| Node::new(format!("n{i}")).weight(draws.below(4));
        let topology = Topology::of((0..n).map(node).collect::<Vec<_>>()).unwrap();
        let cells: Locator<String, WeightedRendezvous> =
            Locator::weighted_rendezvous_of(topology).unwrap();
        let subsets = Subsets::new(cells.topology().members());
        let placement = cells.placement();
        assert_eq!((subsets.live(), subsets.slots()), (placement.live(), placement.slots()));
        assert_eq!(subsets.guarantees(), placement.guarantees());
        assert!(!subsets.walk_repeats());
        let tenant = draws.key();
        assert_eq!(subsets.locate(tenant), placement.locate(tenant));
        let odd = |at: NodeIdx| at.get() % 2 == 1;
        let mut walks = [Walk::new(tenant), Walk::new(tenant)];
        for _ in 0..4 {
            let [a, b] = &mut walks;
            assert_eq!(subsets.next_candidate(a), placement.next_candidate(b));
            let next = subsets.next_candidate_where(a, &mut |at| odd(at));
            assert_eq!(next, placement.next_candidate_where(b, &mut |at| odd(at)));
        }
        let candidates = Candidates::new(&subsets, tenant);
        assert!(candidates.eq(Candidates::new(placement, tenant)));
        for k in [0, 1, 16, 17, 64, 100] {
            let (mut a, mut b) = (vec![NodeIdx::default(); k], vec![NodeIdx::default(); k]);
            let len = subsets.replicas(tenant, &mut a);
            assert_eq!(len, k.min(subsets.live()));
            assert_eq!(len, placement.replicas(tenant, &mut b));
            assert_eq!(a, b);
        }
    }
    let empty = Locator::ring(Vec::<String>::new()).unwrap();
    assert!(empty.subset::<3>("tenant").is_empty());
}

/// A locator's seed is part of the tenant's hash.
#[test]
fn the_hasher_is_the_locators() {
    let cells = Locator::ring((0..40).map(|i| format!("n{i}"))).unwrap();
    let subset = cells.subset::<5>("tenant");
    let mut out = [NodeIdx::default(); 5];
    Subsets::new(cells.topology().members()).replicas(cells.hash("tenant"), &mut out);
    assert_eq!(subset.indices(), out);
    let seeded = cells.clone().with_seed(7);
    assert_ne!(seeded.subset::<5>("tenant").indices(), out);
}
