//! Two levels of placement by the same keys: under a seed each, every pair of algorithms is
//! independent; by one hash, pairs depend on each other.

use crate::support::Draws;
use apportion::hash::{KeyHasher, Local, Seeded};
use apportion::partition::TableConfig;
use apportion::placement::DynPlacement;
use apportion::ring::{GivenPointsConfig, Rule};
use apportion::{Algorithm, KeyHash, Locator, Placement, Portable, Topology, Xxh3};
use std::hash::{BuildHasherDefault, DefaultHasher};

const NODES: usize = 16;
const KEYS: u64 = 20_000;

type Level = (String, Box<DynPlacement>);

/// Every algorithm over 16 nodes. Both levels give their nodes the same labels, which is the
/// hardest case: by one hash, a placement over itself then repeats its own answer.
fn levels() -> Vec<Level> {
    let nodes = || Topology::new((0..NODES as u64).map(|i| format!("n{i}"))).unwrap();
    let mut levels: Vec<Level> = Vec::new();
    for algorithm in Algorithm::all() {
        let name = algorithm.name().to_string();
        let level = Locator::any_of(nodes(), algorithm).unwrap();
        levels.push((name, Box::new(level.placement().clone())));
    }
    for partitions in [64, 4096] {
        let table = Locator::table_of(nodes(), TableConfig::new(partitions, 1)).unwrap();
        levels.push((format!("table of {partitions}"), Box::new(table.placement().clone())));
    }
    let mut draws = Draws(5);
    let empty = |rule| GivenPointsConfig::default().rule(rule);
    let (mut wide, mut narrow) = (empty(Rule::Nearest), empty(Rule::FirstAfter));
    for node in 0..NODES {
        let points: Vec<u64> = (0..40).map(|_| draws.next()).collect();
        narrow = narrow.points_32(&format!("n{node}"), points.iter().map(|p| (p >> 32) as u32));
        wide = wide.points(&format!("n{node}"), points);
    }
    for (name, config) in [("given points", wide), ("given points of 32 bits", narrow)] {
        let ring = Locator::given_points_of(nodes(), config).unwrap();
        levels.push((name.to_string(), Box::new(ring.placement().clone())));
    }
    levels
}

/// How many keys go to each pair of nodes, and chi-squared against independence of the two levels
/// under the shares that the levels have.
fn dependence(pairs: impl Iterator<Item = (usize, usize)>) -> f64 {
    let mut joint = [[0_u64; NODES]; NODES];
    pairs.for_each(|(a, b)| joint[a][b] += 1);
    let rows = joint.map(|row| row.iter().sum::<u64>());
    let columns: [u64; NODES] = std::array::from_fn(|b| joint.iter().map(|row| row[b]).sum());
    let keys = rows.iter().sum::<u64>() as f64;
    let mut statistic = 0.0;
    for (row, in_row) in joint.iter().zip(rows) {
        for (count, in_column) in row.iter().zip(columns) {
            let expected = in_row as f64 * in_column as f64 / keys;
            assert!(expected > 5.0, "a node gets too few keys for the test");
            statistic += (*count as f64 - expected).powi(2) / expected;
        }
    }
    statistic
}

