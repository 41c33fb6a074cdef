//! Configurations in a binary form without names of fields.
#![cfg(feature = "serde")]

use apportion::Algorithm;
use apportion::asura::AsuraConfig;
use apportion::bounded::{LoadFactor, Mode};
use apportion::maglev::MaglevConfig;
use apportion::partition::TableConfig;
use apportion::ring::{GivenPointsConfig, RingConfig, Rule, Scale};
use serde_core::{Deserialize, Serialize};
use std::fmt::Debug;

fn comes_back<T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug>(value: T) {
    let bytes = postcard::to_allocvec(&value).unwrap();
    assert_eq!(postcard::from_bytes::<T>(&bytes).unwrap(), value);
    for end in 0..bytes.len() {
        assert!(postcard::from_bytes::<T>(&bytes[..end]).is_err(), "{value:?} cut at {end}");
    }
}

#[test]
fn configurations_round_trip_as_text() {
    let ring = RingConfig::default().scale(40, 1 << 40).budget(100);
    comes_back(ring.clone());
    comes_back(RingConfig::default());
    comes_back(MaglevConfig::default().table_size(1021));
    comes_back(AsuraConfig::default().unit(4).board(3).darts(7));
    for algorithm in Algorithm::all().chain([Algorithm::Ring(ring)]) {
        comes_back(algorithm);
    }
    comes_back(LoadFactor::new(21, 20).unwrap());
    comes_back(Scale::new(3, 2).unwrap());
    comes_back(Rule::LastAtOrBefore);
    comes_back(Mode::Online);
    let table =
        TableConfig::new(8, 2).max_per_domain("zone", 1).max_per_domain("rack", 2).named("users");
    comes_back(table.clone());
    comes_back(table.allow_under_replicated());
    comes_back(GivenPointsConfig::default().points("a", [1, u64::MAX]).rule(Rule::Nearest));
}
