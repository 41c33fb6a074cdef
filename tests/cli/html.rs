//! Reads the HTML that the examples write, strictly: what a browser would forgive is an error here.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An element that was opened, with its attributes, and the text up to its end.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
}

/// All elements of a page, in order.
pub(crate) struct Page {
    elements: Vec<Element>,
}

/// Elements without content.
const VOID: [&str; 4] = ["meta", "link", "input", "br"];

impl Page {
    /// Reads a page. Every tag is closed, in order, and every attribute has a value in quotes or none.
    pub(crate) fn read(html: &str) -> Self {
        let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a doctype");
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        while let Some(at) = rest.find('<') {
            let text = unescaped(&rest[..at]);
            for element in &open {
                elements[*element].text.push_str(&text);
            }
            rest = &rest[at..];
            if let Some(tag) = rest.strip_prefix("</") {
                let (name, after) = tag.split_once('>').expect("a closing tag");
                let last = open.pop().expect("an open element");
                assert_eq!(elements[last].name, name, "closes another element");
                rest = after;
                continue;
            }
            let (element, closed, after) = tag(rest);
            rest = after;
            let name = element.name.clone();
            elements.push(element);
            if closed || VOID.contains(&name.as_str()) {
                continue;
            }
            open.push(elements.len() - 1);
            if name == "script" || name == "style" {
                let end = rest.find(&format!("</{name}>")).expect("the end of a script");
                elements.last_mut().expect("it").text = rest[..end].to_owned();
                rest = &rest[end..];
            }
        }
        assert!(open.is_empty(), "{} elements are not closed", open.len());
        Self { elements }
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    pub(crate) fn by_id(&self, id: &str) -> &Element {
        let found = self.elements.iter().find(|element| element.get("id") == Some(id));
        found.unwrap_or_else(|| panic!("no element {id}"))
    }

    /// What the script reads.
    pub(crate) fn data(&self) -> Value {
        serde_json::from_str(&self.by_id("data").text).expect("JSON")
    }

    /// The cells of the table with this caption, row by row, without its head.
    pub(crate) fn table(&self, caption: &str) -> Vec<Vec<String>> {
        let at = self.elements.iter().position(|e| e.name == "caption" && e.text == caption);
        let at = at.unwrap_or_else(|| panic!("no table {caption}"));
        let mut rows: Vec<Vec<String>> = Vec::new();
        let rest = self.elements[at..].iter().skip_while(|e| e.name != "tbody").skip(1);
        for element in rest.take_while(|e| !["table", "tfoot", "tbody"].contains(&e.name.as_str()))
        {
            match element.name.as_str() {
                "tr" => rows.push(Vec::new()),
                "th" | "td" => rows.last_mut().expect("a row").push(element.text.clone()),
                _ => {}
            }
        }
        rows
    }

    /// What every page keeps to: it asks for nothing, every picture has its text, headings have no
    /// gaps, heads of tables say what they head, and every reference has its end.
    pub(crate) fn check(&self, html: &str) {
        assert!(!html.contains("http:") && !html.contains("https:"), "an address");
        assert!(!html.contains("@import") && !html.contains("url(h"), "a style sheet");
        let mut ids = BTreeSet::new();
        for id in self.elements.iter().filter_map(|element| element.get("id")) {
            assert!(ids.insert(id), "id {id} twice");
        }
        let mut level = 0;
        for element in &self.elements {
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "style", "{name} in {element:?}");
                match name.as_str() {
                    "src" => panic!("loads {value}"),
                    "href" => match value.strip_prefix('#') {
                        Some(id) => assert!(ids.contains(id), "no {id}"),
                        None => assert!(value.starts_with("data:"), "{value}"),
                    },
                    "aria-labelledby" | "for" => {
                        value.split(' ').for_each(|id| assert!(ids.contains(id), "no {id}"));
                    }
                    _ => {}
                }
            }
            match element.name.as_str() {
                "svg" if element.get("aria-hidden").is_none() => {
                    assert_eq!(element.get("role"), Some("img"));
                    let labels = element.get("aria-labelledby").expect("a title and a text");
                    for id in labels.split(' ') {
                        assert!(!self.by_id(id).text.is_empty(), "{id} is empty");
                    }
                }
                "th" => assert!(element.get("scope").is_some(), "{element:?}"),
                "h1" | "h2" | "h3" | "h4" => {
                    let next = element.name[1..].parse().expect("a level");
                    assert!(next <= level + 1, "{element:?} after a heading of level {level}");
                    level = next;
                }
                _ => {}
            }
        }
        for one in ["main", "h1", "title", "header", "nav"] {
            assert_eq!(
                self.all(one).filter(|e| one != "title" || e.get("id").is_none()).count(),
                1,
                "{one}"
            );
        }
        let pictures = self.all("svg").filter(|e| e.get("aria-hidden").is_none()).count();
        assert_eq!(self.all("figure").count(), pictures);
        let numbers = self.all("details").filter(|e| e.get("class") == Some("numbers"));
        assert_eq!(numbers.count(), pictures, "every picture has its numbers");
        assert_eq!(self.all("html").next().and_then(|e| e.get("lang")), Some("en"));
    }
}

impl Element {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

/// An opening tag, whether it closes itself, and what follows.
fn tag(text: &str) -> (Element, bool, &str) {
    let end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let mut rest = &text[1..];
    let name = &rest[..rest.find(end).expect("the end of a name")];
    assert!(!name.is_empty(), "a `<` that is not escaped: {}", &text[..40.min(text.len())]);
    rest = &rest[name.len()..];
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        let closed = rest.starts_with('/');
        if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            let element = Element { name: name.to_owned(), attributes, text: String::new() };
            return (element, closed, after);
        }
        let attribute = &rest[..rest.find(end).expect("the end of an attribute")];
        assert!(!attribute.is_empty(), "not an attribute: {}", &rest[..40.min(rest.len())]);
        rest = &rest[attribute.len()..];
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            (value, rest) = quoted.split_once('"').expect("a quote");
            assert!(!value.contains('<'), "{attribute}={value}");
        }
        assert!(
            attributes.insert(attribute.to_owned(), unescaped(value)).is_none(),
            "{attribute} twice"
        );
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let (name, after) = rest[at + 1..].split_once(';').expect("an `&` that is not escaped");
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("&{other};"),
        });
        rest = after;
    }
    out + rest
}

/// Reads numbers of few bits, the highest bit first, from base64.
pub(crate) struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    pub(crate) fn new(base64: &Value) -> Self {
        Self { bytes: unbase64(base64.as_str().expect("base64")), at: 0 }
    }

    pub(crate) fn next(&mut self, width: &Value) -> u64 {
        let width = width.as_u64().expect("a width");
        (0..width).fold(0, |number, _| {
            let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
            self.at += 1;
            number << 1 | u64::from(bit)
        })
    }
}

pub(crate) fn unbase64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |c| DIGITS.iter().position(|digit| *digit == c).expect("a digit") as u32;
    let chunk = |chunk: &[u8]| -> Vec<u8> {
        let digits = chunk.iter().take_while(|c| **c != b'=');
        let word = digits.clone().enumerate().fold(0, |w, (i, c)| w | digit(*c) << (18 - 6 * i));
        word.to_be_bytes()[1..digits.count()].to_vec()
    };
    assert_eq!(text.len() % 4, 0);
    text.as_bytes().chunks(4).flat_map(chunk).collect()
}
