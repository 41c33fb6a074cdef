//! Saved forms: round trips, a file of the first release, hostile input.
#![cfg(feature = "serde")]

use apportion::anchor::AnchorConfig;
use apportion::bucket::Numbered;
use apportion::ring::RingConfig;
use apportion::saved::Saved;
use apportion::{
    Algorithm, AnyPlacement, JumpBack, Locator, Node, Ring, SipHash13, Topology, Xxh3,
};
use apportion_properties::support::{self, Draws};

type Any = Locator<String, AnyPlacement>;

/// Nodes with history: holes, reused slots, domains, weights where the algorithm has them.
fn with_history(algorithm: Algorithm) -> Any {
    let any = Locator::any_of(support::topology(&[1; 6]), algorithm).unwrap();
    let guarantees = apportion::Placement::guarantees(any.placement());
    let mut any = any.with("x".into()).unwrap();
    if guarantees.any_removal {
        any = any.without("n1").unwrap().without("n4").unwrap().with("y".into()).unwrap();
    }
    let rack = |n: Node<String>| n.domain("zone", "z").domain("rack", "r");
    any = any.with_node(rack(Node::new("z".into()))).unwrap();
    if guarantees.weights {
        any = any.reweighted("n0", 7).unwrap().reweighted("n2", 0).unwrap();
    }
    any
}

fn same<P: apportion::Placement>(a: &Any, b: &Locator<String, P>) {
    for key in 0..2000_u64 {
        assert_eq!(a.locate(&key), b.locate(&key));
        assert_eq!(a.replicas::<3>(&key).indices(), b.replicas::<3>(&key).indices());
    }
}

#[test]
fn round_trips() {
    for name in Algorithm::NAMES {
        let original = with_history(name.parse().unwrap());
        let text = serde_json::to_string(&original).unwrap();
        let again: Any = serde_json::from_str(&text).unwrap();
        same(&original, &again);
        assert_eq!(again.fingerprint(), original.fingerprint());
        assert_eq!(again.topology().epoch(), original.topology().epoch());
        assert_eq!(again.placement().algorithm().name(), *name);
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
        let bytes = postcard::to_allocvec(&original).unwrap();
        let binary: Any = postcard::from_bytes(&bytes).unwrap();
        same(&original, &binary);
        // What is restored goes on like the original.
        let (a, b) = (original.with("later".into()).unwrap(), again.with("later".into()).unwrap());
        same(&a, &b);
        assert_eq!(a.fingerprint(), b.fingerprint());
    }
}

/// A hole is no node: nothing is asked of it.
#[test]
fn holes_are_restored() {
    for name in Algorithm::NAMES {
        let any = Locator::any_of(support::topology(&[1; 6]), name.parse().unwrap()).unwrap();
        if !apportion::Placement::guarantees(any.placement()).any_removal {
            continue;
        }
        let original = any.without("n1").unwrap().without("n4").unwrap();
        let text = serde_json::to_string(&original).unwrap();
        assert!(text.contains("null"), "{name} has no hole");
        let again: Any = serde_json::from_str(&text).unwrap();
        same(&original, &again);
        assert_eq!(again.fingerprint(), original.fingerprint());
    }
}

#[test]
fn empty_and_undecided_rings() {
    for ring in [
        Locator::<String>::ring([]).unwrap(),
        Locator::ring_of(support::topology(&[0, 0]), RingConfig::default().points_per_node(7))
            .unwrap(),
    ] {
        let text = serde_json::to_string(&ring).unwrap();
        let again: Locator<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(again.placement().scale(), ring.placement().scale());
        let (a, b) = (ring.with("a".into()).unwrap(), again.with("a".into()).unwrap());
        assert_eq!(a.fingerprint(), b.fingerprint());
        assert_eq!(a.placement().points(), b.placement().points());
    }
}

