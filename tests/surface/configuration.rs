//! Algorithms and configurations as text: every value comes back, every wrong text is named.
#![cfg(feature = "alloc")]

use crate::support::Draws;
use apportion::asura::AsuraConfig;
use apportion::bounded::{LoadFactor, Mode};
use apportion::limits::{MAX_ASURA_DARTS, MAX_RING_BUDGET};
use apportion::maglev::MaglevConfig;
use apportion::ring::{GivenPointsConfig, LabelPointsConfig, RingConfig, Rule, Scale};
use apportion::{Algorithm, Error, ErrorKind, Locator, Placement, Topology};
use std::fmt::{Debug, Display};
use std::str::FromStr;

fn read<T: FromStr<Err = Error> + Debug>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn refused<T: FromStr<Err = Error> + Debug>(text: &str) -> String {
    let error = text.parse::<T>().expect_err(text);
    assert!(
        matches!(error.kind(), ErrorKind::InvalidConfiguration | ErrorKind::UnknownAlgorithm),
        "{error}"
    );
    error.to_string()
}

/// There and back as text, and where there is `serde` as JSON and as a form without names.
fn comes_back<T>(value: &T) -> String
where
    T: FromStr<Err = Error> + Display + Debug + PartialEq + Form,
{
    let text = value.to_string();
    assert_eq!(&read::<T>(&text), value, "{text}");
    value.check(&text);
    text
}

#[cfg(feature = "serde")]
trait Form: serde_core::Serialize + for<'de> serde_core::Deserialize<'de> + PartialEq + Debug {
    fn check(&self, text: &str) {
        let json = serde_json::to_string(self).unwrap();
        assert_eq!(json, format!("{text:?}"), "the text is the form");
        assert_eq!(&serde_json::from_str::<Self>(&json).unwrap(), self);
    }
}
#[cfg(feature = "serde")]
impl<T: serde_core::Serialize + for<'de> serde_core::Deserialize<'de> + PartialEq + Debug> Form
    for T
{
}

#[cfg(not(feature = "serde"))]
trait Form {
    fn check(&self, _: &str) {}
}
#[cfg(not(feature = "serde"))]
impl<T> Form for T {}

/// Often an edge, mostly any number.
fn any_number(draws: &mut Draws) -> u64 {
    match draws.below(6) {
        0 => 1,
        1 => u64::MAX,
        2 => 1 << draws.below(64),
        3 => draws.below(1000).max(1),
        _ => draws.next().max(1),
    }
}

fn any_ring(draws: &mut Draws) -> RingConfig {
    let config = match draws.below(3) {
        0 => RingConfig::default(),
        1 => RingConfig::default().scale(any_number(draws), any_number(draws)),
        _ => RingConfig::default()
            .points_per_node(any_number(draws).clamp(1, MAX_RING_BUDGET) as u32),
    };
    match draws.below(2) {
        0 => config,
        _ => config.budget(any_number(draws).clamp(1, MAX_RING_BUDGET)),
    }
}

fn any_asura(draws: &mut Draws) -> AsuraConfig {
    let mut config = AsuraConfig::default();
    if draws.below(2) == 0 {
        config = config.unit(1 << draws.below(64));
    }
    if draws.below(2) == 0 {
        config = config.board(draws.below(32) as u32);
    }
    if draws.below(2) == 0 {
        config = config.darts(draws.below(u64::from(MAX_ASURA_DARTS) + 1) as u16);
    }
    config
}

fn any_maglev(draws: &mut Draws) -> MaglevConfig {
    let sizes = [2, 3, 1021, 65_537, 655_373, 67_108_859];
    MaglevConfig::default().table_size(sizes[draws.below(6) as usize])
}

