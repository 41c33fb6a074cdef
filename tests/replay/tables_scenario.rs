//! Scenarios and tables of the example `plan`: any bytes are an outcome or a message of one line.

use super::input::Input;
use super::plans_cluster::{Cluster, label, level};
use super::saved_edit::{edit_bytes, edit_value};
use super::tables::most_partitions;
use serde_json::{Map, Value, json};

/// The example's own modules, all but its command line and its allocator.
#[allow(dead_code)]
#[path = "../../examples/plan"]
mod example {
    mod affinity;
    mod carried;
    mod change;
    /// Without arguments and progress, for which there are no packages here.
    #[path = "../common"]
    mod common {
        pub(crate) mod dump;
        pub(crate) mod layout;
        pub(crate) mod lines;
        pub(crate) mod text;
    }
    pub(super) mod figures;
    mod json;
    mod kafka;
    mod missing;
    mod nodes;
    pub(super) mod options;
    pub(super) mod outcome;
    pub(super) mod page;
    mod paper;
    #[path = "../common/report/mod.rs"]
    mod report;
    pub(super) mod scenario;
    pub(super) mod sections;
    pub(super) mod start;
    pub(super) mod steps;
    pub(super) mod table;
    mod tables;

    pub(super) use common::text;
    use common::{dump, layout, lines};

    /// Nothing is measured here.
    mod heap {
        pub(crate) struct Watch;

        impl Watch {
            pub(crate) fn start() -> Self {
                Self
            }

            #[allow(clippy::unused_self)]
            pub(crate) fn peak(&self) -> usize {
                0
            }
        }
    }
}

use apportion::partition::TableConfig;
use example::figures::Files;
use example::options::Options;
use example::page::Pages;
use example::scenario::Scenario;
use example::start::Start;

/// Pins and frozen partitions multiply with them, as they are meant to.
const PARTITIONS: u64 = 4096;
/// Replicas of all steps together that are planned here.
const PLANNED: u64 = 2000;

pub fn run(bytes: &[u8]) {
    match bytes.first() {
        Some(b'{') => {}
        Some(b'#') => return table(bytes),
        // No scenario: the bytes decide how a table is edited.
        _ => edited_table(&mut Input(bytes)),
    }
    let large = serde_json::from_slice(bytes).is_ok_and(|v| most_partitions(&v) > PARTITIONS);
    if large {
        return;
    }
    match Scenario::parse(bytes, false) {
        Ok(scenario) => play(&scenario, bytes.len()),
        Err(why) => one_line(&why),
    }
}

/// A table of another run: one that a scenario with a multiple of its partitions can start from.
fn table(bytes: &[u8]) {
    match Start::parse(bytes, 1 << 10, bytes.len() % 2 == 0) {
        Ok(start) => assert_eq!((1 << 10) % start.table.partitions(), 0),
        Err(why) => one_line(&why),
    }
}

fn one_line(message: &str) {
    let shown = example::text::visible(message);
    assert!(!shown.is_empty() && !shown.contains('\n'), "{shown}");
}

