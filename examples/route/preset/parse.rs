//! The command line of a preset.

use super::given::Given;
use super::lookup::Lookup;
use super::table::{Nodes, PRESETS, Preset};
use crate::args::replicas;
use crate::common::options::{set, text};
use crate::keys::Form;
use crate::text::quoted;
use lexopt::{Arg, Parser};
use std::collections::BTreeMap;
use std::ffi::OsString;

/// What was asked: how to find answers, and how to read and write.
pub(super) struct Asked {
    pub(super) lookup: Lookup,
    pub(super) names: Vec<String>,
    pub(super) index: bool,
    pub(super) form: Form,
}

/// The arguments as they were given.
#[derive(Default)]
struct Words {
    preset: Option<String>,
    nodes: Vec<String>,
    replicas: Option<String>,
    options: BTreeMap<&'static str, String>,
    hex: bool,
    raw: bool,
    index: bool,
}

/// Reads the arguments; `None` for `--presets`.
pub(super) fn parse(args: Vec<OsString>) -> Result<Option<Asked>, String> {
    let mut parser = Parser::from_args(args);
    let mut words = Words::default();
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        let name = match arg {
            Arg::Long(name) => name.to_owned(),
            other => return Err(format!("{}; --help lists them", other.unexpected())),
        };
        match name.as_str() {
            "presets" => return Ok(None),
            "preset" => {
                let value = text(&mut parser, "--preset")?;
                set(&mut words.preset, "--preset", value)?;
            }
            "node" => words.nodes.push(text(&mut parser, "--node")?),
            "replicas" => {
                let value = text(&mut parser, "--replicas")?;
                set(&mut words.replicas, "--replicas", value)?;
            }
            "hex" => words.hex = true,
            "raw" => words.raw = true,
            "index" => words.index = true,
            _ => {
                let known = option(&name);
                let known = known.ok_or_else(|| match words.preset.as_deref() {
                    Some(preset) => format!("--{name}: not with --preset {preset}"),
                    None => format!("--{name}: not with --preset"),
                })?;
                let value = text(&mut parser, &format!("--{name}"))?;
                if words.options.insert(known, value).is_some() {
                    return Err(format!("--{name} is given twice"));
                }
            }
        }
    }
    words.checked().map(Some)
}

/// An option that any preset takes.
fn option(name: &str) -> Option<&'static str> {
    let all = PRESETS.iter().flat_map(|preset| preset.options);
    all.map(|(known, _)| *known).find(|known| *known == name)
}

impl Words {
    fn checked(self) -> Result<Asked, String> {
        let name = self.preset.unwrap_or_default();
        let preset = PRESETS.iter().find(|preset| preset.name == name);
        let preset = preset.ok_or_else(|| unknown(&name))?;
        for (option, value) in &self.options {
            if !preset.options.iter().any(|(known, _)| known == option) {
                let value = quoted(value.as_bytes());
                return Err(format!("--{option} {value}: not with --preset {name}"));
            }
        }
        let form = match (self.hex, self.raw) {
            (true, true) => return Err("--hex and --raw: only one of them".to_owned()),
            (_, true) if !preset.raw => return Err(format!("--raw: not with --preset {name}")),
            (_, true) => Form::Raw,
            (true, _) => Form::Hex,
            _ => Form::Bytes,
        };
        let replicas = match self.replicas {
            Some(given) if !preset.replicas => {
                let given = quoted(given.as_bytes());
                return Err(format!("--replicas {given}: not with --preset {name}"));
            }
            given => given.as_deref().map_or(Ok(1), replicas)?,
        };
        let names = names(preset, &self.nodes, self.index)?;
        let (nodes, options) = (self.nodes, self.options);
        let given = Given { preset: preset.name, nodes, options, replicas };
        let lookup = (preset.make)(&given)?;
        if self.index && matches!(lookup, Lookup::Number(_)) {
            return Err(format!("--index: --preset {name} answers with numbers"));
        }
        Ok(Asked { lookup, names, index: self.index, form })
    }
}

/// The name of a node is the first word of its text.
fn names(preset: &Preset, nodes: &[String], index: bool) -> Result<Vec<String>, String> {
    match (preset.nodes, nodes) {
        (Nodes::Needed(notation), []) => {
            return Err(format!("no nodes to place keys on: add each with --node '{notation}'"));
        }
        (Nodes::None, [node, ..]) => {
            let node = quoted(node.as_bytes());
            return Err(format!("--node {node}: --preset {} has no nodes", preset.name));
        }
        _ => {}
    }
    let name = |node: &String| node.split_whitespace().next().unwrap_or("").to_owned();
    let names: Vec<String> = nodes.iter().map(name).collect();
    match names.iter().find(|name| name.contains(',') || *name == "-") {
        Some(name) if !index => {
            let name = quoted(name.as_bytes());
            Err(format!("--node {name}: answers could not be parsed; add --index"))
        }
        _ => Ok(names),
    }
}

/// The error of a name that no preset has, with the names that are like it.
fn unknown(name: &str) -> String {
    let alike = |preset: &&Preset| {
        let shared = preset.name.starts_with(name) || name.starts_with(preset.name);
        (shared && !name.is_empty()) || distance(name, preset.name) <= 2
    };
    let alike: Vec<&str> = PRESETS.iter().filter(alike).map(|preset| preset.name).collect();
    let hint = match alike.as_slice() {
        [] => "--presets lists them".to_owned(),
        alike => format!("did you mean {}?", alike.join(" or ")),
    };
    format!("--preset {}: no such preset; {hint}", quoted(name.as_bytes()))
}

/// How many characters have to be added, removed or replaced.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.chars().enumerate() {
            let replaced = corner + usize::from(from != to);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
