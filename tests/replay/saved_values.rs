//! Hostile saved forms of everything but locators: never a panic, memory in proportion, and what is
//! read keeps its invariants.

use super::input::Input;
use super::meter::most_held;
use super::saved_edit::{edit_bytes, edit_value, something};
use super::saved_kinds as kinds;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Map, Value};

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    match input.below(8) {
        0 => kinds::topology(&mut input),
        1 => kinds::migration(&mut input),
        2 => kinds::schedule(&mut input),
        3 => kinds::progress(&mut input),
        4 => kinds::loads(&mut input),
        5 => kinds::plan(&mut input),
        6 => kinds::table_report(&mut input),
        _ => kinds::move_report(&mut input),
    }
}

/// How a form `R` is restored as a value `V`, and what holds of it.
pub(super) struct Form<'f, V, R> {
    pub(super) restore: &'f dyn Fn(R) -> Result<V, String>,
    pub(super) sound: &'f dyn Fn(&V),
    pub(super) same: fn(&V, &V) -> bool,
}

impl<V: Serialize, R: DeserializeOwned> Form<'_, V, R> {
    /// A valid value, then what is left of the input.
    pub(super) fn run(&self, value: &V, input: &mut Input<'_>) {
        self.accepted(value);
        match input.below(7) {
            0 => self.json(input.rest()),
            1 => self.binary(input.rest()),
            2 | 3 => {
                let mut form = serde_json::to_value(value).unwrap();
                for _ in 0..=input.below(3) {
                    edit_value(&mut form, input);
                }
                let first = input.below(2) == 0;
                self.json(ordered(&form, first).as_bytes());
            }
            4 => {
                let mut text = serde_json::to_vec(value).unwrap();
                edit_bytes(&mut text, input);
                self.json(&text);
            }
            5 => {
                let mut bytes = postcard::to_allocvec(value).unwrap();
                edit_bytes(&mut bytes, input);
                self.binary(&bytes);
            }
            _ => self.newer(value, input),
        }
    }

    fn json(&self, text: &[u8]) {
        let read = || serde_json::from_slice::<R>(text).map_err(|error| error.to_string());
        self.any(read, text.len());
    }

    fn binary(&self, bytes: &[u8]) {
        let read = || postcard::from_bytes::<R>(bytes).map_err(|error| error.to_string());
        self.any(read, bytes.len());
    }

    /// Reads and restores what may be a value.
    fn any(&self, read: impl FnOnce() -> Result<R, String>, len: usize) {
        let (value, held) = most_held(|| read().and_then(|read| (self.restore)(read)));
        // A list that says how long it is may be given up to a megabyte before its items are seen;
        // a ring may have 10,000 points.
        let most = (2 << 20) + (1 << 20) + 1000 * len;
        assert!(held <= most, "{held} bytes held for {len}");
        match value {
            Ok(value) => self.accepted(&value),
            Err(error) => assert!(!error.is_empty()),
        }
    }

    /// It is sound, and the same after another round.
    fn accepted(&self, value: &V) {
        (self.sound)(value);
        let text = serde_json::to_string(value).unwrap();
        let bytes = postcard::to_allocvec(value).unwrap();
        let forms: [R; 2] =
            [serde_json::from_str(&text).unwrap(), postcard::from_bytes(&bytes).unwrap()];
        for form in forms {
            let again = (self.restore)(form).unwrap();
            assert!((self.same)(&again, value), "{text}");
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
            assert_eq!(postcard::to_allocvec(&again).unwrap(), bytes);
        }
    }

    /// A newer form says so, whatever else it has.
    fn newer(&self, value: &V, input: &mut Input<'_>) {
        let mut form = serde_json::to_value(value).unwrap();
        let version = 2 + input.below(200) as u32;
        form["one more"] = something(input);
        for _ in 0..input.below(4) {
            edit_value(&mut form, input);
        }
        let fields = form.as_object().cloned().unwrap_or_else(Map::new);
        let mut form = Value::Object(fields);
        form["version"] = version.into();
        for first in [true, false] {
            let text = ordered(&form, first);
            let error = serde_json::from_str::<R>(&text).err().map(|error| error.to_string());
            let newer = format!("saved by a newer release: form {version}, but this release");
            assert!(
                error.as_ref().is_some_and(|error| error.contains(&newer)),
                "{error:?}: {text}"
            );
        }
        let compact: Vec<u8> = [2].into_iter().chain(input.rest().iter().copied()).collect();
        assert!(postcard::from_bytes::<R>(&compact).is_err());
    }
}

/// The text of a form with its version first, or in the order of the names.
fn ordered(form: &Value, first: bool) -> String {
    let mut form = form.clone();
    let version = form.as_object_mut().filter(|_| first).and_then(|form| form.remove("version"));
    let rest = form.to_string();
    match (version, rest.strip_prefix('{')) {
        (Some(version), Some("}")) => format!("{{\"version\":{version}}}"),
        (Some(version), Some(rest)) => format!("{{\"version\":{version},{rest}"),
        _ => rest,
    }
}
