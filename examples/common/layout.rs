//! Text that fits the terminal: help and tables, shared by the examples.

/// Columns that a terminal has at least.
const NARROW: usize = 80;

/// The columns there are: what the environment says in `COLUMNS`, or 80.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(NARROW).max(40)
}

/// A paragraph of a help text: a term at `indent`, perhaps, and words that hang at `hang`.
struct Paragraph {
    first: String,
    hang: usize,
    words: Vec<String>,
}

/// Breaks a help text between words, so that its lines fit. A line whose text begins where the text
/// of the line above begins continues it; in `--option VALUE   text` that is after the wide gap, in a
/// synopsis after the program's name.
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
        if let Some(paragraph) = &mut open {
            if gap.is_none() && !body.is_empty() && indent == paragraph.hang {
                paragraph.words.extend(words(body, synopsis.is_some()));
                continue;
            }
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

/// Words; in a synopsis, what stands in brackets is one word.
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

/// Words behind a beginning, in lines that fit; all but the first are indented by `hang`.
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

/// A table in as many blocks as its width needs, each beginning with the first column.
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

/// Good enough for names: one column a character.
fn columns(text: &str) -> usize {
    text.chars().count()
}
