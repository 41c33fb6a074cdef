//! Where on the circle of hashes keys move, and in which rounds their ranges can be copied.

use super::groups::Groups;
use super::{Names, Shown, end};
use crate::measure::Side;
use crate::report::{Arc, Bits, Cell, Html, Ring, Rounds, Table};
use crate::text::{counted, grouped};
use apportion::diff::Extent;
use apportion::migration::{Limits, Migration};
use serde_json::{Value, json};

/// More ranges than this are not drawn and not scheduled.
const MAX_RANGES: usize = 20_000;

pub(super) fn no_transfers() -> Value {
    json!({"rounds": [], "partition": 1, "node": 1, "bits": "", "left_out": true})
}

/// The picture, the schedule, and the transfers that the slider reads.
pub(super) fn sections(
    number: usize,
    shown: &Shown<'_>,
    before: &Side,
    after: &Side,
    groups: &Groups,
    names: &mut Names,
    [ring_id, rounds_id]: [&str; 2],
) -> (Html, Html, Value) {
    let none = |why: &str| {
        let mut schedule = Html::new();
        schedule.paragraph(
            "The keys that move are not ranges, so the order of copying them is up to the program that \
             stores them.",
        );
        (Html::of(why), schedule, no_transfers())
    };
    let Ok(diff) = before.diff_replicas(after, shown.replicas) else {
        return none("What moves is not known exactly, so there is nothing to draw.");
    };
    let mut moves = Vec::new();
    for step in diff.moves() {
        let Extent::Hashes { first, last } = step.extent else {
            return none(
                "The keys that move are scattered over all hashes: no ring or table shows them.",
            );
        };
        if moves.len() == MAX_RANGES {
            return none("More than 20,000 ranges move: too many to draw.");
        }
        moves.push((first, last, step.from, step.to));
    }
    let turn = |hash: u64| hash as f64 / (u64::MAX as f64 + 1.0);
    let arcs: Vec<Arc> =
        moves.iter().map(|(first, last, ..)| Arc { from: turn(*first), to: turn(*last) }).collect();
    let share: f64 = arcs.iter().map(|arc| arc.to - arc.from).sum();
    let what = counted(moves.len() as u64, "range");
    let text = format!(
        "The circle of all key hashes, before and after. {what} move, {:.2} % of the circle; the rest is \
         grey and keeps its owner.",
        100.0 * share
    );
    let mut table = Table::new("The first 40 ranges that move")
        .text("first hash")
        .text("last hash")
        .text("from")
        .text("to");
    for (first, last, from, to) in moves.iter().take(40) {
        let hex = |hash: u64| Cell::from(format!("{hash:016x}"));
        table.row([hex(*first), hex(*last), end(*from).into(), end(*to).into()]);
    }
    let numbers = table.html();
    let ring = Ring {
        id: ring_id,
        title: "Hashes that move",
        text: &text,
        arcs: &arcs,
        numbers: &numbers,
    };
    let picture = ring.html();
    let (schedule, transfers) = schedule(number, &Migration::of(&diff), groups, names, rounds_id);
    (picture, schedule, transfers)
}

fn schedule(
    number: usize,
    migration: &Migration<String>,
    groups: &Groups,
    names: &mut Names,
    id: &str,
) -> (Html, Value) {
    let mut out = Html::new();
    let schedule = migration.schedule(&Limits::each(1, 1));
    let Some(schedule) = schedule.ok().filter(|schedule| schedule.rounds() > 0) else {
        out.paragraph("Nothing is copied.");
        return (out, no_transfers());
    };
    let (mut rows, mut packed) = (Vec::new(), Vec::new());
    for (i, transfer) in migration.transfers().enumerate() {
        let from = transfer.from.map_or(0, |from| names.number(from) + 1);
        packed.push((i, from, names.number(transfer.to) + 1));
        let round = schedule.round_of(i).unwrap_or(0) as usize;
        let from = transfer.from.and_then(|from| groups.row(from));
        rows.push((round, from, groups.row(transfer.to).unwrap_or(0)));
    }
    out.paragraph(format_args!(
        "{} of whole ranges in {} in which a node sends one and receives one at a time; no schedule does \
         with fewer than {} ({}).",
        counted(rows.len() as u64, "transfer"),
        counted(schedule.rounds().into(), "round"),
        grouped(schedule.bound().into()),
        schedule.optimality(),
    ));
    let picture = Rounds {
        id,
        title: "Transfers by round",
        of: &groups.of,
        names: &groups.names,
        rounds: schedule.rounds() as usize,
        transfers: &rows,
        slider: Some(number),
    };
    out.push(&picture.html());
    let width = Bits::width(packed.len() as u64);
    let node = Bits::width(names.all.len() as u64 + 1);
    let mut bits = Bits::default();
    let mut rounds = Vec::new();
    for round in schedule.iter() {
        rounds.push(round.len());
        for (i, from, to) in round.iter().filter_map(|at| packed.get(*at as usize)) {
            bits.push(*i as u64, width);
            bits.push(*from as u64, node);
            bits.push(*to as u64, node);
        }
    }
    (out, json!({"rounds": rounds, "partition": width, "node": node, "bits": bits.base64()}))
}
