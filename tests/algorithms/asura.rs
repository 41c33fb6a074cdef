//! Asura: the rows of its specification, a slow reference, who has which slots, what a board that
//! grows moves, wrong input.

use crate::support::asura::{Board, FULL, bits};
use crate::support::{Draws, holders, topology, weighted};
use apportion::asura::{AsuraBoard, AsuraConfig};
use apportion::limits::MAX_ASURA_DARTS;
use apportion::{Asura, KeyHash, Locator, Node, NodeIdx, Placement, Topology};

fn slots(board: &impl Placement, key: KeyHash, k: usize) -> Vec<u32> {
    holders(board, key, k).iter().map(|slot| slot.get()).collect()
}

/// A recorded board and its rows: key, slots in order, darts for the first, whether they missed.
struct Recorded {
    board: AsuraBoard,
    reference: Board,
    rows: Vec<(KeyHash, Vec<u32>, usize, bool)>,
}

fn recorded(text: &str) -> Recorded {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let board: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let (exponent, darts) = (board[0].parse().unwrap(), board[1].parse().unwrap());
    let runs = board[2].split(' ').map(|run| run.split_once('*').unwrap());
    let runs = runs.map(|(count, weight)| (count.parse().unwrap(), weight.parse().unwrap()));
    let weights: Vec<u32> =
        runs.flat_map(|(count, weight): (usize, u32)| std::iter::repeat_n(weight, count)).collect();
    let row = |line: &str| {
        let row: Vec<&str> = line.split('\t').collect();
        let key = KeyHash::from_hash(u64::from_str_radix(row[0], 16).unwrap());
        let slots = row[1].split(',').filter(|s| *s != "-").map(|s| s.parse().unwrap()).collect();
        (key, slots, row[2].parse().unwrap(), row[3] == "yes")
    };
    Recorded {
        rows: lines.map(row).collect(),
        reference: Board {
            b: exponent as usize,
            darts: usize::from(darts),
            weights: weights.iter().map(|w| u64::from(*w)).collect(),
        },
        board: AsuraBoard::new(exponent, weights).unwrap().with_darts(darts).unwrap(),
    }
}

const RECORDED: [(&str, &str); 12] = [
    ("empty", include_str!("../vectors/asura/empty.tsv")),
    ("n1000_90dead", include_str!("../vectors/asura/n1000_90dead.tsv")),
    ("n1000_full", include_str!("../vectors/asura/n1000_full.tsv")),
    ("n1000_full_board20", include_str!("../vectors/asura/n1000_full_board20.tsv")),
    ("n100_w1to10", include_str!("../vectors/asura/n100_w1to10.tsv")),
    ("n100_w1to10_D0", include_str!("../vectors/asura/n100_w1to10_D0.tsv")),
    ("n4096_99dead", include_str!("../vectors/asura/n4096_99dead.tsv")),
    ("one_live_of_4096", include_str!("../vectors/asura/one_live_of_4096.tsv")),
    ("single_slot", include_str!("../vectors/asura/single_slot.tsv")),
    ("ten_full", include_str!("../vectors/asura/ten_full.tsv")),
    ("three_full", include_str!("../vectors/asura/three_full.tsv")),
    ("two_full", include_str!("../vectors/asura/two_full.tsv")),
];

#[test]
fn answers_are_those_of_the_specification() {
    for (name, text) in RECORDED {
        let Recorded { board, reference, rows } = recorded(text);
        assert_eq!(rows.len(), 200);
        for (key, expected, darts, missed) in rows {
            let first = expected.first().map(|slot| NodeIdx::new(*slot));
            assert_eq!(board.locate(key), first, "{name} {key:?}");
            for k in 1..=5 {
                let expected = &expected[..k.min(expected.len())];
                assert_eq!(slots(&board, key, k), expected, "{name} {key:?} {k}");
            }
            let walked = apportion::Candidates::new(&board, key).take(5);
            assert_eq!(walked.map(NodeIdx::get).collect::<Vec<_>>(), expected, "{name} {key:?}");
            // The reference is held to the same rows, and to the darts behind them.
            let ranked = reference.rank(key.get(), 5, |slot| slot as u32);
            assert_eq!(ranked, expected);
            if board.live() > 0 {
                let thrown = reference.darts_of(key.get());
                let hit = thrown
                    .iter()
                    .position(|(slot, height)| *height < u64::from(board.weight(*slot as u32)));
                assert_eq!(
                    (hit.map_or(thrown.len(), |hit| hit + 1), hit.is_none()),
                    (darts, missed)
                );
            }
        }
    }
}

