//! Saved forms of one algorithm: there and back, a byte altered, fields altered.

use super::input::Input;
use super::laws::names;
use super::saved::whole;
use super::saved_edit::{edit_byte, edit_value};
use apportion::saved::{Savable, Saved};
use apportion::{KeyHash, Locator, Xxh3};
use serde_json::Value;

type Of<P> = Locator<String, P>;

/// `rules` hold for any value that is read, however it was altered.
pub fn check<P: Savable>(
    locator: &Of<P>,
    keys: &[KeyHash],
    input: &mut Input<'_>,
    rules: impl Fn(&Of<P>),
) {
    whole(locator, true);
    let mut text = serde_json::to_vec(locator).unwrap();
    same(locator, &serde_json::from_slice(&text).unwrap(), keys);
    edit_byte(&mut text, input);
    if let Ok(read) = serde_json::from_slice::<Of<P>>(&text) {
        same(locator, &read, keys);
    }
    let mut bytes = postcard::to_allocvec(locator).unwrap();
    same(locator, &postcard::from_bytes(&bytes).unwrap(), keys);
    edit_byte(&mut bytes, input);
    if let Ok(read) = postcard::from_bytes::<Of<P>>(&bytes) {
        same(locator, &read, keys);
    }
    let mut value = serde_json::to_value(locator).unwrap();
    for _ in 0..input.below(4) {
        // Mostly the state of the placement, past its name.
        match value.get_mut("placement").and_then(Value::as_object_mut) {
            Some(state) if input.below(4) > 0 => {
                state.values_mut().for_each(|state| edit_value(state, input));
            }
            _ => edit_value(&mut value, input),
        }
    }
    if let Some(read) = restored(value) {
        rules(&read);
        whole(&read, true);
    }
}

/// The same value: what differs does not decide.
fn same<P: Savable>(a: &Of<P>, b: &Of<P>, keys: &[KeyHash]) {
    assert_eq!(a.fingerprint(), b.fingerprint());
    for key in keys {
        let labels = |locator: &Of<P>| {
            let members = locator.topology().members();
            let label = |slot| members.label(slot).map(<[u8]>::to_vec);
            names(locator.placement(), *key, 4, label)
        };
        assert_eq!(labels(a), labels(b));
    }
}

/// What is only refused because it was altered is restored with the fingerprint it should have.
pub fn restored<P: Savable>(mut value: Value) -> Option<Of<P>> {
    let restore = |value: &Value| {
        let saved: Saved<String> = serde_json::from_value(value.clone()).ok()?;
        Some(saved.restore(Xxh3).map_err(|error| error.to_string()))
    };
    let error = match restore(&value)? {
        Ok(locator) => return Some(locator),
        Err(error) => error,
    };
    let (_, rebuilt) = error.split_once("and its content has 0x")?;
    value["fingerprint"] = rebuilt[..16].into();
    Some(restore(&value)?.expect("only the fingerprint was wrong"))
}
