//! Transitions resume.

use super::super::samples::Move;
use super::both;
use apportion::migration::{PartitionState, Progress, Transition, Version};
use apportion::{ErrorKind, Locator, Topology, Xxh3};
use apportion_properties::support::Draws;

/// Placements by saved locators, as after a restart.
struct Pool(Vec<String>);

impl Pool {
    fn new() -> Self {
        let sets: [&[u32]; 4] = [&[0, 1, 2], &[0, 1, 2, 3], &[1, 2, 3, 4], &[0, 4, 5]];
        let ring = |nodes: &[u32]| {
            let names = nodes.iter().map(|node| format!("n{node}"));
            serde_json::to_string(&Locator::ring(names).unwrap()).unwrap()
        };
        Self(sets.into_iter().map(ring).collect())
    }

    fn version(&self, at: usize) -> Version<String, Xxh3> {
        Version::of(&serde_json::from_str::<Locator<String>>(&self.0[at]).unwrap())
    }

    fn all(&self) -> Vec<Version<String, Xxh3>> {
        (0..self.0.len()).map(|at| self.version(at)).collect()
    }
}

/// One event; those that are refused change nothing.
fn event(transition: &mut Move, pool: &Pool, draws: &mut Draws) {
    let partition = draws.below(u64::from(transition.partitions())) as u32;
    let _ = match draws.below(16) {
        0 => transition.change_to(pool.version(draws.below(4) as usize)),
        1 => transition.lose(&format!("n{}", draws.below(6))),
        2 => transition.step_back(partition),
        _ => match transition.state(partition).unwrap() {
            PartitionState::Waiting => transition.begin(partition),
            PartitionState::Copying => transition.switch(partition),
            PartitionState::Switched => transition.complete(partition),
            PartitionState::Complete => Ok(()),
        },
    };
}

fn same(a: &Move, b: &Move) {
    assert_eq!(a.progress(), b.progress());
    assert_eq!(a.remaining(), b.remaining());
    assert_eq!(a.target().fingerprint(), b.target().fingerprint());
    for partition in 0..a.partitions() {
        assert_eq!(a.state(partition), b.state(partition));
    }
    for key in 0..24_u64 {
        assert!(a.read_set(&key).iter().eq(&b.read_set(&key)));
        assert!(a.write_set(&key).iter().eq(&b.write_set(&key)));
        assert!(a.new_holders(&key).iter().eq(&b.new_holders(&key)));
        assert!(a.old_holders(&key).iter().eq(&b.old_holders(&key)));
    }
}

/// A crash after every event: the one that was never interrupted and the one that was each time stay
/// the same.
#[test]
fn a_transition_resumes_after_a_crash_at_any_point() {
    let pool = Pool::new();
    for seed in 0..40 {
        let mut draws = Draws(seed);
        let mut original = Move::new(pool.version(0), 5).unwrap();
        let mut resumed = original.clone();
        for i in 0..60 {
            let mut ahead = Draws(draws.0);
            event(&mut original, &pool, &mut draws);
            event(&mut resumed, &pool, &mut ahead);
            let [json, binary] = both::<_, Progress>(&resumed.progress());
            assert_eq!(json, resumed.progress());
            assert_eq!(binary, json);
            let mut versions = pool.all();
            versions.rotate_left(i % 4);
            resumed = Move::resume(&json, versions).unwrap();
            same(&original, &resumed);
        }
    }
}

#[test]
fn a_resume_with_other_nodes_shows_both_fingerprints() {
    let pool = Pool::new();
    let mut transition = Move::new(pool.version(0), 4).unwrap();
    transition.change_to(pool.version(1)).unwrap();
    transition.begin(2).unwrap();
    let [progress, _] = both::<_, Progress>(&transition.progress());
    assert!(Move::resume(&progress, [pool.version(1), pool.version(0)]).is_ok());
    let hex = |version: Version<String, Xxh3>| format!("0x{:016x}", version.fingerprint());
    // A node has another weight than before, one is missing, another algorithm.
    let reweighted = Topology::of(["n0", "n1", "n2"].map(|name| {
        apportion::Node::new(name.to_string()).weight(if name == "n1" { 2 } else { 1 })
    }));
    let reweighted = Locator::ring_of(reweighted.unwrap(), Default::default()).unwrap();
    let names = |count| (0..count).map(|i| format!("n{i}"));
    for wrong in [
        Version::of(&reweighted),
        Version::of(&Locator::ring(names(2)).unwrap()),
        Version::of(&Locator::rendezvous(names(3)).unwrap()),
    ] {
        let error = Move::resume(&progress, [wrong.clone(), pool.version(1)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let error = error.to_string();
        let (old, target) = (pool.version(0), pool.version(1));
        let says = format!(
            "a placement with fingerprint {}; those given have {}, {}",
            hex(old),
            hex(wrong),
            hex(target)
        );
        assert!(error.contains(&says), "{error}");
    }
    let none = Move::resume(&progress, []).unwrap_err().to_string();
    assert!(none.contains("those given have none"), "{none}");
    let other = Transition::<String, Xxh3, 3>::resume(&progress, pool.all()).unwrap_err();
    assert!(
        other.to_string().contains("of a transition with 2 replicas, and it is resumed with 3")
    );
    // A lost node that the placement does not have.
    transition.lose("n0").unwrap();
    let text = serde_json::to_string(&transition.progress()).unwrap();
    let text = text.replace("{\"text\":\"n0\"}", "{\"text\":\"n7\"}");
    let error = Move::resume(&serde_json::from_str(&text).unwrap(), pool.all()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Altered);
    assert!(
        error.to_string().contains(r#"node "n7" is lost in a placement that has no such"#),
        "{error}"
    );
}
