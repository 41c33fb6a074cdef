//! A matrix of whole numbers: rows give, columns get. It is a table, so it needs no other text.

use super::Values;
use super::text::{grouped, short};
use std::collections::BTreeMap;
use upon::Value;

/// Numbers by row and column; none is 0.
pub(crate) type Cells = BTreeMap<(usize, usize), u64>;

/// For the template `matrix`.
pub(crate) struct Matrix<'a> {
    pub(crate) caption: &'a str,
    /// What rows and columns are, such as "from \ to".
    pub(crate) corner: &'a str,
    /// The names of rows and of columns.
    pub(crate) names: &'a [String],
    pub(crate) cells: &'a Cells,
}

/// Up to this many times the smallest cell, cells look alike: no colour says more than their digits.
const ALIKE: f64 = 1.25;

impl<'a> Matrix<'a> {
    /// Who takes over what if the nodes of a row fail.
    pub(crate) fn of_failures(caption: &'a str, names: &'a [String], cells: &'a Cells) -> Self {
        Self { caption, corner: "fails \\ takes over", names, cells }
    }
}

impl From<Matrix<'_>> for Value {
    fn from(matrix: Matrix<'_>) -> Self {
        let Matrix { caption, corner, names, cells } = matrix;
        // Rows and columns of zeros only take room.
        let in_row = |row| cells.iter().any(|((r, _), n)| *r == row && *n > 0);
        let in_column = |column| cells.iter().any(|((_, c), n)| *c == column && *n > 0);
        let rows: Vec<usize> = (0..names.len()).filter(|row| in_row(*row)).collect();
        let columns: Vec<usize> = (0..names.len()).filter(|c| in_column(*c)).collect();
        let name = |at: usize| names.get(at).map_or_else(String::new, |name| short(name));
        let at = |row: usize, column: usize| cells.get(&(row, column)).copied().unwrap_or(0);
        let shade = shades(cells);
        let line = |row: &usize| {
            let cell = |column: &usize| {
                let n = at(*row, *column);
                Values::new().with("shade", shade(n)).number("n", n)
            };
            let sum: u64 = columns.iter().map(|column| at(*row, *column)).sum();
            let cells: Vec<Values> = columns.iter().map(cell).collect();
            Values::new().with("name", name(*row)).with("cells", cells).with("sum", grouped(sum))
        };
        let sum = |column: &usize| rows.iter().map(|row| at(*row, *column)).sum::<u64>();
        let sums: Vec<u64> = columns.iter().map(sum).collect();
        let all = grouped(sums.iter().sum());
        let sums: Vec<String> = sums.into_iter().map(grouped).collect();
        let lines: Vec<Values> = rows.iter().map(line).collect();
        let heads: Vec<String> = columns.iter().map(|column| name(*column)).collect();
        Values::new()
            .with("caption", caption)
            .with("corner", corner)
            .with("heads", heads)
            .with("rows", lines)
            .with("sums", sums)
            .with("all", all)
            .into()
    }
}

/// The shade of a cell, from 1 for the smallest to 8 for the largest; 0 for none.
fn shades(cells: &Cells) -> impl Fn(u64) -> i64 {
    let there = || cells.values().copied().filter(|n| *n > 0);
    let (min, max) = (there().min().unwrap_or(0) as f64, there().max().unwrap_or(0) as f64);
    move |n| {
        if n == 0 || max <= min * ALIKE {
            return 0;
        }
        1 + (7.0 * (n as f64 - min) / (max - min)).round() as i64
    }
}
