//! Draws the figures as SVG: one row for each policy, one column of bars for each figure. Inside a page
//! its text takes the page's colour; it also works alone.

use crate::simulation::{Figures, GATEWAYS, NODES};
use std::fmt::Write;

const WIDTH: u32 = 800;
const LEFT: u32 = 250;
/// The distance from one column to the next, and the length of the longest bar.
const COLUMN: (u32, u32) = (188, 120);
const ROW: u32 = 22;
const TOP: u32 = 56;

/// A column: title, unit, the value of a full bar in the scale of `Figures::scaled`, and its colour
/// (after Okabe and Ito, for colour-blind readers).
const COLUMNS: [(&str, &str, u64, &str); 3] = [
    ("highest load / mean", "", 300, "#e69f00"),
    ("spilled", " %", 1000, "#3a8fd0"),
    ("hit rate", " %", 1000, "#009e73"),
];

/// Applies only to a standalone picture: inside a page the root is another element.
const STYLE: &str = "<style>svg:root{color:#222;background:#fff}\
    @media(prefers-color-scheme:dark){svg:root{color:#ddd;background:#111}}</style>";

/// Writes the SVG: deterministic, and without an empty line, which would end a Markdown block.
pub(crate) fn svg(requests: u64, rows: &[(String, Figures)]) -> String {
    let mut body = String::new();
    let requests = grouped(requests);
    let title =
        format!("{requests} requests from {GATEWAYS} gateways to {NODES} nodes, keys by Zipf");
    text(&mut body, (0, 15), "font-weight=\"bold\"", &title);
    for (at, (title, ..)) in (0..).zip(COLUMNS) {
        text(&mut body, (LEFT + at * COLUMN.0, TOP - 14), "opacity=\".7\"", title);
    }
    for (at, (name, figures)) in (0..).zip(rows) {
        let y = TOP + at * ROW;
        text(&mut body, (LEFT - 10, y + 11), "text-anchor=\"end\"", name);
        for (((at, column), scaled), shown) in
            (0..).zip(COLUMNS).zip(figures.scaled()).zip(figures.shown())
        {
            let (_, unit, full, colour) = column;
            let x = LEFT + at * COLUMN.0;
            let length = (scaled.min(full) * u64::from(COLUMN.1) / full) as u32;
            let _ =
                writeln!(body, "<path d=\"M{x} {y}h{length}v14h-{length}z\" fill=\"{colour}\"/>");
            text(&mut body, (x + length + 5, y + 11), "", &format!("{shown}{unit}"));
        }
    }
    let height = TOP + rows.len() as u32 * ROW + 4;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{title}: the table beside the picture has the same figures\" \
         font-family=\"sans-serif\" font-size=\"12\" \
         fill=\"currentColor\" style=\"max-width:100%;height:auto\">\n{STYLE}\n{body}</svg>\n"
    )
}

fn text(out: &mut String, (x, y): (u32, u32), look: &str, words: &str) {
    let space = if look.is_empty() { "" } else { " " };
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\"{space}{look}>{words}</text>");
}

/// A number with a comma before every three digits.
fn grouped(n: u64) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", grouped(n / 1000), n % 1000) }
}
