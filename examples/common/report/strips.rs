//! The table before and after: one strip for each node, along the partitions, in which only what
//! moves has a colour.

use super::picture::{ARRIVES, Drawing, Figure, LEAVES, Paint, Path};
use super::table::{Cell, Table};
use super::text::{grouped, short};
use upon::Value;

/// What a node holds along the partitions, in equal bins of them.
pub(crate) struct Strip {
    pub(crate) name: String,
    /// For each bin: what stays, what leaves, and what arrives.
    pub(crate) bins: Vec<(u64, u64, u64)>,
}

/// A picture of strips.
pub(crate) struct Strips<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// What a row is, such as "node".
    pub(crate) of: &'a str,
    /// The number of partitions.
    pub(crate) partitions: u64,
    pub(crate) strips: &'a [Strip],
}

/// How many bins a strip has at most.
pub(crate) const MAX_BINS: u64 = 96;

const LEFT: f64 = 120.0;
const PANEL: f64 = 400.0;
const GAP: f64 = 24.0;
const ROW: f64 = 18.0;
const TOP: f64 = 22.0;
const HIGH: f64 = 15.0;

impl From<Strips<'_>> for Value {
    fn from(strips: Strips<'_>) -> Self {
        strips.figure().into()
    }
}

impl Strips<'_> {
    fn figure(&self) -> Figure<'_> {
        let all = || self.strips.iter().flat_map(|strip| &strip.bins);
        let max = all().map(|(stay, out, new)| stay + out.max(new)).max().unwrap_or(1).max(1);
        let (left, arrived) = all().fold((0, 0), |sum, bin| (sum.0 + bin.1, sum.1 + bin.2));
        let text = format!(
            "Two panels, before and after. {} replicas leave a {of} in the left panel, {} arrive at \
             one in the right panel; what stays is grey.",
            grouped(left),
            grouped(arrived),
            of = self.of,
        );
        let height = TOP + ROW * self.strips.len() as f64 + 20.0;
        let mut out = Drawing::default();
        for (panel, name) in [(0.0, "before"), (1.0, "after")] {
            let (x, foot) = (LEFT + panel * (PANEL + GAP), height - 6.0);
            out.text("head", (x, 13.0), "start", name);
            out.text("axis", (x, foot), "start", "partition 0");
            out.text("axis", (x + PANEL, foot), "end", grouped(self.partitions.saturating_sub(1)));
        }
        for (i, strip) in self.strips.iter().enumerate() {
            let y = TOP + ROW * i as f64;
            out.name(&strip.name, (LEFT - 8.0, y + 12.0));
            for (x, new) in [(LEFT, false), (LEFT + PANEL + GAP, true)] {
                let moved = |bin: &(u64, u64, u64)| if new { bin.2 } else { bin.1 };
                out.rect(Paint::Class("f-track"), (x, y), (PANEL, HIGH));
                let stays = strip.bins.iter().map(|bin| (0, bin.0));
                out.path(Paint::Class("f-stay"), path(stays, (x, y), max));
                let moves = strip.bins.iter().map(|bin| (bin.0, moved(bin)));
                out.path(if new { ARRIVES } else { LEAVES }, path(moves, (x, y), max));
            }
        }
        Figure {
            id: self.id,
            title: self.title,
            text,
            size: (LEFT + 2.0 * PANEL + GAP + 4.0, height),
            drawing: out,
            keys: vec![("k-stay", "stays"), ("k-out", "leaves"), ("k-dots", "arrives")],
            note: String::new(),
            numbers: self.numbers(),
            slider: None,
        }
    }

    fn numbers(&self) -> Table {
        let mut table = Table::new(format!("{}, in replicas", self.title))
            .text(self.of)
            .numbers(["before", "leave", "stay", "arrive", "after"]);
        for strip in self.strips {
            let sum = |of: fn(&(u64, u64, u64)) -> u64| strip.bins.iter().map(of).sum::<u64>();
            let (stay, left, arrived) = (sum(|bin| bin.0), sum(|bin| bin.1), sum(|bin| bin.2));
            let counts = [stay + left, left, stay, arrived, stay + arrived];
            let name = std::iter::once(Cell::from(short(&strip.name)));
            table.row(name.chain(counts.map(Cell::from)));
        }
        table
    }
}

/// Bars on the bottom of a strip, each from a height to a height; equal neighbours are one.
fn path(bins: impl ExactSizeIterator<Item = (u64, u64)>, (x, y): (f64, f64), max: u64) -> Path {
    let mut path = Path::default();
    let wide = PANEL / bins.len().max(1) as f64;
    let mut bins = bins.enumerate().peekable();
    while let Some((first, bar)) = bins.next() {
        let mut last = first;
        while let Some((next, _)) = bins.next_if(|(_, other)| *other == bar) {
            last = next;
        }
        let (from, high) = bar;
        if high == 0 {
            continue;
        }
        let scale = HIGH / max as f64;
        // A single replica among many must still be seen.
        let tall = (high as f64 * scale).max(1.5);
        let bottom = y + HIGH - from as f64 * scale;
        let corner = (x + wide * first as f64, bottom.max(y + tall));
        path.bar(corner, (wide * (last + 1 - first) as f64, tall));
    }
    path
}
