//! The laws that every placement obeys, written once and run for every kind of value: the tables here
//! list the values, `laws.rs`, `built.rs` and `changes.rs` (law 3 over random changes) have the laws.
//! Law 4, that lookups do not allocate, is in `memory`; shares are in `statistics`.

mod batches;
mod built;
mod changes;
mod every_algorithm;
mod laws;
mod not_minimal;
mod paths;
mod subject;
#[path = "../support/mod.rs"]
mod support;

use apportion::anchor::{AnchorConfig, AnchorHash, JumpBackAnchor};
use apportion::asura::AsuraConfig;
use apportion::bucket::{FlipHash, Jump, JumpGuava, Numbered};
use apportion::maglev::MaglevConfig;
use apportion::partition::TableConfig;
use apportion::ring::{GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, Rule};
use apportion::topology::Members;
use apportion::{
    Algorithm, Asura, Guarantees, JumpBack, Maglev, PartitionTable, Placement, Rendezvous, Ring,
    WeightedRendezvous,
};
use built::*;
use laws::*;
use subject::{
    Anchored, Behind, Named, Tenants, UsersOwn, board, buckets, minimal, slice, weighted_slice,
};
use support::topology;

/// A point of a node: every other one on a place that many share.
fn point(label: &[u8], replica: u32) -> u64 {
    let point = Members::identity_of(&[label, &replica.to_le_bytes()].concat());
    if replica % 2 == 0 { point } else { point & (0xFFF << 52) }
}

/// Lists for every name that occurs here.
fn lists(rule: Rule) -> GivenPointsConfig {
    let numbered = (0..66).flat_map(|i| [format!("n{i}"), format!("x{i}")]);
    let names = numbered.chain(["x", "y", "z"].map(String::from));
    names.fold(GivenPointsConfig::default().rule(rule), |config, name| {
        // Lists decide the shares, not weights: one is made for the weight that the node gets where
        // shares are looked at.
        let points = if name == "n1" { 8 * 30 } else { 30 };
        config.points(&name, (0..points).map(|replica| point(name.as_bytes(), replica)))
    })
}

/// Small rings, so that long runs take minutes.
fn few_points() -> apportion::ring::RingConfig {
    apportion::ring::RingConfig::default().scale(8, 1)
}

/// Movement is minimal as long as the board stays.
fn while_it_stays(old: &Asura, new: &Asura) -> Guarantees {
    let promised = old.guarantees();
    let stays = old.board().exponent() == new.board().exponent();
    if stays { minimal(promised) } else { promised }
}

fn asura(config: AsuraConfig) -> Named<Asura> {
    Named::new(config).saved().keeping(while_it_stays)
}

/// `moves` where a run shows that movement is not minimal, or that it is.
macro_rules! contract {
    ($($name:ident: $subject:expr $(, $moves:literal)?;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn law_1_owners_are_live() { owners_are_live(&$subject); }
            #[test]
            fn law_2_replicas_are_distinct_prefixes() { replicas_are_distinct_prefixes(&$subject); }
            #[test]
            fn law_3_promises_hold() {
                let subject = $subject;
                let seen = changes::run(&subject, 3, 400);
                let moves = true $(&& $moves)?;
                changes::counter_examples(&subject, &seen, moves);
            }
            /// A hundred thousand changes: by name, not in the ordinary run.
            #[test]
            #[ignore = "100,000 changes: cargo test --release --test contract -- --ignored --nocapture"]
            fn law_3_at_length() {
                let start = std::time::Instant::now();
                let subject = $subject;
                let seen = changes::run(&subject, 100, 100_000);
                println!("{}: {seen:?} in {:.1} s", stringify!($name), start.elapsed().as_secs_f64());
                changes::counter_examples(&subject, &seen, true $(&& $moves)?);
            }
            #[test]
            fn law_6_foreign_walks_end() { foreign_walks_end(&$subject); }
            #[test]
            fn law_7_ties_ignore_positions() { ties_ignore_positions(&$subject); }
        }
    )*};
}

