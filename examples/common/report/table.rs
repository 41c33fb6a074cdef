//! Tables of text and numbers.

use super::html::Html;
use std::fmt::Display;

/// A table with a caption. The first cell of each row is its heading.
#[derive(Default)]
pub(crate) struct Table {
    caption: String,
    heads: Vec<(String, bool)>,
    body: Html,
    rows: usize,
}

/// A cell.
pub(crate) enum Cell {
    Text(String),
    /// Aligned right, in digits of equal width.
    Number(String),
    /// A sign and a word, as checks have them.
    Html(Html),
}

impl Table {
    pub(crate) fn new(caption: impl Display) -> Self {
        Self { caption: caption.to_string(), ..Self::default() }
    }

    /// Adds a column of text.
    pub(crate) fn text(mut self, head: impl Display) -> Self {
        self.heads.push((head.to_string(), false));
        self
    }

    /// Adds columns of numbers.
    pub(crate) fn numbers<T: Display>(mut self, heads: impl IntoIterator<Item = T>) -> Self {
        self.heads.extend(heads.into_iter().map(|head| (head.to_string(), true)));
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.add(&mut cells.into_iter());
    }

    fn add(&mut self, cells: &mut dyn Iterator<Item = Cell>) {
        self.body.markup("<tr>");
        for (i, cell) in cells.enumerate() {
            let number = self.heads.get(i).is_some_and(|(_, number)| *number);
            self.body.markup(match (i, number) {
                (0, false) => "<th scope=\"row\">",
                (0, true) => "<th scope=\"row\" class=\"n\">",
                (_, false) => "<td>",
                (_, true) => "<td class=\"n\">",
            });
            match cell {
                Cell::Text(text) | Cell::Number(text) => self.body.text(text),
                Cell::Html(html) => self.body.push(&html),
            };
            self.body.markup(if i == 0 { "</th>" } else { "</td>" });
        }
        self.body.markup("</tr>\n");
        self.rows += 1;
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn html(&self) -> Html {
        let mut out = Html::new();
        out.markup("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"");
        out.text(&self.caption).markup("\"><table><caption>").text(&self.caption);
        out.markup("</caption><thead><tr>");
        for (head, number) in &self.heads {
            out.markup(if *number {
                "<th scope=\"col\" class=\"n\">"
            } else {
                "<th scope=\"col\">"
            });
            out.text(head).markup("</th>");
        }
        out.markup("</tr></thead><tbody>\n").push(&self.body);
        out.markup("</tbody></table></div>\n");
        out
    }
}

/// A cell of text.
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A whole number, its digits grouped.
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(super::text::grouped(number))
    }
}

impl From<Html> for Cell {
    fn from(html: Html) -> Self {
        Self::Html(html)
    }
}
