//! Where on the circle of hashes keys move, and in which rounds their ranges can be copied.

use super::{Names, Shown, end};
use crate::measure::Side;
use crate::report::{Arc, Bits, Cell, Groups, Ring, Rounds, Table, Transfer, Values};
use crate::text::{counted, grouped};
use apportion::Diff;
use apportion::diff::Extent;
use apportion::migration::{Limits, Migration};
use serde_json::Value;

/// More ranges than this are not drawn and not scheduled.
const MAX_RANGES: usize = 20_000;
/// How many ranges are listed.
const LISTED: usize = 40;

pub(super) fn no_transfers() -> Value {
    Bits::no_transfers(true)
}

/// What moves exactly, if ranges of hashes do.
pub(super) enum Moves<'a> {
    Ranges(Box<Diff<'a, String>>),
    /// Why nothing is drawn.
    Other(&'static str),
}

impl<'a> Moves<'a> {
    pub(super) fn of(shown: &Shown<'_>, before: &'a Side, after: &'a Side) -> Self {
        let Ok(diff) = before.diff_replicas(after, shown.replicas) else {
            return Self::Other("What moves is not known exactly, so there is nothing to draw.");
        };
        let is_range = |extent| matches!(extent, Extent::Hashes { .. });
        for (count, step) in diff.moves().enumerate() {
            if !is_range(step.extent) {
                return Self::Other(
                    "The keys that move are scattered over all hashes: no ring or table shows them.",
                );
            }
            if count == MAX_RANGES {
                return Self::Other("More than 20,000 ranges move: too many to draw.");
            }
        }
        Self::Ranges(Box::new(diff))
    }

    /// The picture.
    pub(super) fn ring(&self, id: &str) -> Values {
        let diff = match self {
            Self::Ranges(diff) => diff,
            Self::Other(why) => return Values::new().with("why", *why),
        };
        let turn = |hash: u64| hash as f64 / (u64::MAX as f64 + 1.0);
        let mut arcs: Vec<Arc> = Vec::new();
        let mut numbers = Table::new(format!("The first {LISTED} ranges that move"))
            .text("first hash")
            .text("last hash")
            .text("from")
            .text("to");
        for step in diff.moves() {
            let Extent::Hashes { first, last } = step.extent else { continue };
            if arcs.len() < LISTED {
                let hex = |hash: u64| Cell::Code(format!("{hash:016x}"));
                let (from, to) = (end(step.from), end(step.to));
                numbers.row([hex(first), hex(last), from.into(), to.into()]);
            }
            arcs.push(Arc { from: turn(first), to: turn(last) });
        }
        let share: f64 = arcs.iter().map(|arc| arc.to - arc.from).sum();
        let text = format!(
            "The circle of all key hashes, before and after. {} move, {:.2} % of the circle; the rest \
             is grey and keeps its owner.",
            counted(arcs.len() as u64, "range"),
            100.0 * share
        );
        let ring = Ring { id, title: "Hashes that move", text, arcs: &arcs, numbers };
        Values::new().with("why", "").with("ring", ring)
    }

    /// The schedule, and the transfers that the slider reads.
    pub(super) fn schedule(
        &self,
        number: usize,
        groups: &Groups,
        names: &mut Names,
        id: &str,
    ) -> (Values, Value) {
        let none = |ranges: bool| {
            let values = Values::new().with("any", false).with("ranges", ranges);
            (values, no_transfers())
        };
        let Self::Ranges(diff) = self else { return none(false) };
        let migration = Migration::of(diff);
        let schedule = migration.schedule(&Limits::each(1, 1));
        let Some(schedule) = schedule.ok().filter(|schedule| schedule.rounds() > 0) else {
            return none(true);
        };
        let (mut rows, mut packed): (Vec<Transfer>, Vec<_>) = (Vec::new(), Vec::new());
        for (i, transfer) in migration.transfers().enumerate() {
            let from = transfer.from.map_or(0, |from| names.number(from) + 1);
            packed.push((i as u64, from as u64, names.number(transfer.to) as u64 + 1));
            let round = schedule.round_of(i).unwrap_or(0) as usize;
            let from = transfer.from.and_then(|from| groups.row(from));
            rows.push((round, from, groups.row(transfer.to).unwrap_or(0)));
        }
        let picture = Rounds {
            id,
            title: "Transfers by round",
            of: &groups.of,
            names: &groups.names,
            rounds: schedule.rounds() as usize,
            transfers: &rows,
            part: number,
        };
        let values = Values::new()
            .with("any", true)
            .with("transfers", counted(rows.len() as u64, "transfer"))
            .with("rounds", counted(schedule.rounds().into(), "round"))
            .with("bound", grouped(schedule.bound().into()))
            .with("optimality", schedule.optimality().to_string())
            .with("picture", picture);
        let (units, nodes) = (packed.len() as u64, names.all.len() as u64);
        (values, Bits::transfers(schedule.iter(), &packed, units, nodes).1)
    }
}
