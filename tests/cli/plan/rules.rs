//! What holds from step to step: pins, frozen partitions, sizes, limits at several levels.

use super::recount::{asked, tables};
use super::scenarios::{Cluster, step};
use super::{checked, dumped};
use serde_json::{Value, json};

fn twelve() -> Cluster {
    Cluster::zoned(12, 4, |i| (i % 3 + 1) as u64)
}

fn moved(report: &Value) -> u64 {
    report["moved"].as_u64().expect("a number")
}

#[test]
fn the_report_has_the_documented_fields() {
    let mut scenario = twelve().scenario(json!({"zone": 1}), 64, 3);
    step(&mut scenario, "init", &twelve(), json!({}));
    let (ended, _) = dumped(&scenario, &[]);
    let report = ended.json();
    assert_eq!(report.as_object().expect("an object").len(), 1);
    let fields = [
        "label",
        "moved",
        "lower_bound",
        "optimal",
        "max_over_quota",
        "min_over_quota",
        "outside_floor_ceil",
        "domain_violations",
        "partitions_with_two_or_more_moved",
        "worst_pair",
        "worst_pair_shared",
        "distinct_copysets",
        "plan_ms",
        "disperse_ms",
        "certificate_ms",
        "peak_bytes",
        "thawed",
        "missing_replicas",
        "max_led_over_quota",
        "min_led_over_quota",
        "transfers",
        "rounds",
        "round_bound",
        "peak_over_quota",
        "guarantee",
        "extra_partition",
        "leaders_moved",
        "leaders_lower_bound",
        "leaders_outside_floor_ceil",
        "max_leaders_over_quota",
        "worst_takeover",
        "worst_takeover_led",
    ];
    // In this order.
    let mut rest = ended.stdout.strip_prefix("{\"steps\":[{").expect("the beginning");
    for field in fields {
        rest = rest.split_once(&format!("\"{field}\":")).expect(field).1;
    }
    let step = report["steps"][0].as_object().expect("an object");
    assert_eq!(step.len(), fields.len(), "{step:?}");
    assert!(fields[13..15].iter().all(|field| step[*field].is_f64()));
    assert!(step["plan_ms"].as_f64() > Some(0.0) && step["disperse_ms"].as_f64() > Some(0.0));
}

#[test]
fn random_histories_keep_the_rules() {
    let mut cluster = twelve();
    let mut scenario = cluster.scenario(json!({"zone": 2}), 96, 4);
    let mut seed = 7_u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let mut ids: Vec<String> = (0..12).map(|i| format!("n{i}")).collect();
    step(&mut scenario, "init", &cluster, json!({}));
    let mut partitions = 96;
    for i in 0..40 {
        let at = draw(ids.len() as u64) as usize;
        let mut more = json!({});
        match draw(5) {
            0 => {
                ids.push(format!("n{}", 12 + i));
                cluster.add(&format!("z{}", draw(5)), draw(4));
            }
            1 if ids.len() > 9 => cluster.remove(&ids[at]),
            2 if partitions < 384 => {
                partitions *= 2;
                more = json!({"partitions": partitions});
            }
            3 => more = json!({"replicas": 2 + draw(3)}),
            _ => cluster.times(&ids[at], draw(3) + 1, 2),
        }
        ids = cluster
            .json()
            .as_array()
            .expect("a list")
            .iter()
            .map(|node| node["id"].as_str().expect("an id").to_owned())
            .collect();
        step(&mut scenario, &format!("step {i}"), &cluster, more);
    }
    let steps = checked(&scenario, &[]);
    let mut only_split = 0;
    let mut before = &asked(&scenario)[0].partitions.clone();
    let asked = asked(&scenario);
    for (step, asked) in steps.iter().zip(&asked) {
        assert_eq!(
            (&step["optimal"], &step["domain_violations"]),
            (&json!(true), &json!(0)),
            "{step}"
        );
        if asked.partitions > *before {
            assert_eq!(moved(step), 0, "{step}");
            only_split += 1;
        } else {
            assert_eq!(step["outside_floor_ceil"], 0, "{step}");
        }
        before = &asked.partitions;
    }
    assert_eq!(only_split, 2);
}

