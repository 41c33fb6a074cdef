//! The committed counts and the compiler they were made with.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Instructions by operation.
pub(crate) type Instructions = BTreeMap<String, u64>;

/// What decides how the source becomes instructions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Compiler {
    /// The release of rustc, such as `1.95.0`.
    pub(crate) release: String,
    /// The target, such as `x86_64-unknown-linux-gnu`.
    pub(crate) target: String,
}

impl Compiler {
    /// The one that cargo uses.
    pub(crate) fn installed() -> Result<Self, String> {
        let output = Command::new("rustc").arg("-vV").output();
        let output = output.map_err(|error| format!("rustc -vV: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let field = |name: &str| {
            let mut lines = text.lines();
            let value = lines.find_map(|line| line.strip_prefix(name));
            value.map(str::to_owned).ok_or_else(|| format!("rustc -vV has no line {name:?}"))
        };
        Ok(Self { release: field("release: ")?, target: field("host: ")? })
    }
}

/// The file `counts.json`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Counts {
    pub(crate) compiler: Compiler,
    pub(crate) instructions: Instructions,
}

impl Counts {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let written = std::fs::write(path, self.text());
        written.map_err(|error| format!("{}: {error}", path.display()))
    }

    /// These counts in place of the committed ones for each operation whose name contains the word,
    /// and the number of them. Without a word, all: then operations that are gone are forgotten too.
    ///
    /// # Errors
    /// No operation has the word; some are accepted and the others are of another compiler.
    pub(crate) fn accept(
        mut self,
        word: &str,
        compiler: Compiler,
        counted: Instructions,
    ) -> Result<(Self, usize), String> {
        if word.is_empty() {
            let count = counted.len();
            return Ok((Self { compiler, instructions: counted }, count));
        }
        if self.compiler != compiler {
            return Err(format!(
                "the committed counts are those of rustc {} for {}, these of rustc {} for {}; \
                accept all of them, without a word",
                self.compiler.release, self.compiler.target, compiler.release, compiler.target
            ));
        }
        let before = self.instructions.len();
        let asked = |name: &str| name.contains(word);
        self.instructions.retain(|name, _| !asked(name) || counted.contains_key(name));
        let forgotten = before - self.instructions.len();
        let accepted: Instructions = counted.into_iter().filter(|(name, _)| asked(name)).collect();
        let count = accepted.len() + forgotten;
        if count == 0 {
            return Err(format!("no operation has {word:?} in its name"));
        }
        self.instructions.extend(accepted);
        Ok((self, count))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let word = |name: &str| {
            let value = file[name].as_str();
            value.map(str::to_owned).ok_or_else(|| format!("expected text as {name:?}"))
        };
        let compiler = Compiler { release: word("rustc")?, target: word("target")? };
        let count = |(name, value): (&String, &Value)| {
            let count = value.as_u64().ok_or_else(|| format!("{name}: expected a number"))?;
            Ok((name.clone(), count))
        };
        let list = file["instructions"].as_object().ok_or("expected a list of instructions")?;
        let instructions = list.iter().map(count).collect::<Result<_, String>>()?;
        Ok(Self { compiler, instructions })
    }

    fn text(&self) -> String {
        let list: Map<String, Value> =
            self.instructions.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
        let Compiler { release, target } = &self.compiler;
        let file = json!({ "rustc": release, "target": target, "instructions": list });
        format!("{file:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{Compiler, Counts};

    fn compiler(release: &str) -> Compiler {
        Compiler { release: release.to_owned(), target: "x86_64-unknown-linux-gnu".to_owned() }
    }

    fn counts(list: &[(&str, u64)]) -> Counts {
        let instructions = list.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Counts { compiler: compiler("1.95.0"), instructions }
    }

    #[test]
    fn what_is_written_is_read() {
        let counts = counts(&[("locate/ring", 100), ("build/ring", u64::MAX)]);
        assert_eq!(Counts::parse(&counts.text()), Ok(counts));
        assert!(Counts::parse(r#"{"rustc": "1.95.0", "target": "a"}"#).is_err());
        assert!(
            Counts::parse(r#"{"rustc": "1", "target": "a", "instructions": {"a": -1}}"#).is_err()
        );
    }

    #[test]
    fn all_are_accepted_or_those_with_a_word() {
        let old = counts(&[("build/ring", 10), ("locate/gone", 20), ("locate/ring", 30)]);
        let new = counts(&[("build/ring", 11), ("locate/new", 21), ("locate/ring", 31)]);
        let accept =
            |word, release| old.clone().accept(word, compiler(release), new.instructions.clone());
        let later = Counts { compiler: compiler("1.96.0"), ..new.clone() };
        assert_eq!(accept("", "1.96.0"), Ok((later, 3)));
        let located = counts(&[("build/ring", 10), ("locate/new", 21), ("locate/ring", 31)]);
        assert_eq!(accept("locate", "1.95.0"), Ok((located, 3)));
        assert!(accept("locate", "1.96.0").is_err());
        assert!(accept("diff", "1.95.0").is_err());
    }
}