#[test]
fn labels_need_not_be_text() {
    let nodes = [Node::labelled(1, [0xFF, 0x00]), Node::labelled(2, "text")];
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), RingConfig::default()).unwrap();
    let text = serde_json::to_string(&ring).unwrap();
    assert!(text.contains(r#""label":{"hex":"ff00"}"#) && text.contains(r#"{"text":"text"}"#));
    let again: Locator<i32> = serde_json::from_str(&text).unwrap();
    assert_eq!(again.fingerprint(), ring.fingerprint());
}

/// The first release's files stay readable. A change of this text is a placement-breaking change.
#[test]
fn the_first_saved_form_is_still_read() {
    let text = r#"{"version":1,"fingerprint":"@","hasher":"0000000000000001","epoch":2,"nodes":[{"value":"a","label":{"text":"a"},"weight":1,"domains":[]},null,{"value":"c","label":{"text":"c"},"weight":1,"domains":[["zone","z"]]}],"placement":{"ring":{"points_per_node":null,"scale":[160,1],"budget":16777216}}}"#;
    let text = text.replace('@', include_str!("../../golden/saved_fingerprint.txt").trim());
    let ring: Locator<String> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&ring).unwrap(), text);
    assert_eq!(ring.placement().points(), 320);
    let text = r#"{"version":1,"fingerprint":"@","hasher":"0000000000000001","epoch":0,"nodes":[{"value":7,"label":{"text":"b"},"weight":1,"domains":[]},{"value":8,"label":{"text":"a"},"weight":1,"domains":[]}],"placement":{"numbered":{"algorithm":"jump-back","order":[1,0]}}}"#;
    let saved: Saved<i32> = serde_json::from_str(&text.replace('@', "0000000000000000")).unwrap();
    let error = saved.restore::<Numbered<JumpBack>, _>(Xxh3).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "the saved value was altered: its fingerprint is 0x0000000000000000, and its content has 0x"
        ),
        "{error}"
    );
}

fn refused(text: &str) -> String {
    serde_json::from_str::<Any>(text).unwrap_err().to_string()
}

/// The error for a saved value in which `to` stands in place of the first `from`.
fn alter(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in {text}");
    refused(&text.replacen(from, to, 1))
}

