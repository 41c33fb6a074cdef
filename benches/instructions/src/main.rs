//! Compares counted instructions with the committed ones, or accepts them. `.ci/instructions` runs it
//! with the harness's output, a JSON object for each operation, as its input:
//!
//! ```text
//! apportion-instructions                 compare; fails at 5 % more
//! apportion-instructions --accept        the counts are the committed ones from now on
//! apportion-instructions --accept WORD   only those of operations whose name contains the word
//! ```

mod compare;
mod counts;
mod harness;

use compare::{Comparison, Verdict};
use counts::{Compiler, Counts};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let word = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => None,
        ["--accept"] => Some(""),
        ["--accept", word] => Some(word),
        _ => return Err(format!("unknown arguments {arguments:?}; expected [--accept [WORD]]")),
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("counts.json");
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).map_err(|error| error.to_string())?;
    let compiler = Compiler::installed()?;
    let counted = harness::instructions(&input)?;
    let committed = Counts::read(&path)?;
    if let Some(word) = word {
        let (counts, accepted) = committed.accept(word, compiler, counted)?;
        counts.write(&path)?;
        println!("accepted {accepted} counts into {}", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    if committed.compiler.target != compiler.target {
        println!(
            "nothing is compared: the committed counts are those of {}, this is {}",
            committed.compiler.target, compiler.target
        );
        return Ok(ExitCode::SUCCESS);
    }
    let comparison = Comparison::of(&committed, &compiler, &counted);
    print!("{comparison}");
    let failed = comparison.verdicts().any(Verdict::fails);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
