//! The independent check of plans: nothing wrong gets by, and no certificate proves too much.
#![cfg(feature = "alloc")]

mod small;

use crate::support::Draws;
use apportion::partition::{Certificate, Plan, TableConfig};
use apportion::{Error, Node, NodeIdx, PartitionTable, Planner, Topology};
use small::Small;

/// Potentials of all kinds: small, extreme, or those given with some changed.
fn potentials(draws: &mut Draws, good: &[i32]) -> Vec<i32> {
    let kind = draws.below(5);
    let extreme = [i32::MIN, i32::MIN + 1, -1, 0, 1, i32::MAX - 1, i32::MAX];
    let draw = |good: &i32| match kind {
        0 => draws.below(5) as i32 - 2,
        1 => extreme[draws.below(7) as usize],
        2 => draws.next() as i32,
        3 => good.saturating_add(draws.below(3) as i32 - 1),
        _ if draws.below(4) == 0 => good.saturating_add(draws.below(5) as i32 - 2),
        _ => *good,
    };
    good.iter().map(draw).collect()
}

#[test]
fn plans_of_small_changes_are_optimal_and_no_certificate_says_more_than_is_true() {
    let mut draws = Draws(0x00CE_471F);
    let (mut solved, mut refused, mut bound) = (0, 0, 0);
    let (mut worse, mut weaker, mut narrower) = (0, 0, 0);
    for round in 0..4000 {
        let small = Small::draw(&mut draws);
        let Ok(planner) = small.planner() else { continue };
        let Some((least, tables)) = small.solve(&mut draws, 3) else {
            assert!(small.plan(&planner).is_err(), "round {round}: planned, but impossible");
            refused += 1;
            continue;
        };
        let plan = small.plan(&planner).unwrap();
        let verified = planner.verify(&plan, Some(small.before())).unwrap();
        assert_eq!(verified.moved, least, "round {round}: a better table exists");
        assert!(verified.optimal(), "round {round}: {} of {least}", verified.minimum);
        let counted = (verified.moved, verified.partitions_moved_twice);
        assert_eq!(counted, small.moved(plan.table()), "round {round}");
        solved += 1;
        bound += u32::from(!small.pins.is_empty() || !small.frozen.is_empty());

        // Other balanced tables pass, and count as optimal only if they are.
        for table in &tables {
            let other = planner.verify_table(table, plan.certificate(), Some(small.before()));
            let other = other.unwrap();
            assert_eq!((other.moved, other.partitions_moved_twice), small.moved(table));
            assert_eq!(other.minimum, least, "round {round}");
            assert_eq!(other.optimal(), other.moved == least);
            worse += u32::from(other.moved > least);
        }
        // A proof that a table is the best under more pins is none without them.
        let live: Vec<NodeIdx> = small.new.members().iter_live().collect();
        for _ in 0..4 {
            let pin = |p| (p, live[draws.below(live.len() as u64) as usize]);
            let Ok(pinned) = planner.clone().pinned((0..1).map(pin)) else { continue };
            let Ok(narrow) = small.plan(&pinned) else { continue };
            assert!(pinned.verify(&narrow, Some(small.before())).unwrap().optimal());
            let certificate = narrow.certificate();
            let wide = planner.verify_table(narrow.table(), certificate, Some(small.before()));
            assert!(wide.unwrap().minimum <= least, "round {round}");
            narrower += u32::from(narrow.moved() > least);
        }
        // Potentials of any kind prove no more than the truth.
        let good = plan.certificate().potentials();
        for _ in 0..8 {
            let mutated = Certificate::from_potentials(potentials(&mut draws, good));
            // What is proved is about all tables, so it is the same whichever is looked at.
            let mut proved = None;
            for table in tables.iter().chain([plan.table()]) {
                let found = planner.verify_table(table, &mutated, Some(small.before())).unwrap();
                assert!(found.minimum <= least, "round {round}: {} of {least}", found.minimum);
                assert!(!found.optimal() || found.moved == least);
                assert_eq!(*proved.get_or_insert(found.minimum), found.minimum, "round {round}");
                weaker += u32::from(found.minimum < least);
            }
        }
    }
    println!("{solved} solved, {refused} refused, {bound} bound");
    println!("{worse} worse, {weaker} weaker, {narrower} narrower");
    assert!(solved > 1500 && refused > 20 && bound > 200);
    assert!(worse > 500 && weaker > 10_000 && narrower > 100);
}

