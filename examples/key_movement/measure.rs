//! One pass of the keys through every algorithm.

use crate::chunk::Chunk;
use crate::cluster::{Plan, nodes};
use crate::common::progress::Progress;
use crate::keys::Keys;
use crate::sample::Sample;
use apportion::analysis::{MoveCounter, MoveReport};
use apportion::{Algorithm, AnyPlacement, Locator, Placement, Topology};
use std::hint::black_box;
use std::time::{Duration, Instant};

pub(crate) type Side = Locator<String, AnyPlacement>;

/// An algorithm before and after the change, or the reason why it cannot make the change.
pub(crate) struct Pair {
    algorithm: Algorithm,
    sides: Result<(Side, Side), String>,
}

impl Pair {
    pub(crate) fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// The placement before and after, if the algorithm can make the change.
    pub(crate) fn sides(&self) -> Option<(&Side, &Side)> {
        self.sides.as_ref().ok().map(|(before, after)| (before, after))
    }
}

/// The measured results.
pub(crate) struct Outcome<'a> {
    pub(crate) keys: u64,
    pub(crate) bytes: u64,
    pub(crate) rows: Vec<Row<'a>>,
}

/// The result of one algorithm.
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    pub(crate) counted: Result<Counted<'a>, &'a str>,
}

pub(crate) struct Counted<'a> {
    pub(crate) movement: MoveReport<'a, String>,
    /// The share of all possible keys that moves, where it can be computed.
    pub(crate) exact: Option<f64>,
    pub(crate) lookup_ns: f64,
}

/// Builds every algorithm before and after the change. Invalid nodes are an error.
pub(crate) fn pairs(
    plan: &Plan,
    algorithms: &[Algorithm],
    replicas: usize,
) -> Result<Vec<Pair>, String> {
    let before = Topology::of(nodes(&plan.before)).map_err(|e| e.to_string())?;
    before.replaced_by(nodes(&plan.after)).map_err(|e| e.to_string())?;
    let sides = |algorithm: &Algorithm| {
        let before = Locator::any_of(before.clone(), algorithm.clone());
        let before = before.map_err(|e| e.to_string())?;
        // One change of the whole list: an algorithm may support it where it does not support the
        // single steps.
        let after = before.replaced_by(nodes(&plan.after)).map_err(|e| e.to_string())?;
        for side in [before.placement(), after.placement()] {
            let max = side.guarantees().max_replicas;
            if replicas.min(side.live()) > max {
                return Err(format!("{algorithm} gives a key at most {max} replicas"));
            }
        }
        Ok((before, after))
    };
    Ok(algorithms.iter().map(|a| Pair { algorithm: a.clone(), sides: sides(a) }).collect())
}

/// Streams the keys through all algorithms, chunk by chunk.
pub(crate) fn measure<'a>(
    pairs: &'a [Pair],
    replicas: usize,
    keys: &mut Keys,
    mut sample: Option<&mut Sample>,
) -> Result<Outcome<'a>, String> {
    let mut runs = Vec::new();
    for pair in pairs {
        runs.push(match &pair.sides {
            Ok((before, after)) => Ok(Run {
                before,
                after,
                replicas,
                movement: MoveCounter::new(before, after, replicas).map_err(|e| e.to_string())?,
                spent: Duration::ZERO,
            }),
            Err(reason) => Err(reason.as_str()),
        });
    }
    let progress = {
        let total = keys.total();
        let known = total.map(|_| "counting: {percent} %, {eta} left");
        Progress::new(total, known.unwrap_or("counting: {pos} keys"))
    };
    let mut chunk = Chunk::default();
    let (mut count, mut bytes) = (0_u64, 0_u64);
    while keys.next_chunk(&mut chunk)? {
        for (key, size) in chunk.iter() {
            if let Some(sample) = &mut sample {
                sample.take(key);
            }
            count += 1;
            bytes = bytes.saturating_add(size);
        }
        for run in runs.iter_mut().flatten() {
            run.take(&chunk);
        }
        progress.show(keys.done());
    }
    if count == 0 {
        return Err(format!("found no keys in {}", keys.origin()));
    }
    let rows = pairs.iter().zip(&runs).map(|(pair, run)| Row {
        name: pair.algorithm.name(),
        counted: run.as_ref().map(|run| run.counted(count)).map_err(|reason| *reason),
    });
    Ok(Outcome { keys: count, bytes, rows: rows.collect() })
}

struct Run<'a> {
    before: &'a Side,
    after: &'a Side,
    replicas: usize,
    movement: MoveCounter<'a, String, AnyPlacement, apportion::Xxh3>,
    /// Time spent in lookups alone.
    spent: Duration,
}

impl<'a> Run<'a> {
    fn take(&mut self, chunk: &Chunk) {
        let start = Instant::now();
        for (key, _) in chunk.iter() {
            black_box(self.before.locate(black_box(key)));
        }
        self.spent += start.elapsed();
        for (key, size) in chunk.iter() {
            self.movement.record(key, size);
        }
    }

    fn counted(&self, keys: u64) -> Counted<'a> {
        let lookup_ns = self.spent.as_nanos() as f64 / keys as f64;
        Counted { movement: self.movement.report(), exact: self.exact(), lookup_ns }
    }

    fn exact(&self) -> Option<f64> {
        self.before.diff_replicas(self.after, self.replicas).ok()?.moved_fraction()
    }
}
