//! The joint problem of several tables.

use super::super::cells::put;
use super::super::config::TableConfig;
use super::super::constraints::Constraints;
use super::super::planner::Planner;
use super::super::problem::Problem;
use super::super::quota::Quotas;
use super::super::row_class::{LeafSet, RowClass};
use super::super::row_rules::RowRules;
use super::super::spans::Spans;
use super::super::tree::Tree;
use super::layout::{Layout, Place};
use super::{quotas, tree};
use crate::error::{Error, PartitionFault};
use crate::limits::MAX_PARTITION_SLOTS;
use crate::topology::Members;
use alloc::string::String;
use alloc::vec::Vec;

/// Checks that these planners can be planned together, and builds what they have in common.
/// O(P + n · tables · log n).
pub(super) fn problem<'a>(
    planners: &[Planner<'a>],
    members: &'a Members,
) -> Result<(Layout, Problem<'a>), Error> {
    let nodes = Tree::new(members, &TableConfig::new(1, 1))?;
    let cells = nodes.leaves() as u64 * planners.len() as u64;
    if cells > MAX_PARTITION_SLOTS {
        let (nodes, tables, max) =
            (nodes.leaves() as u64, planners.len() as u64, MAX_PARTITION_SLOTS);
        return Err(PartitionFault::JointCells { nodes, tables, max }.into());
    }
    let config = config(planners)?;
    let layout = Layout::new(planners, &nodes);
    let mut names: Vec<(u32, String)> = layout
        .places
        .iter()
        .zip(planners)
        .map(|(place, planner)| (place.rank, planner.config().name().into()))
        .collect();
    names.sort_unstable();
    let names = names.into_iter().map(|(_, name)| name).collect();
    let tree = tree::shared(&nodes, config.max_replicas(), names);
    let leaves = leaves(planners, &layout, tree.leaves());
    let quotas = quotas::quotas(&tree, leaves);
    let constraints = constraints(planners, &layout);
    let sizes = layout.sizes.clone();
    Ok((layout, Problem { members, config, sizes, tree, quotas, constraints }))
}

/// The size of all tables together. The names and limits of the tables are not in it.
fn config(planners: &[Planner<'_>]) -> Result<TableConfig, Error> {
    let configs = || planners.iter().map(|planner| &planner.problem.config);
    let partitions = configs().map(|config| u64::from(config.partitions())).sum::<u64>();
    let partitions = u32::try_from(partitions).unwrap_or(u32::MAX);
    let replicas = configs().map(TableConfig::max_replicas).max().unwrap_or(1);
    let config = TableConfig::new(partitions, replicas);
    config.checked()?;
    Ok(config)
}

/// The quotas of the leaves: those of the tables.
fn leaves(planners: &[Planner<'_>], layout: &Layout, count: usize) -> Quotas {
    let mut all = Quotas {
        floors: alloc::vec![0; count],
        ceils: alloc::vec![0; count],
        exact: alloc::vec![0.0; count],
        ratios: alloc::vec![(0, 1); count],
        rounded: Vec::new(),
    };
    for (planner, place) in planners.iter().zip(&layout.places) {
        let Problem { tree, quotas, .. } = &planner.problem;
        for leaf in 0..tree.leaves() as u32 {
            let (joint, vertex) = (place.leaf(leaf) as usize, tree.vertex(leaf));
            copy(&mut all.floors, joint, &quotas.floors, vertex);
            copy(&mut all.ceils, joint, &quotas.ceils, vertex);
            copy(&mut all.exact, joint, &quotas.exact, vertex);
            copy(&mut all.ratios, joint, &quotas.ratios, leaf as usize);
        }
    }
    all
}

fn copy<T: Copy>(to: &mut [T], at: usize, from: &[T], place: usize) {
    if let (Some(to), Some(from)) = (to.get_mut(at), from.get(place)) {
        *to = *from;
    }
}

/// What is fixed in all tables.
fn constraints(planners: &[Planner<'_>], layout: &Layout) -> Constraints {
    let mut all = Constraints::default();
    for (planner, place) in planners.iter().zip(&layout.places) {
        let Constraints { pins, frozen, soft, slots, closed, full, .. } =
            &planner.problem.constraints;
        let Place { first, .. } = place;
        let leaf = |leaf: &u32| place.leaf(*leaf);
        let pins = pins.iter().map(|(p, pins)| (first + p, pins.iter().map(leaf).collect()));
        all.pins.extend(pins);
        all.frozen.extend(frozen.iter().map(|p| first + p));
        all.soft.extend(soft.iter().map(|p| first + p));
        all.slots.extend(slots.iter().map(|(own, slots)| (place.leaf(*own), *slots)));
        all.closed.extend(closed.iter().map(leaf));
        all.full.extend(full.iter().map(leaf));
    }
    all.rules = rules(planners, layout);
    all
}

/// The rules of all rows: those of a table use its leaves alone and keep its limits.
fn rules(planners: &[Planner<'_>], layout: &Layout) -> RowRules {
    let mut classes = Vec::new();
    let mut of = alloc::vec![0; layout.partitions() as usize];
    let tables = planners.len() as u32;
    for (planner, place) in planners.iter().zip(&layout.places) {
        let Problem { tree, constraints, .. } = &planner.problem;
        let leaves = tree.leaves() * planners.len();
        let table = Some((place.rank, tree.limits.clone()));
        // All leaves of a node: the row has none of the other tables.
        let spans = |own: &Spans| {
            let mut nodes: Vec<u32> = own.leaves().map(|own| place.leaf(own) / tables).collect();
            nodes.sort_unstable();
            Spans::of(nodes.into_iter().flat_map(|node| node * tables..(node + 1) * tables))
        };
        let first = classes.len() as u32 + 1;
        let mut plain = RowClass::default();
        plain.table.clone_from(&table);
        classes.push(plain);
        for class in constraints.rules.classes() {
            let set = |set: &LeafSet| LeafSet::new(spans(&set.leaves), set.at_least, set.at_most);
            let mut own = RowClass::new(class.sets().iter().map(set).collect(), leaves);
            own.table.clone_from(&table);
            own.excluded = spans(&class.excluded);
            classes.push(own);
        }
        for partition in 0..place.partitions {
            let class = first + constraints.rules.number_of(partition);
            put(&mut of, (place.first + partition) as usize, class);
        }
    }
    RowRules::new(classes, of)
}