/// The error for a saved anchor of capacity 9 with other capacities: the one it has, and the one it was
/// built with.
fn with_capacity(anchor: &str, capacity: &str, asked: &str) -> String {
    let to = format!(r#""capacity":{capacity},"asked_capacity":{asked}"#);
    alter(anchor, r#""capacity":9,"asked_capacity":9"#, &to)
}

#[test]
fn altered_values_are_refused() {
    let ring = serde_json::to_string(&with_history(Algorithm::default())).unwrap();
    let jump = serde_json::to_string(&with_history(Algorithm::JumpBack)).unwrap();
    let maglev =
        serde_json::to_string(&with_history(Algorithm::Maglev(Default::default()))).unwrap();
    let anchor = with_history(Algorithm::JumpBackAnchor).without("n3").unwrap();
    let anchor = serde_json::to_string(&anchor).unwrap();
    let fixed = with_history(Algorithm::Anchor(AnchorConfig::default().capacity(9)));
    let fixed = serde_json::to_string(&fixed.without("n3").unwrap()).unwrap();
    let asura = serde_json::to_string(&with_history(Algorithm::Asura(Default::default()))).unwrap();
    // Two nodes with a slot and a rest.
    let rests = Algorithm::Asura(apportion::asura::AsuraConfig::default().unit(4));
    let rests = Locator::any_of(support::topology(&[6, 5, 8]), rests).unwrap();
    let rests = serde_json::to_string(&rests).unwrap();
    let cases = [
        (
            alter(&ring, r#""version":1"#, r#""version":2"#),
            "saved by a newer release: form 2, but this release reads forms up to 1",
        ),
        (alter(&ring, r#""version":1"#, r#""version":0"#), "the saved value says it has form 0"),
        (alter(&ring, r#""weight":7"#, r#""weight":8"#), "the saved value was altered"),
        (
            alter(&ring, r#""scale":[160,1]"#, r#""scale":[0,1]"#),
            "the saved scale, 0 points for a weight of 1",
        ),
        (alter(&ring, r#""scale":[160,1]"#, r#""scale":[161,1]"#), "the saved value was altered"),
        (
            alter(&ring, r#""scale":[160,1]"#, r#""scale":[1000000,1]"#),
            "the saved ring asks for 12000000 points, and at most 2097152 are restored",
        ),
        (
            alter(&ring, r#""budget":16777216"#, r#""budget":99999999999"#),
            "a ring's budget must be in 1..=268435456, got 99999999999",
        ),
        (alter(&ring, r#""budget":16777216"#, r#""budget":100"#), "over the ring's budget of 100"),
        (alter(&ring, r#""text":"n0""#, r#""text":"n3""#), "node \"n3\" is given twice"),
        (alter(&ring, r#""text":"n0""#, r#""hex":"zz""#), "\"zz\" is not hexadecimal"),
        (alter(&ring, r#""text":"n0""#, r#""hex":"abc""#), "\"abc\" is not hexadecimal"),
        (
            alter(&ring, r#""hasher":"0000000000000001""#, r#""hasher":"0000000000000002""#),
            "uses key hasher 0x0000000000000002, but the given one is 0x0000000000000001",
        ),
        (
            alter(&ring, r#""fingerprint":""#, r#""fingerprint":"+"#),
            "not a hash of 16 hexadecimal digits",
        ),
        (alter(&ring, r#""epoch""#, r#""epoxy""#), "unknown field `epoxy`"),
        (
            alter(&ring, r#""rack""#, r#""zone""#),
            "the failure domain level \"zone\" is given twice",
        ),
        (alter(&jump, "[0,1,2,3,4,5,6,7]", "[0,1,2,3,4,5,7,6]"), "the saved value was altered"),
        (
            alter(&jump, "[0,1,2,3,4,5,6,7]", "[0,1,2,3,4,5,6]"),
            "the saved numbering has 7 entries for 8 live nodes",
        ),
        (
            alter(&jump, "[0,1,2,3,4,5,6,7]", "[0,1,2,3,4,5,6,6]"),
            "the saved numbering names slot 6",
        ),
        (
            alter(&jump, "[0,1,2,3,4,5,6,7]", "[0,1,2,3,4,5,6,4294967295]"),
            "the saved numbering names slot 4294967295",
        ),
        (
            alter(&jump, r#""algorithm":"jump-back""#, r#""algorithm":"jump""#),
            "the saved value was altered",
        ),
        (
            alter(&jump, r#""algorithm":"jump-back""#, r#""algorithm":"leap""#),
            "unknown algorithm \"leap\"",
        ),
        (alter(&jump, r#""weight":1"#, r#""weight":2"#), "jump-back has no weights"),
        (alter(&maglev, ":65537", ":65539"), "the saved value was altered"),
        (alter(&maglev, ":65537", ":65536"), "65536 is divisible by 2"),
        (
            alter(&maglev, ":65537", ":67108859"),
            "the saved table asks for 67108859 entries, and at most 2097152 are restored",
        ),
        (alter(&anchor, "[7,3]", "[7,2]"), "the saved value was altered"),
        (alter(&anchor, "[7,3]", "[8,3]"), "has 7 working buckets for 6 live nodes"),
        (alter(&anchor, "[7,3]", "[8,3,3]"), "bucket 3 is already removed"),
        (alter(&anchor, "[7,3]", "[7,7]"), "there is no bucket 7: the anchor has 7"),
        (alter(&anchor, "[7,3]", "[7,6]"), "its first removal is the highest bucket (6)"),
        (alter(&anchor, "[7,3]", "[4294967295,3]"), "4294967294 working buckets for 6 live nodes"),
        (
            alter(&anchor, "[7,3]", "[67108864,50000000]"),
            "67108863 working buckets for 6 live nodes",
        ),
        (alter(&anchor, "[0,4,2,1,5,6]", "[0,4,2,1,5,5]"), "the saved numbering names slot 5"),
        (alter(&anchor, "[0,4,2,1,5,6]", "[0,4,2,1,6,5]"), "the saved value was altered"),
        (alter(&anchor, r#""weight":1"#, r#""weight":2"#), "jump-back-anchor has no weights"),
        (alter(&fixed, "[7,3]", "[7,2]"), "the saved value was altered"),
        (alter(&fixed, "[7,3]", "[8,3]"), "has 7 working buckets for 6 live nodes"),
        (
            with_capacity(&fixed, "6", "6"),
            "the saved anchor has 7 buckets in use and a capacity of 6, but was built with a capacity of 6",
        ),
        (
            alter(&fixed, r#""asked_capacity":9"#, r#""asked_capacity":8"#),
            "a capacity of 9, but was built with a capacity of 8",
        ),
        (alter(&fixed, r#""asked_capacity":9"#, r#""asked_capacity":null"#), "was altered"),
        (
            with_capacity(&fixed, "6", "null"),
            "the saved anchor has 7 buckets in use and a capacity of 6",
        ),
        (with_capacity(&fixed, "8", "8"), "the saved value was altered"),
        (
            alter(&fixed, r#""capacity":9"#, r#""capacity":0"#),
            "an anchor has a capacity of 1..=67108864 buckets, got 0",
        ),
        (alter(&fixed, r#""weight":1"#, r#""weight":2"#), "anchor has no weights"),
        (alter(&asura, r#""exponent":4"#, r#""exponent":5"#), "the saved value was altered"),
        (
            alter(&asura, r#""exponent":4"#, r#""exponent":3"#),
            "board of 2^3 slots has no room for 13",
        ),
        (
            alter(&asura, r#""exponent":4"#, r#""exponent":32"#),
            "an Asura board has at most 2^31 slots, got 2^32",
        ),
        (
            alter(&asura, r#""unit":0"#, r#""unit":64"#),
            "the saved board's unit of weight is at most 2^63, got 2^64",
        ),
        (
            alter(&asura, r#""unit":0"#, r#""unit":1"#),
            "the saved board gives 7 slots to the node in slot 0, whose weight needs 4",
        ),
        (
            alter(&asura, r#""unit":0"#, r#""unit":null"#),
            "the saved board has no unit of weight, but the node in slot 0 has a weight",
        ),
        (alter(&asura, r#""darts":256"#, r#""darts":255"#), "the saved value was altered"),
        (
            alter(&asura, r#""darts":256"#, r#""darts":1024"#),
            "an Asura board takes at most 1023 darts, got 1024",
        ),
        (
            alter(&asura, "[0,1,null,", "[0,1,9,"),
            "gives a slot to node slot 9, where there is no node",
        ),
        (
            alter(&asura, "[0,1,null,", "[0,1,2,"),
            "gives 1 slot to the node in slot 2, whose weight needs 0",
        ),
        (alter(&asura, "[0,1,null,", "[1,0,null,"), "the saved value was altered"),
        (
            alter(&asura, "0,0,0]", "0,0,0,null]"),
            "the saved board ends with slot 13, which is free",
        ),
        (alter(&rests, "[1,3]", "[0,3]"), "the saved value was altered"),
        (alter(&rests, "[1,3]", "[0,1]"), "the saved board has a partial slot 1,"),
        (alter(&rests, "[1,3]", "[1,5]"), "the saved board has a partial slot 5,"),
        (alter(&rests, "[1,3]", "[1,9]"), "the saved board has a partial slot 9,"),
        (
            alter(&rests, "[1,3]", "[1]"),
            "no partial slot for the node in slot 1, whose weight is not a multiple of the unit",
        ),
        (
            alter(&maglev, ":65537", ":3"),
            "a Maglev table of 3 entries has room for at most 3 live nodes, got 6",
        ),
    ];
    let wrong: Vec<_> =
        cases.iter().filter(|(error, expected)| !error.contains(expected)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let saved: Saved<String> = serde_json::from_str(&ring).unwrap();
    let error = saved.restore::<Numbered<JumpBack>, _>(Xxh3).unwrap_err().to_string();
    assert_eq!(
        error,
        "the saved value uses algorithm ring, but it is restored as jump-back; restore it as ring"
    );
}

#[test]
fn secrets_are_not_saved_but_checked() {
    let secret = SipHash13::new(*b"0123456789abcdef");
    let ring = Locator::ring(["a".to_string()]).unwrap().with_hasher(secret);
    let text = serde_json::to_string(&ring.save().unwrap()).unwrap();
    assert!(!text.contains("0123456789abcdef") && !text.contains("30313233"));
    let saved: Saved<String> = serde_json::from_str(&text).unwrap();
    let other = SipHash13::new([0; 16]);
    let error = saved.clone().restore::<Ring, _>(other).unwrap_err().to_string();
    assert!(error.starts_with("the saved value uses key hasher 0x"), "{error}");
    assert!(saved.restore::<Ring, _>(secret).is_ok());
}

/// Truncated, flipped and random input is an error or a value that answers, never a panic.
#[test]
fn hostile_bytes_are_refused_without_panic() {
    let mut draws = Draws(17);
    for name in Algorithm::NAMES {
        let original = with_history(name.parse().unwrap());
        let text = serde_json::to_vec(&original).unwrap();
        let bytes = postcard::to_allocvec(&original).unwrap();
        for end in 0..text.len() {
            assert!(serde_json::from_slice::<Any>(&text[..end]).is_err());
        }
        for end in 0..bytes.len() {
            assert!(postcard::from_bytes::<Any>(&bytes[..end]).is_err());
        }
        for _ in 0..3000 {
            let (mut text, mut bytes) = (text.clone(), bytes.clone());
            for _ in 0..1 + draws.below(4) {
                let (i, j) = (draws.below(text.len() as u64), draws.below(bytes.len() as u64));
                text[i as usize] = draws.next() as u8;
                bytes[j as usize] = draws.next() as u8;
            }
            let restored =
                [serde_json::from_slice::<Any>(&text).ok(), postcard::from_bytes(&bytes).ok()];
            for any in restored.into_iter().flatten() {
                assert_eq!(
                    any.get("key").is_some(),
                    apportion::Placement::live(any.placement()) > 0
                );
            }
        }
    }
    // A list that claims to be longer than memory.
    let claims = [1, 16, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
    assert!(postcard::from_bytes::<Saved<String>>(&claims).is_err());
}
