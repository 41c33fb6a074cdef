//! Plans a table of partitions: balance to one replica, zones kept, the fewest moves, proved.

use apportion::partition::{Planner, TableConfig};
use apportion::{Error, Locator, Node, Topology, Xxh3};

fn main() -> Result<(), Error> {
    let node = |(name, terabytes): (&'static str, u64)| {
        Node::new(name).weight(terabytes).domain("zone", &name[..1])
    };
    let six = [("a1", 8), ("a2", 4), ("b1", 8), ("b2", 4), ("c1", 8), ("c2", 4)];
    let before = Topology::of(six.map(node))?;
    let config = TableConfig::new(1024, 3).max_per_domain("zone", 1);
    let table = Planner::new(before.members(), &config)?.fresh()?.into_table();

    // One more disk in zone c.
    let (after, _) = before.with_node(node(("c3", 4)))?;
    let planner = Planner::new(after.members(), &config)?;
    let plan = planner.rebalance(&table, before.members())?;
    println!(
        "{} of 3072 replicas move; no plan moves fewer than {}",
        plan.moved(),
        plan.lower_bound()
    );
    let verified = planner.verify(&plan, Some((&table, before.members())))?;
    println!("checked again from the tables alone: {}", verified.optimal());

    // The table is a placement like any other.
    let store = Locator::from_parts(after, plan.into_table(), Xxh3)?;
    println!(
        "user:42 is in partition {}, held by {:?}",
        store.partition("user:42"),
        store.replicas::<3>("user:42")
    );
    Ok(())
}
