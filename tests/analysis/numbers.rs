//! Every figure is a number, or says that there is none: at no node, no live node, one node, the
//! greatest weights, and no key.

use crate::any;
use apportion::Algorithm;
use apportion::analysis::count_moves;
use apportion::analysis::{self, Balance, ChiSquared};

fn number(what: &str, figure: Option<f64>) {
    assert!(figure.is_none_or(f64::is_finite), "{what}: {figure:?}");
}

#[test]
fn no_figure_is_nan() {
    for algorithm in Algorithm::all() {
        let name = algorithm.name();
        let lists: [&[u64]; 6] = [&[], &[0], &[1], &[0, 1, 1], &[1, 1], &[1; 5]];
        let values = lists.map(|weights| any(name, weights));
        for (old, from) in values.iter().zip(lists) {
            let at = format!("{name} {from:?}");
            for shares in [analysis::shares(old), analysis::inclusion(old, 3).unwrap()] {
                number(&at, shares.max_over_quota());
                number(&at, shares.min_over_quota());
                assert_eq!(shares.max_over_quota().is_none(), shares.nodes().is_empty());
                for share in shares.nodes() {
                    assert!(share.probability.is_finite() && share.quota > 0.0, "{at}");
                }
            }
            for keys in [0, 1, 1000] {
                let balance = Balance::of_keys(old, 1, 0..keys).unwrap();
                number(&at, balance.mean());
                number(&at, balance.max_over_quota());
                number(&at, balance.min_over_quota());
                number(&at, balance.mean_over_quota());
                number(&at, balance.deviation_over_quota());
                number(&at, balance.chi_squared().map(|chi| chi.statistic));
                assert!(balance.nodes().iter().all(|node| node.quota.is_finite()), "{at}");
            }
            for (new, to) in values.iter().zip(lists) {
                let at = format!("{name} {from:?} {to:?}");
                for keys in [0, 100_u64] {
                    let moved = count_moves(old, new, 2, (0..keys).map(|key| (key, 1))).unwrap();
                    number(&at, Some(moved.moved_fraction()));
                    number(&at, Some(moved.ideal()));
                    number(&at, Some(moved.minimum()));
                    number(&at, moved.excess());
                    let both = analysis::compare(old, new, 1, (0..keys).map(|key| (key, 1)));
                    number(&at, Some(both.unwrap().fraction()));
                }
                let Ok(diff) = old.diff(new) else { continue };
                number(&at, diff.moved_fraction());
                number(&at, Some(diff.minimum_fraction()));
                number(&at, Some(diff.ideal()));
                number(&at, diff.excess());
                for transfer in diff.matrix().into_iter().flatten() {
                    number(&at, Some(transfer.fraction));
                }
            }
        }
    }
    for cells in [&[][..], &[(0, 0.0)], &[(1, 0.0)], &[(0, 1.0), (0, 1.0)], &[(1, f64::NAN)]] {
        assert!(ChiSquared::of(cells.iter().copied()).is_none(), "{cells:?}");
    }
    let greatest = any("weighted-rendezvous", &[u64::MAX; 9]);
    let diff_of = |other: &crate::Any| {
        let diff = greatest.diff(other).unwrap();
        number("greatest", diff.moved_fraction());
        number("greatest", diff.excess());
        assert!(diff.minimum_fraction() > 0.0);
    };
    diff_of(&greatest.reweighted("n0", u64::MAX - 1).unwrap());
    diff_of(&greatest.reweighted("n0", 1).unwrap());
}
