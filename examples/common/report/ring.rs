//! A ring before and after: what moves has a colour, everything else is grey.

use super::html::Html;
use super::{figure, picture, picture_end};

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
    pub(crate) text: &'a str,
    pub(crate) arcs: &'a [Arc],
    /// The table of numbers below.
    pub(crate) numbers: &'a Html,
}

/// What leaves is on the inner half of the ring, what arrives on the outer half.
const INNER: f64 = 126.5;
const OUTER: f64 = 133.5;

impl Ring<'_> {
    pub(crate) fn html(&self) -> Html {
        let mut out = picture(self.id, self.title, self.text, (680.0, 330.0));
        for (x, name, new) in [(170.0, "before", false), (510.0, "after", true)] {
            out.markup("<circle class=\"ring-track\" cy=\"165\" r=\"130\" cx=\"")
                .px(x)
                .markup("\"/>");
            out.markup("<text class=\"head\" text-anchor=\"middle\" y=\"163\" x=\"")
                .px(x)
                .markup("\">");
            out.text(name)
                .markup("</text><text class=\"axis\" text-anchor=\"middle\" y=\"182\" x=\"");
            out.px(x).markup("\">").markup(if new { "arrives" } else { "leaves" });
            out.markup("</text><path class=\"");
            out.markup(if new { "ring-in" } else { "ring-out" }).markup("\" d=\"");
            let radius = if new { OUTER } else { INNER };
            for arc in self.arcs {
                // An arc of less than a third of a pixel could not be seen.
                let middle = (arc.from + arc.to) / 2.0;
                let half = ((arc.to - arc.from) / 2.0).max(0.0002);
                let at = |turn: f64| {
                    let angle = turn * std::f64::consts::TAU;
                    (x + radius * angle.sin(), 165.0 - radius * angle.cos())
                };
                let (start, end) = (at(middle - half), at(middle + half));
                out.markup("M").text(format_args!("{:.2}", start.0)).markup(" ");
                out.text(format_args!("{:.2}", start.1))
                    .markup("A")
                    .px(radius)
                    .markup(" ")
                    .px(radius)
                    .markup(" 0 ");
                out.markup(if half > 0.25 { "1" } else { "0" }).markup(" 1 ");
                out.text(format_args!("{:.2}", end.0))
                    .markup(" ")
                    .text(format_args!("{:.2}", end.1));
            }
            out.markup("\"/>\n");
        }
        picture_end(&mut out);
        let mut caption = Html::new();
        caption.markup("<span class=\"key\"><i class=\"k-stay\"></i>keeps its owner</span> ");
        caption.markup(
            "<span class=\"key\"><i class=\"k-out\"></i>leaves its owner (inner half)</span> ",
        );
        caption.markup(
            "<span class=\"key\"><i class=\"k-in\"></i>arrives at a new one (outer half)</span>",
        );
        figure(self.id, self.title, &caption, &out, self.numbers)
    }
}
