//! Shares of every kind of placement that knows them: rings of other schemes and rules, partition
//! tables, bare buckets; and names of bucket functions, which may be anybody's.

use crate::support::{holders, topology};
use apportion::analysis;
use apportion::anchor::{AnchorBuckets, AnchorConfig, AnchorHash};
use apportion::bucket::{BucketHash, Buckets, Jump, Numbered};
use apportion::partition::TableConfig;
use apportion::placement::{Build, Exact};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::ring::{GivenPointsConfig, LabelPointsConfig, PointScheme, Rule};
use apportion::topology::Members;
use apportion::{KeyHash, Locator, NodeIdx, Ring, WeightedRendezvous, Xxh3};

const RULES: [Rule; 4] =
    [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];

/// Every interval is asked for its holders.
fn ring<S: PointScheme>(locator: &Locator<String, Ring<S>>)
where
    Ring<S>: Exact,
{
    let (ring, live) = (locator.placement(), locator.topology().members().live());
    for replicas in 1..=live + 1 {
        if ring.rule() == Rule::Nearest && replicas > 1 {
            let error = analysis::inclusion(locator, replicas).unwrap_err().to_string();
            assert!(
                error.starts_with("a ring by nearest points has exact figures for 1"),
                "{error}"
            );
            continue;
        }
        let shares = analysis::inclusion(locator, replicas).unwrap();
        let mut held = vec![0_u128; locator.topology().members().slots()];
        for arc in ring.arcs() {
            let last = holders(ring, KeyHash::from_hash(arc.last), replicas);
            assert_eq!(last, holders(ring, KeyHash::from_hash(arc.first), replicas));
            last.iter().for_each(|at| held[at.index()] += arc.len());
        }
        for share in shares.nodes() {
            assert_eq!(share.exact, Some((held[share.slot.index()], 1 << 64)), "{replicas}");
        }
    }
}

#[test]
fn shares_of_rings_of_every_scheme_and_rule() {
    for rule in RULES {
        let config = GivenPointsConfig::default().rule(rule);
        let config = (0..5_u64).fold(config, |config, i| {
            let points = (0..=i).map(|j| KeyHash::of_id(i << 32 | j).get());
            config.points(&format!("n{i}"), points.chain([7, 1 << 50]))
        });
        ring(&Locator::given_points_of(topology(&[1, 1, 0, 1, 1]), config).unwrap());
        let config = LabelPointsConfig::default().rule(rule);
        ring(&Locator::label_points_of(topology(&[1; 4]), config).unwrap());
    }
}

#[test]
fn shares_of_tables_equal_asking_every_partition() {
    for (partitions, replicas) in [(1, 1), (1, 3), (7, 2), (64, 3), (100, 1)] {
        let config = TableConfig::new(partitions, replicas);
        let table = Locator::table_of(topology(&[1, 3, 2, 0, 1]), config).unwrap();
        for asked in 1..=replicas as usize {
            let shares = analysis::inclusion(&table, asked).unwrap();
            let mut held = [0_u128; 5];
            for partition in 0..u64::from(partitions) {
                let first = |p: u64| (u128::from(p) << 64).div_ceil(partitions.into());
                let hash = KeyHash::from_hash(first(partition) as u64);
                let length = first(partition + 1) - first(partition);
                let holders = holders(table.placement(), hash, asked);
                holders.iter().for_each(|at| held[at.index()] += length);
            }
            for share in shares.nodes() {
                assert_eq!(share.exact, Some((held[share.slot.index()], 1 << 64)));
            }
            assert_eq!(shares.holders(), asked);
        }
    }
}

#[test]
fn numbers_alone_have_equal_shares() {
    fn equal<P: Exact>(placement: P) {
        let locator = Locator::from_parts(topology(&[1; 5]), placement, Xxh3).unwrap();
        for replicas in 1..=5 {
            let shares = analysis::inclusion(&locator, replicas).unwrap();
            let exact = Some((replicas as u128, 5));
            assert!(shares.nodes().iter().all(|share| share.exact == exact));
        }
    }
    equal(AnchorBuckets::new(5).unwrap());
    equal(AnchorHash::build(&AnchorConfig::default(), topology(&[1; 5]).members()).unwrap());
    equal(Buckets::new(Jump, 5).unwrap());
    equal(Buckets::new(apportion::JumpBack, 5).unwrap());
    equal(RendezvousSlice::new(&[1, 2, 3, 4, 5]).unwrap());
}

