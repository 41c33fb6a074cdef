//! Fits help texts and tables to the terminal; shared by the examples.
#![allow(dead_code)] // no example uses all of it

/// The assumed width of a terminal.
const DEFAULT_COLUMNS: usize = 80;

/// The width of the terminal: the environment variable `COLUMNS`, or 80.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(DEFAULT_COLUMNS).max(40)
}

/// A paragraph of a help text: a first line that may begin with a term, and words with a hanging
/// indent.
struct Paragraph {
    first: String,
    hang: usize,
    words: Vec<String>,
}

/// Rewraps a help text to `width`. A line continues the one above if its text begins in the same
/// column. In `--option VALUE   text` the text begins after the wide gap, in a synopsis after the
/// program's name.
pub(crate) fn help(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut open: Option<Paragraph> = None;
    let mut synopsis = None::<usize>;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let body = line.trim();
        if let Some(name) = body.strip_prefix("usage: ").and_then(|rest| rest.split(' ').next()) {
            synopsis = Some("usage: ".len() + name.len() + 1);
        } else if body.is_empty() {
            synopsis = None;
        }
        let gap = body.find("  ").filter(|_| synopsis.is_none());
        let goes_on = |at: &&mut Paragraph| gap.is_none() && !body.is_empty() && indent == at.hang;
        if let Some(paragraph) = open.as_mut().filter(goes_on) {
            paragraph.words.extend(words(body, synopsis.is_some()));
            continue;
        }
        close(&mut out, open.take(), width);
        if body.is_empty() {
            out.push('\n');
            continue;
        }
        open = Some(match (gap, synopsis) {
            (Some(gap), _) => {
                let rest = body[gap..].trim_start();
                let hang = line.len() - rest.len();
                Paragraph { first: line[..hang].to_owned(), hang, words: words(rest, false) }
            }
            (None, Some(hang)) => {
                Paragraph { first: " ".repeat(indent), hang, words: words(body, true) }
            }
            (None, None) => {
                Paragraph { first: " ".repeat(indent), hang: indent, words: words(body, false) }
            }
        });
    }
    close(&mut out, open, width);
    out
}

/// Splits text into words; in a synopsis, a bracketed group is one word.
fn words(text: &str, brackets: bool) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut().filter(|_| depth > 0) {
            Some(last) => *last = format!("{last} {word}"),
            None => words.push(word.to_owned()),
        }
        if brackets {
            depth = (depth + word.matches('[').count()).saturating_sub(word.matches(']').count());
        }
    }
    words
}

fn close(out: &mut String, paragraph: Option<Paragraph>, width: usize) {
    let Some(Paragraph { first, hang, words }) = paragraph else { return };
    out.push_str(&wrapped(&first, hang, words.iter().map(String::as_str), width));
    out.push('\n');
}

/// Wraps words after `first` into lines of `width`; all lines but the first are indented by `hang`.
pub(crate) fn wrapped<'a>(
    first: &str,
    hang: usize,
    words: impl IntoIterator<Item = &'a str>,
    width: usize,
) -> String {
    let mut out = first.to_owned();
    let (mut at, mut empty) = (columns(first), true);
    for word in words {
        if !empty && at + 1 + columns(word) > width {
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            (at, empty) = (hang, true);
        }
        if !empty {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += columns(word);
        empty = false;
    }
    out
}

/// Splits a table into blocks of columns that fit `width`; each begins with the first column.
pub(crate) fn blocks(rows: &[Vec<String>], width: usize) -> Vec<Vec<Vec<String>>> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| columns(cell)).max()
    };
    let widths: Vec<usize> = (0..count).map(|column| widest(column).unwrap_or(0)).collect();
    let first = widths.first().copied().unwrap_or(0);
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut used = usize::MAX;
    for (column, wide) in widths.iter().enumerate().skip(1) {
        match blocks.last_mut().filter(|_| used.saturating_add(2 + wide) <= width) {
            Some(block) => {
                block.push(column);
                used += 2 + wide;
            }
            None => {
                blocks.push(vec![0, column]);
                used = first + 2 + wide;
            }
        }
    }
    if blocks.is_empty() && count > 0 {
        blocks.push(vec![0]);
    }
    let cells = |row: &Vec<String>, block: &Vec<usize>| {
        block.iter().filter_map(|column| row.get(*column).cloned()).collect()
    };
    blocks.iter().map(|block| rows.iter().map(|row| cells(row, block)).collect()).collect()
}

/// One column for each character, which is good enough for names.
fn columns(text: &str) -> usize {
    text.chars().count()
}