#[test]
fn what_is_not_balanced_or_breaks_a_rule_is_refused() {
    // One replica more or less, or exchanged, in a random balanced table: refused unless the
    // search by trying everything knows the table to be legal.
    let mut draws = Draws(0x7A3B);
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..2000 {
        let small = Small::draw(&mut draws);
        let Ok(planner) = small.planner() else { continue };
        let Some((_, tables)) = small.solve(&mut draws, 1) else { continue };
        let members = small.new.members();
        let live: Vec<NodeIdx> = members.iter_live().collect();
        let (partitions, replicas) = (small.config.partitions(), small.config.replicas());
        let mut rows: Vec<NodeIdx> = (0..partitions).flat_map(|p| tables[0].row(p)).collect();
        let places = rows.len() as u64;
        for _ in 0..=draws.below(2) {
            let (a, b) = (draws.below(places) as usize, draws.below(places) as usize);
            match draws.below(2) {
                0 => rows[a] = live[draws.below(live.len() as u64) as usize],
                _ => rows.swap(a, b),
            }
        }
        let Ok(table) = PartitionTable::from_rows(members, partitions, replicas, &rows) else {
            continue;
        };
        let found = planner.verify_table(&table, &Certificate::default(), Some(small.before()));
        assert_eq!(found.is_ok(), small.legal(&table), "{found:?}");
        passed += u32::from(found.is_ok());
        refused += u32::from(found.is_err());
    }
    println!("{passed} passed, {refused} refused");
    assert!(passed > 200 && refused > 200);
}

fn zones(n: u32) -> Topology<u32> {
    let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
    Topology::of((0..n).map(node)).unwrap()
}

fn rows(plan: &Plan) -> Vec<NodeIdx> {
    let table = plan.table();
    (0..table.partitions()).flat_map(|p| table.row(p)).collect()
}

fn message(found: Result<impl Sized, Error>) -> String {
    found.err().map(|error| error.to_string()).unwrap_or_default()
}

/// Nine nodes in three zones, then ten.
fn change() -> (Topology<u32>, Topology<u32>, TableConfig, Plan) {
    let (nine, ten) = (zones(9), zones(10));
    let config = TableConfig::new(256, 3).max_per_domain("zone", 1);
    let plan = Planner::new(nine.members(), &config).unwrap().fresh().unwrap();
    (nine, ten, config, plan)
}

#[test]
fn a_replica_in_a_full_zone_is_named() {
    let (nine, ten, config, fresh) = change();
    let planner = Planner::new(ten.members(), &config).unwrap();
    let before = Some((fresh.table(), nine.members()));
    let plan = planner.rebalance(fresh.table(), nine.members()).unwrap();
    assert!(planner.verify(&plan, before).unwrap().optimal());
    // The holder of partition 5 in x changes places with one of a later partition in y.
    let mut wrong = rows(&plan);
    let zone = |node: &NodeIdx| ten.get(*node).unwrap() % 3;
    let a = (15..18).find(|at| zone(&wrong[*at]) == 0).unwrap();
    let row = |at: usize| &wrong[at / 3 * 3..at / 3 * 3 + 3];
    let fits = |b: &usize| {
        zone(&wrong[*b]) == 1 && !row(a).contains(&wrong[*b]) && !row(*b).contains(&wrong[a])
    };
    let b = (18..768).find(fits).unwrap();
    wrong.swap(a, b);
    let table = PartitionTable::from_rows(ten.members(), 256, 3, &wrong).unwrap();
    let found = message(planner.verify_table(&table, plan.certificate(), before));
    assert_eq!(found, "partition 5 has 2 replicas in \"y\", where at most 1 may be");
}

