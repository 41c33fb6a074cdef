//! The table before and after: one strip for each node, along the partitions, in which only what
//! moves has a colour.

use super::bars::label;
use super::html::Html;
use super::table::{Cell, Table};
use super::text::{grouped, short};
use super::{figure, picture, picture_end};

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

impl Strips<'_> {
    pub(crate) fn html(&self) -> Html {
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
        let size = (LEFT + 2.0 * PANEL + GAP + 4.0, height);
        let mut out = picture(self.id, self.title, &text, size);
        for (panel, name) in [(0.0, "before"), (1.0, "after")] {
            let x = LEFT + panel * (PANEL + GAP);
            out.markup("<text class=\"head\" x=\"").px(x).markup("\" y=\"13\">").text(name);
            out.markup("</text>");
            let foot = height - 6.0;
            out.markup("<text class=\"axis\" x=\"").px(x).markup("\" y=\"").px(foot);
            out.markup("\">partition 0</text><text class=\"axis\" text-anchor=\"end\" x=\"");
            out.px(x + PANEL).markup("\" y=\"").px(foot).markup("\">");
            out.text(grouped(self.partitions.saturating_sub(1))).markup("</text>\n");
        }
        for (i, strip) in self.strips.iter().enumerate() {
            let y = TOP + ROW * i as f64;
            label(&mut out, &strip.name, LEFT - 8.0, y + 12.0);
            for (x, new) in [(LEFT, false), (LEFT + PANEL + GAP, true)] {
                let moved = |bin: &(u64, u64, u64)| if new { bin.2 } else { bin.1 };
                out.markup("<path class=\"f-track\" d=\"M").px(x).markup(" ").px(y);
                out.markup("h")
                    .px(PANEL)
                    .markup("v")
                    .px(HIGH)
                    .markup("h")
                    .px(-PANEL)
                    .markup("z\"/>");
                let stays = strip.bins.iter().map(|bin| (0, bin.0));
                out.markup("<path class=\"f-stay\" d=\"");
                path(&mut out, stays, (x, y), max);
                let moves = strip.bins.iter().map(|bin| (bin.0, moved(bin)));
                out.markup("\"/><path fill=\"url(#");
                out.markup(if new { "dots-in" } else { "hatch-out" }).markup(")\" d=\"");
                path(&mut out, moves, (x, y), max);
                out.markup("\"/>\n");
            }
        }
        picture_end(&mut out);
        figure(self.id, self.title, &caption(), &out, &self.numbers())
    }

    fn numbers(&self) -> Html {
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
        table.html()
    }
}

fn caption() -> Html {
    let mut out = Html::new();
    out.markup("<span class=\"key\"><i class=\"k-stay\"></i>stays</span> ");
    out.markup("<span class=\"key\"><i class=\"k-out\"></i>leaves</span> ");
    out.markup("<span class=\"key\"><i class=\"k-dots\"></i>arrives</span>");
    out
}

/// Bars on the bottom of a strip, each from a height to a height; equal neighbours are one.
fn path(out: &mut Html, bins: impl ExactSizeIterator<Item = (u64, u64)>, at: (f64, f64), max: u64) {
    let (x, y) = at;
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
        out.markup("M").px(x + wide * first as f64).markup(" ").px(bottom.max(y + tall));
        out.markup("v").px(-tall).markup("h").px(wide * (last + 1 - first) as f64);
        out.markup("v").px(tall).markup("z");
    }
}
