//! A ring before and after a node joins. The full circle is the 2^64 hashes; each arc belongs to the
//! node of the point at its end.

use crate::common::svg::{COLOURS, Elements};
use apportion::ring::RingConfig;
use apportion::{Error, Locator, Topology};
use std::f64::consts::TAU;

/// Few, so that the arcs can be seen; a real ring has 160.
const POINTS: u64 = 6;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const NEW: &str = "e";
const KEY: &str = "user:7";

const SIZE: (u32, u32) = (800, 370);
const CENTRE: (f64, f64) = (200.0, 200.0);
const RADIUS: f64 = 130.0;
/// The thickness of a ring, and of the part that shows the old owner.
const BAND: (f64, f64) = (26.0, 8.0);
/// Arcs below this fraction of the circle get no letter.
const LETTER: f64 = 0.012;
/// Between neighbours, as a fraction of the circle.
const GAP: f64 = 0.002;

/// A part of the circle, from one fraction of it to another.
struct Part {
    from: f64,
    to: f64,
    old: &'static str,
    new: &'static str,
}

pub(crate) fn svg() -> Result<String, String> {
    change().map_err(|e| e.to_string())
}

fn change() -> Result<String, Error> {
    let config = RingConfig::default().scale(POINTS, 1);
    let old = Locator::ring_of(Topology::new(NAMES)?, config)?;
    let new = old.with(NEW)?;
    let moved = 100.0 * old.diff(&new)?.moved_fraction().unwrap_or(1.0);
    let parts = parts(&old, &new);
    let key = old.hash(KEY).get() as f64 / 2_f64.powi(64);
    let owners = (old.get(KEY).copied().unwrap_or(""), new.get(KEY).copied().unwrap_or(""));

    let mut out = Elements::default();
    let before = format!("{} nodes of {POINTS} points each", NAMES.len());
    let after = format!("{NEW} joins: {moved:.1} % of all keys move, all of them to {NEW}");
    for (left, title, is_after) in [(0, &before, false), (400, &after, true)] {
        let mut half = Elements::default();
        half.text((200, 16), "font-weight=\"bold\" text-anchor=\"middle\"", title);
        for part in &parts {
            draw(&mut half, part, is_after);
        }
        let owner = if is_after { owners.1 } else { owners.0 };
        mark(&mut half, key, owner);
        out.moved(left, &half);
    }
    let words = format!(
        "A ring of hashes before and after {NEW} joins {}: {moved:.1} % of the circle changes its \
         owner, each time from one of them to {NEW}",
        NAMES.join(", ")
    );
    Ok(out.picture(SIZE, &words))
}

/// Cuts the circle wherever the owner changes in one of the rings.
fn parts(old: &Locator<&'static str>, new: &Locator<&'static str>) -> Vec<Part> {
    let starts = |ring: &Locator<&'static str>| -> Vec<u64> {
        ring.placement().arcs().map(|arc| arc.first).collect()
    };
    let mut cuts = [starts(old), starts(new)].concat();
    cuts.sort_unstable();
    cuts.dedup();
    let owner = |ring: &Locator<&'static str>, hash: u64| {
        ring.get(&apportion::KeyHash::from_hash(hash)).copied().unwrap_or("")
    };
    let mut parts: Vec<Part> = Vec::new();
    let ends = cuts.iter().skip(1).map(|hash| *hash as f64).chain([2_f64.powi(64)]);
    for (first, end) in cuts.iter().zip(ends) {
        let (was, is) = (owner(old, *first), owner(new, *first));
        let to = end / 2_f64.powi(64);
        match parts.last_mut().filter(|part| (part.old, part.new) == (was, is)) {
            Some(part) => part.to = to,
            None => {
                let from = *first as f64 / 2_f64.powi(64);
                parts.push(Part { from, to, old: was, new: is });
            }
        }
    }
    parts
}

fn draw(out: &mut Elements, part: &Part, after: bool) {
    let (band, thin) = BAND;
    let moves = part.old != part.new;
    if !after || !moves {
        let faint = if after { " opacity=\".3\"" } else { "" };
        out.path(&arc(part, RADIUS), &stroke(colour(part.old), band, faint));
    } else {
        // Outside the old owner, inside the new one.
        out.path(&arc(part, RADIUS + (band - thin) / 2.0), &stroke(colour(part.old), thin, ""));
        out.path(&arc(part, RADIUS - thin / 2.0), &stroke("currentColor", band - thin, ""));
    }
    if part.to - part.from >= LETTER && (!after || moves) {
        let (x, y) = place((part.from + part.to) / 2.0, RADIUS + 26.0);
        let bold = if after { "font-weight=\"bold\" " } else { "" };
        let look = format!("{bold}text-anchor=\"middle\"");
        out.text((tenth(x), tenth(y + 4.0)), &look, if after { part.new } else { part.old });
    }
}

/// The key's place on the circle, and its owner.
fn mark(out: &mut Elements, at: f64, owner: &str) {
    let edge = RADIUS - BAND.0 / 2.0;
    let ((x, y), (fx, fy)) = (place(at, edge - 3.0), place(at, edge - 25.0));
    let line = format!("M{} {}L{} {}", tenth(fx), tenth(fy), tenth(x), tenth(y));
    out.path(&line, "stroke=\"currentColor\" stroke-width=\"2\" fill=\"none\"");
    let (x, y) = place(at, edge - 50.0);
    let words = format!("{KEY} → {owner}");
    out.text((tenth(x), tenth(y + 4.0)), "text-anchor=\"middle\"", &words);
}

fn colour(node: &str) -> &'static str {
    let known = NAMES.iter().zip(COLOURS).find(|(name, _)| **name == node);
    known.map_or("currentColor", |(_, colour)| colour)
}

fn stroke(colour: &str, width: f64, more: &str) -> String {
    format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{more}")
}

/// A place on the circle: fraction 0 at the top, then clockwise.
fn place(fraction: f64, radius: f64) -> (f64, f64) {
    let (sin, cos) = (fraction * TAU).sin_cos();
    (CENTRE.0 + radius * sin, CENTRE.1 - radius * cos)
}

/// The arc of a part, with a gap at its end, so that neighbours can be told apart without colours.
fn arc(part: &Part, radius: f64) -> String {
    let to = (part.to - GAP).max(part.from + GAP / 2.0);
    let ((x, y), (ex, ey)) = (place(part.from, radius), place(to, radius));
    let large = u8::from(to - part.from > 0.5);
    let [x, y, ex, ey] = [x, y, ex, ey].map(tenth);
    format!("M{x} {y}A{radius} {radius} 0 {large} 1 {ex} {ey}")
}

/// Rounded, so that the file is short and the same everywhere.
fn tenth(value: f64) -> String {
    format!("{value:.1}")
}