#[test]
fn only_the_number_of_partitions_changes() {
    let mut scenario = twelve().scenario(json!({"zone": 1}), 60, 3);
    let frozen = json!({"frozen": [1, 2]});
    step(&mut scenario, "init", &twelve(), json!({"pins": [[5, "n3"], [5, "n0"]]}));
    step(&mut scenario, "frozen", &twelve(), frozen);
    let mut other_order = twelve();
    other_order.shuffle(3);
    step(&mut scenario, "three times", &other_order, json!({"partitions": 180}));
    let mut one_more = twelve();
    one_more.add("z2", 2);
    step(&mut scenario, "twice, and a node", &one_more, json!({"partitions": 360}));
    step(&mut scenario, "again", &one_more, json!({}));
    let steps = checked(&scenario, &[]);
    let counted: Vec<u64> = steps.iter().map(moved).collect();
    assert_eq!((&counted[..3], counted[4]), (&[0, 0, 0][..], 0));
    assert!(counted[3] > 0);
    for field in ["lower_bound", "disperse_ms", "certificate_ms"] {
        assert_eq!(steps[2][field].as_f64(), Some(0.0), "{field}");
    }
    assert_eq!(steps[2]["optimal"], true);
    // Pinned and frozen replicas went with their partitions, and hold on.
    let tables = tables(&dumped(&scenario, &[]).1);
    for (i, ways) in [(0, 1), (1, 1), (2, 3), (3, 6), (4, 6)] {
        let rows = &tables[i].1;
        assert!(
            rows[5 * ways..6 * ways]
                .iter()
                .all(|row| { row.contains(&"n3".to_owned()) && row.contains(&"n0".to_owned()) })
        );
        for (at, row) in rows.iter().enumerate().take(3 * ways).skip(ways) {
            let first: std::collections::BTreeSet<_> = tables[0].1[at / ways].iter().collect();
            assert_eq!(row.iter().collect::<std::collections::BTreeSet<_>>(), first, "step {i}");
        }
    }
}

#[test]
fn pins_hold_for_one_step_only() {
    let mut scenario = twelve().scenario(json!({"zone": 1}), 64, 3);
    let pins: Vec<Value> = (0..8).map(|partition| json!([partition, "n0"])).collect();
    step(&mut scenario, "init", &twelve(), json!({}));
    step(&mut scenario, "pinned", &twelve(), json!({"pins": pins}));
    let mut drained = twelve();
    drained.remove("n4");
    step(&mut scenario, "still", &drained, json!({}));
    let mut none = drained.clone();
    none.remove("n0");
    step(&mut scenario, "free", &none, json!({"pins": []}));
    let (ended, dump) = dumped(&scenario, &[]);
    ended.json();
    let tables = tables(&dump);
    for (label, rows) in &tables[1..3] {
        assert!(rows[..8].iter().all(|row| row.contains(&"n0".to_owned())), "{label}");
    }
    checked(&scenario, &[]);
}

#[test]
fn replicas_come_and_go() {
    let mut scenario = twelve().scenario(json!({"zone": 1}), 64, 2);
    step(&mut scenario, "two", &twelve(), json!({}));
    step(&mut scenario, "four", &twelve(), json!({"replicas": 4}));
    step(&mut scenario, "four again", &twelve(), json!({}));
    step(&mut scenario, "one", &twelve(), json!({"replicas": 1}));
    let steps = checked(&scenario, &[]);
    assert_eq!(moved(&steps[2]), 0);
    assert_eq!((&steps[3]["worst_pair"], &steps[3]["worst_pair_shared"]), (&json!(0.0), &json!(0)));
}

