//! How often the promises of a plan differ from one another: `cargo test --test
//! plan_oracle_checks -- --ignored --nocapture`.

use crate::plan_oracle::{
    Shape, lower_bound, min_doubles_and_moves, min_moves_and_doubles, tiny_instance,
};
use crate::support::Draws;

#[test]
#[ignore = "prints, checks nothing"]
fn of_tiny_instances() {
    let mut draws = Draws(7);
    let [mut solved, mut conflicts, mut above, mut doubled, mut at_any_cost] = [0_u32; 5];
    for _ in 0..20_000 {
        let instance = tiny_instance(&mut draws);
        let Some((moves, doubles)) = min_moves_and_doubles(&instance) else { continue };
        let (fewest, _) = min_doubles_and_moves(&instance).unwrap();
        solved += 1;
        if fewest < doubles {
            conflicts += 1;
            println!("{moves} moves need {doubles} doubles, more need {fewest}: {instance:?}");
        }
        above += u32::from(Some(moves) > lower_bound(&instance));
        doubled += u32::from(doubles > 0);
        at_any_cost += u32::from(fewest > 0);
    }
    println!("{:?}: {solved} solved", Shape::TINY);
    println!("more moves than the bound: {above}");
    println!("doubles at the fewest moves: {doubled}; at any number of moves: {at_any_cost}");
    println!("fewest doubles need more moves: {conflicts}");
}