#[test]
fn random_configurations_round_trip() {
    let mut draws = Draws(12);
    for _ in 0..2000 {
        let (ring, asura, maglev) =
            (any_ring(&mut draws), any_asura(&mut draws), any_maglev(&mut draws));
        comes_back(&ring);
        comes_back(&asura);
        comes_back(&maglev);
        for algorithm in
            [Algorithm::Ring(ring.clone()), Algorithm::Asura(asura), Algorithm::Maglev(maglev)]
        {
            let text = comes_back(&algorithm);
            // In any case and with either sign.
            assert_eq!(read::<Algorithm>(&text.to_uppercase().replace('-', "_")), algorithm);
            // The part behind the colon is the configuration's own text.
            if let Some((name, config)) = text.split_once(':') {
                let own = [ring.to_string(), asura.to_string(), maglev.to_string()];
                assert!(own.contains(&config.to_string()), "{text}");
                assert_eq!(name, algorithm.name());
            }
        }
        let (num, den) = (any_number(&mut draws) as u32, any_number(&mut draws) as u32);
        if let Ok(factor) = LoadFactor::new(num, den) {
            let back: LoadFactor = read(&comes_back(&factor));
            assert_eq!((back.num(), back.den()), (num, den));
        }
        comes_back(&Scale::new(any_number(&mut draws), any_number(&mut draws)).unwrap());
    }
    for algorithm in Algorithm::all() {
        assert_eq!(comes_back(&algorithm), algorithm.name());
        assert_eq!(read::<Algorithm>(&format!(" {} ", algorithm.name())), algorithm);
        assert_eq!(read::<Algorithm>(&format!("{algorithm}:")), algorithm);
    }
    for rule in [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest] {
        comes_back(&rule);
    }
    for mode in [Mode::Canonical, Mode::Online] {
        comes_back(&mode);
    }
}

#[test]
fn text_is_read_as_people_write_it() {
    let ring = RingConfig::default;
    for (text, config, printed) in [
        ("", ring(), "160"),
        ("160", ring(), "160"),
        ("scale=160", ring(), "160"),
        ("200", ring().scale(200, 1), "200"),
        ("40/1099511627776", ring().scale(40, 1 << 40), "40/1099511627776"),
        (" 40 / 2 , budget = 100 ", ring().scale(40, 2).budget(100), "40/2,budget=100"),
        ("Per_Node=80", ring().points_per_node(80), "per-node=80"),
        ("budget=7,per-node=1", ring().points_per_node(1).budget(7), "per-node=1,budget=7"),
    ] {
        assert_eq!(read::<RingConfig>(text), config, "{text:?}");
        assert_eq!(config.to_string(), printed);
    }
    let asura = AsuraConfig::default;
    for (text, config, printed) in [
        ("", asura(), "darts=256"),
        ("unit=4", asura().unit(4), "unit=4"),
        ("darts=0", asura().darts(0), "darts=0"),
        ("DARTS=9,board=6,unit=4", asura().unit(4).board(6).darts(9), "unit=4,board=6,darts=9"),
    ] {
        assert_eq!(read::<AsuraConfig>(text), config, "{text:?}");
        assert_eq!(config.to_string(), printed);
    }
    assert_eq!(read::<MaglevConfig>("Table_Size=1021"), MaglevConfig::default().table_size(1021));
    assert_eq!(read::<Algorithm>("ring:160").to_string(), "ring");
    assert_eq!(read::<Algorithm>("asura:board=6").to_string(), "asura:board=6");
    assert_eq!(read::<Algorithm>("Weighted_Rendezvous").to_string(), "weighted-rendezvous");
    for (text, num, den) in [("5/4", 5, 4), ("2", 2, 1), ("1.25", 125, 100), ("1.0", 10, 10)] {
        let factor: LoadFactor = read(text);
        assert_eq!((factor.num(), factor.den()), (num, den), "{text}");
    }
    assert_eq!(read::<Scale>("160"), Scale::new(160, 1).unwrap());
    assert_eq!(read::<Mode>("Online"), Mode::Online);
    assert_eq!(read::<Rule>("FIRST_AFTER"), Rule::FirstAfter);

    let nodes = || Topology::new(["a", "b"]).unwrap();
    let ring = Locator::any_of(nodes(), read("ring:20")).unwrap();
    assert_eq!(ring.placement().algorithm(), Algorithm::Ring(RingConfig::default().scale(20, 1)));
    assert_eq!(ring.placement().live(), 2);
}

