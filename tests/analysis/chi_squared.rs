//! Pearson's statistic: recorded data, its formula, cells that are joined.

use super::near;
use crate::support::{Draws, upper_tail};
use apportion::analysis::ChiSquared;

#[test]
fn statistics_of_recorded_counts() {
    // Weldon's dice, the first data of the test: how many of twelve dice show a five or a six, in
    // 26,306 throws; the last three cells together (Pearson 1900; Kemp & Kemp 1991).
    let counts = [185_u64, 1149, 3265, 5475, 6114, 5194, 3067, 1331, 403, 105, 14 + 4];
    let term = |k: i32| {
        let choose = (0..k).fold(1.0, |c, i| c * f64::from(12 - i) / f64::from(i + 1));
        choose * 2_f64.powi(12 - k) / 3_f64.powi(12)
    };
    let expected: Vec<f64> = (0..10).map(term).chain([(10..=12).map(term).sum()]).collect();
    let dice = ChiSquared::of(counts.into_iter().zip(expected)).unwrap();
    assert_eq!((dice.degrees_of_freedom, dice.joined), (10, 0));
    assert!(near(dice.statistic, 35.494_298_591_456_83, 1e-13), "{dice:?}");
    assert!((upper_tail(dice) / 1.027_877_988_629_572_2e-4 - 1.0).abs() < 1e-12);
}

#[test]
fn the_statistic_by_its_formula() {
    let mut draws = Draws(1);
    for cells in [2_usize, 3, 10, 500] {
        let counts: Vec<u64> = (0..cells).map(|_| 50 + draws.below(50)).collect();
        let parts: Vec<f64> = (0..cells).map(|_| (20 + draws.below(9)) as f64).collect();
        let (keys, all) = (counts.iter().sum::<u64>() as f64, parts.iter().sum::<f64>());
        let terms = counts.iter().zip(&parts).map(|(count, part)| {
            let expected = keys * part / all;
            (*count as f64 - expected).powi(2) / expected
        });
        let expected: f64 = terms.sum();
        let pairs = || counts.iter().copied().zip(parts.iter().copied());
        let found = ChiSquared::of(pairs()).unwrap();
        assert!(near(found.statistic, expected, 1e-12), "{found:?} {expected}");
        assert_eq!((found.degrees_of_freedom as usize, found.joined), (cells - 1, 0));
        // In any order, in any unit.
        let mut other: Vec<_> = pairs().map(|(count, part)| (count, part * 1e-30)).collect();
        draws.shuffle(&mut other);
        let other = ChiSquared::of(other).unwrap();
        assert!(near(other.statistic, expected, 1e-12));
    }
}

/// Cells that expect less than five are joined, from the least on.
#[test]
fn small_cells_are_joined() {
    // Expected: 1, 2, 2, 3, 12 of 20: the first three make one, the fourth finds nothing to
    // join but the last.
    let found = ChiSquared::of([(12, 12.0), (0, 2.0), (3, 1.0), (5, 3.0), (0, 2.0)]).unwrap();
    assert_eq!((found.degrees_of_freedom, found.joined), (1, 5));
    assert!(near(found.statistic, 4.0 / 5.0 + 4.0 / 15.0, 1e-12), "{found:?}");
    // An expectation of exactly five stands alone, however it is rounded.
    let cells = (0..300).map(|i| (5 + i % 2 - (i / 2) % 2, 0.1));
    let found = ChiSquared::of(cells).unwrap();
    assert_eq!((found.degrees_of_freedom, found.joined), (299, 0));
    // Three thousand keys on a thousand nodes: pairs.
    let found = ChiSquared::of((0..1000).map(|_| (3, 1.0))).unwrap();
    assert_eq!((found.statistic, found.degrees_of_freedom, found.joined), (0.0, 499, 1000));
    // What expects nothing is no cell, and holding something there is impossible.
    let found = ChiSquared::of([(10, 1.0), (0, 0.0), (10, 1.0)]).unwrap();
    assert_eq!((found.statistic, found.degrees_of_freedom, found.joined), (0.0, 1, 0));
    let found = ChiSquared::of([(10, 1.0), (1, 0.0), (10, 1.0)]).unwrap();
    assert_eq!((found.statistic, found.degrees_of_freedom), (f64::INFINITY, 1));
}

