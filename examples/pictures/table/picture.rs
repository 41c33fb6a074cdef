//! Draws two tables, one above the other.

use crate::common::svg::{COLOURS, Elements};
use std::fmt::Write;

/// Two tables, one above the other.
pub(crate) struct Picture {
    pub(crate) before: Panel,
    pub(crate) after: Panel,
    pub(crate) partitions: u32,
}

pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

/// A node, whose zone is the first letter of its name.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
    /// The number of replicas it had before, if that is shown.
    pub(crate) had: Option<usize>,
    pub(crate) cells: Vec<Cell>,
}

/// A partition at a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    /// A replica in both tables.
    Stays,
    /// A replica that only the old table has.
    Leaves,
    /// A replica that only the new table has.
    Arrived,
}

const WIDTH: u32 = 800;
/// The distance from one cell to the next, and the size of a cell.
const STEP: (u32, u32) = (13, 16);
const CELL: (u32, u32) = (10, 12);
const LEFT: u32 = 98;
/// Between zones, between panels, above a panel's rows.
const GAPS: [u32; 3] = [7, 18, 30];

/// The colours of zones a, b and c.
const ZONES: [(&str, &str); 3] = [("a", COLOURS[0]), ("b", COLOURS[1]), ("c", COLOURS[2])];

impl Picture {
    pub(crate) fn svg(&self) -> String {
        let mut body = Elements::default();
        let middle = self.panel(&mut body, &self.before, 0) + GAPS[1];
        let end = self.panel(&mut body, &self.after, middle) + GAPS[1];
        legend(&mut body, end);
        let label = format!("Tables of {} partitions: {}", self.partitions, self.after.title);
        body.picture((WIDTH, end + 22), &label)
    }

    /// Draws a panel from the height `top` on, and returns the height at which it ends.
    fn panel(&self, out: &mut Elements, panel: &Panel, top: u32) -> u32 {
        let right = LEFT + self.partitions * STEP.0 + 10;
        out.text((0, top + 15), "font-weight=\"bold\"", &panel.title);
        out.text((right, top + 15), "opacity=\".7\"", "holds");
        let mut y = top + GAPS[2];
        for (i, row) in panel.rows.iter().enumerate() {
            let zone = zone(row);
            if i == 0 || zone != self::zone(&panel.rows[i - 1]) {
                y += if i == 0 { 0 } else { GAPS[0] };
                out.text((0, y + 10), "opacity=\".7\"", &format!("zone {}", zone.0));
            }
            let name = format!("{} ×{}", row.name, row.weight);
            out.text((LEFT - 8, y + 10), "text-anchor=\"end\"", &name);
            draw(out, row, y);
            let held = row.cells.iter().filter(|cell| **cell != Cell::Empty).count();
            match row.had.filter(|had| *had != held) {
                None => out.text((right, y + 10), "", &held.to_string()),
                Some(had) => {
                    let words = format!("{had} → {held}");
                    out.text((right, y + 10), "font-weight=\"bold\"", &words);
                }
            }
            y += STEP.1;
        }
        y
    }
}

fn zone(row: &Row) -> (&'static str, &'static str) {
    let known = ZONES.iter().find(|(zone, _)| row.name.starts_with(zone));
    known.copied().unwrap_or(("", "currentColor"))
}

/// Draws one path for all cells of a kind.
fn draw(out: &mut Elements, row: &Row, y: u32) {
    let colour = zone(row).1;
    let cells = |kind: Cell, inset: u32| {
        let (w, h) = (CELL.0 - inset, CELL.1 - inset);
        let at = (0..).zip(&row.cells).filter(move |(_, cell)| **cell == kind);
        at.fold(String::new(), |mut path, (p, _)| {
            // Half of an outline is outside its path.
            let half = if inset > 0 { ".75" } else { "" };
            let _ = write!(path, "M{}{half} {y}{half}h{w}v{h}h-{w}z", LEFT + p * STEP.0);
            path
        })
    };
    let kinds = [
        (Cell::Empty, 0, "opacity=\".07\"".to_owned()),
        (Cell::Stays, 0, format!("fill=\"{colour}\"")),
        (Cell::Leaves, 2, format!("fill=\"{colour}\" fill-opacity=\".25\" {OUTLINE} {DASHES}")),
        (Cell::Arrived, 2, format!("fill=\"{colour}\" {OUTLINE}")),
    ];
    for (kind, inset, look) in kinds {
        let path = cells(kind, inset);
        out.path(&path, &look);
    }
}

const OUTLINE: &str = "stroke=\"currentColor\" stroke-width=\"1.5\"";
const DASHES: &str = "stroke-dasharray=\"2.5 1.5\"";

fn legend(out: &mut Elements, y: u32) {
    let colours = [Cell::Stays, Cell::Leaves, Cell::Arrived];
    let words = ["holds a replica of the partition", "leaves in the change", "arrived by it"];
    for ((kind, word), x) in colours.into_iter().zip(words).zip([LEFT, LEFT + 247, LEFT + 416]) {
        let mut one = Elements::default();
        let row = Row { name: "c", weight: 0, had: None, cells: vec![kind] };
        draw(&mut one, &row, y);
        out.moved(x - LEFT, &one);
        out.text((x + 18, y + 10), "", word);
    }
}
