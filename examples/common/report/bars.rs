//! Bars: what each node holds before, at the peak and after, against its quota and capacity.

use super::html::Html;
use super::table::{Cell, Table};
use super::text::{grouped, short};
use super::{figure, picture, picture_end};

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

impl Bars<'_> {
    pub(crate) fn html(&self) -> Html {
        let bars = self.bars.iter();
        let max = bars.map(|bar| (bar.peak.max(bar.capacity.unwrap_or(0)) as f64).max(bar.quota));
        let max = max.fold(1.0, f64::max);
        let x = |value: f64| LEFT + WIDTH * value / max;
        let over = |bar: &&Bar| bar.capacity.is_some_and(|capacity| bar.peak > capacity);
        let fullest = self.bars.iter().max_by_key(|bar| bar.peak);
        let mut text = format!("{} {}s.", self.bars.len(), self.of);
        if let Some(bar) = fullest {
            text += &format!(
                " The highest peak is {} {} on {}.",
                grouped(bar.peak),
                self.unit,
                short(&bar.name)
            );
        }
        text += &match self.bars.iter().filter(over).count() {
            0 => String::from(" No peak is above a capacity."),
            n => format!(" {n} peaks are above the capacity."),
        };
        let height = TOP + ROW * self.bars.len() as f64 + 24.0;
        let mut out = picture(self.id, self.title, &text, (LEFT + WIDTH + 190.0, height));
        for (i, bar) in self.bars.iter().enumerate() {
            let y = TOP + ROW * i as f64;
            label(&mut out, &bar.name, LEFT - 8.0, y + 15.0);
            rect(
                &mut out,
                "<rect class=\"f-stay\"",
                (LEFT, y + 3.0),
                (x(bar.before as f64) - LEFT, 7.0),
            );
            rect(
                &mut out,
                "<rect class=\"f-in\"",
                (LEFT, y + 11.0),
                (x(bar.after as f64) - LEFT, 7.0),
            );
            if self.peaks {
                let high = bar.before.max(bar.after);
                if bar.peak > high {
                    let (from, to) = (x(high as f64), x(bar.peak as f64));
                    rect(
                        &mut out,
                        "<rect fill=\"url(#hatch-out)\"",
                        (from, y + 3.0),
                        (to - from, 15.0),
                    );
                }
                out.markup("<path class=\"s-peak\" d=\"M").px(x(bar.peak as f64)).markup(" ");
                out.px(y + 2.0).markup("v17\"/>");
            }
            out.markup("<path class=\"s-quota\" d=\"M").px(x(bar.quota)).markup(" ").px(y);
            out.markup("v21\"/>");
            if let Some(capacity) = bar.capacity {
                out.markup("<path class=\"s-cap\" d=\"M").px(x(capacity as f64)).markup(" ").px(y);
                out.markup("v21\"/>");
            }
            out.markup("<text class=\"num\" x=\"").px(LEFT + WIDTH + 8.0).markup("\" y=\"");
            out.px(y + 15.0).markup("\">").text(grouped(bar.before)).markup(" → ");
            out.text(grouped(bar.after));
            if self.peaks && bar.peak > bar.before.max(bar.after) {
                out.markup(", peak ").text(grouped(bar.peak));
            }
            out.markup("</text>\n");
        }
        let foot = height - 8.0;
        for (value, anchor) in [(0.0, "start"), (max, "end")] {
            out.markup("<text class=\"axis\" x=\"").px(x(value)).markup("\" y=\"").px(foot);
            out.markup("\" text-anchor=\"")
                .text(anchor)
                .markup("\">")
                .text(grouped(value.round() as u64));
            out.markup("</text>");
        }
        picture_end(&mut out);
        figure(self.id, self.title, &self.caption(), &out, &self.numbers())
    }

    fn caption(&self) -> Html {
        let mut out = Html::new();
        out.markup("<span class=\"key\"><i class=\"k-stay\"></i>before</span> ");
        out.markup("<span class=\"key\"><i class=\"k-in\"></i>after</span> ");
        if self.peaks {
            out.markup("<span class=\"key\"><i class=\"k-peak\"></i>peak on the way</span> ");
        }
        out.markup("<span class=\"key\"><i class=\"k-quota\"></i>quota</span> ");
        if self.bars.iter().any(|bar| bar.capacity.is_some()) {
            out.markup("<span class=\"key\"><i class=\"k-cap\"></i>capacity</span> ");
        }
        out
    }

    fn numbers(&self) -> Html {
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
                Cell::Number(format!("{:.2}", bar.quota)),
                Cell::Number(over),
                bar.capacity.map_or_else(|| Cell::Number("–".to_owned()), Cell::from),
            ];
            table.row(cells);
        }
        table.html()
    }
}

/// A name on the left of a row, cut to the width.
pub(super) fn label(out: &mut Html, name: &str, x: f64, y: f64) {
    const MAX_CHARS: usize = 16;
    let whole = short(name);
    let mut cut: String = whole.chars().take(MAX_CHARS).collect();
    if whole.chars().count() > MAX_CHARS {
        cut.pop();
        cut.push('…');
    }
    out.markup("<text class=\"name\" x=\"").px(x).markup("\" y=\"").px(y);
    // About how wide it is in 12 px, where capitals and signs beyond Latin are the widest.
    let wide = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | ' ' | '!' => 4.0,
        'm' | 'w' | 'A'..='Z' | '@' | '%' => 11.5,
        _ if c.is_ascii() => 7.5,
        // Accents, joiners and marks of direction take no room of their own.
        '\u{300}'..='\u{36F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{FE00}'..='\u{FE0F}' => 0.0,
        _ => 12.0,
    };
    if cut.chars().map(wide).sum::<f64>() > x {
        out.markup("\" lengthAdjust=\"spacingAndGlyphs\" textLength=\"").px(x);
    }
    out.markup("\" text-anchor=\"end\">").text(cut).markup("</text>");
}

pub(super) fn rect(out: &mut Html, open: &'static str, (x, y): (f64, f64), (w, h): (f64, f64)) {
    out.markup(open).markup(" x=\"").px(x).markup("\" y=\"").px(y).markup("\" width=\"");
    out.px(w.max(0.0)).markup("\" height=\"").px(h).markup("\"/>");
}
