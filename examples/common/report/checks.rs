//! Checks with a verdict: a sign, a word and a colour, so that no colour is needed.

use super::html::Html;
use super::table::{Cell, Table};

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

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }

    /// Its badge.
    pub(crate) fn html(self) -> Html {
        let mut out = Html::new();
        out.markup(match self {
            Self::Pass => "<span class=\"badge pass\"><span aria-hidden=\"true\">✓ </span>",
            Self::Warn => "<span class=\"badge warn\"><span aria-hidden=\"true\">! </span>",
            Self::Fail => "<span class=\"badge fail\"><span aria-hidden=\"true\">✕ </span>",
        });
        out.markup(self.word()).markup("</span>");
        out
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

/// How many checks have each verdict, in words, with the badge of the worst.
pub(crate) fn tally(checks: &[Check]) -> Html {
    let mut out = worst(checks).html();
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let (pass, warn, fail) = (count(Verdict::Pass), count(Verdict::Warn), count(Verdict::Fail));
    out.markup(" ").text(format_args!("{pass} passed, {warn} to read, {fail} failed"));
    out
}

/// A table of checks.
pub(crate) fn checks(caption: &str, checks: &[Check]) -> Html {
    let mut table = Table::new(caption).text("check").text("verdict").text("finding");
    for check in checks {
        let cells: [Cell; 3] =
            [check.name.clone().into(), check.verdict.html().into(), check.finding.clone().into()];
        table.row(cells);
    }
    table.html()
}
