//! Bounded loads: all keys are read before the first is answered.

use crate::answers::{Answering, Names, Printer};
use crate::batch::Batch;
use crate::stop::Stop;
use crate::text::{decimal, quoted};
use apportion::bounded::{BoundedLoads, LoadFactor, Mode};
use apportion::{Algorithm, AnyPlacement, KeyHash, Locator, Node, Topology};
use std::io::Write;

/// The options of `--algorithm bounded`.
pub(crate) struct Bounded {
    over: Algorithm,
    nodes: Vec<Node<String>>,
    factor: LoadFactor,
    mode: Mode,
}

impl Bounded {
    pub(crate) fn new(
        over: Option<&str>,
        nodes: Vec<Node<String>>,
        ratio: Option<&str>,
        mode: Option<&str>,
    ) -> Result<Self, String> {
        let needed = |option: &str| format!("--algorithm bounded needs {option}");
        let ratio = ratio.ok_or_else(|| needed("--ratio NUM/DEN"))?;
        let mode = mode.ok_or_else(|| needed("--mode canonical or --mode online"))?;
        let over = over.map_or(Ok(Algorithm::default()), |name| {
            name.parse().map_err(|e: apportion::Error| format!("--over: {e}"))
        })?;
        let mode = match mode {
            "canonical" => Mode::Canonical,
            "online" => Mode::Online,
            _ => {
                let mode = quoted(mode.as_bytes());
                return Err(format!("--mode {mode}: expected canonical or online"));
            }
        };
        Ok(Self { over, nodes, factor: factor(ratio)?, mode })
    }

    pub(crate) fn answers<W: Write>(self, out: W) -> Result<BoundedAnswers<W>, String> {
        let topology = Topology::of(self.nodes).map_err(|e| format!("--node: {e}"))?;
        let locator = Locator::any_of(topology, self.over).map_err(|e| e.to_string())?;
        let placed = match self.mode {
            Mode::Online => BoundedLoads::online(locator, self.factor),
            _ => BoundedLoads::canonical(locator, self.factor),
        };
        Ok(BoundedAnswers { placed, lines: Batch::default(), out })
    }
}

/// `NUM/DEN`.
fn factor(ratio: &str) -> Result<LoadFactor, String> {
    let option = format!("--ratio {}", quoted(ratio.as_bytes()));
    let parts = ratio.split_once('/').and_then(|(num, den)| {
        Some((decimal::<u32>(num.as_bytes())?, decimal::<u32>(den.as_bytes())?))
    });
    let (num, den) = parts.ok_or_else(|| {
        format!("{option}: not NUM/DEN, two whole numbers from 0 to {}", u32::MAX)
    })?;
    LoadFactor::new(num, den).map_err(|e| format!("{option}: {e}"))
}

pub(crate) struct BoundedAnswers<W> {
    placed: BoundedLoads<String, AnyPlacement>,
    lines: Batch,
    out: W,
}

impl<W: Write> Answering for BoundedAnswers<W> {
    fn take(&mut self, line: &[u8], key: KeyHash) -> Result<(), Stop> {
        self.lines.push(line, key);
        Ok(())
    }

    /// Does nothing: no answer is known before the last key is.
    fn flush(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

impl<W: Write> BoundedAnswers<W> {
    /// Answers all lines.
    pub(crate) fn finish(mut self) -> Result<(), Stop> {
        let keys = self.lines.iter().map(|(_, key, _)| key);
        self.placed.extend_hashes(keys).map_err(|e| e.to_string())?;
        let mut out = Printer::new(Names::Of(self.placed.locator().topology()), self.out);
        for (line, key, _) in self.lines.iter() {
            out.print(line, self.placed.holder(key).as_slice()).map_err(Stop::output)?;
        }
        out.flush().map_err(Stop::output)
    }
}
