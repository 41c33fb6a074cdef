//! Rounds × nodes: who sends and who receives in which round.

use super::Values;
use super::picture::{Drawing, Figure, LEAVES, Paint};
use super::table::{Cell, Table};
use super::text::{counted, grouped, short};
use upon::Value;

/// A transfer: its round from 0 on, the row that sends if any does, and the row that receives.
pub(crate) type Transfer = (usize, Option<usize>, usize);

/// A picture of a schedule.
pub(crate) struct Rounds<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// What a row is, such as "node".
    pub(crate) of: &'a str,
    pub(crate) names: &'a [String],
    pub(crate) rounds: usize,
    pub(crate) transfers: &'a [Transfer],
    /// The number of the part whose data the slider reads.
    pub(crate) part: usize,
}

const LEFT: f64 = 120.0;
const WIDTH: f64 = 720.0;
const ROW: f64 = 18.0;
const TOP: f64 = 8.0;
/// How many columns the picture has at most.
const MAX_COLUMNS: usize = 120;

impl From<Rounds<'_>> for Value {
    fn from(rounds: Rounds<'_>) -> Self {
        rounds.figure().into()
    }
}

impl Rounds<'_> {
    fn figure(&self) -> Figure<'_> {
        let per = self.rounds.div_ceil(MAX_COLUMNS).max(1);
        let columns = self.rounds.div_ceil(per).max(1);
        let rows = self.names.len();
        let cells = self.cells(per, columns);
        let max = cells.iter().map(|(a, b)| *a.max(b)).max().unwrap_or(1).max(1);
        let height = TOP + ROW * rows as f64 + 22.0;
        let wide = (WIDTH / columns as f64).min(24.0);
        let mut out = Drawing::default();
        for (row, name) in self.names.iter().enumerate() {
            let y = TOP + ROW * row as f64;
            out.name(name, (LEFT - 8.0, y + 12.0));
            out.rect(Paint::Class("f-track"), (LEFT, y), (wide * columns as f64, 16.0));
            for column in 0..columns {
                let (sent, received) = cells.get(row * columns + column).copied().unwrap_or((0, 0));
                let x = LEFT + wide * column as f64;
                let tall = |n: u64| 2.0 + 6.0 * n as f64 / max as f64;
                if received > 0 {
                    let size = (wide * 0.86, tall(received));
                    out.rect(Paint::Class("f-in"), (x, y + 8.0 - size.1), size);
                }
                if sent > 0 {
                    out.rect(LEAVES, (x, y + 8.0), (wide * 0.86, tall(sent)));
                }
            }
        }
        let last = LEFT + wide * columns as f64;
        let foot = height - 6.0;
        out.text("axis", (LEFT, foot), "start", "round 1");
        if last - LEFT > 120.0 {
            out.text("axis", (last, foot), "end", grouped(self.rounds as u64));
        }
        let text = format!(
            "{} in {}. One column is {}; in each cell the upper half shows what a {} receives and \
             the lower half what it sends.",
            counted(self.transfers.len() as u64, "transfer"),
            counted(self.rounds as u64, "round"),
            counted(per as u64, "round"),
            self.of,
        );
        // The cursor over the picture, which the script moves by columns.
        let slider = Values::new()
            .with("part", self.part.to_string())
            .with("rounds", self.rounds.to_string())
            .px("left", LEFT)
            .with("wide", wide.to_string())
            .px("width", wide)
            .px("height", ROW * rows as f64 + 6.0)
            .with("per", per.to_string());
        Figure {
            id: self.id,
            title: self.title,
            text,
            size: (LEFT + WIDTH + 24.0, height),
            drawing: out,
            keys: vec![("k-in", "receives (upper half)"), ("k-out", "sends (lower half)")],
            note: if per > 1 { format!("One column is {per} rounds.") } else { String::new() },
            numbers: self.numbers(),
            slider: Some(slider),
        }
    }

    /// What each row sends and receives in each column.
    fn cells(&self, per: usize, columns: usize) -> Vec<(u64, u64)> {
        let mut cells = vec![(0, 0); self.names.len() * columns];
        for (round, from, to) in self.transfers {
            let column = (round / per).min(columns - 1);
            if let Some(cell) = from.and_then(|from| cells.get_mut(from * columns + column)) {
                cell.0 += 1;
            }
            if let Some(cell) = cells.get_mut(to * columns + column) {
                cell.1 += 1;
            }
        }
        cells
    }

    fn numbers(&self) -> Table {
        let mut sums = vec![(0_u64, 0_u64, usize::MAX, 0_usize); self.names.len()];
        for (round, from, to) in self.transfers {
            let rows = [(from.unwrap_or(usize::MAX), true), (*to, false)];
            for (row, sends) in rows {
                if let Some(sum) = sums.get_mut(row) {
                    *if sends { &mut sum.0 } else { &mut sum.1 } += 1;
                    (sum.2, sum.3) = (sum.2.min(*round), sum.3.max(*round));
                }
            }
        }
        let mut table = Table::new(format!("{}, in transfers", self.title))
            .text(self.of)
            .numbers(["sends", "receives", "first round", "last round"]);
        for (name, (sent, received, first, last)) in self.names.iter().zip(sums) {
            let any = sent + received > 0;
            let round = |at: usize| any.then(|| at as u64 + 1);
            let first = first.min(self.rounds);
            let cells: [Cell; 5] = [
                short(name).into(),
                sent.into(),
                received.into(),
                round(first).into(),
                round(last).into(),
            ];
            table.row(cells);
        }
        table
    }
}