contract! {
    ring: Named::<Ring>::new(few_points()).saved();
    ring_by_default: Named::<Ring>::new(Default::default()).saved();
    given_points: Named::<Ring<GivenPoints>>::new(lists(Rule::FirstAtOrAfter)).saved();
    given_points_after: Named::<Ring<GivenPoints>>::new(lists(Rule::FirstAfter)).saved();
    given_points_before: Named::<Ring<GivenPoints>>::new(lists(Rule::LastAtOrBefore)).saved();
    given_points_nearest: Named::<Ring<GivenPoints>>::new(lists(Rule::Nearest)).saved();
    label_points: Named::<Ring<LabelPoints>>::new(LabelPointsConfig::per_weight(12, point));
    label_points_before: Named::<Ring<LabelPoints>>::new(
        LabelPointsConfig::per_weight(12, point).rule(Rule::LastAtOrBefore));
    label_points_nearest: Named::<Ring<LabelPoints>>::new(
        LabelPointsConfig::per_weight(12, point).rule(Rule::Nearest));
    label_points_alike: Named::<Ring<LabelPoints>>::new(LabelPointsConfig::per_node(20, point));
    rendezvous: Named::<Rendezvous>::new(()).saved();
    weighted_rendezvous: Named::<WeightedRendezvous>::new(()).saved();
    rendezvous_slice: slice();
    weighted_rendezvous_slice: weighted_slice();
    subsets_of_tenants: Tenants::new(topology(&[1; 3]));
    jump: Named::<Numbered<Jump>>::new(()).saved();
    jump_guava: Named::<Numbered<JumpGuava>>::new(()).saved();
    jump_back: Named::<Numbered<JumpBack>>::new(()).saved();
    flip: Named::<Numbered<FlipHash>>::new(()).saved();
    jump_buckets: buckets::<Jump>();
    jump_guava_buckets: buckets::<JumpGuava>();
    jump_back_buckets: buckets::<JumpBack>();
    flip_buckets: buckets::<FlipHash>();
    jump_back_anchor: Named::<JumpBackAnchor>::new(()).saved();
    anchor_buckets: Anchored::new();
    anchor: Named::<AnchorHash>::new(AnchorConfig::default()).saved();
    anchor_with_room: Named::<AnchorHash>::new(AnchorConfig::default().capacity(500)).saved();
    anchor_without_room: Named::<AnchorHash>::new(AnchorConfig::default().capacity(40)).saved();
    maglev: Named::<Maglev>::new(MaglevConfig::default().table_size(251)).saved();
    asura: asura(AsuraConfig::default()), false;
    asura_board: board(), false;
    asura_one_slot_a_node: asura(AsuraConfig::default().unit(8).board(8)), false;
    asura_rests: asura(AsuraConfig::default().unit(2)), false;
    asura_fallback: asura(AsuraConfig::default().board(9).darts(3)), false;
    asura_that_grows: asura(AsuraConfig::default().darts(3)), false;
    partition_table: Named::<PartitionTable>::in_zones(
        TableConfig::new(192, 2).max_per_domain("zone", 1)).saved();
    partition_table_of_one: Named::<PartitionTable>::new(TableConfig::new(256, 1)).saved(), false;
    behind_pointers: Behind::new(Named::<Ring>::new(few_points()));
    table_behind_pointers: Behind::new(Named::<PartitionTable>::new(TableConfig::new(192, 2))), false;
    of_a_user: UsersOwn::new(topology(&[1; 3]));
}

/// Laws of what is built from nodes; where there is an algorithm to be chosen at run time, it is
/// the last column.
macro_rules! built {
    ($($name:ident: $p:ty, $config:expr $(, $algorithm:expr)?;)*) => {
        mod of_nodes {$(
            mod $name {
                use super::super::*;

                #[test]
                fn law_5_history_leaves_no_trace() { history_leaves_no_trace::<$p>(&$config); }
                #[test]
                fn law_5_fingerprints_tell_apart() { fingerprints_tell_apart::<$p>(&$config); }
                #[test]
                fn law_7_a_node_comes_once() { a_node_comes_once::<$p>(&$config); }
                $(#[test]
                fn forwarding_keeps_the_answers() { forwarding_keeps_answers::<$p>(&$config, $algorithm); })?
            }
        )*}
    };
}

built! {
    ring: Ring, Default::default(), Algorithm::default();
    small_ring: Ring, few_points(), Algorithm::Ring(few_points());
    ring_at_or_after: Ring<GivenPoints>, lists(Rule::FirstAtOrAfter);
    ring_after: Ring<GivenPoints>, lists(Rule::FirstAfter);
    ring_at_or_before: Ring<GivenPoints>, lists(Rule::LastAtOrBefore);
    ring_nearest: Ring<GivenPoints>, lists(Rule::Nearest);
    ring_of_labels: Ring<LabelPoints>, LabelPointsConfig::per_weight(12, point);
    ring_of_labels_before: Ring<LabelPoints>,
        LabelPointsConfig::per_weight(12, point).rule(Rule::LastAtOrBefore);
    ring_of_labels_nearest: Ring<LabelPoints>,
        LabelPointsConfig::per_weight(12, point).rule(Rule::Nearest);
    ring_of_labels_alike: Ring<LabelPoints>, LabelPointsConfig::default();
    jump: Numbered<Jump>, (), Algorithm::Jump;
    jump_guava: Numbered<JumpGuava>, (), Algorithm::JumpGuava;
    jump_back: Numbered<JumpBack>, (), Algorithm::JumpBack;
    flip: Numbered<FlipHash>, (), Algorithm::Flip;
    jump_back_anchor: JumpBackAnchor, (), Algorithm::JumpBackAnchor;
    anchor: AnchorHash, AnchorConfig::default(), Algorithm::Anchor(AnchorConfig::default());
    anchor_with_room: AnchorHash, AnchorConfig::default().capacity(500),
        Algorithm::Anchor(AnchorConfig::default().capacity(500));
    asura: Asura, AsuraConfig::default(), Algorithm::Asura(AsuraConfig::default());
    asura_one_slot_a_node: Asura, AsuraConfig::default().unit(8).board(8),
        Algorithm::Asura(AsuraConfig::default().unit(8).board(8));
    asura_rests: Asura, AsuraConfig::default().unit(2),
        Algorithm::Asura(AsuraConfig::default().unit(2));
    asura_fallback: Asura, AsuraConfig::default().board(9).darts(3),
        Algorithm::Asura(AsuraConfig::default().board(9).darts(3));
    maglev: Maglev, MaglevConfig::default().table_size(1021),
        Algorithm::Maglev(MaglevConfig::default().table_size(1021));
    rendezvous: Rendezvous, (), Algorithm::Rendezvous;
    weighted_rendezvous: WeightedRendezvous, (), Algorithm::WeightedRendezvous;
    partition_table: PartitionTable, TableConfig::new(64, 2);
}
