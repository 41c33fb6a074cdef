//! How often the promises of a plan differ from one another: `cargo test --test
//! plan_oracle -- --ignored --nocapture`.

use apportion_properties::plan_oracle::{Limit, Shape, lower_bound, min_moves_and_doubles, search};
use apportion_properties::support::Draws;

#[test]
#[ignore = "prints, checks nothing"]
fn print_statistics_of_small_instances() {
    let middle = Shape { partitions: 14, nodes: 9, replicas: 5, levels: 3 };
    let long = Shape { partitions: 24, nodes: 8, replicas: 3, levels: 2 };
    for (shape, rounds) in [(Shape::TINY, 20_000), (middle, 1000), (long, 500)] {
        print(shape, rounds);
    }
}

fn print(shape: Shape, rounds: u32) {
    let mut draws = Draws(7);
    let [mut solved, mut conflicts, mut above, mut doubled] = [0_u32; 4];
    for _ in 0..rounds {
        let instance = shape.instance(&mut draws);
        let Some((moves, doubles)) = min_moves_and_doubles(&instance) else { continue };
        solved += 1;
        above += u32::from(Some(moves) > lower_bound(&instance));
        if doubles > 0 {
            doubled += 1;
            let fewer = Limit { moves: u64::MAX, doubles: doubles - 1 };
            if let Some((fewest, more)) = search(&instance, fewer, |m, d| (d, m)) {
                conflicts += 1;
                println!("{moves} moves, {doubles} doubles; {more}, {fewest}: {instance:?}");
            }
        }
    }
    println!("{shape:?}: {rounds} drawn, {solved} solved");
    println!("  more moves than the lower bound: {above}");
    println!("  partitions with two or more moves at the fewest moves: in {doubled}");
    println!("  fewer such partitions with more moves: in {conflicts}");
}
