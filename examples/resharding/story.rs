//! What happens to the cluster: a node joins and the coordinator crashes meanwhile; a node is drained and
//! another one crashes meanwhile.

use crate::args::Options;
use crate::client::{Client, Counts, Random};
use crate::cluster::Cluster;
use crate::coordinator::{Coordinator, Interruption, STOPPED};
use crate::keys::Keys;
use crate::ledger::{Ledger, Totals};
use crate::node::Request;
use crate::router::Router;
use crate::text::counted;
use crate::work::Work;
use crate::{Move, REPLICAS, audit, print};
use apportion::migration::{Migration, PartitionState, Version};
use apportion::partition::TableConfig;
use apportion::{Error, Locator, PartitionTable, Topology};
use std::collections::HashMap;
use std::thread;

type Table = Locator<u32, PartitionTable>;

/// What was shown.
pub(crate) struct Proof {
    pub(crate) clients: Counts,
    pub(crate) copied: Totals,
    pub(crate) replicas: u64,
}

/// Runs the story beside its clients.
pub(crate) fn run(options: &Options) -> Result<Proof, String> {
    let Options { nodes, partitions, keys, clients, seed } = *options;
    let config = TableConfig::new(partitions, REPLICAS as u32);
    let topology = Topology::new(0..nodes).map_err(said)?;
    let first = Locator::table_of(topology, config).map_err(said)?;
    let transition = Move::new(Version::of(&first), partitions).map_err(said)?;
    // The node that joins runs from the beginning, and is empty.
    let cluster = Cluster::start(nodes + 1);
    let keys = Keys::written(keys, &transition, &cluster)?;
    let router = Router::new(&transition, clients);
    let client = |number: usize| {
        let random = Random(seed.wrapping_mul(64).wrapping_add(number as u64));
        let (cluster, router, keys) = (&cluster, &router, &keys);
        Client { number, clients, cluster, router, keys, random, last: HashMap::new() }
    };
    let saved = transition.progress();
    let ledger = Ledger::default();
    let (cluster, router, keys) = (&cluster, &router, &keys);
    let mut coordinator = Coordinator { cluster, router, keys, transition, saved, ledger };
    thread::scope(|scope| {
        let spawn = |number| {
            let client = client(number);
            scope.spawn(move || client.run())
        };
        let threads: Vec<_> = (0..clients).map(spawn).collect();
        let told = tell(&mut coordinator, &first, nodes);
        router.stop();
        let counts = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".to_owned())));
        // A wrong answer to a client comes first: the coordinator only stopped because of it.
        let clients = counts.collect::<Result<Vec<_>, _>>()?.into_iter().sum();
        let crashed = told?;
        let transition = &coordinator.transition;
        let replicas = audit::check(nodes + 1, &[crashed], transition, cluster, keys)?;
        Ok(Proof { clients, copied: coordinator.ledger.totals, replicas })
    })
    .map_err(|why: String| if why == STOPPED { "the clients stopped".to_owned() } else { why })
}

/// The two changes. Returns the node that crashed.
fn tell(coordinator: &mut Coordinator<'_>, first: &Table, nodes: u32) -> Result<u32, String> {
    let joined = first.with(nodes).map_err(said)?;
    add(coordinator, first, &joined, nodes)?;
    // Let both be others than the newest node; the order of labels decides nothing here.
    let (drained, crashed) = (0, nodes / 2);
    let target = joined.reweighted(&drained, 0).map_err(said)?;
    drain(coordinator, &joined, &target, drained, crashed)?;
    Ok(crashed)
}

/// A node joins. In the middle the coordinator crashes, and another one goes on from what was saved.
fn add(
    coordinator: &mut Coordinator<'_>,
    old: &Table,
    new: &Table,
    node: u32,
) -> Result<(), String> {
    let work = Work::of(&migration(old, new)?, |_| true)?;
    change(coordinator, &format!("n{node} joins"), new, &work)?;
    let at = Interruption::Copied(work.partitions().len() / 2);
    let (completed, _) = coordinator.carry_out(&work, Some(at))?;
    // All that is left is on disk: which copies were made is forgotten.
    let versions = [old, new].map(Version::of);
    coordinator.transition = Move::resume(&coordinator.saved, versions).map_err(said)?;
    let copying = coordinator.in_state(PartitionState::Copying);
    let void: usize = copying.iter().map(|p| coordinator.ledger.void(*p).len()).sum();
    print(&format!(
        "  the coordinator crashed after {}, resumed, and made {} again\n",
        counted(completed as u64, "partition"),
        counted(void as u64, "transfer"),
    ))?;
    let (rest, _) = coordinator.carry_out(&work, None)?;
    complete(coordinator, completed + rest)
}

