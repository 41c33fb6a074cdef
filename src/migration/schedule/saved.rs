//! The saved form of a schedule: the round of each transfer, and what is known of their number.

use super::exhaustive::MAX_TRANSFERS;
use super::optimality::Optimality;
use super::schedule::Schedule;
use crate::error::Error;
use crate::form::{self, malformed};
use crate::placement::bounded;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved schedule")]
struct ScheduleForm<'a> {
    version: u32,
    bound: u32,
    optimality: Optimality,
    extra_unit: Option<u32>,
    /// The round of each transfer.
    #[serde(deserialize_with = "rounds")]
    rounds: Cow<'a, [u32]>,
}

fn rounds<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'static, [u32]>, D::Error> {
    bounded(from, "rounds", u32::MAX as usize - 1).map(Cow::Owned)
}

/// Writes `version`, `bound`, `optimality` (in lower case with hyphens), `extra_unit` (a number or
/// null) and `rounds`, the round of each transfer.
impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ScheduleForm {
            version: VERSION,
            bound: self.bound(),
            optimality: self.optimality(),
            extra_unit: self.extra_unit().map(|unit| unit as u32),
            rounds: Cow::Borrowed(self.rounds_of()),
        }
        .serialize(to)
    }
}

/// Reads what `Serialize` writes, and checks that rounds, bound and guarantee fit together. Whether a
/// schedule is one of a migration, [`Migration::check_schedule`](super::super::Migration::check_schedule) says.
impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        form::read::<ScheduleForm<'_>, _>(from, VERSION)?.schedule().map_err(D::Error::custom)
    }
}

impl ScheduleForm<'_> {
    fn schedule(self) -> Result<Schedule, Error> {
        let Self { bound, optimality, extra_unit, rounds, .. } = self;
        let number = number_of_rounds(&rounds)?;
        let wrong = |why: String| Err(malformed("schedule", why));
        let within = |times: u64| u64::from(number) < times * u64::from(bound) || number == 0;
        if number < bound {
            return wrong(format!("it has {number} rounds, and its bound is {bound}"));
        }
        let within_half = number - bound <= bound / 2;
        // More rounds than the bound are optimal if a round has room for too few transfers, which
        // Shannon's 3/2 is not below, or if everything was tried.
        let guaranteed = match optimality {
            Optimality::Optimal if rounds.len() > MAX_TRANSFERS => within_half,
            Optimality::Optimal => within(3),
            Optimality::OptimalButForUnits => number > bound && within(3),
            Optimality::WithinThreeHalves => number > bound && within_half,
            Optimality::WithinThree => !within_half && within(3),
        };
        if !guaranteed {
            return wrong(format!(
                "it claims to be {optimality}, and has {number} rounds with a bound of {bound}"
            ));
        }
        if let Some(unit) = extra_unit.filter(|_| number == bound) {
            return wrong(format!("it names unit {unit} for extra rounds, and has none"));
        }
        if optimality == Optimality::OptimalButForUnits && extra_unit.is_none() {
            return wrong(format!("it claims to be {optimality}, and names no unit"));
        }
        Ok(Schedule::of_rounds(rounds.into_owned(), number, bound, optimality, extra_unit))
    }
}

/// The number of rounds: those from 0 to the last one, each with a transfer.
fn number_of_rounds(rounds: &[u32]) -> Result<u32, Error> {
    let wrong = |why: String| malformed("schedule", why);
    let Some(last) = rounds.iter().copied().max() else { return Ok(0) };
    if last as usize >= rounds.len() {
        let transfers = rounds.len();
        return Err(wrong(format!(
            "a transfer has round {last}, and there are {transfers} transfers"
        )));
    }
    let mut used: Vec<bool> = vec![false; last as usize + 1];
    for round in rounds {
        if let Some(used) = used.get_mut(*round as usize) {
            *used = true;
        }
    }
    match used.iter().position(|used| !used) {
        Some(round) => Err(wrong(format!("round {round} of {} has no transfer", used.len()))),
        None => Ok(last + 1),
    }
}
