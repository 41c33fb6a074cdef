//! `--html`: the report says what `--json` says, and no name or key breaks it.

use super::{folder, run};
use crate::html::{Page, unbase64};
use serde_json::Value;
use std::fs;

/// So many keys, one a line.
fn keys(count: usize) -> String {
    (0..count).map(|i| format!("key-{i}\t{}\n", i % 7)).collect()
}

/// The report of a run, checked as every page is.
fn report(name: &str, args: &[&str], input: &str) -> (Page, String) {
    let path = folder(name).join("report.html");
    let file = path.to_str().expect("UTF-8");
    let ended = run(&[&["--keys", "-", "--html", file], args].concat(), input.as_bytes());
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let html = fs::read_to_string(&path).expect("a report");
    let page = Page::read(&html);
    page.check(&html);
    (page, html)
}

const SECTIONS: [&str; 8] =
    ["verdict", "checks", "ring", "flows", "loads", "failures", "schedule", "undo"];

#[test]
fn every_algorithm_has_its_sections_and_figures() {
    let args = ["--nodes", "6", "--replicas", "1"];
    let (page, html) = report("figures", &args, &keys(3000));
    let json = run(&[&["--keys", "-", "--json"], &args[..]].concat(), keys(3000).as_bytes()).json();
    let algorithms = json["algorithms"].as_array().expect("a list");
    let rows = page.table("Every algorithm against the minimum for the counted balances");
    assert_eq!(rows.len(), algorithms.len());
    for (i, (row, found)) in rows.iter().zip(algorithms).enumerate() {
        assert_eq!(row[0], found["name"].as_str().expect("a name"));
        if found["supported"] == false {
            assert!(row[1].contains("FAIL"), "{row:?}");
            continue;
        }
        assert_eq!(row[2].replace(',', ""), found["moved_keys"].to_string());
        let percent = |field: &str| {
            found[field].as_f64().map_or("–".to_owned(), |share| format!("{:.2}", 100.0 * share))
        };
        assert_eq!(row[3], percent("moved_fraction"));
        assert_eq!(row[4], percent("exact_fraction"));
        assert_eq!(row[5], percent("minimum_fraction"));
        assert_eq!(row[7].replace(',', ""), found["old_to_old"].to_string());
        for section in SECTIONS {
            let id = format!("id=\"a{}-{section}\"", i + 1);
            assert!(html.contains(&id), "{id}");
        }
    }
    for id in ["verdict", "checks", "parts", "explain", "ask", "answer", "downloads", "method"] {
        page.by_id(id);
    }
}

