//! What the tests know of a saved form: a value, its bytes, and how they are read.

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use std::rc::Rc;

/// JSON and postcard.
pub(crate) type Written = (String, Vec<u8>);

/// Reads bytes, or says why not; answers what is written of the value that was read.
type Reads<T> = Box<dyn Fn(&T) -> Result<Written, String>>;

/// Reads bytes of any value, or says why not.
type Accepts<T> = Box<dyn Fn(&T) -> Result<(), String>>;

/// A value of a saved form.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// The file of `src` with the version of the form; none for what has no version.
    pub(crate) source: Option<&'static str>,
    pub(crate) json: String,
    pub(crate) binary: Vec<u8>,
    /// Both fail the test if the value is another one.
    pub(crate) read_json: Reads<str>,
    pub(crate) read_binary: Reads<[u8]>,
    /// Both read what may be another value.
    pub(crate) accepts: Accepts<str>,
    pub(crate) accepts_binary: Accepts<[u8]>,
}

/// A form `R` that is read, and restored as `V`.
pub(crate) struct Form<V, R> {
    pub(crate) source: Option<&'static str>,
    pub(crate) restore: Rc<dyn Fn(R) -> Result<V, String>>,
    pub(crate) same: fn(&V, &V) -> bool,
}

/// A form that is the value itself.
pub(crate) fn direct<V: PartialEq + 'static>(source: &'static str) -> Form<V, V> {
    Form { source: Some(source), restore: Rc::new(Ok), same: V::eq }
}

/// A configuration, which has no version.
pub(crate) fn plain<V: PartialEq + 'static>() -> Form<V, V> {
    Form { source: None, restore: Rc::new(Ok), same: V::eq }
}

fn written<V: Serialize>(value: &V) -> Written {
    (serde_json::to_string(value).unwrap(), postcard::to_allocvec(value).unwrap())
}

impl<V: Serialize + 'static, R: DeserializeOwned + 'static> Form<V, R> {
    pub(crate) fn sample(self, name: &'static str, value: V) -> Sample {
        let (json, binary) = written(&value);
        let Self { source, restore, same } = self;
        let value = Rc::new(value);
        let rest = {
            let restore = restore.clone();
            move |read: Result<R, String>| {
                let again = restore(read?)?;
                assert!(same(&again, &value), "{name} is another value");
                Ok(written(&again))
            }
        };
        let rest = Rc::new(rest);
        let also = rest.clone();
        let json_of = |text: &str| serde_json::from_str::<R>(text).map_err(|e| e.to_string());
        let binary_of =
            |bytes: &[u8]| postcard::from_bytes::<R>(bytes).map_err(|error| format!("{error:?}"));
        let restores = restore.clone();
        Sample {
            name,
            source,
            json,
            binary,
            read_json: Box::new(move |text| rest(json_of(text))),
            read_binary: Box::new(move |bytes| also(binary_of(bytes))),
            accepts: Box::new(move |text| restore(json_of(text)?).map(drop)),
            accepts_binary: Box::new(move |bytes| restores(binary_of(bytes)?).map(drop)),
        }
    }
}
