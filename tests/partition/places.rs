//! Places within the rows of partition tables: holders who stay keep theirs.

use crate::support::Draws;
use crate::zoned;
use apportion::partition::TableConfig;
use apportion::{Error, Node, PartitionTable, Planner, Topology};
use std::collections::BTreeSet;

type Row = Vec<u64>;

fn rows(table: &PartitionTable, nodes: &Topology<u64>) -> Vec<Row> {
    let row = |p| table.row(p).map(|node| *nodes.get(node).unwrap()).collect();
    (0..table.partitions()).map(row).collect()
}

/// What has to hold of a row and the row before: places are kept where there are as many or more
/// replicas, and the order where there are fewer.
fn kept(old: &Row, new: &Row) -> bool {
    if new.len() >= old.len() {
        let stays = |(place, node): (usize, &u64)| !new.contains(node) || new[place] == *node;
        return old.iter().enumerate().all(stays);
    }
    let stay: Vec<_> = old.iter().filter(|node| new.contains(node)).collect();
    let stayed: Vec<_> = new.iter().filter(|node| old.contains(node)).collect();
    stay == stayed
}

#[test]
fn the_check_of_places_accepts_and_rejects() {
    for (old, new, right) in [
        (vec![1, 4, 2], vec![1, 4], true),
        (vec![1, 4, 2], vec![1, 2], true),
        (vec![1, 4, 2], vec![2, 4], false),
        (vec![1, 4, 2], vec![1, 5, 2], true),
        (vec![1, 4, 2], vec![5, 1, 2], false),
        (vec![1, 4], vec![1, 4, 2], true),
        (vec![1, 4], vec![2, 4, 1], false),
    ] {
        assert_eq!(kept(&old, &new), right, "{old:?} {new:?}");
    }
}

#[derive(Clone, Debug)]
struct Cluster {
    nodes: Vec<(u64, u64, u64)>,
    next: u64,
    partitions: u32,
    replicas: u32,
    limit: Option<u32>,
}

impl Cluster {
    fn new(draws: &mut Draws) -> Self {
        let zones = 2 + draws.below(4);
        let node = |id, draws: &mut Draws| (id, 1 + draws.below(4), id % zones);
        let count = 5 + draws.below(8);
        let nodes: Vec<_> = (0..count).map(|id| node(id, draws)).collect();
        let limit = [None, Some(1), Some(2)][draws.below(3) as usize];
        let partitions = [4, 24, 60][draws.below(3) as usize];
        Self { nodes, next: count, partitions, replicas: 1 + draws.below(4) as u32, limit }
    }

    fn topology(&self) -> Topology<u64> {
        zoned::topology(&self.nodes)
    }

    fn config(&self) -> TableConfig {
        let config = TableConfig::new(self.partitions, self.replicas);
        self.limit.map_or(config.clone(), |limit| config.max_per_domain("zone", limit))
    }

    fn change(&mut self, draws: &mut Draws) {
        let at = draws.below(self.nodes.len() as u64) as usize;
        match draws.below(8) {
            0 | 1 => {
                self.nodes.push((self.next, 1 + draws.below(4), draws.below(6)));
                self.next += 1;
            }
            2 => drop(self.nodes.swap_remove(at)),
            3 => self.nodes[at].1 = draws.below(6),
            4 => self.nodes[at].2 = draws.below(6),
            5 => self.replicas = 1 + draws.below(4) as u32,
            6 if self.partitions < 200 => self.partitions *= 2,
            _ => self.nodes.rotate_left(at),
        }
    }
}

/// Holders that stay and holders that do not have to change place, over a history.
fn history(draws: &mut Draws, steps: usize) -> [usize; 2] {
    let mut cluster = Cluster::new(draws);
    let mut before: Option<(PartitionTable, Topology<u64>)> = None;
    let (mut rowed, mut reduced) = (0, 0);
    for _ in 0..steps {
        let mut next = cluster.clone();
        if before.is_some() {
            next.change(draws);
        }
        let nodes = next.topology();
        let planned = || -> Result<_, Error> {
            let planner = Planner::new(nodes.members(), &next.config())?;
            let mut plan = match &before {
                None => planner.fresh()?,
                Some((table, old)) => planner.rebalance(table, old.members())?,
            };
            let planned = plan.table().clone();
            planner.disperse(&mut plan)?;
            Ok([planned, plan.into_table()])
        };
        let Ok([planned, dispersed]) = planned() else { continue };
        if let Some((table, old)) = &before {
            let ways = (dispersed.partitions() / table.partitions()) as usize;
            let old = rows(table, old);
            for now in [rows(&planned, &nodes), rows(&dispersed, &nodes)] {
                for (p, new) in now.iter().enumerate() {
                    let old = &old[p / ways];
                    assert!(kept(old, new), "{old:?} became {new:?}: {next:?}");
                    rowed += 1;
                    reduced += usize::from(new.len() < old.len());
                    assert_eq!(new.iter().collect::<BTreeSet<_>>().len(), new.len());
                }
            }
        }
        (cluster, before) = (next, Some((dispersed, nodes)));
    }
    [rowed, reduced]
}

#[test]
fn holders_that_stay_keep_their_places() {
    let mut draws = Draws(19);
    let mut seen = [0; 2];
    for _ in 0..400 {
        let [rows, reduced] = history(&mut draws, 20);
        seen[0] += rows;
        seen[1] += reduced;
    }
    assert!(seen[0] > 100_000 && seen[1] > 5_000, "{seen:?}");
}

/// Nothing moves, and the rows only become shorter.
#[test]
fn fewer_replicas_keep_the_order() {
    let nodes = Topology::of((0..6_u64).map(Node::new)).unwrap();
    let three = Planner::new(nodes.members(), &TableConfig::new(240, 3)).unwrap();
    let old = three.fresh().unwrap().into_table();
    let two = Planner::new(nodes.members(), &TableConfig::new(240, 2)).unwrap();
    let plan = two.rebalance(&old, nodes.members()).unwrap();
    assert_eq!(plan.moved(), 0);
    for (old, new) in rows(&old, &nodes).iter().zip(rows(plan.table(), &nodes)) {
        let expected: Row = old.iter().copied().filter(|node| new.contains(node)).collect();
        assert_eq!(new, expected);
    }
}