/// The value that chi-squared with 15² degrees of freedom exceeds once in 1000 × `tests`, by the
/// approximation of Wilson and Hilferty (1931).
fn limit(tests: usize) -> f64 {
    let freedom = ((NODES - 1) * (NODES - 1)) as f64;
    // The upper tail of the normal distribution, φ(z)/z · (1 − 1/z²), from z = 3 on within 2 %.
    let tail = |z: f64| {
        (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() / z * (1.0 - 1.0 / (z * z))
    };
    let z = (300..).map(|z| f64::from(z) / 100.0).find(|z| tail(*z) < 1e-3 / tests as f64);
    let part = 2.0 / (9.0 * freedom);
    freedom * (1.0 - part + z.unwrap() * part.sqrt()).powi(3)
}

fn owners<H: KeyHasher<u64>>(level: &Level, hasher: &H) -> Vec<usize> {
    let owner = |key| level.1.locate(hasher.hash_key(&key)).unwrap().index();
    (0..KEYS).map(owner).collect()
}

/// Each level is compared with each one below it: no seed against a seed, and two seeds.
#[test]
fn every_pair_of_algorithms_is_independent_under_seeds() {
    let levels = levels();
    let seeds = [0, 1, 2];
    let below: Vec<Vec<Vec<usize>>> = seeds
        .map(|seed| levels.iter().map(|level| owners(level, &Seeded::new(Xxh3, seed))).collect())
        .into();
    let tests = levels.len() * levels.len() * (seeds.len() + 1);
    let limit = limit(tests);
    let check = |a: &Level, b: &Level, seed, first: &[usize], second: &[usize]| {
        let found = dependence(first.iter().copied().zip(second.iter().copied()));
        assert!(found < limit, "{} over {} of seed {seed}: {found:.0}, limit {limit:.0}", a.0, b.0);
    };
    for (i, a) in levels.iter().enumerate() {
        let first = owners(a, &Xxh3);
        for (j, b) in levels.iter().enumerate() {
            for (seed, below) in seeds.iter().zip(&below) {
                check(a, b, *seed, &first, &below[j]);
            }
            check(a, b, 2, &below[1][i], &below[2][j]);
        }
    }
}

/// What the documentation warns of, and what lets the test above fail.
#[test]
fn one_hash_on_two_levels_is_dependent() {
    let levels = levels();
    let unseeded: Vec<Vec<usize>> = levels.iter().map(|level| owners(level, &Xxh3)).collect();
    let find = |name: &str| levels.iter().position(|level| level.0 == name).unwrap();
    let over = |a: usize, b: usize| {
        dependence(unseeded[a].iter().copied().zip(unseeded[b].iter().copied()))
    };
    // Over itself every algorithm repeats its answer: all other pairs of nodes are empty.
    for (i, level) in levels.iter().enumerate() {
        let found = over(i, i);
        assert!(found > 0.99 * (KEYS * 15) as f64, "{}: {found}", level.0);
    }
    // Different algorithms read the same bits.
    for (a, b) in [
        ("ring", "table of 64"),
        ("ring", "given points"),
        ("given points", "given points of 32 bits"),
        ("jump", "jump-guava"),
        ("jump-back", "jump-back-anchor"),
        ("table of 64", "table of 4096"),
        ("table of 64", "anchor"),
    ] {
        let found = over(find(a), find(b));
        assert!(found > limit(1) * 1.5, "{a} over {b}: {found:.0}");
    }
}

/// Hosts and shards of different numbers, as in the documentation of `Locator::with_seed`.
#[test]
fn a_seed_spreads_shards_inside_a_host() {
    let nodes = |n: u64| Topology::new((0..n).map(|i| format!("n{i}"))).unwrap();
    let used = |algorithm: Algorithm, seed: Option<u64>| {
        let hosts = Locator::any_of(nodes(8), algorithm.clone()).unwrap();
        let shards = Locator::any_of(nodes(16), algorithm).unwrap();
        let mut counts = [[0_u32; 16]; 8];
        for key in 0..100_000_u64 {
            let hash = hosts.hash(&key);
            let host = hosts.get(&hash).unwrap()[1..].parse::<usize>().unwrap();
            let below = seed.map_or(hash, |seed| hash.with_seed(seed));
            counts[host][shards.get(&below).unwrap()[1..].parse::<usize>().unwrap()] += 1;
        }
        counts.map(|host| host.iter().filter(|count| **count > 0).count())
    };
    for algorithm in [Algorithm::Jump, Algorithm::JumpBack, Algorithm::Flip] {
        assert_eq!(used(algorithm.clone(), None), [9; 8], "{algorithm}");
        assert_eq!(used(algorithm.clone(), Some(1)), [16; 8], "{algorithm}");
    }
}

#[test]
fn a_seed_applies_to_every_kind_of_lookup() {
    let plain = Locator::ring((0..50).map(|i| format!("n{i}"))).unwrap();
    let seeded = plain.clone().with_seed(9);
    let mut batch = vec![Default::default(); 1];
    let mut other = 0;
    for key in 0..500_u64 {
        let hash = plain.hash(&key);
        assert_eq!(seeded.hash(&key), hash.with_seed(9));
        assert_eq!(seeded.hash(&hash), hash.with_seed(9));
        let owner = seeded.placement().locate(hash.with_seed(9));
        assert_eq!((seeded.locate(&key), seeded.locate(&hash)), (owner, owner));
        assert_eq!(seeded.locate_batch(&[seeded.hash(&key).get()], &mut batch), 1);
        assert_eq!(Some(batch[0]), owner);
        assert_eq!(seeded.candidates(&key).next().map(|(at, _)| at), owner);
        assert_eq!(seeded.replicas::<2>(&hash).indices().first().copied(), owner);
        assert_eq!(seeded.walk(&hash).key(), hash.with_seed(9));
        assert_eq!(plain.locate(&hash), plain.locate(&key)); // a hash is its own hash
        other += u32::from(owner != plain.locate(&key));
    }
    assert!(other > 450);
}

#[test]
fn levels_have_distinct_fingerprints() {
    let plain = Locator::rendezvous(["a", "b"]).unwrap();
    let mut prints: Vec<u64> = (0..4).map(|s| plain.clone().with_seed(s).fingerprint()).collect();
    prints.push(plain.fingerprint());
    prints.push(plain.clone().with_seed(1).with_seed(1).fingerprint());
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 6);
    let (one, two) = (plain.clone().with_seed(1), plain.clone().with_seed(2));
    assert!(one.diff(&two).is_err(), "another hash is no exact difference");
    assert!(one.diff(&one.without("a").unwrap()).is_ok());
    // A hasher that holds within one process can be seeded too, and stays what it is.
    let local = Local::new(BuildHasherDefault::<DefaultHasher>::default());
    let local = Seeded::new(local, 4);
    assert_eq!(local.hash_key("a"), local.hasher().hash_key("a").with_seed(4));
    fn portable(hasher: impl Portable) -> u64 {
        hasher.id()
    }
    assert_eq!(portable(Seeded::new(Xxh3, 4)), KeyHash::from_hash(1).with_seed(4).get());
}

#[cfg(feature = "serde")]
#[test]
fn a_saved_level_asks_for_its_seed() {
    use apportion::Ring;
    use apportion::saved::Saved;
    let level = Locator::ring(["a".to_string(), "b".to_string()]).unwrap().with_seed(3);
    let text = serde_json::to_string(&level).unwrap();
    let saved = || serde_json::from_str::<Saved<String>>(&text).unwrap();
    let again = saved().restore::<Ring, _>(Seeded::new(Xxh3, 3)).unwrap();
    assert_eq!(again.fingerprint(), level.fingerprint());
    assert!((0..100_u64).all(|key| again.get(&key) == level.get(&key)));
    assert!(saved().restore::<Ring, _>(Seeded::new(Xxh3, 4)).is_err());
    assert!(saved().restore::<Ring, _>(Xxh3).is_err());
}
