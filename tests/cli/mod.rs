//! Runs the example `key_movement` and reads what it says.

pub(crate) mod recount;
mod wrong_input;

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The JSON of a run that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        serde_json::from_str(&self.stdout).expect("one JSON value")
    }
}

/// The example's program, which `cargo test` has built beside this one.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let this = std::env::current_exe().expect("the test's own path");
        let profile = this.ancestors().nth(2).expect("deps lies in a folder");
        let name = format!("key_movement{}", std::env::consts::EXE_SUFFIX);
        let program = profile.join("examples").join(name);
        if !program.exists() {
            // `cargo test --test key_movement` builds no examples.
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
            cargo.args(["build", "--quiet", "--example", "key_movement", "--target-dir"]);
            cargo.arg(profile.parent().expect("a profile lies in a folder"));
            if profile.ends_with("release") {
                cargo.arg("--release");
            }
            let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
            assert!(built.is_ok_and(|status| status.success()), "cargo build --example failed");
        }
        program
    })
}

/// The program with arguments and an environment that holds nothing of this machine's.
pub(crate) fn command<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(program());
    command.args(args).env_remove("CARGO_HOME").env_remove("HOME").env_remove("USERPROFILE");
    command.current_dir(folder("empty"));
    command
}

pub(crate) fn run(args: &[&str], input: &[u8]) -> Ended {
    finish(command(args), input)
}

pub(crate) fn finish(mut command: Command, input: &[u8]) -> Ended {
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
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// An empty folder of this name.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("key_movement").join(name);
    if name == "empty" {
        fs::create_dir_all(&path).expect("a folder");
        return path;
    }
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    path
}

/// Writes a file of so many bytes, and the folders above it.
pub(crate) fn file(folder: &Path, name: &str, bytes: usize) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
    fs::write(path, vec![b'x'; bytes]).expect("a file");
}