#[test]
fn flows_are_those_of_json() {
    let args = ["--nodes", "4", "--algorithm", "maglev", "--algorithm", "rendezvous"];
    let (page, _) = report("flows", &args, &keys(2000));
    let json = run(&[&["--keys", "-", "--json"], &args[..]].concat(), keys(2000).as_bytes()).json();
    let link = page.all("a").find(|a| a.get("download") == Some("flows.csv")).expect("a file");
    let (_, coded) = link.get("href").and_then(|href| href.split_once("base64,")).expect("data");
    let csv = String::from_utf8(unbase64(coded)).expect("UTF-8");
    let mut expected = Vec::new();
    for found in json["algorithms"].as_array().expect("a list") {
        for flow in found["flows"].as_array().expect("a list") {
            let end = |end: &str| flow[end].as_str().unwrap_or("").to_owned();
            let (name, from, to) =
                (found["name"].as_str().expect("a name"), end("from"), end("to"));
            expected.push(format!("{name},{from},{to},{},{}", flow["keys"], flow["bytes"]));
        }
    }
    let mut lines: Vec<&str> = csv.lines().skip(1).collect();
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

/// The keys that the box explains are where the program `--json` counts them: all of a short list are
/// in the sample.
#[test]
fn sampled_keys_are_where_they_are_counted() {
    let args = ["--nodes", "5", "--replicas", "2"];
    let (page, _) = report("sample", &args, &keys(300));
    let data = page.data();
    let json = run(&[&["--keys", "-", "--json"], &args[..]].concat(), keys(300).as_bytes()).json();
    let listed = data["keys"].as_array().expect("a list");
    assert_eq!(listed.len(), 300);
    for (i, found) in json["algorithms"].as_array().expect("a list").iter().enumerate() {
        let mut moved = 0;
        for key in listed {
            let Some(sides) = key[1][i].as_array() else { continue };
            let before = sides[0].as_array().expect("a list");
            let after = sides[1].as_array().expect("a list");
            moved += after.iter().filter(|node| !before.contains(node)).count();
        }
        if found["supported"] == true {
            assert_eq!(found["moved_keys"], moved, "{}", found["name"]);
        }
    }
}

#[test]
fn hostile_names_and_keys_stay_text() {
    let evil = "</script><script>alert('n')</script>\"&<b>";
    let node = format!("a{evil}=1");
    let other = format!("b{evil}=1");
    let args = ["--node", &node, "--node", &other, "--add", "c", "--algorithm", "ring"];
    let (page, html) = report("hostile", &args, &format!("{evil}\nplain\n"));
    assert_eq!(page.all("script").count(), 2);
    assert!(!html.contains("<script>alert") && !html.contains("<b>"));
    let data = page.data();
    assert!(data["keys"].as_array().expect("a list").iter().any(|key| key[0] == evil));
    assert!(data["nodes"].to_string().contains("</script>"));
}

#[test]
fn the_same_bytes_twice_and_for_any_order_of_the_keys() {
    let input = keys(5000);
    let mut lines: Vec<&str> = input.lines().collect();
    lines.reverse();
    let reversed = lines.join("\n") + "\n";
    let args = ["--nodes", "3"];
    let (_, first) = report("twice", &args, &input);
    assert_eq!(first, report("twice", &args, &input).1);
    assert_eq!(first, report("twice", &args, &reversed).1);
}

#[test]
fn many_nodes_are_grouped_and_refusals_are_shown() {
    let args = ["--nodes", "100", "--remove", "n3", "--algorithm", "jump", "--algorithm", "ring"];
    let (page, html) = report("many", &args, &keys(4000));
    page.table("Moved keys by group of 3 nodes: rows give, columns get");
    assert!(page.by_id("a1-checks").text.contains("FAIL"), "jump cannot remove n3");
    assert!(!html.contains("id=\"a1-ring\""));
}

#[test]
fn the_way_back_is_a_command() {
    let args =
        ["--node", "a=2", "--node", "b c", "--node", "d", "--remove", "b c", "--reweight", "a=3"];
    let args = [&args[..], &["--add", "e=4", "--algorithm", "ring"]].concat();
    let (page, _) = report("back", &args, &keys(100));
    let undo = &page.by_id("a1-undo").text;
    let command =
        "key_movement --node a=3 --node d=1 --node e=4 --reweight a=2 --add 'b c=1' --remove e";
    let told: Vec<&str> = undo.split_whitespace().collect();
    assert!(told.join(" ").contains("by fingerprint"), "{undo}");
    assert!(undo.contains("--add 'b c=1'") && undo.contains("--remove e"), "{undo}\n{command}");
    assert!(undo.contains("--node a=3") && undo.contains("--reweight a=2"), "{undo}");
}

#[test]
fn wrong_places_are_one_line() {
    let here = folder("places");
    let list = here.join("keys");
    fs::write(&list, "a\nb\n").expect("a file");
    let list = list.to_str().expect("UTF-8");
    let cases: [(&[&str], &str); 4] = [
        (&["--html"], "--html needs a value"),
        (&["--html", "a", "--html", "b"], "--html is given twice"),
        (&["--keys", list, "--html", list], "that is the file of --keys"),
        (
            &["--keys", list, "--html", "/no/such/folder/r.html"],
            "--html \"/no/such/folder/r.html\": ",
        ),
    ];
    for (args, named) in cases {
        let ended = run(args, b"");
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{args:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        assert!(ended.stderr.contains(named), "{args:?}: {ended:?}");
    }
    assert_eq!(fs::read_to_string(list).expect("it is there"), "a\nb\n");
    // No keys: an error, and no file.
    let path = here.join("none.html");
    let file = path.to_str().expect("UTF-8");
    assert_eq!(run(&["--keys", "-", "--html", file], b"").status, Some(2));
    assert!(!path.exists());
}

/// The figures in the page are the object of `--json` without times and flows.
#[test]
fn the_file_of_figures() {
    let args = ["--nodes", "3", "--algorithm", "jump-back"];
    let (page, _) = report("file", &args, &keys(500));
    let json = run(&[&["--keys", "-", "--json"], &args[..]].concat(), keys(500).as_bytes()).json();
    let link = page.all("a").find(|a| a.get("download") == Some("key_movement.json"));
    let href = link.and_then(|link| link.get("href")).expect("a file");
    let (_, coded) = href.split_once("base64,").expect("data");
    let figures: Value = serde_json::from_slice(&unbase64(coded)).expect("JSON");
    let mut expected = json;
    for row in expected["algorithms"].as_array_mut().expect("a list") {
        let row = row.as_object_mut().expect("an object");
        row.remove("lookup_ns");
        row.remove("flows");
    }
    assert_eq!(figures, expected);
}
