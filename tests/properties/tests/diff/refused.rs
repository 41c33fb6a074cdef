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
    assert_eq!(
        error(one.diff(&another)),
        "exact figures of jump-back-anchor need one side to come from the other by removals alone; count \
         the difference over your own keys"
    );
    assert!(
        error(one.diff(&one.with("x".into()).unwrap().with("y".into()).unwrap()))
            .starts_with("exact figures of jump-back-anchor")
    );
    let of = |buckets| any(Algorithm::Anchor(AnchorConfig::default().capacity(buckets)));
    let (eight, nine) = (of(8), of(9));
    assert!(error(eight.diff(&nine)).starts_with("exact figures of anchor need one side to come"));
    let one = eight.without("n1").unwrap();
    assert!(error(one.diff(&eight.without("n2").unwrap())).starts_with("exact figures of anchor"));
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
