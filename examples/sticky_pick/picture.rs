//! Draws the figures as SVG: one row for each policy, one column of bars for each figure. Inside a page
//! its text takes the page's colour; it also works alone.

use crate::common::svg::{COLOURS, Elements};
use crate::common::text::grouped;
use crate::simulation::{Figures, GATEWAYS, NODES};

const WIDTH: u32 = 800;
const LEFT: u32 = 250;
/// The distance from one column to the next, and the length of the longest bar.
const COLUMN: (u32, u32) = (188, 120);
const ROW: u32 = 22;
const TOP: u32 = 56;

/// A column: title, unit, the value of a full bar in the scale of `Figures::scaled`, and its colour
/// (after Okabe and Ito, for colour-blind readers).
const COLUMNS: [(&str, &str, u64, &str); 3] = [
    ("highest load / mean", "", 300, COLOURS[1]),
    ("spilled", " %", 1000, COLOURS[0]),
    ("hit rate", " %", 1000, COLOURS[2]),
];

pub(crate) fn svg(requests: u64, rows: &[(String, Figures)]) -> String {
    let mut body = Elements::default();
    let requests = grouped(requests);
    let title =
        format!("{requests} requests from {GATEWAYS} gateways to {NODES} nodes, keys by Zipf");
    body.text((0, 15), "font-weight=\"bold\"", &title);
    for (at, (title, ..)) in (0..).zip(COLUMNS) {
        body.text((LEFT + at * COLUMN.0, TOP - 14), "opacity=\".7\"", title);
    }
    for (at, (name, figures)) in (0..).zip(rows) {
        let y = TOP + at * ROW;
        body.text((LEFT - 10, y + 11), "text-anchor=\"end\"", name);
        for (((at, column), scaled), shown) in
            (0..).zip(COLUMNS).zip(figures.scaled()).zip(figures.shown())
        {
            let (_, unit, full, colour) = column;
            let x = LEFT + at * COLUMN.0;
            let length = (scaled.min(full) * u64::from(COLUMN.1) / full) as u32;
            let bar = format!("M{x} {y}h{length}v14h-{length}z");
            body.path(&bar, &format!("fill=\"{colour}\""));
            body.text((x + length + 5, y + 11), "", &format!("{shown}{unit}"));
        }
    }
    let height = TOP + rows.len() as u32 * ROW + 4;
    let label = format!("{title}: the table beside the picture has the same figures");
    body.picture((WIDTH, height), &label)
}
