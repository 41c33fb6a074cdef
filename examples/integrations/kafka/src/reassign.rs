//! Reassignments of a topic's partitions, as `kafka-reassign-partitions.sh` reads them.

use apportion::partition::TableConfig;
use apportion::{Node, PartitionTable, Planner, Topology};
use serde_json::json;

/// A broker and its rack.
#[derive(Clone, Debug)]
pub struct Broker {
    pub id: i32,
    pub rack: String,
}

/// The change of one topic.
#[derive(Debug)]
pub struct Reassignment {
    /// The replicas that are copied, and the minimum that any plan has to copy. Proved equal.
    pub moved: u64,
    pub minimum: u64,
    /// The partitions that get another preferred leader.
    pub leaders_moved: u64,
    /// For `--reassignment-json-file`: the partitions whose list of replicas changes. The first
    /// replica is the preferred leader. `None` if none changes: the tool refuses an empty list.
    pub json: Option<String>,
    /// The replicas of every partition afterwards.
    pub after: Vec<Vec<i32>>,
}

/// Plans the replicas of a topic for a new list of brokers: balanced over brokers, leaders too, at most
/// `max_per_rack` replicas of a partition in a rack, and with the fewest copies.
///
/// `replicas` are those of each partition now, the leader first, as a client's metadata have them.
///
/// # Errors
/// A broker that is not in `before`, rows of different lengths, and rules that cannot be kept.
pub fn reassign(
    topic: &str,
    replicas: &[Vec<i32>],
    before: &[Broker],
    after: &[Broker],
    max_per_rack: u32,
) -> Result<Reassignment, Box<dyn std::error::Error>> {
    let old = Topology::of(nodes(before))?;
    let (new, _) = old.replaced_by(nodes(after))?;
    let known =
        |id: &i32| old.find(id).ok_or_else(|| format!("broker {id} is not in the list of brokers"));
    let rows: Vec<_> = replicas.iter().flatten().map(known).collect::<Result<_, String>>()?;
    let partitions = u32::try_from(replicas.len())?;
    let factor = replicas.first().map_or(0, |row| row.len() as u32);
    let table = PartitionTable::from_rows(old.members(), partitions, factor, &rows)?;

    let config = TableConfig::new(partitions, factor).max_per_domain("rack", max_per_rack);
    let planner = Planner::new(new.members(), &config)?.balance_leaders();
    let plan = planner.rebalance(&table, old.members())?;
    let verified = planner.verify(&plan, Some((&table, old.members())))?;

    let id = |node| new.get(node).copied();
    let row = |partition| plan.table().row(partition).filter_map(id).collect::<Vec<i32>>();
    let rows: Vec<Vec<i32>> = (0..partitions).map(row).collect();
    let changed = rows.iter().zip(replicas).enumerate().filter(|(_, (new, old))| new != old);
    let entry = |(partition, (row, _)): (usize, (&Vec<i32>, _))| json!({ "topic": topic, "partition": partition, "replicas": row });
    let entries: Vec<_> = changed.map(entry).collect();
    let nothing = entries.is_empty();
    let json = json!({ "version": 1, "partitions": entries });
    Ok(Reassignment {
        moved: verified.moved,
        minimum: verified.minimum,
        leaders_moved: plan.leaders_moved(),
        json: (!nothing).then(|| json.to_string()),
        after: rows,
    })
}

fn nodes(brokers: &[Broker]) -> impl Iterator<Item = Node<i32>> {
    brokers.iter().map(|broker| Node::new(broker.id).domain("rack", &broker.rack))
}