#[test]
fn dart_words_are_those_of_the_specification() {
    let hex = |text: &str| u64::from_str_radix(text, 16).unwrap();
    let mut rows = 0;
    for line in
        include_str!("../vectors/asura_bits.tsv").lines().filter(|l| !l.starts_with(['#', 'K']))
    {
        let row: Vec<&str> = line.split('\t').collect();
        assert_eq!(bits(hex(row[0]), row[1].parse().unwrap()), hex(row[2]));
        rows += 1;
    }
    assert_eq!(rows, 200);
}

/// Boards of any size, weight and number of darts against the reference.
#[test]
fn boards_agree_with_the_slow_reference() {
    let mut draws = Draws(11);
    for round in 0..300 {
        let b = draws.below(12) as u32;
        let count = draws.below((1 << b) + 1) as usize;
        let dead = draws.below(101);
        let weight = |draws: &mut Draws| match draws.below(100) {
            x if x < dead => 0,
            x if x % 3 == 0 => draws.below(FULL + 1),
            x if x % 3 == 1 => FULL,
            _ => 1 + draws.below(1000),
        };
        let weights: Vec<u64> = (0..count).map(|_| weight(&mut draws)).collect();
        let darts = [0, 1, 2, 5, 33, 256, 1023][round % 7];
        let board = AsuraBoard::new(b, weights.iter().map(|w| *w as u32)).unwrap();
        let board = board.with_darts(darts).unwrap();
        let reference = Board { b: b as usize, darts: usize::from(darts), weights };
        for key in draws.keys(20) {
            let k = draws.below(24) as usize;
            let expected = reference.rank(key.get(), k.max(1), |slot| slot as u32);
            assert_eq!(board.locate(key).map(NodeIdx::get), expected.first().copied());
            assert_eq!(slots(&board, key, k), expected[..k.min(expected.len())], "{b} {darts} {k}");
        }
    }
}

/// A dart as high as a slot's weight misses it: the least weight with which a slot has a key.
#[test]
fn darts_just_below_and_at_a_slots_weight() {
    let weights = |weight: u64| vec![weight, FULL];
    let owner = |weight: u64, key: KeyHash| {
        let reference = Board { b: 1, darts: 64, weights: weights(weight) };
        reference.rank(key.get(), 1, |slot| slot as u32)[0]
    };
    let mut edges = 0;
    for key in Draws(14).keys(40) {
        if owner(FULL, key) != 0 {
            continue;
        }
        let (mut without, mut with) = (0, FULL);
        while with - without > 1 {
            let half = u64::midpoint(without, with);
            *(if owner(half, key) == 0 { &mut with } else { &mut without }) = half;
        }
        for weight in [without, with] {
            let board = AsuraBoard::new(1, weights(weight).iter().map(|w| *w as u32)).unwrap();
            let board = board.with_darts(64).unwrap();
            assert_eq!(slots(&board, key, 1), [owner(weight, key)], "{key:?} {weight}");
            assert_eq!(board.locate(key), Some(NodeIdx::new(owner(weight, key))));
        }
        edges += 1;
    }
    assert!(edges > 10, "{edges}");
}

