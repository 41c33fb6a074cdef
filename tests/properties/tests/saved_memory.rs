//! What hostile saved forms take while they are read: every list, in each order of the fields.
#![cfg(feature = "serde")]

#[allow(unreachable_pub)]
#[path = "../../support/meter.rs"]
mod meter;

use apportion::limits::{MAX_DOMAIN_LEVELS, MAX_NODES};
use apportion::ring::GivenPoints;
use apportion::saved::{Savable, Saved};
use apportion::{AnyPlacement, Asura, Locator, PartitionTable, Ring};
use meter::most_held;

/// Bytes of each list: for entries of two bytes just above a power of two, where a list that grows
/// holds the most.
const LIST: usize = 2_200_000;

/// What a form takes beside its lists.
const FIXED: usize = 1 << 16;

/// `start`, as many of `item` as give [`LIST`] bytes, and `end`.
fn listed(start: &str, item: impl Fn(usize) -> String, end: &str) -> String {
    let mut text = String::from(start);
    for i in 0.. {
        if text.len() >= LIST {
            break;
        }
        if i > 0 {
            text.push(',');
        }
        text.push_str(&item(i));
    }
    text.push_str(end);
    text
}

fn alike(start: &str, item: &str, end: &str) -> String {
    listed(start, |_| item.into(), end)
}

/// A form with these nodes, this placement and more fields, and the version in front or behind.
fn forms(nodes: &str, placement: &str, more: &str) -> [String; 2] {
    let fields = format!(
        r#""fingerprint":"0000000000000000","hasher":"0000000000000001","epoch":0,"nodes":{nodes},"placement":{placement}{more}"#
    );
    [format!("{{\"version\":1,{fields}}}"), format!("{{{fields},\"version\":1}}")]
}

const NODES: &str = r#"[{"value":"a","label":{"text":"a"},"weight":1,"domains":[]}]"#;
const PLACEMENT: &str = r#""rendezvous""#;

/// The form is refused, and takes no more than so many bytes for each of its own.
fn refused<P: Savable>(what: &str, most: usize, (nodes, placement, more): (&str, &str, &str)) {
    for (form, order) in forms(nodes, placement, more).iter().zip(["first", "last"]) {
        let read = || serde_json::from_str::<Locator<String, P>>(form).err();
        let (error, held) = most_held(|| read().map(|error| error.to_string()));
        let each = held as f64 / form.len() as f64;
        let said: String = error.iter().flat_map(|error| error.chars()).take(90).collect();
        println!("{what}, version {order}: {each:.1} bytes a byte: {said}");
        assert!(error.is_some(), "{what}");
        assert!(held <= FIXED + most * form.len(), "{what}, version {order}: {each} bytes a byte");
    }
}

fn of_nodes(what: &str, most: usize, nodes: &str) {
    refused::<AnyPlacement>(what, most, (nodes, PLACEMENT, ""));
}

fn of_state<P: Savable>(what: &str, most: usize, placement: &str) {
    refused::<P>(what, most, (NODES, placement, ""));
}

