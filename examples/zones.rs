//! Places the three replicas of a key in three zones, and in one zone fewer when a zone is down.

use apportion::{Locator, Node, Spread, Topology};

fn main() -> Result<(), apportion::Error> {
    let zones = ["north", "south", "west"];
    let node = |i: usize| Node::new(format!("{}-{i}", zones[i % 3])).domain("zone", zones[i % 3]);
    let nodes = Topology::of((0..9).map(node))?;
    let one_a_zone = Spread::strict(nodes.members(), 3, [("zone", 1)])?;
    let far_apart = Spread::best_effort(nodes.members(), 3, [("zone", 1)])?;
    let ring = Locator::ring_of(nodes, Default::default())?;

    for key in ["user:2", "user:3"] {
        println!("{key}, without a rule: {:?}", ring.replicas::<3>(key));
        println!("  one in a zone:        {:?}", ring.replicas_under::<3>(&one_a_zone, key));
    }

    // `best_effort` puts two into a zone rather than place one replica fewer.
    let is_up = |node| ring.topology().get(node).is_some_and(|name| !name.starts_with("north"));
    println!(
        "user:2, north is down:  {:?}",
        ring.replicas_under_where::<3>(&far_apart, "user:2", is_up)
    );
    Ok(())
}
