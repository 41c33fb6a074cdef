//! One pass of the keys through every algorithm.

use crate::chunk::Chunk;
use crate::cluster::{Plan, nodes};
use crate::keys::Keys;
use crate::progress::Progress;
use apportion::analysis::{MoveCounter, MoveReport};
use apportion::{Algorithm, AnyPlacement, Locator, Placement, Topology};
use std::hint::black_box;
use std::time::{Duration, Instant};

type Side = Locator<String, AnyPlacement>;

/// An algorithm before and after the change, or why it cannot make it.
pub(crate) struct Pair {
    name: &'static str,
    sides: Result<(Side, Side), String>,
}

/// What was counted.
pub(crate) struct Outcome<'a> {
    pub(crate) keys: u64,
    pub(crate) bytes: u64,
    pub(crate) rows: Vec<Row<'a>>,
}

/// What was counted for one algorithm.
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    pub(crate) counted: Result<Counted<'a>, &'a str>,
}

pub(crate) struct Counted<'a> {
    pub(crate) movement: MoveReport<'a, String>,
    /// What moves of all possible keys, where that can be computed.
    pub(crate) exact: Option<f64>,
    pub(crate) lookup_ns: f64,
}

/// Builds every algorithm on both sides. Nodes that no algorithm could serve are an error.
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
        // The whole list at once: one change, in which an algorithm may do what it cannot do
        // step by step.
        let after = before.replaced_by(nodes(&plan.after)).map_err(|e| e.to_string())?;
        for side in [before.placement(), after.placement()] {
            let most = side.guarantees().max_replicas;
            if replicas.min(side.live()) > most {
                return Err(format!("{algorithm} gives a key at most {most} replicas"));
            }
        }
        Ok((before, after))
    };
    Ok(algorithms.iter().map(|a| Pair { name: a.name(), sides: sides(a) }).collect())
}

/// Streams the keys through all of them, one chunk after the other.
pub(crate) fn measure<'a>(
    pairs: &'a [Pair],
    replicas: usize,
    keys: &mut Keys,
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
    let progress = Progress::new(keys.total());
    let mut chunk = Chunk::default();
    let (mut count, mut bytes) = (0_u64, 0_u64);
    while keys.next_chunk(&mut chunk)? {
        for (_, size) in chunk.iter() {
            count += 1;
            bytes = bytes.saturating_add(size);
        }
        for run in runs.iter_mut().flatten() {
            run.take(&chunk);
        }
        progress.show(keys.done());
    }
    if count == 0 {
        return Err(format!("no key in {}", keys.origin()));
    }
    let rows = pairs.iter().zip(&runs).map(|(pair, run)| Row {
        name: pair.name,
        counted: run.as_ref().map(|run| run.counted(count)).map_err(|reason| *reason),
    });
    Ok(Outcome { keys: count, bytes, rows: rows.collect() })
}

struct Run<'a> {
    before: &'a Side,
    after: &'a Side,
    replicas: usize,
    movement: MoveCounter<'a, String, AnyPlacement, apportion::Xxh3>,
    /// In lookups alone.
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
