//! `--schedule` and `--dump-schedule`.

use super::recount::{asked, tables};
use super::scenarios::{Cluster, history, random, step};
use super::{run, transfers, written};
use serde_json::{Value, json};

/// Runs a scenario under limits, and checks each step's transfers.
fn checked(scenario: &Value, limits: Option<(u64, u64)>) -> Vec<Value> {
    let given = limits.map(|(send, receive)| format!("--schedule={send},{receive}"));
    let (reports, dump, schedule) =
        written(scenario, &given.iter().map(String::as_str).collect::<Vec<_>>());
    let (asked, tables, transfers) = (asked(scenario), tables(&dump), transfers::read(&schedule));
    let labels: Vec<&str> = asked.iter().map(|asked| asked.label.as_str()).collect();
    assert!(transfers.keys().all(|label| labels.contains(&label.as_str())), "{transfers:?}");
    assert!(!transfers.contains_key(labels[0]), "a fresh table has no transfers");
    assert_eq!((&reports[0]["transfers"], &reports[0]["rounds"]), (&json!(0), &json!(0)));
    for (i, pair) in tables.windows(2).enumerate() {
        let rows = (&*pair[0].1, &*pair[1].1);
        let listed = transfers.get(&pair[1].0).map_or(&[][..], Vec::as_slice);
        transfers::check(listed, rows, &asked[i + 1], &reports[i + 1], limits.unwrap_or((1, 1)));
    }
    reports
}

type Change<'a> = &'a dyn Fn(&mut Cluster);

fn changes() -> [Change<'static>; 6] {
    [
        &|c| c.add("z0", 3),
        &|c| c.remove("n5"),
        &|c| (0..3).for_each(|_| c.add("z4", 2)),
        &|c| c.times("n7", 2, 1),
        &|c| ["n1", "n2", "n3"].iter().for_each(|id| c.remove(id)),
        &|c| c.times("n8", 0, 1),
    ]
}

#[test]
fn rounds_are_as_few_as_the_limits_allow() {
    let scenario = history(&Cluster::zoned(20, 4, |i| 1 + (i % 3) as u64), 96, &changes());
    for limits in [None, Some((1, 1)), Some((2, 1)), Some((1, 3)), Some((4, 4)), Some((1000, 1000))]
    {
        let reports = checked(&scenario, limits);
        assert!(reports.iter().skip(1).all(|report| report["transfers"].as_u64() > Some(0)));
    }
}

#[test]
fn rounds_of_random_changes() {
    for seed in 0..16 {
        checked(&random(seed), Some((1 + seed % 3, 1 + seed / 3 % 3)));
    }
}

#[test]
fn a_file_of_rounds_has_limits_of_its_own_without_schedule() {
    let scenario = history(&Cluster::zoned(8, 4, |_| 1), 32, &[&|c| c.add("z0", 1)]);
    let by_default = written(&scenario, &[]);
    assert_eq!(by_default.2, written(&scenario, &["--schedule=1,1"]).2);
    // The rounds are those of whole steps.
    assert_eq!(by_default.2, written(&scenario, &["--steps=3"]).2);
}

#[test]
fn replicas_that_are_added_are_transfers() {
    let cluster = Cluster::zoned(12, 4, |_| 1);
    let mut scenario = cluster.scenario(json!({"zone": 1}), 48, 1);
    step(&mut scenario, "one", &cluster, json!({}));
    step(&mut scenario, "three", &cluster, json!({"replicas": 3}));
    step(&mut scenario, "twice as many", &cluster, json!({"partitions": 96}));
    step(&mut scenario, "two", &cluster, json!({"replicas": 2}));
    for limits in [(1, 1), (3, 2), (100, 100)] {
        let reports = checked(&scenario, Some(limits));
        assert_eq!(reports[1]["moved"], 0);
        assert!(reports[1]["transfers"].as_u64() >= Some(96), "{}", reports[1]);
        assert_eq!(reports[2]["transfers"], 0);
    }
}

/// One replica each: what a lost node held comes from nobody.
#[test]
fn what_nobody_holds_any_more_comes_from_nobody() {
    let mut scenario = Cluster::zoned(6, 3, |_| 1).scenario(json!({}), 30, 1);
    let mut cluster = Cluster::zoned(6, 3, |_| 1);
    step(&mut scenario, "init", &cluster, json!({}));
    cluster.remove("n2");
    cluster.add("z0", 1);
    step(&mut scenario, "lost", &cluster, json!({}));
    cluster.times("n4", 0, 1);
    step(&mut scenario, "drained", &cluster, json!({}));
    checked(&scenario, Some((1, 2)));
    let schedule = written(&scenario, &[]).2;
    let of = |label: &str, from: &str| {
        let lines = schedule.lines().filter(|line| line.starts_with(&format!("{label}\t")));
        lines.filter(|line| line.split('\t').nth(3) == Some(from)).count()
    };
    assert_eq!((of("lost", "-"), of("lost", "n2")), (5, 0), "{schedule}");
    assert_eq!((of("drained", "-"), of("drained", "n4")), (0, 5), "{schedule}");
}

#[test]
fn labels_stay_on_their_lines() {
    let mut cluster = Cluster::zoned(4, 4, |_| 1);
    let mut scenario = cluster.scenario(json!({}), 8, 1);
    step(&mut scenario, "init", &cluster, json!({}));
    cluster.add("z0", 1);
    step(&mut scenario, "a\ttab\n", &cluster, json!({}));
    let schedule = written(&scenario, &[]).2;
    assert!(!schedule.is_empty());
    assert!(schedule.lines().all(|line| line.starts_with("a\\ttab\\n\t")), "{schedule}");
}

#[test]
fn the_table_prints_rounds_bound_and_guarantee() {
    let scenario = history(&Cluster::zoned(8, 4, |_| 1), 32, &[&|c| c.add("z0", 1)]).to_string();
    let printed = |args: &[&str]| run(args, scenario.as_bytes()).stdout;
    assert!(!printed(&[]).contains("guarantee"));
    let text = printed(&["--schedule=2,3"]);
    let heading = "carried out in rounds in which a node sends at most 2 and receives at most 3";
    for word in [heading, "rounds", "bound", "guarantee", "peak/quota", "optimal"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

/// A scenario that others were measured on: 16,384 partitions, and a sixth zone.
#[test]
fn eight_thousand_transfers() {
    let scenario = history(
        &Cluster::zoned(100, 5, |_| 100),
        1 << 14,
        &[&|c| (0..20).for_each(|_| c.add("z5", 100)), &|c| c.remove("n0")],
    );
    let (reports, ..) = written(&scenario, &["--schedule=2,4"]);
    assert_eq!(
        (&reports[1]["transfers"], &reports[1]["rounds"]),
        (&json!(8192), &reports[1]["round_bound"])
    );
    // 8,192 to 20 nodes, four at a time.
    assert_eq!(reports[1]["round_bound"], 8192_u64.div_ceil(20).div_ceil(4));
}
