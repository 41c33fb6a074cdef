//! A chart of lines over two logarithmic axes.

use crate::common::svg::{COLOURS, Elements};

/// What a chart shows.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
    /// Says in words what is to be seen.
    pub(crate) label: String,
}

/// Its ticks, in ascending order, are also its ends.
pub(crate) struct Axis {
    pub(crate) title: &'static str,
    pub(crate) ticks: Vec<(f64, String)>,
}

pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

const SIZE: (u32, u32) = (800, 400);
/// The left, upper, right and lower edge of the area for lines.
const AREA: [f64; 4] = [60.0, 50.0, 610.0, 350.0];
/// Told apart without colours.
const DASHES: [&str; 3] = ["", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\""];
/// Between the names at the right.
const NAME: f64 = 16.0;

impl Axis {
    /// Where a value lies, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let end = |tick: Option<&(f64, String)>| tick.map_or(1.0, |(value, _)| value.ln());
        let (low, high) = (end(self.ticks.first()), end(self.ticks.last()));
        (value.ln() - low) / (high - low)
    }
}

impl Chart {
    pub(crate) fn svg(&self) -> String {
        let [left, top, right, bottom] = AREA;
        let x = |value| left + self.x.place(value) * (right - left);
        let y = |value| bottom - self.y.place(value) * (bottom - top);
        let mut out = Elements::default();
        out.text((0, 16), "font-weight=\"bold\"", &self.title);
        out.text((0, 38), "opacity=\".8\"", self.y.title);
        for (value, words) in &self.x.ticks {
            out.path(&format!("M{:.1} {top}V{bottom}", x(*value)), GRID);
            out.text((tenth(x(*value)), bottom + 18.0), "text-anchor=\"middle\"", words);
        }
        for (value, words) in &self.y.ticks {
            out.path(&format!("M{left} {:.1}H{right}", y(*value)), GRID);
            out.text((left - 8.0, tenth(y(*value) + 4.0)), "text-anchor=\"end\"", words);
        }
        out.text((right, bottom + 38.0), "text-anchor=\"end\" opacity=\".8\"", self.x.title);

        let mut names: Vec<(f64, usize)> = Vec::new();
        for (i, line) in self.lines.iter().enumerate() {
            let (colour, dashes) = (COLOURS[i % 4], DASHES[i / 4 % 3]);
            let at = |(a, b): &(f64, f64)| format!("{:.1} {:.1}", x(*a), y(*b));
            let path = format!("M{}", line.points.iter().map(at).collect::<Vec<_>>().join("L"));
            let look = format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"{dashes}");
            out.path(&path, &look);
            names.extend(line.points.last().map(|(_, value)| (y(*value), i)));
        }
        for (at, i) in apart(names, bottom - NAME / 2.0) {
            let line = &self.lines[i];
            let (ex, ey) = line.points.last().map_or((right, at), |(a, b)| (x(*a), y(*b)));
            let lead = format!("M{:.1} {ey:.1}L{:.1} {at:.1}", ex + 2.0, right + 12.0);
            out.path(&lead, "fill=\"none\" stroke=\"currentColor\" opacity=\".35\"");
            out.text((right + 16.0, tenth(at + 4.0)), "", &line.name);
        }
        out.picture(SIZE, &self.label)
    }
}

/// Heights of names, near the wanted ones, in the same order, and without overlaps.
fn apart(mut names: Vec<(f64, usize)>, lowest: f64) -> Vec<(f64, usize)> {
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = f64::MIN;
    for (at, _) in &mut names {
        *at = at.max(free);
        free = *at + NAME;
    }
    let mut free = lowest;
    for (at, _) in names.iter_mut().rev() {
        *at = at.min(free);
        free = *at - NAME;
    }
    names
}

const GRID: &str = "stroke=\"currentColor\" opacity=\".15\"";

/// Rounded, so that the file is short and the same everywhere.
fn tenth(value: f64) -> String {
    format!("{value:.1}")
}