#[test]
fn refused_texts_are_named() {
    let names = Algorithm::NAMES.join(", ");
    for (text, message) in [
        ("", format!("unknown algorithm \"\", expected one of: {names}")),
        ("rings", format!("unknown algorithm \"rings\", expected one of: {names}")),
        ("ring-160", format!("unknown algorithm \"ring-160\", expected one of: {names}")),
        ("jump:5", "jump takes no configuration, got \"5\"".into()),
        ("jump:a=b", "jump takes no configuration, got \"a\"".into()),
        (
            "ring:points=5",
            "unknown ring parameter \"points\", expected one of: scale, per-node, budget".into(),
        ),
        ("ring:budget=1,5", "unknown ring parameter \"5\", expected one of: scale, per-node, budget".into()),
        ("ring:many", "a ring's scale is a whole number within its range, got \"many\"".into()),
        ("ring:-1", "a ring's scale is a whole number within its range, got \"-1\"".into()),
        ("ring:+1", "a ring's scale is a whole number within its range, got \"+1\"".into()),
        ("ring:0", "a ring's points in the scale must be in 1..=18446744073709551615, got 0".into()),
        ("ring:1/0", "a ring's weight in the scale must be in 1..=18446744073709551615, got 0".into()),
        ("ring:5,budget=1,budget=2", "ring parameter: budget is given twice; give it once".into()),
        (
            "ring:5,per-node=7",
            "the number of a ring's points is given once: either points for a weight or `per-node`, \
             got \"7\""
                .into(),
        ),
        ("ring:budget=268435457", "a ring's budget must be in 1..=268435456, got 268435457".into()),
        (
            "maglev:65536",
            "a Maglev table has a prime number of entries, and 65536 is divisible by 2; the nearest \
             prime is 65537"
                .into(),
        ),
        ("maglev:table=7", "unknown maglev parameter \"table\", expected one of: table-size".into()),
        // The first parameter may stand without its name.
        ("asura:5", "the unit of weight of an Asura board is a power of two, got 5".into()),
        ("asura:unit=3", "the unit of weight of an Asura board is a power of two, got 3".into()),
        ("asura:darts=99999", "the number of darts is a whole number within its range, got \"99999\"".into()),
    ] {
        assert_eq!(refused::<Algorithm>(text), message, "{text}");
    }
    assert_eq!(
        refused::<Rule>("first"),
        "unknown ring rule \"first\", expected one of: first-at-or-after, first-after, \
         last-at-or-before, nearest"
    );
    assert_eq!(refused::<Mode>(""), "unknown mode \"\", expected one of: canonical, online");
    assert_eq!(
        refused::<LoadFactor>("9/10"),
        "a load factor is at least 1, got 9/10: the caps would add up to fewer keys than there are"
    );
    assert!(refused::<LoadFactor>("1/0").contains("got 1/0"));
    for text in [
        "1.",
        ".5",
        "1.2.3",
        "1e3",
        "a/2",
        "5/",
        "/4",
        "",
        "1.00000000001",
        "99999999999.5",
        "1.-5",
    ] {
        assert_eq!(
            refused::<LoadFactor>(text),
            format!(
                "a load factor is a ratio of 32-bit numbers such as 5/4, or a decimal fraction such \
                 as 1.25, got {text:?}"
            ),
            "{text}"
        );
    }
    assert_eq!(refused::<Scale>("0/1"), "a scale is a ratio of positive numbers, got \"0/1\"");
    assert!(refused::<Scale>("a").starts_with("a scale is a whole number"));
    // A message holds as much of a token as one can read.
    assert!(refused::<Algorithm>(&"x".repeat(10_000)).len() < 300);
}

#[test]
fn configurations_have_getters_for_all_they_set() {
    let ring = RingConfig::default();
    assert_eq!((ring.get_scale(), ring.get_points_per_node()), (Scale::new(160, 1), None));
    assert_eq!(ring.get_budget(), 1 << 24);
    let ring = ring.points_per_node(7).budget(9);
    assert_eq!(
        (ring.get_scale(), ring.get_points_per_node(), ring.get_budget()),
        (None, Some(7), 9)
    );
    assert_eq!(MaglevConfig::default().table_size(7).get_table_size(), 7);
    let asura = AsuraConfig::default();
    assert_eq!((asura.get_unit(), asura.get_board(), asura.get_darts()), (None, None, 256));
    let asura = asura.unit(4).board(6).darts(9);
    assert_eq!((asura.get_unit(), asura.get_board(), asura.get_darts()), (Some(4), Some(6), 9));
    let given =
        GivenPointsConfig::default().rule(Rule::Nearest).points("b", [3, 1]).points("a", [2]);
    assert_eq!(given.get_rule(), Rule::Nearest);
    let lists: Vec<(&[u8], Vec<u64>)> =
        given.lists().map(|(label, points)| (label, points.collect())).collect();
    assert_eq!(lists, [(&b"a"[..], vec![2]), (b"b", vec![1, 3])]);
    let label = LabelPointsConfig::default();
    assert_eq!((label.get_points_per_node(), label.get_points_per_weight()), (Some(160), None));
    assert_eq!(
        (label.is_nested(), label.get_budget(), label.get_rule()),
        (true, 1 << 24, Rule::default())
    );
    let label = LabelPointsConfig::per_weight(5, |_, i| i.into()).budget(8).rule(Rule::FirstAfter);
    assert_eq!((label.get_points_per_node(), label.get_points_per_weight()), (None, Some(5)));
    assert_eq!((label.get_budget(), label.get_rule()), (8, Rule::FirstAfter));
    let label = LabelPointsConfig::new(|_, _, emit| emit(1));
    assert_eq!((label.get_points_per_node(), label.is_nested()), (None, false));
    assert!(label.nested().is_nested());
}