fn play(scenario: &Scenario, choice: usize) {
    let replicas = |s: &example::scenario::Step| {
        let all = s.tables.iter().map(TableConfig::total_replicas).sum::<u64>();
        s.config.total_replicas() + all
    };
    if scenario.steps.iter().map(replicas).sum::<u64>() > PLANNED {
        return;
    }
    let asked = choice % 3 == 0;
    let options = Options {
        json: true,
        no_disperse: choice % 2 == 1,
        nodes: asked,
        moves: asked,
        explain: asked.then_some(0),
        dry_run: asked,
        steps: (choice % 5 < 2).then_some(choice as u32 % 11 + 1),
        schedule: asked.then_some((choice as u32 % 3 + 1, choice as u32 % 4 + 1)),
        ..Options::default()
    };
    let pages = asked.then(|| Pages::new(scenario));
    let mut files = Files { tables: None, schedules: None, html: None, pages };
    let outcome = match example::steps::run(scenario, None, &options, &mut files) {
        Ok((outcome, _)) => outcome,
        Err(why) => return one_line(&why),
    };
    let done = outcome.steps.len();
    if let Some(stopped) = &outcome.error {
        assert!(done < scenario.steps.len());
        one_line(&stopped.message);
    } else {
        assert_eq!(done, scenario.steps.len());
    }
    assert!(outcome.steps.iter().all(|step| step.optimal && step.lower_bound <= step.moved));
    assert!(outcome.steps.iter().all(|step| step.leaders_lower_bound <= step.leaders_moved));
    let balanced =
        scenario.steps.iter().zip(&outcome.steps).filter(|(step, _)| step.leaders.is_some());
    assert!(balanced.into_iter().all(|(_, done)| done.leaders_outside_floor_ceil == 0));
    assert!(outcome.steps.iter().all(|step| step.rounds >= step.round_bound));
    assert!(outcome.steps.iter().all(|step| step.transfers >= step.moved));
    let json = outcome.json();
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["steps"].as_array().map(Vec::len), Some(done));
    assert_eq!(json.find('\n'), Some(json.len() - 1));
    if let Some(pages) = &files.pages {
        // No name becomes an element.
        let page = pages.html(&outcome, &options);
        assert_eq!((page.matches("<script").count(), page.matches("</html>").count()), (2, 1));
    }
    let table = example::table::write(scenario, &outcome);
    assert_eq!(table.is_empty(), done == 0);
    let sections = example::sections::write(scenario, &outcome, &options);
    assert!(!sections.is_empty() || done == 0 || !asked && options.steps.is_none());
}

/// A scenario of a history, with edits.
pub fn edited(input: &mut Input<'_>) {
    let mut value = history(input);
    match input.below(4) {
        0 => {}
        1 => {
            let mut text = serde_json::to_vec(&value).unwrap();
            edit_bytes(&mut text, input);
            return run(&text);
        }
        _ => (0..=input.below(3)).for_each(|_| edit_value(&mut value, input)),
    }
    run(&serde_json::to_vec(&value).unwrap());
}

/// A table in the format of a dump is read as it is; with edits, it is one or a message.
fn edited_table(input: &mut Input<'_>) {
    let (partitions, replicas) = (1 << input.below(6), 1 + input.below(3));
    let nodes = replicas + input.below(5);
    let ids = |p: usize| (0..replicas).map(move |i| format!("n{}", (p + i) % nodes));
    let row = |p: usize| format!("{p}\t{}\n", ids(p).collect::<Vec<_>>().join(","));
    let mut text =
        format!("# label\n{}", (0..partitions).map(row).collect::<String>()).into_bytes();
    let Ok(Start { table: read, nodes }) = Start::parse(&*text, 1 << 10, input.below(2) == 0)
    else {
        panic!("a table: {}", String::from_utf8_lossy(&text))
    };
    for p in 0..partitions {
        let row = read.row(p as u32).map(|node| nodes.get(node).cloned().unwrap());
        assert!(row.eq(ids(p)), "partition {p}");
    }
    edit_bytes(&mut text, input);
    table(&text);
}

fn history(input: &mut Input<'_>) -> Value {
    let mut cluster = Cluster::read(input);
    let names: Vec<String> = (0..cluster.limits.len()).map(level).collect();
    let limits = names.iter().zip(&cluster.limits).filter_map(|(n, l)| Some((n.clone(), (*l)?)));
    let mut scenario = json!({
        "levels": names,
        "max_per_domain": limits.map(|(n, l)| (n, json!(l))).collect::<Map<_, _>>(),
        "partitions": cluster.partitions,
        "replicas": cluster.replicas,
    });
    let node = |spot: &super::plans_cluster::Spot| {
        let mut node = json!({ "id": label(spot.name), "weight": spot.weight });
        for (level, name) in names.iter().zip(&spot.path) {
            node[level] = json!(format!("d{name}"));
        }
        node
    };
    let mut steps = Vec::new();
    for i in 0..=input.below(6) {
        let pins = cluster.pins.iter().map(|(p, name)| json!([p, label(*name)]));
        steps.push(json!({
            "label": format!("step {i}"),
            "nodes": cluster.nodes.iter().map(node).collect::<Vec<_>>(),
            "partitions": cluster.partitions,
            "replicas": cluster.replicas,
            "pins": pins.collect::<Vec<_>>(),
            "frozen": cluster.frozen,
        }));
        (0..=input.below(2)).for_each(|_| cluster.change(None, input));
    }
    scenario["steps"] = json!(steps);
    scenario
}
