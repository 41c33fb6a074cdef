//! A matrix of whole numbers: rows give, columns get. It is a table, so it needs no other text.

use super::html::Html;
use super::text::{grouped, short};
use std::collections::BTreeMap;

/// Numbers by row and column; none is 0.
pub(crate) struct Matrix<'a> {
    pub(crate) caption: &'a str,
    /// What rows and columns are, such as "from \ to".
    pub(crate) corner: &'a str,
    pub(crate) rows: &'a [String],
    pub(crate) columns: &'a [String],
    pub(crate) cells: &'a BTreeMap<(usize, usize), u64>,
}

impl Matrix<'_> {
    pub(crate) fn html(&self) -> Html {
        // Rows and columns of zeros only take room.
        let in_row = |row| self.cells.iter().any(|((r, _), n)| *r == row && *n > 0);
        let in_column = |column| self.cells.iter().any(|((_, c), n)| *c == column && *n > 0);
        let rows: Vec<usize> = (0..self.rows.len()).filter(|row| in_row(*row)).collect();
        let columns: Vec<usize> = (0..self.columns.len()).filter(|c| in_column(*c)).collect();
        let mut out = Html::new();
        if rows.is_empty() {
            out.paragraph("Nothing: every cell is 0.");
            return out;
        }
        let max = self.cells.values().copied().max().unwrap_or(1).max(1);
        out.markup("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"");
        out.text(self.caption).markup("\"><table class=\"matrix\"><caption>").text(self.caption);
        out.markup("</caption><thead><tr><th scope=\"col\">").text(self.corner).markup("</th>");
        for column in &columns {
            let name = self.columns.get(*column).map_or("", String::as_str);
            out.markup("<th scope=\"col\" class=\"n\">").text(short(name)).markup("</th>");
        }
        out.markup("<th scope=\"col\" class=\"n sum\">sum</th></tr></thead><tbody>\n");
        let at = |row: usize, column: usize| self.cells.get(&(row, column)).copied().unwrap_or(0);
        for row in &rows {
            let name = self.rows.get(*row).map_or("", String::as_str);
            out.markup("<tr><th scope=\"row\">").text(short(name)).markup("</th>");
            for column in &columns {
                match at(*row, *column) {
                    0 => out.markup("<td class=\"n z\">·</td>"),
                    n => {
                        let shade = (8 * n).div_ceil(max);
                        out.markup("<td class=\"n h").text(shade).markup("\">").text(grouped(n));
                        out.markup("</td>")
                    }
                };
            }
            let sum: u64 = columns.iter().map(|column| at(*row, *column)).sum();
            out.markup("<td class=\"n sum\">").text(grouped(sum)).markup("</td></tr>\n");
        }
        out.markup("</tbody><tfoot><tr><th scope=\"row\">sum</th>");
        let mut all = 0;
        for column in &columns {
            let sum: u64 = rows.iter().map(|row| at(*row, *column)).sum();
            all += sum;
            out.markup("<td class=\"n sum\">").text(grouped(sum)).markup("</td>");
        }
        out.markup("<td class=\"n sum\">").text(grouped(all));
        out.markup("</td></tr></tfoot></table></div>\n");
        out
    }
}
