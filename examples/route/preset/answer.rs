//! Reads keys and writes the answers of another system.

use super::lookup::{Key, Lookup};
use super::parse::Asked;
use super::table::PRESETS;
use crate::common::lines::Lines;
use crate::hex::{self, Fault};
use crate::keys::Form;
use crate::stop::Stop;
use crate::text::quoted;
use std::io::{self, BufWriter, IsTerminal, Write};

/// One line for each preset: its name, its system, its options.
pub(super) fn list() -> Result<(), Stop> {
    write_list(BufWriter::new(io::stdout().lock())).map_err(Stop::output)
}

fn write_list(mut out: impl Write) -> io::Result<()> {
    for preset in PRESETS {
        writeln!(out, "{}\t{}\t{}", preset.name, preset.system, preset.notation())?;
    }
    out.flush()
}

/// Answers standard input, line by line.
pub(super) fn all(asked: Asked) -> Result<(), Stop> {
    let Asked { lookup, names, index, form } = asked;
    let mut lines = Lines::new(io::stdin().lock());
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    if io::stdin().is_terminal() {
        let _ = writeln!(io::stderr(), "route: reading keys from the terminal, one per line");
    }
    let mut decoded = Vec::new();
    let mut all = || loop {
        if lines.may_wait() {
            // A client may wait for this answer before it sends the next line.
            out.flush().map_err(Stop::output)?;
        }
        let next = lines.next().map_err(|e| format!("standard input: {e}"))?;
        let Some((number, line)) = next else { return Ok(()) };
        let answer = key(form, line, &mut decoded)
            .and_then(|key| answer(&lookup, key, &names, index))
            .map_err(|why| format!("line {number}: {why}: {}", quoted(line)))?;
        let written = out.write_all(line).and_then(|()| writeln!(out, "\t{answer}"));
        written.map_err(Stop::output)?;
    };
    let ended = all();
    // The lines before a wrong one are answered before its error is printed.
    out.flush().map_err(Stop::output)?;
    ended
}

fn key<'a>(form: Form, line: &'a [u8], decoded: &'a mut Vec<u8>) -> Result<Key<'a>, String> {
    match form {
        Form::Bytes => Ok(Key::Bytes(line)),
        Form::Hex => match hex::decode(line, decoded) {
            Ok(()) => Ok(Key::Bytes(decoded)),
            Err(Fault::Digit) => Err("not hex digits".to_owned()),
            Err(Fault::Odd) => Err("an odd number of hex digits".to_owned()),
        },
        Form::Raw => hex::word(line).map(Key::Raw).ok_or_else(|| "not 16 hex digits".to_owned()),
    }
}

/// The text after the last TAB.
fn answer(lookup: &Lookup, key: Key<'_>, names: &[String], index: bool) -> Result<String, String> {
    let places = match lookup {
        Lookup::Number(number) => return number(key),
        Lookup::Places(places) => places(key)?,
    };
    if places.is_empty() {
        return Ok("-".to_owned());
    }
    let text = |place: usize| match names.get(place) {
        Some(name) if !index => name.clone(),
        _ => place.to_string(),
    };
    Ok(places.into_iter().map(text).collect::<Vec<_>>().join(","))
}