#[test]
fn a_needless_move_is_not_optimal() {
    let (nine, ten, config, fresh) = change();
    let planner = Planner::new(ten.members(), &config).unwrap();
    let before = Some((fresh.table(), nine.members()));
    let plan = planner.rebalance(fresh.table(), nine.members()).unwrap();
    let good = planner.verify(&plan, before).unwrap();
    // Two partitions exchange holders of one zone that neither shares.
    let mut other = rows(&plan);
    let zone = |node: NodeIdx| ten.get(node).unwrap() % 3;
    let held = |p: usize| fresh.table().row(p as u32).collect::<Vec<_>>();
    let (a, b) = (0..768)
        .flat_map(|a| (a + 1..768).map(move |b| (a, b)))
        .find(|(a, b)| {
            let (x, y, p, q) = (other[*a], other[*b], a / 3, b / 3);
            let new = |p: usize, node: NodeIdx| !held(p).contains(&node);
            x != y && zone(x) == zone(y) && !new(p, x) && !new(q, y) && new(p, y) && new(q, x)
        })
        .unwrap();
    other.swap(a, b);
    let table = PartitionTable::from_rows(ten.members(), 256, 3, &other).unwrap();
    let found = planner.verify_table(&table, plan.certificate(), before).unwrap();
    assert_eq!((found.moved, found.minimum), (good.moved + 2, good.moved));
    assert!(!found.optimal());
    // As does no certificate at all prove it for the good one.
    let none = planner.verify_table(plan.table(), &Certificate::default(), before).unwrap();
    assert!(!none.optimal() && none.minimum < good.minimum);
}

#[test]
fn one_replica_too_many_is_named_with_the_quota() {
    let (_, ten, config, _) = change();
    let planner = Planner::new(ten.members(), &config).unwrap();
    let plan = planner.fresh().unwrap();
    assert!(planner.verify(&plan, None).unwrap().optimal());
    // Node 0 of x has a replica of node 3, of x too.
    let mut wrong = rows(&plan);
    let slot = |id: u32| ten.members().iter().find(|node| ten.get(*node) == Some(&id)).unwrap();
    let place = wrong.iter().position(|node| *node == slot(3)).unwrap();
    wrong[place] = slot(0);
    let table = PartitionTable::from_rows(ten.members(), 256, 3, &wrong).unwrap();
    let found = message(planner.verify_table(&table, &Certificate::default(), None));
    assert!(found.contains("holds 65 replicas, and its quota is 64"), "{found}");
    assert!(found.starts_with("node \"x/"), "{found}");
}