#[cfg(feature = "serde")]
mod maps {
    use super::*;
    use apportion::partition::TableConfig;
    use serde_json::{from_str, from_value, json, to_value};

    #[test]
    fn table_configurations_as_maps() {
        let config = TableConfig::new(8, 2)
            .max_per_domain("zone", 1)
            .max_per_domain("region", 2)
            .named("users");
        let value = json!({
            "partitions": 8, "replicas": 2, "limits": {"zone": 1, "region": 2}, "name": "users",
            "under_replicated": false, "copies": [],
        });
        assert_eq!(to_value(&config).unwrap(), value);
        // In the order they were given.
        let text = serde_json::to_string(&config).unwrap();
        assert!(text.contains(r#""limits":{"zone":1,"region":2}"#), "{text}");
        assert_eq!(from_str::<TableConfig>(&text).unwrap(), config);
        let short = from_str::<TableConfig>(r#"{"partitions":8,"replicas":2}"#).unwrap();
        assert_eq!(short, TableConfig::new(8, 2));
        assert_ne!(
            TableConfig::new(8, 2).max_per_domain("zone", 1),
            TableConfig::new(8, 2).max_per_domain("zone", 2)
        );
        assert_ne!(short, config);
        let copies = TableConfig::new(8, 2).copies([(5, 1), (0, 3)]);
        assert_eq!(to_value(&copies).unwrap()["copies"], json!([[0, 3], [5, 1]]));
        assert_eq!(from_value::<TableConfig>(to_value(&copies).unwrap()).unwrap(), copies);
        assert_ne!(copies, short);
        // Through a form that sorts names: the order of the limits decides nothing.
        let config = config.allow_under_replicated();
        assert_eq!(from_value::<TableConfig>(to_value(&config).unwrap()).unwrap(), config);
        for (text, message) in [
            (r#"{"partitions":8}"#, "missing field `replicas`"),
            (r#"{"partitions":0,"replicas":2}"#, "1..=16777216 partitions, got 0"),
            (r#"{"partitions":8,"replicas":2,"limits":{"zone":0}}"#, "at least 1 replica"),
            (r#"{"partitions":8,"replicas":2,"limits":{"z":1,"z":2}}"#, "\"z\" has two limits"),
            (r#"{"partitions":8,"replicas":2,"copies":[[8,1]]}"#, "partition 8 is out of range"),
            (r#"{"partitions":8,"replicas":2,"limit":1}"#, "unknown field `limit`"),
        ] {
            let error = from_str::<TableConfig>(text).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn given_points() {
        let config = GivenPointsConfig::default()
            .rule(Rule::FirstAfter)
            .points("a", [u64::MAX, 1])
            .points(&[0xFF_u8], [5]);
        let value = json!({"rule": "first-after", "lists": [
            [{"text": "a"}, ["0000000000000001", "ffffffffffffffff"]],
            [{"hex": "ff"}, ["0000000000000005"]],
        ]});
        assert_eq!(to_value(&config).unwrap(), value);
        assert_eq!(from_value::<GivenPointsConfig>(value).unwrap(), config);
        let none = from_str::<GivenPointsConfig>(r#"{"lists":[]}"#).unwrap();
        assert_eq!(none, GivenPointsConfig::default());
        let twice = json!({"lists": [[{"text": "a"}, []], [{"text": "a"}, []]]});
        assert!(from_value::<GivenPointsConfig>(twice).is_err());
    }

    #[test]
    fn values_that_are_not_text_are_refused() {
        let error = from_str::<Algorithm>("5").unwrap_err().to_string();
        assert!(error.contains("expected a configuration as text"), "{error}");
        let error = from_str::<Algorithm>("\"ring:x\"").unwrap_err().to_string();
        assert!(error.starts_with("a ring's scale is a whole number"), "{error}");
    }
}