/// Nodes with several slots rank by their best one.
#[test]
fn nodes_agree_with_the_slow_reference() {
    let mut draws = Draws(12);
    for round in 0..60 {
        let weights: Vec<u64> = (0..1 + draws.below(30)).map(|_| draws.below(20)).collect();
        let config = AsuraConfig::default().darts([0, 3, 256][round % 3]);
        let config = if round % 2 == 0 { config.unit(4) } else { config };
        let locator = Locator::asura_of(topology(&weights), config).unwrap();
        let asura = locator.placement();
        let board = asura.board();
        let weights = (0..1 << board.exponent()).map(|s| u64::from(board.weight(s))).collect();
        let reference =
            Board { b: board.exponent() as usize, darts: board.darts().into(), weights };
        for key in draws.keys(50) {
            let mixed =
                Draws((key.get() ^ 0x6173_7572_6120_3031).wrapping_sub(0x9E37_79B9_7F4A_7C15))
                    .next();
            let expected = reference.rank(mixed, 4, |slot| asura.node(slot as u32));
            let expected: Vec<_> = expected.into_iter().flatten().collect();
            assert_eq!(asura.locate(key), expected.first().copied());
            assert_eq!(holders(asura, key, 4), expected);
        }
    }
}

fn owners(asura: &Asura) -> Vec<Option<u32>> {
    let last = asura.board().exponent();
    (0..1 << last).map(|slot| asura.node(slot).map(NodeIdx::get)).collect()
}

fn slot_weights(asura: &Asura) -> Vec<u32> {
    (0..1 << asura.board().exponent()).map(|slot| asura.board().weight(slot)).collect()
}

#[test]
fn nodes_get_the_documented_slots() {
    const F: u32 = AsuraBoard::FULL;
    let config = AsuraConfig::default().unit(4);
    let pool = Locator::asura_of(topology(&[8, 6, 1, 0]), config).unwrap();
    let at = pool.placement();
    assert_eq!(owners(at)[..5], [0, 0, 1, 1, 2].map(Some));
    assert_eq!(slot_weights(at), [F, F, F, F / 2, F / 4, 0, 0, 0]);
    assert_eq!((at.unit(), at.board().exponent(), at.live()), (Some(4), 3, 3));
    assert!((at.occupancy() - 3.75 / 8.0).abs() < f64::EPSILON);
    assert_eq!(at.slots_of(NodeIdx::new(1)).collect::<Vec<_>>(), [2, 3]);
    // More weight fills the last slot first, then takes the lowest free ones.
    let more = pool.reweighted("n1", 11).unwrap();
    assert_eq!(owners(more.placement())[..6], [0, 0, 1, 1, 2, 1].map(Some));
    assert_eq!(slot_weights(more.placement()), [F, F, F, F, F / 4, F / 4 * 3, 0, 0]);
    // Less gives the highest back.
    let less = more.reweighted("n0", 3).unwrap();
    let at = less.placement();
    assert_eq!(owners(at)[..6], [Some(0), None, Some(1), Some(1), Some(2), Some(1)]);
    assert_eq!(slot_weights(at)[..2], [F / 4 * 3, 0]);
    // The lowest free slot is taken; where none is, the board doubles.
    let newer = less.with_node(Node::new("x".to_string()).weight(16)).unwrap();
    let at = newer.placement();
    assert_eq!(owners(at)[..9], [0, 4, 1, 1, 2, 1, 4, 4, 4].map(Some));
    assert_eq!(at.board().exponent(), 4);
    let gone = newer.without("x").unwrap();
    let at = gone.placement();
    assert_eq!(owners(at)[..6], owners(less.placement())[..6]);
    assert_eq!(at.board().exponent(), 4, "a board does not shrink by itself");
    assert_eq!(gone.compact().placement().board().exponent(), 3);
    assert_eq!(gone.compact().fingerprint(), less.fingerprint());
    // Drained nodes have no slots.
    let drained = gone.reweighted("n1", 0).unwrap();
    assert_eq!(owners(drained.placement())[..5], [Some(0), None, None, None, Some(2)]);
    // In one step, what becomes free is free before anyone takes it.
    let nodes = [("n0", 8), ("n1", 0), ("y", 4)].map(|(n, w)| Node::new(n.to_string()).weight(w));
    let replaced = newer.replaced_by(nodes).unwrap();
    assert_eq!(owners(replaced.placement())[..3], [Some(0), Some(0), Some(2)]);
}

