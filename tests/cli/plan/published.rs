//! Scenarios that other systems were measured on too, and the figures aimed at:
//! a = 100 equal nodes in 5 zones, three replicas, one a zone, 2^14 partitions; b = the same with
//! weights 1 to 10, every zone's total 110; g = 1000 equal nodes, 10 zones, 2^18 partitions.

use super::scenarios::{Cluster, history};
use super::{checked, run};
use serde_json::Value;

type Change<'a> = &'a dyn Fn(&mut Cluster);

fn a() -> Cluster {
    Cluster::zoned(100, 5, |_| 100)
}

fn b() -> Cluster {
    Cluster::zoned(100, 5, |i| (i / 5 % 10 + 1) as u64)
}

fn g() -> Cluster {
    Cluster::zoned(1000, 10, |_| 100)
}

fn sixth_zone(cluster: &mut Cluster) {
    (0..20).for_each(|_| cluster.add("z5", 100));
}

fn number(report: &Value, field: &str) -> f64 {
    report[field].as_f64().unwrap_or_else(|| panic!("{field} of {report}"))
}

/// The fullest node as it is published.
fn most(report: &Value) -> String {
    format!("{:.4}", number(report, "max_over_quota"))
}

/// What every step of these keeps to.
fn exact(report: &Value) {
    assert_eq!(report["moved"], report["lower_bound"], "{report}");
    assert_eq!(report["optimal"], true, "{report}");
    for field in ["outside_floor_ceil", "domain_violations", "partitions_with_two_or_more_moved"] {
        assert_eq!(report[field], 0, "{field} of {report}");
    }
}

fn moved(report: &Value) -> u64 {
    report["moved"].as_u64().expect("a number")
}

#[test]
fn equal_nodes_and_one_change() {
    let changes: [(Change<'_>, [u64; 2]); 4] = [
        (&|c| c.add("z0", 100), [486, 486]),
        (&|c| c.remove("n0"), [491, 492]),
        (&sixth_zone, [8192, 8192]),
        (&|c| c.times("n0", 2, 1), [481, 482]),
    ];
    for (change, figures) in changes {
        let steps = checked(&history(&a(), 1 << 14, &[change]), &[]);
        steps.iter().for_each(exact);
        assert_eq!(most(&steps[0]), "1.0010");
        assert_eq!(steps[0]["worst_pair_shared"], 13);
        assert!(figures.contains(&moved(&steps[1])), "{} moved, not {figures:?}", moved(&steps[1]));
    }
}

#[test]
fn unequal_nodes() {
    let steps = checked(&history(&b(), 1 << 14, &[&|c| c.add("z1", 5), &|c| c.remove("n7")]), &[]);
    steps.iter().for_each(exact);
    assert_eq!(most(&steps[0]), "1.0071");
}

fn ten_changes() -> [Change<'static>; 10] {
    [
        &|c| c.add("z0", 100),
        &|c| c.remove("n5"),
        &|c| c.times("n7", 2, 1),
        &|c| c.add("z1", 100),
        &|c| c.remove("n23"),
        &|c| c.times("n7", 1, 2),
        &|c| c.add("z2", 100),
        &|c| c.remove("n41"),
        &sixth_zone,
        &|c| c.remove("n60"),
    ]
}

#[test]
fn ten_changes_in_a_row() {
    let steps = checked(&history(&a(), 1 << 14, &ten_changes()), &[]);
    steps.iter().for_each(exact);
    let worst = number(&steps[10], "worst_pair");
    assert!(worst <= 1.25, "{worst}");
}

#[test]
fn ten_changes_with_fewer_partitions() {
    for args in [&[][..], &["--no-disperse"]] {
        let steps = checked(&history(&a(), 1 << 11, &ten_changes()), args);
        steps.iter().for_each(exact);
        let none = args.is_empty() || steps.iter().all(|step| step["disperse_ms"] == 0.0);
        assert!(none, "{steps:?}");
    }
}

/// Nodes in another order, in every step.
#[test]
fn the_order_of_nodes_does_not_matter() {
    let mut dumps = Vec::new();
    for seed in 0..3 {
        let mixed = |change: Change<'static>| {
            move |cluster: &mut Cluster| {
                change(cluster);
                if seed > 0 {
                    cluster.shuffle(seed);
                }
            }
        };
        let changes = ten_changes().map(mixed);
        let changes: Vec<Change<'_>> = changes.iter().map(|change| change as Change<'_>).collect();
        let mut first = Cluster::zoned(100, 5, |i| (i % 7 + 1) as u64 * 100);
        if seed > 0 {
            first.shuffle(seed);
        }
        let (ended, dump) = super::dumped(&history(&first, 1 << 9, &changes), &[]);
        ended.json();
        dumps.push(dump);
    }
    assert!(dumps.iter().all(|dump| *dump == dumps[0]));
}

#[test]
fn the_scenario_of_the_readme() {
    let text = include_str!("../../../examples/plan/scenario.json");
    let scenario: Value = serde_json::from_str(text).expect("JSON");
    let steps = checked(&scenario, &[]);
    let moves: Vec<u64> = steps.iter().map(moved).collect();
    assert_eq!(moves, [0, 146, 146, 138, 491, 0]);
    let readme = include_str!("../../../README.md");
    let table = run::<&str>(&[], text.as_bytes()).stdout;
    // All but the blocks with times and sizes.
    let stable = table.lines().take_while(|line| !line.contains("plan time"));
    assert!(stable.clone().any(|line| line.contains("violations")), "{table}");
    for line in stable {
        assert!(readme.contains(line), "the README does not show {line:?}");
    }
}

/// Takes half a minute: `cargo test --release --test cli thousand -- --ignored`.
#[test]
#[ignore = "half a minute"]
fn a_thousand_nodes() {
    let more: Change<'_> = &|c| c.add("z0", 100);
    let zone: Change<'_> = &|c| (0..100).for_each(|_| c.add("z10", 100));
    for (change, figure) in [(more, 785), (zone, 71_493)] {
        let steps = checked(&history(&g(), 1 << 18, &[change]), &[]);
        steps.iter().for_each(exact);
        // Whole replicas: 787 of 786.432.
        assert_eq!(most(&steps[0]), "1.0007");
        for step in &steps {
            assert!(number(step, "worst_pair") <= 1.75, "{step}");
        }
        assert_eq!(moved(&steps[1]), figure);
    }
}
