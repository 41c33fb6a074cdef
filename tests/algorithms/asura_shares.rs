//! Shares of an Asura board, exactly, against the bound on their error that is documented.

use crate::support::{Draws, topology};
use apportion::analysis;
use apportion::asura::AsuraConfig;
use apportion::{Asura, Locator, NodeIdx};

type Board = Locator<String, Asura>;

/// Held over asked for, less 1, from the exact shares.
fn errors(board: &Board) -> Vec<(NodeIdx, u64, f64)> {
    let members = board.topology().members();
    let total = members.total_weight() as f64;
    let shares = analysis::shares(board);
    let error = |share: &analysis::Share<'_, String>| {
        let weight = members.weight(share.slot).unwrap().get();
        let (held, of) = share.exact.unwrap();
        let exact = (held as f64 / of as f64) / (weight as f64 / total) - 1.0;
        (share.slot, weight, exact)
    };
    shares.nodes().iter().map(error).collect()
}

/// What the documentation of `Asura::share_error` says, for any nodes and units.
fn check(board: &Board) -> f64 {
    let (placement, members) = (board.placement(), board.topology().members());
    let quantum = placement.unit().unwrap() as f64 / (1_u64 << 31) as f64;
    let total = members.total_weight() as f64;
    let all = members.live() as f64 * quantum / total;
    let mut worst = 0.0_f64;
    for (node, weight, error) in errors(board) {
        let stated = placement.share_error(members, node).unwrap();
        // Floats of 53 bits, four operations.
        assert!(
            (stated - error.abs()).abs() <= 1e-8 * stated + 1e-14,
            "{weight}: {stated} {error}"
        );
        let bound = (quantum / weight as f64 + all) / (1.0 - all);
        // Where rounding is all there is, nothing is said.
        assert!(
            all >= 1.0 || stated <= bound * (1.0 + 1e-9),
            "{weight} of {total}: {stated} above {bound}"
        );
        worst = worst.max(stated);
    }
    worst
}

/// Weights of all sizes side by side.
fn random_weights(draws: &mut Draws) -> Vec<u64> {
    let bits = 1 + draws.below(63);
    (0..1 + draws.below(12)).map(|_| draws.next() >> draws.below(bits) >> (63 - bits)).collect()
}

#[test]
fn shares_are_within_their_bound() {
    let mut draws = Draws(41);
    let (mut exact, mut coarse) = (0, 0);
    for _ in 0..4_000 {
        let weights = random_weights(&mut draws);
        if weights.iter().all(|w| *w == 0) {
            continue;
        }
        let config = match draws.below(3) {
            0 => AsuraConfig::default(),
            // A unit that is too large, or one of some more slots.
            1 => AsuraConfig::default().unit(1 << (60 + draws.below(4))),
            _ => {
                let most = weights.iter().max().unwrap().ilog2();
                AsuraConfig::default().unit(1 << most.saturating_sub(draws.below(10) as u32))
            }
        };
        let board = Locator::asura_of(topology(&weights), config).unwrap();
        let unit = board.placement().unit().unwrap();
        let worst = check(&board);
        exact += u32::from(worst == 0.0);
        coarse += u32::from(worst > 0.5);
        if unit <= 1 << 31 {
            assert_eq!(worst, 0.0, "{weights:?}");
        }
    }
    assert!(exact > 500 && coarse > 100, "{exact} {coarse}");
}

/// A node beside heavy ones: it holds a 2^-31 of a unit however little it weighs.
#[test]
fn light_nodes_own_more_than_their_weight_within_the_bound() {
    for (heavy, times) in [(1_u64 << 32, 1.0), (1 << 40, 64.0), (1 << 50, 65_536.0)] {
        let board = Locator::asura_of(topology(&[1, heavy]), AsuraConfig::default()).unwrap();
        let error = board.placement().share_error(board.topology().members(), NodeIdx::new(0));
        assert!((error.unwrap() + 1.0 - times).abs() < 1e-6 * times, "{heavy}: {error:?}");
        check(&board);
        // More slots for a smaller unit.
        let unit = board.placement().unit().unwrap() >> 6;
        let finer = AsuraConfig::default().unit(unit);
        let finer = Locator::asura_of(topology(&[1, heavy]), finer).unwrap();
        let better = check(&finer);
        assert!(better < 1e-9 || better < error.unwrap() / 60.0, "{better}");
    }
    let board = Locator::asura_of(topology(&[1, 0]), AsuraConfig::default()).unwrap();
    let of = |node| board.placement().share_error(board.topology().members(), NodeIdx::new(node));
    assert_eq!((of(0), of(1), of(2)), (Some(0.0), None, None));
}

/// Changes keep the unit, and the bound.
#[test]
fn the_bound_holds_after_changes() {
    let mut draws = Draws(42);
    for _ in 0..200 {
        let mut board =
            Locator::asura_of(topology(&[3 << 40, 1 << 38]), AsuraConfig::default()).unwrap();
        for i in 0..6 {
            let weight = 1 + (draws.next() >> (20 + draws.below(40)));
            let node = apportion::Node::new(format!("x{i}")).weight(weight.min(1 << 42));
            board = board.with_node(node).unwrap();
            board = board
                .reweighted("n1", 1 + (draws.next() >> (24 + draws.below(36))))
                .unwrap_or(board);
            check(&board);
        }
    }
}