/// Who is raised takes a lower slot that is free: the rest of its weight goes there, and what it
/// had stays full, so that no key leaves it.
#[test]
fn a_rest_does_not_take_from_a_full_slot() {
    const F: u32 = AsuraBoard::FULL;
    let config = AsuraConfig::default().unit(4);
    let pool = Locator::asura_of(topology(&[8, 8, 8]), config).unwrap().without("n0").unwrap();
    let at = |weight: u64, from: &Locator<String, Asura>| from.reweighted("n1", weight).unwrap();
    let weights = |pool: &Locator<String, Asura>| slot_weights(pool.placement())[..6].to_vec();
    assert_eq!(weights(&pool), [0, 0, F, F, F, F]);
    let raised = at(10, &pool);
    assert_eq!(weights(&raised), [F / 2, 0, F, F, F, F]);
    let higher = at(11, &raised);
    assert_eq!(weights(&higher), [F / 4 * 3, 0, F, F, F, F]);
    let highest = at(15, &higher);
    assert_eq!(weights(&highest), [F, F / 4 * 3, F, F, F, F]);
    // The slot with the rest is given up first; then the highest one that remains has it.
    let lowered = at(9, &highest);
    assert_eq!(owners(lowered.placement())[..4], [Some(1), None, Some(1), Some(1)]);
    assert_eq!(weights(&lowered), [F, 0, F, F / 4, F, F]);
    assert_eq!(weights(&at(8, &higher)), [0, 0, F, F, F, F]);
    let steps = [&pool, &raised, &higher, &highest];
    for pair in steps.windows(2) {
        for key in Draws(13).keys(20_000) {
            let [old, new] = [pair[0], pair[1]].map(|pool| holders(pool.placement(), key, 2));
            let one = NodeIdx::new(1);
            assert!(old[0] == new[0] || new[0] == one, "{key:?} leaves the node that was raised");
            assert!(new.iter().all(|node| *node == one || old.contains(node)));
        }
    }
    // Which slot has the rest is state.
    let other = at(10, &at(12, &pool));
    assert_eq!(weights(&other), [F, 0, F, F / 2, F, F]);
    assert_eq!(owners(other.placement()), owners(raised.placement()));
    assert_ne!(other.fingerprint(), raised.fingerprint());
}

#[test]
fn units_are_chosen_for_eight_slots_at_most() {
    let unit = |weights: &[u64]| {
        let pool = Locator::asura_of(topology(weights), AsuraConfig::default()).unwrap();
        let count = (0..pool.placement().slots() as u32)
            .map(|n| pool.placement().slots_of(NodeIdx::new(n)).count())
            .sum::<usize>();
        (pool.placement().unit(), count)
    };
    assert_eq!(unit(&[]), (None, 0));
    assert_eq!(unit(&[0, 0]), (None, 0));
    assert_eq!(unit(&[1, 1, 1]), (Some(1), 3));
    assert_eq!(unit(&[8, 8]), (Some(1), 16));
    assert_eq!(unit(&[9, 9]), (Some(2), 10));
    assert_eq!(unit(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), (Some(1), 55));
    assert_eq!(unit(&[4_000_000_000_000]), (Some(1 << 39), 8));
    assert_eq!(unit(&[u64::MAX]), (Some(1 << 61), 8));
    // The unit stays when other weights come: a light node has a slot all the same.
    let pool = Locator::asura_of(topology(&[1 << 40]), AsuraConfig::default()).unwrap();
    let pool = pool.with("light".into()).unwrap();
    assert_eq!(pool.placement().unit(), Some(1 << 37));
    assert_eq!(pool.placement().board().weight(8), 1);
    // Chosen once somebody is there.
    let late = Locator::asura_of(topology(&[0]), AsuraConfig::default()).unwrap();
    let late = late.with_node(Node::new("x".to_string()).weight(100)).unwrap();
    assert_eq!(late.placement().unit(), Some(16));
}