/// A node is drained. In the middle another one crashes, so the target changes.
fn drain(
    coordinator: &mut Coordinator<'_>,
    old: &Table,
    target: &Table,
    drained: u32,
    crashed: u32,
) -> Result<(), String> {
    let work = Work::of(&migration(old, target)?, |_| true)?;
    change(coordinator, &format!("n{drained} is drained"), target, &work)?;
    let at = Interruption::Copying(work.partitions().len() / 2);
    let (completed, _) = coordinator.carry_out(&work, Some(at))?;
    coordinator.cluster.send(crashed, Request::Crash);
    coordinator.call(|transition| transition.lose(&crashed))?;

    // A new target, without the node. Partitions come from where they are by now.
    let has_moved = |p: u32| coordinator.state(p) == PartitionState::Complete;
    let has_moved: Vec<bool> = (0..coordinator.transition.partitions()).map(has_moved).collect();
    let moved = |p: u32| has_moved.get(p as usize).copied().unwrap_or(false);
    let last = target.without(&crashed).map_err(said)?;
    let from = |from: &Table, wanted: bool| {
        let migration = migration(from, &last)?.lost([crashed]).map_err(said)?;
        Work::of(&migration, |partition| moved(partition) == wanted)
    };
    let work = from(old, false)?.then(from(target, true)?);
    let copying = coordinator.in_state(PartitionState::Copying);
    let void: Vec<(u32, u32)> = copying
        .iter()
        .copied()
        .flat_map(|p| coordinator.ledger.void(p).into_iter().map(move |to| (p, to)))
        .collect();
    let copying = copying.len();
    change(
        coordinator,
        &format!(
            "  n{crashed} crashed after {}, with {} under way; without it",
            counted(completed as u64, "partition"),
            counted(copying as u64, "partition"),
        ),
        &last,
        &work,
    )?;
    for (partition, node) in void {
        let sample = coordinator.keys.sample(partition);
        let mut held = coordinator.transition.write_set(&sample).iter();
        if node != crashed && held.all(|holder| *holder != node) {
            coordinator.delete(partition, node)?;
        }
    }
    let (rest, _) = coordinator.carry_out(&work, None)?;
    complete(coordinator, rest)
}

/// Gives the target. The partitions that wait are those of the work, and no others.
fn change(
    coordinator: &mut Coordinator<'_>,
    what: &str,
    target: &Table,
    work: &Work,
) -> Result<(), String> {
    coordinator.call(|transition| transition.change_to(Version::of(target)))?;
    coordinator.ledger.expect(work);
    let copies = counted(work.copies().count() as u64, "transfer");
    let rounds = counted(work.rounds.len() as u64, "round");
    let waiting = coordinator.in_state(PartitionState::Waiting);
    if !waiting.iter().copied().eq(work.partitions()) {
        return Err(format!("{} partitions wait, and others are to move", waiting.len()));
    }
    let all = coordinator.transition.partitions();
    print(&format!("{what}: {} of {all} partitions move, {copies} in {rounds}\n", waiting.len()))
}

fn complete(coordinator: &Coordinator<'_>, completed: usize) -> Result<(), String> {
    coordinator.ledger.close()?;
    if !coordinator.transition.is_complete() {
        return Err(format!("{} partitions are left", coordinator.transition.remaining()));
    }
    print(&format!("  complete: {}\n", counted(completed as u64, "partition")))
}

fn migration(old: &Table, new: &Table) -> Result<Migration<u32>, String> {
    Ok(Migration::of(&old.diff_replicas(new, REPLICAS).map_err(said)?))
}

fn said(error: Error) -> String {
    error.to_string()
}