/// A slice's shares are by its own weights, and those of the same weights over nodes.
#[test]
fn a_slice_has_the_shares_of_its_weights() {
    let (weights, nodes) = ([1, 3, 2, 4, 1], [(9, 1), (8, 3), (7, 2), (6, 4), (5, 1)]);
    let slice = WeightedRendezvousSlice::new(&nodes).unwrap();
    let slice = Locator::from_parts(topology(&weights), slice, Xxh3).unwrap();
    let over_nodes = Locator::<_, WeightedRendezvous>::build(topology(&weights), &()).unwrap();
    for replicas in 1..=5 {
        let found = analysis::inclusion(&slice, replicas).unwrap();
        let wanted = analysis::inclusion(&over_nodes, replicas).unwrap();
        for (a, b) in found.nodes().iter().zip(wanted.nodes()) {
            assert_eq!((a.probability.to_bits(), a.exact), (b.probability.to_bits(), b.exact));
        }
    }
}

/// A user's function that has the name of one of this crate.
#[derive(Clone, Copy, Debug, Default)]
struct Last;

impl BucketHash for Last {
    fn bucket(&self, _: KeyHash, n: u32) -> u32 {
        n.saturating_sub(1)
    }

    fn name(&self) -> &'static str {
        "jump"
    }
}

#[test]
fn a_name_of_ones_own_is_no_name_of_this_crate() {
    let own: Locator<String, Numbered<Last>> = Locator::build(topology(&[1; 3]), &()).unwrap();
    let jump = Locator::jump_of(topology(&[1; 3])).unwrap();
    assert_ne!(own.fingerprint(), jump.fingerprint());
    #[cfg(feature = "serde")]
    {
        use apportion::AnyPlacement;
        type Own = Locator<String, Numbered<Last>>;
        type Jumps = Locator<String, Numbered<Jump>>;
        let (a, b) = (serde_json::to_string(&own).unwrap(), serde_json::to_string(&jump).unwrap());
        assert_eq!(serde_json::from_str::<Own>(&a).unwrap().fingerprint(), own.fingerprint());
        assert_eq!(serde_json::from_str::<Jumps>(&b).unwrap().fingerprint(), jump.fingerprint());
        let error = serde_json::from_str::<Jumps>(&a).unwrap_err().to_string();
        assert!(error.contains("uses algorithm own:jump, but it is restored as jump"), "{error}");
        let error = serde_json::from_str::<Own>(&b).unwrap_err().to_string();
        assert!(error.contains("uses algorithm jump, but it is restored as own:jump"), "{error}");
        let error = serde_json::from_str::<Locator<String, AnyPlacement>>(&a).unwrap_err();
        assert!(error.to_string().contains("unknown algorithm \"own:jump\""), "{error}");
    }
}

/// An index that was not written by a lookup is no node, least of all the first.
#[test]
fn an_unset_slot_is_not_a_node() {
    let ring = Locator::ring((0..3_u64).collect::<Vec<_>>()).unwrap();
    for none in [NodeIdx::default(), NodeIdx::new(u32::MAX), NodeIdx::NONE] {
        assert_eq!(none, NodeIdx::NONE);
        assert_eq!(ring.topology().get(none), None);
        assert_eq!(Members::label(ring.topology().members(), none), None);
        assert_eq!(format!("{none:?}"), "NodeIdx(none)");
    }
    assert_eq!(NodeIdx::checked(u32::MAX), None);
    assert_eq!(NodeIdx::checked(u32::MAX - 1), None);
    assert_eq!(NodeIdx::checked(u32::MAX - 2), Some(NodeIdx::new(u32::MAX - 2)));
    assert_eq!(NodeIdx::checked(0).map(NodeIdx::get), Some(0));
    assert!(NodeIdx::new(u32::MAX - 2) < NodeIdx::NONE);
    assert_eq!(size_of::<Option<NodeIdx>>(), 4);
}