#[test]
fn levels_within_levels() {
    let mut cluster = Cluster::empty(&["region", "zone", "rack"]);
    for i in 0..36 {
        cluster.add(&format!("r{}/z{}/k{}", i % 2, i / 2 % 3, i / 6 % 3), 1 + (i % 4) as u64);
    }
    let limits = json!({"region": 2, "rack": 1});
    let mut scenario = cluster.scenario(limits, 128, 3);
    step(&mut scenario, "init", &cluster, json!({}));
    cluster.add("r1/z2/k3", 3);
    cluster.remove("n7");
    step(&mut scenario, "change", &cluster, json!({}));
    for report in checked(&scenario, &[]) {
        let none = (&json!(0), &json!(0));
        assert_eq!((&report["domain_violations"], &report["outside_floor_ceil"]), none, "{report}");
    }
}

/// No levels, no limits, no weights.
#[test]
fn a_scenario_without_levels_limits_and_weights() {
    let scenario = json!({
        "levels": [],
        "partitions": 7,
        "replicas": 2,
        "steps": [{"label": "", "nodes": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}],
    });
    let steps = checked(&scenario, &[]);
    assert_eq!((&steps[0]["label"], &steps[0]["outside_floor_ceil"]), (&json!(""), &json!(0)));
}

/// A step without a name and one of two lines: the dump has one heading for each.
#[test]
fn labels_stay_on_their_lines() {
    let mut scenario = twelve().scenario(json!({}), 4, 1);
    step(&mut scenario, "two\nlines\t\u{7}", &twelve(), json!({}));
    let (ended, dump) = dumped(&scenario, &[]);
    assert_eq!(ended.json()["steps"][0]["label"], "two\nlines\t\u{7}");
    assert_eq!(dump.lines().next(), Some("# two\\nlines\\t\\u{7}"));
    assert_eq!(dump.lines().count(), 5);
}

#[test]
fn frozen_if_possible() {
    let mut scenario = twelve().scenario(json!({"zone": 1}), 64, 3);
    let all: Vec<u32> = (0..64).collect();
    let mut drained = twelve();
    drained.remove("n4");
    step(&mut scenario, "init", &twelve(), json!({}));
    step(&mut scenario, "drained", &drained, json!({"frozen_if_possible": all}));
    step(&mut scenario, "still", &twelve(), json!({"frozen_if_possible": []}));
    step(&mut scenario, "twice", &twelve(), json!({"partitions": 128, "frozen_if_possible": [0]}));
    let steps = checked(&scenario, &[]);
    let tables = tables(&dumped(&scenario, &[]).1);
    let thawed: Vec<u64> = steps[1]["thawed"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|partition| partition.as_u64().expect("a number"))
        .collect();
    let held = |p: &u64| tables[0].1[*p as usize].contains(&"n4".to_owned());
    assert!((0..64).filter(held).all(|p| thawed.contains(&p)) && thawed.len() < 64, "{thawed:?}");
    assert_eq!(steps[2]["thawed"], json!([]));
    assert_eq!(moved(&steps[1]), steps[1]["lower_bound"].as_u64().expect("a number"));
}

#[test]
fn fewer_replicas_than_asked_for() {
    let mut scenario = twelve().scenario(json!({"zone": 1}), 64, 3);
    scenario["allow_under_replicated"] = json!(true);
    scenario["name"] = json!("users");
    let mut two = twelve();
    (0..12).filter(|i| i % 4 > 1).for_each(|i| two.remove(&format!("n{i}")));
    step(&mut scenario, "init", &twelve(), json!({}));
    step(&mut scenario, "two zones", &two, json!({}));
    step(&mut scenario, "back", &twelve(), json!({}));
    let steps = checked(&scenario, &[]);
    let missing: Vec<&Value> = steps.iter().map(|step| &step["missing_replicas"]).collect();
    assert_eq!(missing, [&json!(0), &json!(64), &json!(0)]);
}
