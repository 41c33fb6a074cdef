//! The frame of a picture: a figure with its caption, its text, its shapes and its numbers.

use super::Values;
use super::table::Table;
use super::text::short;
use super::values::px;
use std::fmt::Write;
use upon::Value;

/// For the template `figure`.
pub(super) struct Figure<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    /// The text equivalent.
    pub(super) text: String,
    pub(super) size: (f64, f64),
    pub(super) drawing: Drawing,
    /// Classes and what they mean.
    pub(super) keys: Vec<(&'static str, &'static str)>,
    /// What else the caption says.
    pub(super) note: String,
    pub(super) numbers: Table,
    /// What the slider reads, if there is one.
    pub(super) slider: Option<Values>,
}

impl From<Figure<'_>> for Value {
    fn from(figure: Figure<'_>) -> Self {
        let key = |(class, text)| Values::new().with("class", class).with("text", text);
        let keys: Vec<Values> = figure.keys.into_iter().map(key).collect();
        Values::new()
            .with("id", figure.id)
            .with("title", figure.title)
            .with("text", figure.text)
            .px("width", figure.size.0)
            .px("height", figure.size.1)
            .with("shapes", figure.drawing.shapes)
            .with("keys", keys)
            .with("note", figure.note)
            .with("numbers", figure.numbers)
            .with("slider", figure.slider)
            .into()
    }
}

/// How a shape looks: a class of the style sheet, or a pattern.
#[derive(Clone, Copy)]
pub(super) enum Paint {
    Class(&'static str),
    Pattern(&'static str),
}

/// What leaves, and what arrives.
pub(super) const LEAVES: Paint = Paint::Pattern("hatch-out");
pub(super) const ARRIVES: Paint = Paint::Pattern("dots-in");

/// The shapes of a picture.
#[derive(Default)]
pub(super) struct Drawing {
    shapes: Vec<Value>,
}

impl Drawing {
    /// Adds a shape of one kind. The template tests every kind, so the others are set to false.
    fn add(&mut self, kind: &str, paint: Paint, values: Values) {
        let (class, pattern) = match paint {
            Paint::Class(class) => (class, ""),
            Paint::Pattern(pattern) => ("", pattern),
        };
        let mut shape = Values::new().with("class", class).with("pattern", pattern);
        for other in ["rect", "path", "text"] {
            shape = shape.with(other, false);
        }
        self.shapes.push(shape.with(kind, values).into());
    }

    pub(super) fn rect(&mut self, paint: Paint, (x, y): (f64, f64), (w, h): (f64, f64)) {
        let values = Values::new().px("x", x).px("y", y).px("width", w.max(0.0)).px("height", h);
        self.add("rect", paint, values);
    }

    pub(super) fn path(&mut self, paint: Paint, path: Path) {
        self.add("path", paint, Values::new().with("d", path.0));
    }

    pub(super) fn circle(&mut self, class: &'static str, (x, y): (f64, f64), r: f64) {
        let values = Values::new().px("x", x).px("y", y).px("r", r);
        self.add("circle", Paint::Class(class), values);
    }

    /// A text; `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(
        &mut self,
        class: &'static str,
        (x, y): (f64, f64),
        anchor: &str,
        words: impl Into<String>,
    ) {
        let values = Values::new().px("x", x).px("y", y).with("anchor", anchor).with("fit", "");
        self.add("text", Paint::Class(class), values.with("words", words.into()));
    }

    /// A name that ends on the left of a row, cut to the width.
    pub(super) fn name(&mut self, name: &str, (x, y): (f64, f64)) {
        const MAX_CHARS: usize = 16;
        let whole = short(name);
        let mut cut: String = whole.chars().take(MAX_CHARS).collect();
        if whole.chars().count() > MAX_CHARS {
            cut.pop();
            cut.push('…');
        }
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
        let fit = if cut.chars().map(wide).sum::<f64>() > x { px(x) } else { String::new() };
        let values = Values::new().px("x", x).px("y", y).with("anchor", "end").with("fit", fit);
        self.add("text", Paint::Class("name"), values.with("words", cut));
    }
}

/// The commands of a path.
#[derive(Default)]
pub(super) struct Path(String);

impl Path {
    /// Begins at a point.
    pub(super) fn at(x: f64, y: f64) -> Self {
        let mut path = Self::default();
        path.to(x, y);
        path
    }

    /// Goes on from another point.
    pub(super) fn to(&mut self, x: f64, y: f64) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "M{} {}", px(x), px(y));
    }

    /// A line to the right, and one downwards.
    pub(super) fn line(mut self, right: f64, down: f64) -> Self {
        for (letter, by) in [('h', right), ('v', down)] {
            if by != 0.0 {
                let _ = write!(self.0, "{letter}{}", px(by));
            }
        }
        self
    }

    /// A box that begins with its lower left corner.
    pub(super) fn bar(&mut self, (x, y): (f64, f64), (wide, tall): (f64, f64)) {
        self.to(x, y);
        let _ = write!(self.0, "v{}h{}v{}z", px(-tall), px(wide), px(tall));
    }

    /// An arc of a circle, clockwise.
    pub(super) fn arc(&mut self, start: (f64, f64), end: (f64, f64), radius: f64, large: bool) {
        let (r, large) = (px(radius), u8::from(large));
        let _ = write!(self.0, "M{:.2} {:.2}A{r} {r} 0 {large} 1 ", start.0, start.1);
        let _ = write!(self.0, "{:.2} {:.2}", end.0, end.1);
    }
}
