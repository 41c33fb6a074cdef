//! Runs an example as a program.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The features this test was built with, and a program built for it needs too.
const FEATURES: [(&str, bool); 7] = [
    ("std", cfg!(feature = "std")),
    ("serde", cfg!(feature = "serde")),
    ("md5", cfg!(feature = "md5")),
    ("sha1", cfg!(feature = "sha1")),
    ("ahash", cfg!(feature = "ahash")),
    ("interop", cfg!(feature = "interop")),
    ("analysis", cfg!(feature = "analysis")),
];

/// An example's program, which `cargo test` has built beside this one.
pub(crate) struct Program {
    name: &'static str,
    path: OnceLock<PathBuf>,
}

impl Program {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, path: OnceLock::new() }
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(self.path.get_or_init(|| self.find()));
        command.args(args);
        command
    }

    fn find(&self) -> PathBuf {
        let this = std::env::current_exe().expect("the test's own path");
        let profile = this.ancestors().nth(2).expect("deps lies in a folder");
        let name = format!("{}{}", self.name, std::env::consts::EXE_SUFFIX);
        let program = profile.join("examples").join(name);
        if !program.exists() {
            // `cargo test --test NAME` builds no examples.
            let features: Vec<_> = FEATURES.iter().filter(|(_, on)| *on).map(|(f, _)| *f).collect();
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
            cargo.args(["build", "--quiet", "--example", self.name, "--no-default-features"]);
            cargo.args(["--features", &features.join(","), "--target-dir"]);
            cargo.arg(profile.parent().expect("a profile lies in a folder"));
            if profile.ends_with("release") {
                cargo.arg("--release");
            }
            let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
            assert!(built.is_ok_and(|status| status.success()), "cargo build --example failed");
        }
        program
    }
}

/// Runs it to its end.
pub(crate) fn finish(mut command: Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the example starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // From another thread, because both pipes may be full; and it may end without reading.
    let feed = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the example ends");
    feed.join().expect("the feeding thread ends");
    output
}