#[test]
fn too_few_cells_give_no_statistic() {
    assert_eq!(ChiSquared::of([]), None);
    assert_eq!(ChiSquared::of([(100, 1.0)]), None);
    assert_eq!(ChiSquared::of([(0, 1.0), (0, 1.0)]), None);
    assert_eq!(ChiSquared::of([(4, 1.0), (5, 1.0)]), None, "nine keys make one cell");
    assert_eq!(ChiSquared::of([(9, 0.0), (9, 0.0)]), None);
    for part in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(ChiSquared::of([(50, 1.0), (50, 1.0), (50, part)]), None, "{part}");
    }
    assert_eq!(ChiSquared::of([(50, f64::MAX), (50, f64::MAX)]), None, "their sum is infinite");
}

/// The statistic of fair throws has the distribution it is compared with: joined cells too.
#[test]
fn probabilities_of_fair_throws_are_uniform() {
    for (cells, throws) in [(7_u64, 1000), (40, 100)] {
        let mut below = [0_u64; 10];
        for seed in 0..4000 {
            let mut draws = Draws(seed * 7919 + cells);
            let mut counts = vec![0_u64; cells as usize];
            (0..throws).for_each(|_| counts[draws.below(cells) as usize] += 1);
            let mut found = ChiSquared::of(counts.into_iter().map(|count| (count, 1.0))).unwrap();
            found.joined = 0;
            below[(upper_tail(found) * 10.0).min(9.0) as usize] += 1;
        }
        // It is a step function of the counts, so only about one part in ten each.
        assert!(below.iter().all(|count| (330..470).contains(count)), "{cells}: {below:?}");
    }
}

/// Upper tails to forty digits, by mpmath.
#[cfg(feature = "analysis")]
#[test]
fn recorded_probabilities() {
    let probability = |degrees: u32, statistic: f64| {
        let mut found = ChiSquared::of([(50, 1.0), (50, 1.0)]).unwrap();
        (found.degrees_of_freedom, found.statistic) = (degrees, statistic);
        found.probability()
    };
    for (degrees, statistic, expected, most) in [
        (1, 3.841_458_820_694_124, 0.050_000_000_000_000_057, 1e-13),
        (1, 1e-6, 0.999_202_115_572_177_87, 1e-13),
        (1, 100.0, 1.523_970_604_832_105_2e-23, 1e-13),
        (2, 1400.0, 9.859_676_543_759_770_9e-305, 1e-12),
        (5, 22.0 / 15.0, 0.916_884_120_253_990_08, 1e-13),
        (10, 200.0, 1.613_930_533_697_730_5e-37, 1e-13),
        (99, 150.0, 0.000_720_445_395_716_962_92, 1e-12),
        (999, 900.0, 0.988_621_187_083_418_89, 1e-11),
        (999, 1100.0, 0.013_818_467_525_532_355, 1e-11),
        (9999, 10_500.0, 0.000_241_530_114_222_553_35, 1e-11),
        (1_048_575, 1_040_000.0, 0.999_999_998_549_367_91, 1e-9),
        (1_048_575, 1_053_000.0, 0.001_137_418_229_093_457, 1e-9),
    ] {
        let found = probability(degrees, statistic);
        assert!((found / expected - 1.0).abs() < most, "{degrees} {statistic}: {found}");
        let mut same = ChiSquared::of([(50, 1.0), (50, 1.0)]).unwrap();
        (same.degrees_of_freedom, same.statistic) = (degrees, statistic);
        assert_eq!(found, upper_tail(same));
    }
    for degrees in [1, 1_048_575] {
        assert_eq!(probability(degrees, 0.0), 1.0);
        for statistic in [1e15, 1e300, f64::MAX, f64::INFINITY] {
            assert_eq!(probability(degrees, statistic), 0.0);
        }
        assert_eq!(probability(degrees, f64::MIN_POSITIVE), 1.0);
    }
}
