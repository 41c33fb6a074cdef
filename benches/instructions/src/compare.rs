//! What is more and what is less than committed.

use crate::counts::{Compiler, Counts, Instructions};
use std::fmt;

/// How many percent more than committed an operation may take.
const MARGIN: u64 = 5;

/// The same where the compiler is another one than that of the committed counts. It inlines and
/// vectorises differently, which is no fault of the change; what takes twice as long is still found.
const MARGIN_OF_ANOTHER_COMPILER: u64 = 50;

/// What became of one operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// Within the margin.
    Same,
    /// More instructions than the margin allows.
    More,
    /// So much less that the committed count no longer guards it.
    Less,
    /// It has no committed count.
    New,
    /// It was not counted.
    Gone,
}

impl Verdict {
    /// True if the change cannot go in like this.
    pub(crate) fn fails(self) -> bool {
        matches!(self, Self::More | Self::New | Self::Gone)
    }

    fn of(committed: Option<u64>, counted: Option<u64>, margin: u64) -> Self {
        let (committed, counted) = match (committed, counted) {
            (None, _) => return Self::New,
            (_, None) => return Self::Gone,
            (Some(committed), Some(counted)) => (u128::from(committed), u128::from(counted)),
        };
        if counted * 100 > committed * u128::from(100 + margin) {
            Self::More
        } else if counted * 100 < committed * u128::from(100 - margin) {
            Self::Less
        } else {
            Self::Same
        }
    }
}

/// An operation, its committed and its counted instructions.
type Row = (String, Option<u64>, Option<u64>, Verdict);

/// All operations.
#[derive(Debug)]
pub(crate) struct Comparison {
    committed: Compiler,
    compiler: Compiler,
    margin: u64,
    rows: Vec<Row>,
}

impl Comparison {
    pub(crate) fn of(committed: &Counts, compiler: &Compiler, counted: &Instructions) -> Self {
        let same = committed.compiler == *compiler;
        let margin = if same { MARGIN } else { MARGIN_OF_ANOTHER_COMPILER };
        let mut names: Vec<&String> = committed.instructions.keys().chain(counted.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let row = |name: &String| {
            let (old, new) = (committed.instructions.get(name), counted.get(name));
            let (old, new) = (old.copied(), new.copied());
            (name.clone(), old, new, Verdict::of(old, new, margin))
        };
        let rows = names.into_iter().map(row).collect();
        Self { committed: committed.compiler.clone(), compiler: compiler.clone(), margin, rows }
    }

    pub(crate) fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        self.rows.iter().map(|(.., verdict)| *verdict)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let number = |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
        writeln!(
            f,
            "{:width$}  {:>12}  {:>12}  {:>9}",
            "operation", "committed", "counted", "change"
        )?;
        for (name, old, new, _) in &self.rows {
            let change =
                percent(*old, *new).map_or("-".to_owned(), |change| format!("{change:+.1} %"));
            writeln!(f, "{name:width$}  {:>12}  {:>12}  {change:>9}", number(*old), number(*new))?;
        }
        let release = &self.compiler.release;
        if self.compiler != self.committed {
            writeln!(
                f,
                "\nrustc {release} makes other instructions than rustc {}, of which the committed counts \
                are: up to {} % more are allowed. Accept the counts to return to {MARGIN} %:\n    \
                .ci/instructions --accept",
                self.committed.release, self.margin
            )?;
        }
        for (name, old, new, verdict) in &self.rows {
            let change = percent(*old, *new).unwrap_or(0.0);
            match verdict {
                Verdict::Same => Ok(()),
                Verdict::More => writeln!(
                    f,
                    "error: {name} takes {change:.1} % more instructions than committed, over {} %",
                    self.margin
                ),
                Verdict::Less => writeln!(
                    f,
                    "note: {name} takes {:.1} % fewer instructions than committed; accept that to keep it",
                    -change
                ),
                Verdict::New => writeln!(f, "error: {name} has no committed count"),
                Verdict::Gone => {
                    writeln!(f, "error: {name} has a committed count and was not counted")
                }
            }?;
        }
        let failed = self.verdicts().filter(|verdict| verdict.fails()).count();
        writeln!(f, "{} operations, rustc {release}: {failed} failed", self.rows.len())?;
        if failed > 0 {
            writeln!(
                f,
                "If a change is worth it, accept its counts and commit the file they are in:\n    \
                .ci/instructions --accept [WORD OF THE NAME]"
            )?;
        }
        Ok(())
    }
}

fn percent(committed: Option<u64>, counted: Option<u64>) -> Option<f64> {
    let (committed, counted) = (committed? as f64, counted? as f64);
    Some((counted / committed - 1.0) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Verdict};
    use crate::counts::{Compiler, Counts, Instructions};

    fn list(list: &[(&str, u64)]) -> Instructions {
        list.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn comparison(release: &str) -> Comparison {
        let compiler = |release: &str| Compiler {
            release: release.to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
        };
        let old =
            list(&[("five", 1000), ("gone", 1), ("less", 1000), ("six", 1000), ("twice", 1000)]);
        let new =
            list(&[("five", 1050), ("less", 949), ("new", 1), ("six", 1051), ("twice", 2000)]);
        let committed = Counts { compiler: compiler("1.95.0"), instructions: old };
        Comparison::of(&committed, &compiler(release), &new)
    }

    #[test]
    fn five_percent_more_are_allowed() {
        use Verdict::{Gone, Less, More, New, Same};
        let comparison = comparison("1.95.0");
        let verdicts: Vec<Verdict> = comparison.verdicts().collect();
        assert_eq!(verdicts, [Same, Gone, Less, New, More, More]);
        let text = comparison.to_string();
        for line in [
            "error: six takes 5.1 % more instructions than committed, over 5 %",
            "error: twice takes 100.0 % more",
            "error: new has no committed count",
            "error: gone has a committed count and was not counted",
            "note: less takes 5.1 % fewer",
            "6 operations, rustc 1.95.0: 4 failed\nIf a change is worth it",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(!text.contains("makes other instructions"), "{text}");
    }

    #[test]
    fn another_compiler_has_a_wider_margin() {
        use Verdict::{Gone, More, New, Same};
        let comparison = comparison("1.96.0");
        let verdicts: Vec<Verdict> = comparison.verdicts().collect();
        assert_eq!(verdicts, [Same, Gone, Same, New, Same, More]);
        assert!(comparison.to_string().contains("than rustc 1.95.0"));
    }
}