#[test]
fn nodes_take_memory_in_proportion_to_the_input() {
    // What the slots of a topology take, for holes of five bytes each.
    of_nodes("holes", 13, &alike("[", "null", "]"));
    of_nodes("nodes without fields", 1, &alike("[", "{}", "]"));
    of_nodes("nodes of a value", 1, &alike("[", r#"{"value":""}"#, "]"));
    let little = r#"{"value":"","label":{"text":""},"weight":0,"domains":[]}"#;
    of_nodes("nodes of little", 4, &alike("[", little, "]"));
    of_nodes("nodes as lists", 8, &alike("[", r#"["",{"text":""},0,[]]"#, "]"));
    let fields = [
        ("value", r#""a""#),
        ("label", r#"{"text":"a"}"#),
        ("weight", "1"),
        ("domains", "[]"),
        ("more", "0"),
    ];
    for (field, _) in fields {
        for item in ["0", "[]", "{}", r#""""#, r#"["",""]"#] {
            let others = fields.iter().filter(|(name, _)| *name != field && *name != "more");
            let others: Vec<_> = others.map(|(name, value)| format!("{name:?}:{value}")).collect();
            let start = format!("[{{{},{field:?}:[", others.join(","));
            of_nodes(&format!("{field} of {item}"), 2, &alike(&start, item, "]}]"));
        }
    }
    let (twice, more) = (alike("[", "null", "]"), alike(",\"nodes\":[", "null", "]"));
    refused::<AnyPlacement>("nodes twice", 1, (&twice, PLACEMENT, &more));
}

#[test]
fn states_take_memory_in_proportion_to_the_input() {
    let any = of_state::<AnyPlacement>;
    let jump = r#"{"numbered":{"algorithm":"jump-back","order":["#;
    any("order", 6, &alike(jump, "0", "]}}"));
    let anchor = r#"{"jump-back-anchor":{"order":[0],"state":["#;
    any("log", 6, &alike(anchor, "0", "]}}"));
    let anchor = r#"{"jump-back-anchor":{"state":[0],"order":["#;
    any("order of an anchor", 6, &alike(anchor, "0", "]}}"));
    let anchor = r#"{"anchor":{"capacity":9,"asked_capacity":null,"order":[0],"state":["#;
    any("log of a fixed capacity", 6, &alike(anchor, "0", "]}}"));
    let anchor = r#"{"anchor":{"capacity":9,"asked_capacity":null,"state":[0],"order":["#;
    any("order of a fixed capacity", 6, &alike(anchor, "0", "]}}"));
    let asura = |field: &str| {
        let config =
            r#""exponent":24,"unit":0,"asked_exponent":null,"asked_unit":null,"darts":255"#;
        format!(r#"{{"asura":{{{config},{field}"#)
    };
    let slots = of_state::<Asura>;
    slots("slots", 6, &alike(&asura(r#""rests":[],"slots":["#), "0", "]}}"));
    slots("free slots", 6, &alike(&asura(r#""rests":[],"slots":["#), "null", "]}}"));
    slots("rests", 6, &alike(&asura(r#""slots":[0],"rests":["#), "0", "]}}"));
    let table = |partitions: usize, field: &str| {
        let config = r#""replicas":1,"name":"","under_replicated":false"#;
        format!(r#"{{"partition-table":{{"partitions":{partitions},{config},{field}"#)
    };
    let tables = of_state::<PartitionTable>;
    tables("holders", 6, &alike(&table(1, r#""limits":[],"holders":["#), "0", "]}}"));
    tables("limits", 2, &alike(&table(1, r#""holders":[0],"limits":["#), r#"["",1]"#, "]}}"));
    let given =
        |inner: &str| format!(r#"{{"given-points":{{"rule":"first-at-or-after","lists":[{inner}"#);
    let points = of_state::<Ring<GivenPoints>>;
    points("lists alike", 6, &alike(&given(""), r#"[{"text":""},[]]"#, "]}}"));
    points("lists", 9, &listed(&given(""), |i| format!(r#"[{{"text":"{i:05x}"}},[]]"#), "]}}"));
    let one = given(r#"[{"text":"a"},["#);
    points("points alike", 2, &alike(&one, r#""0000000000000000""#, "]]]}}"));
    points("points", 4, &listed(&one, |i| format!("\"{i:016x}\""), "]]]}}"));
    let name = "x".repeat(LIST);
    any(
        "name of an algorithm",
        3,
        &format!(r#"{{"numbered":{{"algorithm":{name:?},"order":[]}}}}"#),
    );
    points("name of a rule", 3, &format!(r#"{{"given-points":{{"rule":{name:?},"lists":[]}}}}"#));
    any("another algorithm", 5, &format!("{name:?}"));
}

/// Where something else has to stand: kept as it is as long as the version is not known.
#[test]
fn random_values_in_place_of_fields_take_bounded_memory() {
    for item in ["0", "null", "1.5", "-1", "[]", "{}", r#""""#, r#"{"a":[0,[1]]}"#] {
        let list = alike("[", item, "]");
        of_state::<AnyPlacement>(&format!("a placement of {item}"), 6, &list);
        let variant = format!("{{\"x\":{list}}}");
        of_state::<AnyPlacement>(&format!("an unknown algorithm of {item}"), 6, &variant);
        let more = format!(r#"{{"maglev":{{"table_size":101,"x":{list}}}}}"#);
        of_state::<AnyPlacement>(&format!("an unknown field of a table of {item}"), 6, &more);
        let more = format!(",\"x\":{list}");
        refused::<AnyPlacement>(&format!("{item} more"), 1, (NODES, PLACEMENT, &more));
        if item != "null" {
            of_nodes(&format!("nodes of {item}"), 1, &list);
        }
    }
    for deep in ["[", "{\"a\":"] {
        let deep = deep.repeat(LIST / deep.len());
        let more = format!(",\"x\":{deep}");
        refused::<AnyPlacement>("deep", 3, (NODES, PLACEMENT, &more));
        of_state::<AnyPlacement>("a deep placement", 3, &deep);
        of_nodes("a deep node", 3, &format!("[{{\"value\":\"a\",\"label\":{deep}"));
    }
    let more = format!(",{:?}:0", "x".repeat(LIST));
    refused::<AnyPlacement>("a long field", 3, (NODES, PLACEMENT, &more));
}

/// A list is read to its greatest length and no further, and the error says so.
#[test]
fn lists_end_at_their_limits() {
    let nodes = |count: usize| format!("[{}null]", "null,".repeat(count - 1));
    let error = |text: &str| {
        let (error, held) = most_held(|| serde_json::from_str::<Saved<String>>(text).err());
        assert!(held <= FIXED + text.len(), "{held}");
        error.map(|error| error.to_string())
    };
    for form in forms(&nodes(MAX_NODES), PLACEMENT, "") {
        assert_eq!(error(&form), None);
    }
    let expected = "the saved list `nodes` has more entries than the maximum of 1048576";
    for form in forms(&nodes(3 * MAX_NODES), PLACEMENT, "") {
        assert!(error(&form).unwrap().starts_with(expected));
        // A newer release may allow more of them.
        let newer = form.replace("\"version\":1", "\"version\":2");
        assert!(error(&newer).unwrap().starts_with("saved by a newer release"));
    }
    let domains = |count: usize| {
        let level = |i| format!(r#"["{i}",""]"#);
        let levels: Vec<_> = (0..count).map(level).collect();
        NODES.replace("[]", &format!("[{}]", levels.join(",")))
    };
    let limits = |count: usize| {
        let levels = vec![r#"["a",1]"#; count].join(",");
        format!(
            r#"{{"partition-table":{{"partitions":1,"replicas":1,"limits":[{levels}],"name":"","under_replicated":false,"holders":[0]}}}}"#
        )
    };
    for (more, list) in [(0, None), (1, Some("domains"))] {
        for form in forms(&domains(MAX_DOMAIN_LEVELS + more), PLACEMENT, "") {
            let error = error(&form);
            assert_eq!(error.is_some(), list.is_some(), "{error:?}");
            assert!(list.is_none_or(|list| error.unwrap().contains(&format!("`{list}`"))));
        }
    }
    for (more, list) in [(0, None), (1, Some("limits"))] {
        for form in forms(NODES, &limits(MAX_DOMAIN_LEVELS + more), "") {
            let error = error(&form);
            assert_eq!(error.is_some(), list.is_some(), "{error:?}");
            assert!(list.is_none_or(|list| error.unwrap().contains(&format!("`{list}`"))));
        }
    }
    let order = |count: usize| {
        let order = format!("{}0", "0,".repeat(count - 1));
        format!(r#"{{"numbered":{{"algorithm":"jump","order":[{order}]}}}}"#)
    };
    for form in forms(NODES, &order(MAX_NODES + 1), "") {
        let error = serde_json::from_str::<Saved<String>>(&form).unwrap_err().to_string();
        assert!(error.contains("`order` has more entries than the maximum of 1048576"), "{error}");
    }
}

/// A compact form, where a hole is a byte and a list says its length in front.
#[test]
fn compact_forms_take_bounded_memory() {
    let ring = Locator::rendezvous(["a".to_string()]).unwrap();
    let bytes = postcard::to_allocvec(&ring).unwrap();
    // Version, two texts of 16 digits and the epoch; then the nodes.
    let (head, rest) = bytes.split_at(1 + 17 + 17 + 1);
    assert_eq!(rest[0], 1);
    let length = |mut length: usize| {
        let mut bytes = Vec::new();
        while length >= 128 {
            bytes.push(length as u8 | 128);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes
    };
    let form = |said: usize, holes: usize| {
        let rest = &rest[1..];
        let node = &rest[..rest.len() - 1];
        [head, &length(said), &vec![0; holes], node, &rest[rest.len() - 1..]].concat()
    };
    let read = |bytes: &[u8]| {
        let (read, held) = most_held(|| postcard::from_bytes::<Saved<String>>(bytes));
        assert!(held <= FIXED + 2 * bytes.len(), "{held} for {}", bytes.len());
        read.is_ok()
    };
    assert!(read(&form(1, 0)) && read(&form(MAX_NODES, MAX_NODES - 1)));
    assert!(
        !read(&form(MAX_NODES + 1, MAX_NODES)) && !read(&form(3 * MAX_NODES, 3 * MAX_NODES - 1))
    );
    // Lengths that are not there.
    for said in [MAX_NODES, u32::MAX as usize] {
        assert!(!read(&form(said, 3)));
    }
    // Nodes, levels and lists of points that take a byte for each of their parts.
    let taken = |bytes: &[u8]| {
        let (_, held) = most_held(|| postcard::from_bytes::<Saved<String>>(bytes).is_ok());
        println!("{:.1} bytes a byte", held as f64 / bytes.len() as f64);
        assert!(held <= FIXED + 32 * bytes.len(), "{held} for {}", bytes.len());
    };
    let nodes = |node: &[u8]| [head, &length(200_000), &node.repeat(200_000)].concat();
    taken(&nodes(&[1, 0, 0, 0, 0, 0]));
    taken(&nodes(&[&[1, 0, 0, 0, 0, 8][..], &[0; 16]].concat()));
    // The ninth and the tenth state: given points by no rule's name, and a table.
    let lists = [head, &[0, 7, 0], &length(500_000), &[0; 1_500_000]].concat();
    taken(&lists);
    taken(&[head, &[0, 8, 1, 1, 0, 0, 0], &length(1_200_000), &[0; 1_200_000]].concat());
}
