//! A ring before and after: what moves has a colour, everything else is grey.

use super::picture::{Drawing, Figure, Paint, Path};
use super::table::Table;
use upon::Value;

/// A range of the ring, in turns from 0 to 1, clockwise from the top.
pub(crate) struct Arc {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// A picture of two rings.
pub(crate) struct Ring<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The text equivalent.
    pub(crate) text: String,
    pub(crate) arcs: &'a [Arc],
    /// The table of numbers below.
    pub(crate) numbers: Table,
}

const RADIUS: f64 = 130.0;
/// What leaves is on the inner half of the ring, what arrives on the outer half.
const INNER: f64 = 126.5;
const OUTER: f64 = 133.5;

impl From<Ring<'_>> for Value {
    fn from(ring: Ring<'_>) -> Self {
        let mut out = Drawing::default();
        for (x, name, moves, class, radius) in [
            (170.0, "before", "leaves", "ring-out", INNER),
            (510.0, "after", "arrives", "ring-in", OUTER),
        ] {
            out.circle("ring-track", (x, 165.0), RADIUS);
            out.text("head", (x, 163.0), "middle", name);
            out.text("axis", (x, 182.0), "middle", moves);
            let mut path = Path::default();
            for arc in ring.arcs {
                // An arc of less than a third of a pixel could not be seen.
                let middle = (arc.from + arc.to) / 2.0;
                let half = ((arc.to - arc.from) / 2.0).max(0.0002);
                let at = |turn: f64| {
                    let angle = turn * std::f64::consts::TAU;
                    (x + radius * angle.sin(), 165.0 - radius * angle.cos())
                };
                path.arc(at(middle - half), at(middle + half), radius, half > 0.25);
            }
            out.path(Paint::Class(class), path);
        }
        let keys = vec![
            ("k-stay", "keeps its owner"),
            ("k-plain", "leaves its owner (inner half)"),
            ("k-in", "arrives at a new one (outer half)"),
        ];
        Figure {
            id: ring.id,
            title: ring.title,
            text: ring.text,
            size: (680.0, 330.0),
            drawing: out,
            keys,
            note: String::new(),
            numbers: ring.numbers,
            slider: None,
        }
        .into()
    }
}