/// A board that grows moves keys needlessly where (1 − a)^D says so and no more; one with room
/// moves none.
#[test]
fn growth_stays_below_its_bound() {
    // One live slot of so many at 1024 slots, 64 darts; then the board doubles.
    for (one_in, darts) in [(2, 64), (8, 64), (16, 64), (16, 128), (32, 64)] {
        let weights: Vec<u32> =
            (0..1024).map(|slot| if slot % one_in == 0 { AsuraBoard::FULL } else { 0 }).collect();
        let board = |exponent| {
            AsuraBoard::new(exponent, weights.clone()).unwrap().with_darts(darts).unwrap()
        };
        let (old, new) = (board(10), board(11));
        assert_eq!(new.compact().locate(KeyHash::of_id(1)), old.locate(KeyHash::of_id(1)));
        let keys = Draws(u64::from(one_in as u32)).keys(200_000);
        let moved = keys.iter().filter(|key| old.locate(**key) != new.locate(**key)).count();
        let bound = (1.0 - new.occupancy()).powi(i32::from(darts));
        let expected = bound * keys.len() as f64;
        // Five standard deviations above the bound would be a violation.
        assert!(moved as f64 <= expected + 5.0 * expected.sqrt() + 1e-6, "{moved} {expected}");
        println!(
            "occupancy {:.4} after it, {darts} darts: {moved} of 200000 keys moved, bound {expected:.4}",
            new.occupancy()
        );
        assert!(one_in < 16 || moved > 0, "the bound is met where it is not small");
    }
}

#[test]
fn wrong_input_is_named() {
    let refused = |weights: &[u64], config| {
        Locator::asura_of(topology(weights), config).map(|_| ()).unwrap_err().to_string()
    };
    let config = AsuraConfig::default();
    assert_eq!(
        refused(&[1], config.unit(12)),
        "the unit of weight of an Asura board is a power of two, got 12"
    );
    assert_eq!(
        refused(&[1], config.unit(0)),
        "the unit of weight of an Asura board is a power of two, got 0"
    );
    assert_eq!(refused(&[1], config.board(32)), "an Asura board has at most 2^31 slots, got 2^32");
    assert_eq!(
        refused(&[1; 9], config.board(3)),
        "an Asura board of 2^3 slots has no room for 9 slots; use a larger board"
    );
    assert_eq!(
        refused(&[1], config.darts(1024)),
        "an Asura board takes at most 1023 darts, got 1024"
    );
    let most = config.board(31).darts(MAX_ASURA_DARTS);
    assert_eq!(Locator::asura_of(topology(&[1]), most).unwrap().placement().live(), 1);
    assert_eq!(
        refused(&[3, 1 << 40], config.unit(1)),
        "node \"n1\" needs 1099511627776 slots, which makes 1099511627779 with those of the other \
         nodes, but an Asura board has at most 16777216; use a larger unit"
    );
    let pool = Locator::asura_of(Topology::of(weighted(&[1, 2])).unwrap(), config).unwrap();
    let error = pool.reweighted("n0", u64::MAX).unwrap_err().to_string();
    assert!(error.starts_with("node \"n0\" needs 18446744073709551615 slots"), "{error}");
    let full = AsuraBoard::FULL;
    let board = |exponent, weights: &[u32]| {
        AsuraBoard::new(exponent, weights.iter().copied()).unwrap_err().to_string()
    };
    assert_eq!(board(32, &[]), "an Asura board has at most 2^31 slots, got 2^32");
    assert_eq!(
        board(1, &[0, 0, 0]),
        "an Asura board of 2^1 slots has no room for 3 slots; use a larger board"
    );
    assert_eq!(
        board(1, &[0, full + 1]),
        "slot 1 has weight 2147483649, but the maximum is 2147483648, a full slot"
    );
    let large = AsuraBoard::new(31, [full, full]).unwrap();
    assert!(large.locate(KeyHash::of_id(3)).is_some());
    assert_eq!(large.with_darts(MAX_ASURA_DARTS).unwrap().darts(), 1023);
}
