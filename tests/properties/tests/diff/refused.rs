//! Pairs of values that have no exact figures are refused by messages that say why.

use apportion::anchor::AnchorConfig;
use apportion::asura::AsuraConfig;
use apportion::ring::RingConfig;
use apportion::{Algorithm, Diff, Locator, SipHash13};
use apportion_properties::support::{self, topology};

#[test]
fn what_cannot_be_compared() {
    let error =
        |result: Result<Diff<'_, String>, apportion::Error>| result.unwrap_err().to_string();
    let ring = Locator::ring_of(topology(&[1; 4]), RingConfig::default()).unwrap();
    let keyed = |byte| ring.clone().with_hasher(SipHash13::new([byte; 16]));
    let (one, two) = (keyed(1), keyed(2));
    let message = error(one.diff(&two));
    assert!(message.starts_with("one side hashes keys by hasher 0x"), "{message}");
    assert!(one.diff(&keyed(1)).is_ok());
    assert_eq!(error(ring.diff_replicas(&ring, 0)), "expected at least 1 replica, got 0");
    let any = |a: Algorithm| Locator::any_of(topology(&[1; 4]), a).unwrap();
    let (a, b) = (any(Algorithm::default()), any(Algorithm::Jump));
    let message = error(a.diff(&b));
    assert!(message.starts_with("one side is ring, the other jump, and"), "{message}");
    let message = error(b.diff_replicas(&b, 2));
    assert!(message.starts_with("jump has exact figures for 1 replica, not for 2"), "{message}");
    let anchor = any(Algorithm::JumpBackAnchor);
    let one = anchor.without("n1").unwrap();
    let another = anchor.without("n2").unwrap();
    let history = |algorithm: &str, equal: &str| {
        format!(
            "exact figures of {algorithm} need the same {equal} on both sides, and one log of removed \
             buckets to begin with the other, as after removals only or additions only; count the \
             difference over your own keys"
        )
    };
    let other_log = history("jump-back-anchor", "number of buckets");
    assert_eq!(error(one.diff(&another)), other_log);
    // Additions only, but the second one adds a bucket. Removals only, but the first one drops a bucket.
    let joined = |one: &Locator<String, _>| {
        let taken_back = one.with("x".into()).unwrap();
        (taken_back.clone(), taken_back.with("y".into()).unwrap())
    };
    let (refilled, grown) = joined(&one);
    assert!(one.diff(&refilled).is_ok() && one.diff(&anchor).is_ok());
    assert_eq!(error(one.diff(&grown)), other_log);
    assert!(anchor.diff(&grown).is_ok(), "no bucket is removed on either side");
    let shrunk = anchor.without("n3").unwrap();
    assert!(anchor.diff(&shrunk).is_ok());
    assert_eq!(error(anchor.diff(&shrunk.without("n1").unwrap())), other_log);
    let of = |buckets| any(Algorithm::Anchor(AnchorConfig::default().capacity(buckets)));
    let (eight, nine) = (of(8), of(9));
    let other_log = history("anchor", "capacity");
    assert_eq!(error(eight.diff(&nine)), other_log);
    let one = eight.without("n1").unwrap();
    assert_eq!(error(one.diff(&eight.without("n2").unwrap())), other_log);
    // With a capacity, removals only and additions only are enough, as long as a node is left.
    let grown = joined(&one).1;
    assert!(one.diff(&grown).is_ok() && eight.diff(&grown).is_ok());
    let shrunk = eight.without("n3").unwrap().without("n1").unwrap();
    assert!(eight.diff(&shrunk).is_ok() && shrunk.diff(&eight).is_ok());
    let empty = one.without_all(["n0", "n2", "n3"]).unwrap();
    assert_eq!(error(one.diff(&empty)), other_log);
    let empty = any(Algorithm::Asura(AsuraConfig::default().board(10)));
    assert_eq!(
        error(empty.diff(&empty.without("n1").unwrap())),
        "exact figures of asura need boards where almost no key misses with all its darts, and one of \
         these boards is too empty; count the difference over your own keys"
    );
    // A board that grew and was emptied then: darts that hit the small one miss the large one.
    let full =
        Locator::any_of(topology(&[1; 16]), Algorithm::Asura(AsuraConfig::default())).unwrap();
    let mut emptied = full.with("x".into()).unwrap();
    assert!(full.diff(&emptied).is_ok());
    for node in 2..16 {
        emptied = emptied.without(&format!("n{node}")).unwrap();
    }
    assert!(error(full.diff(&emptied)).starts_with("exact figures of asura need boards"));
    assert!(error(emptied.diff(&full)).starts_with("exact figures of asura need boards"));
    let message = error(empty.diff_replicas(&empty, 2));
    assert!(message.starts_with("asura has exact figures for 1 replica, not for 2"), "{message}");
    let larger = b.replaced_by(support::weighted(&[1; 5])).unwrap();
    assert_eq!(b.diff(&larger).unwrap().moved(), Some((1, 5)));
}
