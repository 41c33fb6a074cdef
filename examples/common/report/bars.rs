//! Bars: what each node holds before, at the peak and after, against its quota and capacity.

use super::picture::{Drawing, Figure, LEAVES, Paint, Path};
use super::table::{Cell, Table};
use super::text::{grouped, short};
use upon::Value;

/// A node or a group of nodes.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) before: u64,
    pub(crate) peak: u64,
    pub(crate) after: u64,
    pub(crate) quota: f64,
    /// What it can hold, if that is limited.
    pub(crate) capacity: Option<u64>,
}

impl Bar {
    /// A bar of nothing, to add to.
    pub(crate) fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), before: 0, peak: 0, after: 0, quota: 0.0, capacity: None }
    }
}

/// A picture of bars.
pub(crate) struct Bars<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// What is counted, such as "replicas".
    pub(crate) unit: &'a str,
    /// What a row is, such as "node".
    pub(crate) of: &'a str,
    /// Whether copies under way are counted, so that a peak can be above before and after.
    pub(crate) peaks: bool,
    pub(crate) bars: &'a [Bar],
}

const LEFT: f64 = 120.0;
const WIDTH: f64 = 640.0;
const ROW: f64 = 26.0;
const TOP: f64 = 8.0;

impl From<Bars<'_>> for Value {
    fn from(bars: Bars<'_>) -> Self {
        bars.figure().into()
    }
}

impl Bars<'_> {
    fn figure(&self) -> Figure<'_> {
        let bars = self.bars.iter();
        let max = bars.map(|bar| (bar.peak.max(bar.capacity.unwrap_or(0)) as f64).max(bar.quota));
        let max = max.fold(1.0, f64::max);
        let x = |value: f64| LEFT + WIDTH * value / max;
        let height = TOP + ROW * self.bars.len() as f64 + 24.0;
        let mut out = Drawing::default();
        for (i, bar) in self.bars.iter().enumerate() {
            let y = TOP + ROW * i as f64;
            let high = bar.before.max(bar.after);
            out.name(&bar.name, (LEFT - 8.0, y + 15.0));
            let before = (x(bar.before as f64) - LEFT, 7.0);
            out.rect(Paint::Class("f-stay"), (LEFT, y + 3.0), before);
            out.rect(Paint::Class("f-in"), (LEFT, y + 11.0), (x(bar.after as f64) - LEFT, 7.0));
            if self.peaks {
                if bar.peak > high {
                    let (from, to) = (x(high as f64), x(bar.peak as f64));
                    out.rect(LEAVES, (from, y + 3.0), (to - from, 15.0));
                }
                let peak = Path::at(x(bar.peak as f64), y + 2.0).line(0.0, 17.0);
                out.path(Paint::Class("s-peak"), peak);
            }
            out.path(Paint::Class("s-quota"), Path::at(x(bar.quota), y).line(0.0, 21.0));
            if let Some(capacity) = bar.capacity {
                let capacity = Path::at(x(capacity as f64), y).line(0.0, 21.0);
                out.path(Paint::Class("s-cap"), capacity);
            }
            let mut words = format!("{} → {}", grouped(bar.before), grouped(bar.after));
            if self.peaks && bar.peak > high {
                words += &format!(", peak {}", grouped(bar.peak));
            }
            out.text("num", (LEFT + WIDTH + 8.0, y + 15.0), "start", words);
        }
        for (value, anchor) in [(0.0, "start"), (max, "end")] {
            out.text("axis", (x(value), height - 8.0), anchor, grouped(value.round() as u64));
        }
        Figure {
            id: self.id,
            title: self.title,
            text: self.text(),
            size: (LEFT + WIDTH + 190.0, height),
            drawing: out,
            keys: self.keys(),
            note: String::new(),
            numbers: self.numbers(),
            slider: None,
        }
    }

    fn text(&self) -> String {
        let over = |bar: &&Bar| bar.capacity.is_some_and(|capacity| bar.peak > capacity);
        let fullest = self.bars.iter().max_by_key(|bar| bar.peak);
        let mut text = format!("{} {}s.", self.bars.len(), self.of);
        if let Some(bar) = fullest {
            let (peak, unit, name) = (grouped(bar.peak), self.unit, short(&bar.name));
            text += &format!(" The highest peak is {peak} {unit} on {name}.");
        }
        text + &match self.bars.iter().filter(over).count() {
            0 => String::from(" No peak is above a capacity."),
            1 => String::from(" 1 peak is above the capacity."),
            n => format!(" {n} peaks are above the capacity."),
        }
    }

    fn keys(&self) -> Vec<(&'static str, &'static str)> {
        let mut keys = vec![("k-stay", "before"), ("k-in", "after")];
        if self.peaks {
            keys.push(("k-peak", "peak on the way"));
        }
        keys.push(("k-quota", "quota"));
        if self.bars.iter().any(|bar| bar.capacity.is_some()) {
            keys.push(("k-cap", "capacity"));
        }
        keys
    }

    fn numbers(&self) -> Table {
        let caption = format!("{}, in {}", self.title, self.unit);
        let heads = ["before", "peak", "after", "quota", "peak/quota", "capacity"];
        let mut table = Table::new(caption).text(self.of).numbers(heads);
        for bar in self.bars {
            let over = if bar.quota > 0.0 {
                format!("{:.4}", bar.peak as f64 / bar.quota)
            } else {
                "–".to_owned()
            };
            let cells: [Cell; 7] = [
                short(&bar.name).into(),
                bar.before.into(),
                bar.peak.into(),
                bar.after.into(),
                format!("{:.2}", bar.quota).into(),
                over.into(),
                bar.capacity.into(),
            ];
            table.row(cells);
        }
        table
    }
}
