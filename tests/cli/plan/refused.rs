//! Wrong scenarios: one line that names the step and the field, exit status 2, nothing on standard
//! output.

use super::{path, run};
use serde_json::{Value, json};

fn refused(scenario: &str, named: &str) {
    for args in [&[][..], &["--json"]] {
        let ended = run(args, scenario.as_bytes());
        let context = format!("{scenario}: {ended:?}");
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{context}");
        assert!(ended.stderr.starts_with("plan: "), "{context}");
        assert!(ended.stderr.ends_with('\n') && ended.stderr.lines().count() == 1, "{context}");
        assert!(ended.stderr.contains(named), "{context} does not say {named}");
    }
}

/// Two steps of three nodes in three zones, 16 partitions of two replicas.
fn right() -> Value {
    let nodes = json!([
        {"id": "n0", "zone": "z0", "weight": 1},
        {"id": "n1", "zone": "z1", "weight": 1},
        {"id": "n2", "zone": "z2"},
    ]);
    json!({
        "levels": ["zone"],
        "max_per_domain": {"zone": 1},
        "partitions": 16,
        "replicas": 2,
        "steps": [{"label": "init", "nodes": nodes}, {"label": "then", "nodes": nodes}],
    })
}

/// With another value at a place.
fn with(pointer: &str, value: Value) -> String {
    let mut scenario = right();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    match scenario.pointer_mut(parent).expect("a place") {
        Value::Object(members) => drop(members.insert(field.to_owned(), value)),
        Value::Array(items) => items[field.parse::<usize>().expect("an index")] = value,
        other => panic!("{other} has no members"),
    }
    scenario.to_string()
}

fn without(pointer: &str) -> String {
    let mut scenario = right();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let members = scenario.pointer_mut(parent).and_then(Value::as_object_mut);
    members.expect("an object").remove(field).expect("it was there");
    scenario.to_string()
}

#[test]
fn the_valid_scenario_is_accepted() {
    assert_eq!(run::<&str>(&[], right().to_string().as_bytes()).status, Some(0));
}

#[test]
fn text_that_is_not_json() {
    for text in ["", "{", "[1,", "nodes", "{} {}", "\u{feff}{}", "{\"levels\": [\"zone\",]}"] {
        refused(text, "line 1 column");
    }
    refused(&"[".repeat(100_000), "recursion limit");
    for text in ["[]", "3", "null", "\"levels\""] {
        refused(text, "not an object");
    }
    let ended = run::<&str>(&[], b"{\"levels\": [\"\xff\"]}");
    assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
}

#[test]
fn missing_unknown_and_duplicate_fields() {
    for field in ["levels", "partitions", "replicas", "steps"] {
        refused(&without(&format!("/{field}")), &format!("\"{field}\" is missing"));
    }
    refused(&without("/steps/1/label"), "step 2 of the list: \"label\" is missing");
    refused(&without("/steps/1/nodes"), "step \"then\": \"nodes\" is missing");
    refused(
        &without("/steps/1/nodes/2/id"),
        "step \"then\": node 3 of the list: \"id\" is missing",
    );
    refused(&without("/steps/1/nodes/2/zone"), "step \"then\": node \"n2\": \"zone\" is missing");

    refused(&with("/seed", json!(1)), "unknown field \"seed\"");
    refused(&with("/max_per_zone", json!(1)), "unknown field \"max_per_zone\"");
    refused(&with("/steps/1/pin", json!([])), "step \"then\": unknown field \"pin\"");
    let rack = with("/steps/1/nodes/0/rack", json!("r0"));
    refused(&rack, "step \"then\": node \"n0\": unknown field \"rack\"");
    refused(&with("/two\nlines", json!(1)), "\"two\\nlines\"");

    for twice in [
        right().to_string().replacen("\"label\"", "\"label\":\"x\",\"label\"", 1),
        right().to_string().replacen("\"id\"", "\"id\":\"x\",\"id\"", 1),
        right().to_string().replacen("\"replicas\"", "\"replicas\":3,\"replicas\"", 1),
    ] {
        refused(&twice, "is given twice at line 1");
    }
}

#[test]
fn weights() {
    for wrong in ["-1", "1.5", "1.0", "1e3", "18446744073709551616", "\"1\"", "null", "true", "[1]"]
    {
        let scenario = with("/steps/1/nodes/1/weight", json!("WEIGHT"));
        let scenario = scenario.replace("\"WEIGHT\"", wrong);
        refused(&scenario, "step \"then\": node \"n1\": weight ");
        refused(&scenario, "not a whole number from 0 to 18446744073709551615");
    }
    let most = with("/steps/1/nodes/1/weight", json!(u64::MAX));
    assert_eq!(run::<&str>(&[], most.as_bytes()).status, Some(0), "its zone holds what it can");
}

