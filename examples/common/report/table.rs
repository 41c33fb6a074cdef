//! Tables of text and numbers.

use super::Values;
use super::checks::Verdict;
use super::text::grouped;
use std::fmt::Display;
use upon::Value;

/// A table with a caption, for the template `table`. The first cell of each row is its heading.
pub(crate) struct Table {
    caption: String,
    heads: Vec<(String, bool)>,
    rows: Vec<Value>,
}

/// A cell.
pub(crate) enum Cell {
    Text(String),
    /// What a program prints or reads.
    Code(String),
    Verdict(Verdict),
}

impl Table {
    pub(crate) fn new(caption: impl Display) -> Self {
        Self { caption: caption.to_string(), heads: Vec::new(), rows: Vec::new() }
    }

    /// Adds a column of text.
    pub(crate) fn text(mut self, head: impl Display) -> Self {
        self.heads.push((head.to_string(), false));
        self
    }

    /// Adds columns of numbers: aligned right, in digits of equal width.
    pub(crate) fn numbers<T: Display>(mut self, heads: impl IntoIterator<Item = T>) -> Self {
        self.heads.extend(heads.into_iter().map(|head| (head.to_string(), true)));
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.add(&mut cells.into_iter());
    }

    fn add(&mut self, cells: &mut dyn Iterator<Item = Cell>) {
        let mut row: Vec<Value> = Vec::new();
        for (cell, (_, number)) in cells.zip(&self.heads) {
            let (text, code, verdict) = match cell {
                Cell::Text(text) => (text, String::new(), None),
                Cell::Code(code) => (String::new(), code, None),
                Cell::Verdict(verdict) => (String::new(), String::new(), Some(verdict)),
            };
            let values = Values::new().with("number", *number).with("text", text);
            row.push(values.with("code", code).with("verdict", verdict).into());
        }
        self.rows.push(row.into());
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        let head = |(text, number)| Values::new().with("text", text).with("number", number);
        let heads: Vec<Values> = table.heads.into_iter().map(head).collect();
        let values = Values::new().with("caption", table.caption).with("heads", heads);
        values.with("rows", table.rows).into()
    }
}

/// A cell of text.
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A whole number, its digits grouped.
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Text(grouped(number))
    }
}

/// A number that may be missing.
impl From<Option<u64>> for Cell {
    fn from(number: Option<u64>) -> Self {
        number.map_or_else(|| "–".into(), Self::from)
    }
}

impl From<Verdict> for Cell {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(verdict)
    }
}
