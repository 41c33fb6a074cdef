//! What templates are given: values by name.

use super::text::grouped;
use std::collections::BTreeMap;
use upon::Value;

/// Values by name. A template that asks for another name is an error.
#[derive(Clone, Default)]
pub(crate) struct Values(BTreeMap<String, Value>);

impl Values {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a text, a flag, a table or a list of them.
    pub(crate) fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.and(name, value.into())
    }

    /// Adds a whole number, its digits grouped. It counts as false if it is 0.
    pub(crate) fn number(self, name: &str, number: u64) -> Self {
        self.and(name, if number == 0 { Value::Integer(0) } else { grouped(number).into() })
    }

    /// Adds a coordinate with at most one decimal.
    pub(crate) fn px(self, name: &str, x: f64) -> Self {
        self.and(name, px(x).into())
    }

    // Not inlined: what is called so often would take seconds to compile.
    #[inline(never)]
    fn and(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }
}

impl From<Values> for Value {
    fn from(values: Values) -> Self {
        Self::Map(values.0)
    }
}

/// A coordinate with at most one decimal.
pub(super) fn px(x: f64) -> String {
    let text = format!("{x:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