#[test]
fn nodes() {
    refused(
        &with("/steps/1/nodes/1/id", json!("n0")),
        "step \"then\": nodes: node \"n0\" is given twice",
    );
    for id in [json!(5), json!(null), json!(["n0"])] {
        refused(&with("/steps/0/nodes/1/id", id), "step \"init\": node 2 of the list: id ");
    }
    for id in ["-", "", "a,b", "a\tb", "two\nlines"] {
        refused(
            &with("/steps/0/nodes/1/id", json!(id)),
            "step \"init\": node 2 of the list: id \"",
        );
    }
    refused(
        &with("/steps/0/nodes/1/id", json!("x".repeat(70_000))),
        "at most 65535 bytes, got 70000",
    );
    for zone in [json!(5), json!(null), json!({})] {
        let named = "step \"init\": node \"n1\": \"zone\" ";
        refused(&with("/steps/0/nodes/1/zone", zone), named);
    }
    refused(&with("/steps/0/nodes/1/zone", json!("z".repeat(300))), "got 300 at level");
    refused(&with("/steps/0/nodes/1", json!("n1")), "node 2 of the list \"n1\": not an object");
    refused(&with("/steps/0/nodes", json!({})), "step \"init\": nodes {…}: not a list");
}

#[test]
fn levels_and_limits() {
    refused(&with("/levels", json!("zone")), "levels \"zone\": not a list");
    refused(&with("/levels", json!([3])), "levels: 3: not text");
    refused(&with("/levels", json!([""])), "levels: \"\"");
    refused(&with("/levels", json!(["zone", "zone"])), "levels: \"zone\" is given twice");
    for name in ["id", "weight"] {
        refused(&with("/levels", json!([name])), &format!("levels: \"{name}\" is another field"));
    }
    let nine: Vec<String> = (0..9).map(|i| format!("level{i}")).collect();
    refused(
        &with("/levels", json!(nine)).replace("\"zone\":1", ""),
        "levels: 9 of them, more than 8",
    );
    refused(&with("/max_per_domain", json!([1])), "max_per_domain […]: not an object");
    refused(&with("/max_per_domain/rack", json!(1)), "max_per_domain: \"rack\" is not in levels");
    for limit in [json!(0), json!(-1), json!(1.5), json!("1"), json!(4_294_967_296_u64)] {
        let named = format!("max_per_domain: \"zone\" {limit}: not a whole number from 1");
        refused(&with("/max_per_domain/zone", limit), &named);
    }
}

#[test]
fn sizes() {
    for (field, most) in [("partitions", 16_777_216), ("replicas", 64)] {
        for value in [json!(0), json!(-1), json!(1.5), json!("16"), json!(null), json!(most + 1)] {
            let named = format!("{field} {value}: not a whole number from 1 to {most}");
            refused(&with(&format!("/{field}"), value.clone()), &named);
            refused(&with(&format!("/steps/1/{field}"), value), &format!("step \"then\": {named}"));
        }
    }
    let many = with("/partitions", json!(16_777_216)).replace("\"replicas\":2", "\"replicas\":64");
    refused(&many, "step \"init\": partitions 16777216 and replicas 64: more than 268435456");
    for partitions in [8, 1, 17, 24] {
        let named =
            format!("step \"then\": partitions {partitions}: not a multiple of the 16 before");
        refused(&with("/steps/1/partitions", json!(partitions)), &named);
    }
}

#[test]
fn steps() {
    refused(&with("/steps", json!([])), "steps []");
    refused(&with("/steps", json!({})), "steps {…}: not a list");
    refused(&with("/steps/1", json!("then")), "step 2 of the list \"then\": not an object");
    refused(&with("/steps/1/label", json!(7)), "step 2 of the list: label 7: not text");
}

#[test]
fn pins() {
    for step in 0..2 {
        let label = ["init", "then"][step];
        let wrong = |pins: Value, named: &str| {
            let scenario = with(&format!("/steps/{step}/pins"), pins);
            refused(&scenario, &format!("step \"{label}\": pins{named}"));
        };
        wrong(json!({}), " {…}: not a list");
        wrong(json!([3]), " 3: not a list");
        wrong(json!([[3]]), ": 1 values, not [partition, id]");
        wrong(json!([[3, "n0", "n1"]]), ": 3 values, not [partition, id]");
        wrong(json!([["n0", 3]]), ": partition \"n0\": not a whole number from 0 to 15");
        wrong(json!([[16, "n0"]]), ": partition 16: not a whole number from 0 to 15");
        wrong(json!([[-1, "n0"]]), ": partition -1");
        wrong(json!([[3, 0]]), ": id 0: not text");
        wrong(json!([[3, "n9"]]), ": id \"n9\" is not a node");
        wrong(json!([[3, "n0"], [3, "n0"]]), ": partition 3 is pinned to \"n0\" twice");
    }
    // A pin of a step before, of a node that is gone.
    let mut scenario = right();
    scenario["steps"][0]["pins"] = json!([[3, "n0"]]);
    scenario["steps"][1]["nodes"][0]["id"] = json!("n3");
    refused(&scenario.to_string(), "step \"then\": pins: id \"n0\" is not a node");
}

#[test]
fn frozen() {
    refused(&with("/steps/0/frozen", json!([3])), "step \"init\": frozen: partition 3");
    let wrong = |frozen: Value, named: &str| {
        refused(&with("/steps/1/frozen", frozen), &format!("step \"then\": frozen{named}"));
    };
    wrong(json!(3), " 3: not a list");
    wrong(json!([16]), ": partition 16: not a whole number from 0 to 15");
    wrong(json!(["n0"]), ": partition \"n0\"");
}

/// Nothing is created for a scenario that is none.
#[test]
fn the_dump_is_left_alone() {
    let path = path("none");
    let dump = path.to_str().expect("UTF-8");
    let ended = run(&["--dump", dump], b"{}");
    assert_eq!((ended.status, path.exists()), (Some(2), false), "{ended:?}");
}
