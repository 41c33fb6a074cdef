//! Checks with a verdict: a sign, a word and a colour, so that no colour is needed.

use super::Values;
use super::table::{Cell, Table};
use upon::Value;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Verdict {
    Pass,
    Warn,
    Fail,
}

pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    pub(crate) finding: String,
}

/// For the template `badge`.
impl From<Verdict> for Value {
    fn from(verdict: Verdict) -> Self {
        let (class, sign, word) = match verdict {
            Verdict::Pass => ("pass", "✓", "PASS"),
            Verdict::Warn => ("warn", "!", "WARN"),
            Verdict::Fail => ("fail", "✕", "FAIL"),
        };
        Values::new().with("class", class).with("sign", sign).with("word", word).into()
    }
}

impl Check {
    pub(crate) fn new(name: &str, verdict: Verdict, finding: impl Into<String>) -> Self {
        Self { name: name.to_owned(), verdict, finding: finding.into() }
    }
}

/// The worst verdict.
pub(crate) fn worst(checks: &[Check]) -> Verdict {
    checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Pass)
}

/// The worst verdict as `worst`, and how many checks have each one as `tally`.
pub(crate) fn tally(checks: &[Check]) -> Values {
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let (pass, warn, fail) = (count(Verdict::Pass), count(Verdict::Warn), count(Verdict::Fail));
    let tally = format!("{pass} PASS, {warn} WARN, {fail} FAIL");
    Values::new().with("worst", worst(checks)).with("tally", tally)
}

/// For the template `checks`: their tally, and all of them in a table.
pub(crate) fn checks(caption: &str, checks: &[Check]) -> Values {
    let mut table = Table::new(caption).text("check").text("verdict").text("finding");
    for check in checks {
        let cells: [Cell; 3] =
            [check.name.clone().into(), check.verdict.into(), check.finding.clone().into()];
        table.row(cells);
    }
    tally(checks).with("checks", table)
}