#[test]
fn a_domain_can_be_unfair_where_no_node_is() {
    let node = |(id, zone): (&'static str, &str)| Node::new(id).domain("zone", zone);
    let four = [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")];
    let four = Topology::of(four.map(node)).unwrap();
    let slot = |label: &str| four.members().find(label.as_bytes()).unwrap();
    let rows = ["a", "b", "a", "b", "a", "b", "c", "d", "c", "d"].map(slot);
    let table = PartitionTable::from_rows(four.members(), 5, 2, &rows).unwrap();
    let planner = Planner::new(four.members(), &TableConfig::new(5, 2)).unwrap();
    assert_eq!(planner.quota(slot("a")), Some((2, 3)));
    let found = message(planner.verify_table(&table, &Certificate::default(), None));
    assert_eq!(found, "failure domain \"x\" holds 6 replicas, and its quota is 5");
}

#[test]
fn tables_of_other_nodes_and_sizes_are_refused() {
    let (_, ten, config, _) = change();
    let planner = Planner::new(ten.members(), &config).unwrap();
    let table = planner.fresh().unwrap().into_table();
    let none = Certificate::default();
    let small = Planner::new(ten.members(), &config.sized(128, 3)).unwrap();
    let found = message(small.verify_table(&table, &none, None));
    assert_eq!(found, "the table has 256 partitions, but the planner is for 128");
    let two = Planner::new(ten.members(), &config.sized(256, 2)).unwrap();
    let found = message(two.verify_table(&table, &none, None));
    assert_eq!(found, "the table has 3 replicas, but the planner is for 2");
    let odd = Planner::new(ten.members(), &config.sized(300, 3)).unwrap();
    let fresh = odd.fresh().unwrap();
    let found = odd.verify(&fresh, Some((&table, ten.members())));
    assert!(message(found).contains("256"));

    let (gone, _) = ten.without(&3_u32).unwrap();
    let planner = Planner::new(gone.members(), &config).unwrap();
    let found = message(planner.verify_table(&table, &none, None));
    assert!(found.contains("is on slot 3, which has no node"), "{found}");
    let (drained, _) = ten.reweighted(&3_u32, 0_u64).unwrap();
    let planner = Planner::new(drained.members(), &config).unwrap();
    let found = message(planner.verify_table(&table, &none, None));
    assert!(found.contains("which has weight 0"), "{found}");
}

#[test]
fn certificates_of_other_nodes_are_refused() {
    let (nine, ten, config, fresh) = change();
    let planner = Planner::new(ten.members(), &config).unwrap();
    let before = Some((fresh.table(), nine.members()));
    let plan = planner.rebalance(fresh.table(), nine.members()).unwrap();
    let good = plan.certificate().potentials();
    // The cluster, three zones, ten nodes.
    assert_eq!(good.len(), 14);
    for wrong in [&good[1..], &good[..1], &[good, &[0]].concat()] {
        let wrong = Certificate::from_potentials(wrong.to_vec());
        let found = message(planner.verify_table(plan.table(), &wrong, before));
        assert!(found.ends_with(&format!(", got {}", wrong.potentials().len())));
        assert_eq!(planner.potential(&wrong, NodeIdx::new(0)), None);
    }
    let whole = Certificate::from_potentials(good.to_vec());
    assert_eq!(&whole, plan.certificate());
    // The nodes of x gain by the new one; it lies below them.
    let potential = |id: u32| {
        let node = ten.members().iter().find(|node| ten.get(*node) == Some(&id)).unwrap();
        planner.potential(&whole, node).unwrap()
    };
    assert!(potential(9) > potential(0) && potential(0) == potential(3));
    assert_eq!(planner.potential(&whole, NodeIdx::new(10)), None);
}

#[test]
fn the_figures_of_a_plan_are_counted_anew() {
    let (nine, ten, config, fresh) = change();
    let planner = Planner::new(ten.members(), &config).unwrap();
    let plan = planner.rebalance(fresh.table(), nine.members()).unwrap();
    // Not the table it began from.
    let found = message(planner.verify(&plan, Some((plan.table(), ten.members()))));
    assert_eq!(found, "the plan says 64 replicas moved; counted again, it is 0");
    let found = message(planner.verify(&plan, None));
    assert_eq!(found, "the plan says 64 replicas moved; counted again, it is 0");
}

#[test]
fn verification_checks_pins_and_frozen_partitions() {
    let (nine, ten, config, fresh) = change();
    let before = Some((fresh.table(), nine.members()));
    let free = Planner::new(ten.members(), &config).unwrap();
    let plan = free.rebalance(fresh.table(), nine.members()).unwrap();
    let slot = |id: u32| ten.members().iter().find(|node| ten.get(*node) == Some(&id)).unwrap();

    let away = (0..256).find(|p| plan.table().row(*p).all(|node| node != slot(9))).unwrap();
    let pinned = free.clone().pinned([(away, slot(9))]).unwrap();
    let found = message(pinned.verify(&plan, before));
    assert!(found.starts_with(&format!("partition {away} is not on node")), "{found}");
    let other = pinned.rebalance(fresh.table(), nine.members()).unwrap();
    assert!(pinned.verify(&other, before).unwrap().optimal());

    let moved = (0..256).find(|p| plan.table().row(*p).any(|node| node == slot(9))).unwrap();
    let frozen = free.clone().frozen([moved]).unwrap();
    let found = message(frozen.verify(&plan, before));
    assert!(found.starts_with(&format!("partition {moved} is frozen, but is no")), "{found}");
    let other = frozen.rebalance(fresh.table(), nine.members()).unwrap();
    assert!(frozen.verify(&other, before).unwrap().optimal());
    let found = message(frozen.verify(&other, None));
    assert!(found.contains("has no holders to keep"), "{found}");
}

#[cfg(feature = "serde")]
#[test]
fn a_certificate_is_saved_as_a_list() {
    let some = Certificate::from_potentials(vec![0, -1, i32::MIN]);
    let text = serde_json::to_string(&some).unwrap();
    assert_eq!(text, "[0,-1,-2147483648]");
    assert_eq!(serde_json::from_str::<Certificate>(&text).unwrap(), some);
    assert!(serde_json::from_str::<Certificate>("[2147483648]").is_err());
}
