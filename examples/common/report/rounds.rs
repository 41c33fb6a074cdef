//! Rounds × nodes: who sends and who receives in which round.

use super::bars::{label, rect};
use super::html::Html;
use super::table::{Cell, Table};
use super::text::{counted, grouped, short};
use super::{figure, picture, picture_end};

/// A picture of a schedule.
pub(crate) struct Rounds<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// What a row is, such as "node".
    pub(crate) of: &'a str,
    pub(crate) names: &'a [String],
    pub(crate) rounds: usize,
    /// Transfers: the round from 0 on, the row that sends if any does, and the row that receives.
    pub(crate) transfers: &'a [(usize, Option<usize>, usize)],
    /// The number of the part whose data the slider reads; none without a slider.
    pub(crate) slider: Option<usize>,
}

const LEFT: f64 = 120.0;
const WIDTH: f64 = 720.0;
const ROW: f64 = 18.0;
const TOP: f64 = 8.0;
/// How many columns the picture has at most.
const MAX_COLUMNS: usize = 120;

impl Rounds<'_> {
    pub(crate) fn html(&self) -> Html {
        let per = self.rounds.div_ceil(MAX_COLUMNS).max(1);
        let columns = self.rounds.div_ceil(per).max(1);
        let rows = self.names.len();
        let mut cells = vec![(0_u64, 0_u64); rows * columns];
        for (round, from, to) in self.transfers {
            let column = (round / per).min(columns - 1);
            if let Some(cell) = from.and_then(|from| cells.get_mut(from * columns + column)) {
                cell.0 += 1;
            }
            if let Some(cell) = cells.get_mut(to * columns + column) {
                cell.1 += 1;
            }
        }
        let max = cells.iter().map(|(a, b)| *a.max(b)).max().unwrap_or(1).max(1);
        let text = format!(
            "{} in {}. One column is {}; in each cell the upper half shows what a {} receives and \
             the lower half what it sends.",
            counted(self.transfers.len() as u64, "transfer"),
            counted(self.rounds as u64, "round"),
            counted(per as u64, "round"),
            self.of,
        );
        let height = TOP + ROW * rows as f64 + 22.0;
        let mut out = picture(self.id, self.title, &text, (LEFT + WIDTH + 24.0, height));
        let wide = (WIDTH / columns as f64).min(24.0);
        for (row, name) in self.names.iter().enumerate() {
            let y = TOP + ROW * row as f64;
            label(&mut out, name, LEFT - 8.0, y + 12.0);
            rect(&mut out, "<rect class=\"f-track\"", (LEFT, y), (wide * columns as f64, 16.0));
            for column in 0..columns {
                let (sent, received) = cells.get(row * columns + column).copied().unwrap_or((0, 0));
                let x = LEFT + wide * column as f64;
                let tall = |n: u64| 2.0 + 6.0 * n as f64 / max as f64;
                if received > 0 {
                    let size = (wide * 0.86, tall(received));
                    rect(&mut out, "<rect class=\"f-in\"", (x, y + 8.0 - size.1), size);
                }
                if sent > 0 {
                    let size = (wide * 0.86, tall(sent));
                    rect(&mut out, "<rect fill=\"url(#hatch-out)\"", (x, y + 8.0), size);
                }
            }
            out.markup("\n");
        }
        if self.slider.is_some() {
            out.markup("<rect class=\"cursor\" hidden x=\"").px(LEFT).markup("\" y=\"4\" width=\"");
            out.px(wide).markup("\" height=\"").px(ROW * rows as f64 + 6.0);
            out.markup("\" data-left=\"").px(LEFT).markup("\" data-wide=\"").text(wide);
            out.markup("\" data-per=\"").text(per).markup("\"/>");
        }
        let last = LEFT + wide * columns as f64;
        let foot = height - 6.0;
        out.markup("<text class=\"axis\" x=\"").px(LEFT).markup("\" y=\"").px(foot);
        out.markup("\">round 1</text>");
        if last - LEFT > 120.0 {
            out.markup("<text class=\"axis\" text-anchor=\"end\" x=\"").px(last).markup("\" y=\"");
            out.px(foot).markup("\">").text(grouped(self.rounds as u64)).markup("</text>\n");
        }
        picture_end(&mut out);
        if let Some(part) = self.slider {
            self.controls(&mut out, part);
        }
        figure(self.id, self.title, &self.caption(per), &out, &self.numbers())
    }

    /// The slider, which the script makes visible.
    fn controls(&self, out: &mut Html, part: usize) {
        out.markup("<div class=\"slider\" hidden data-part=\"").text(part);
        out.markup("\"><label for=\"").text(self.id).markup("-r\">After round</label><input id=\"");
        out.text(self.id).markup("-r\" type=\"range\" min=\"0\" value=\"0\" max=\"");
        out.text(self.rounds).markup("\"><output for=\"").text(self.id);
        out.markup("-r\" aria-live=\"polite\"></output></div>\n");
    }

    fn caption(&self, per: usize) -> Html {
        let mut out = Html::new();
        out.markup("<span class=\"key\"><i class=\"k-in\"></i>receives (upper half)</span> ");
        out.markup("<span class=\"key\"><i class=\"k-out\"></i>sends (lower half)</span> ");
        if per > 1 {
            out.text(format_args!("One column is {per} rounds."));
        }
        out
    }

    fn numbers(&self) -> Html {
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
            let round = |at: usize| {
                Cell::Number(if sent + received > 0 {
                    grouped(at as u64 + 1)
                } else {
                    "–".to_owned()
                })
            };
            let first = first.min(self.rounds);
            table.row([
                short(name).into(),
                sent.into(),
                received.into(),
                round(first),
                round(last),
            ]);
        }
        table.html()
    }
}
