//! A client of libmemcached, compiled from C where it is needed.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::process::Command;
use tempfile::TempDir;

const SOURCE: &str = include_str!("c_client.c");

/// How libmemcached places keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Continuum {
    /// `MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED`.
    Weighted,
    /// `MEMCACHED_BEHAVIOR_KETAMA`.
    Unweighted,
}

/// A program that reads and writes with libmemcached.
#[derive(Debug)]
pub struct CClient {
    folder: TempDir,
}

impl CClient {
    /// Compiles it.
    ///
    /// # Errors
    /// There is no C compiler or no libmemcached; the message names the Debian packages.
    pub fn compile() -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::with_prefix("apportion-")?;
        let source = folder.path().join("client.c");
        fs::write(&source, SOURCE)?;
        let mut compiler = Command::new("cc");
        compiler.arg(&source).arg("-o").arg(folder.path().join("client")).arg("-lmemcached");
        let needs = "on Debian: apt-get install gcc libc6-dev libmemcached-dev";
        let output = compiler.output().map_err(|e| format!("no C compiler: {e}; {needs}"))?;
        if !output.status.success() {
            let printed = String::from_utf8_lossy(&output.stderr);
            let first = printed.lines().next().unwrap_or_default();
            return Err(format!("libmemcached is not installed: {first}; {needs}").into());
        }
        Ok(Self { folder })
    }

    /// Sets these keys and values.
    ///
    /// # Errors
    /// A value that was not stored.
    pub fn set<'k>(
        &self,
        continuum: Continuum,
        servers: &[String],
        entries: impl IntoIterator<Item = (&'k [u8], &'k [u8])>,
    ) -> Result<(), Box<dyn Error>> {
        let lines = entries.into_iter().map(|(key, value)| [b"set ", key, b" ", value].concat());
        let lines: Vec<_> = lines.collect();
        for (line, answer) in lines.iter().zip(self.run(continuum, servers, &lines)?) {
            if answer != b"STORED" {
                let answer = answer.escape_ascii();
                return Err(format!("{}: {answer}", line.escape_ascii()).into());
            }
        }
        Ok(())
    }

    /// The values of keys; empty where libmemcached finds none.
    ///
    /// # Errors
    /// The program fails.
    pub fn get<'k>(
        &self,
        continuum: Continuum,
        servers: &[String],
        keys: impl IntoIterator<Item = &'k [u8]>,
    ) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
        let lines: Vec<_> = keys.into_iter().map(|key| [b"get ", key].concat()).collect();
        Ok(self.run(continuum, servers, &lines)?)
    }

    /// An answer for each line.
    fn run(
        &self,
        continuum: Continuum,
        servers: &[String],
        lines: &[Vec<u8>],
    ) -> io::Result<Vec<Vec<u8>>> {
        let input = self.folder.path().join("input");
        fs::write(&input, [lines.join(&b'\n'), b"\n".to_vec()].concat())?;
        let mut client = Command::new(self.folder.path().join("client"));
        client.arg(format!("{continuum:?}")).args(servers.iter().flat_map(|line| words(line)));
        let output = client.stdin(File::open(input)?).output()?;
        let mut answers: Vec<_> =
            output.stdout.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        answers.pop(); // nothing follows the last end of a line
        if output.status.success() && answers.len() == lines.len() {
            return Ok(answers);
        }
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{}: {printed}", output.status)))
    }
}

/// Host, port and weight of a line.
fn words(line: &str) -> [String; 3] {
    let (server, weight) = line.split_once(" weight=").unwrap_or((line, "1"));
    let (host, port) = server.rsplit_once(':').unwrap_or((server, "11211"));
    [host, port, weight].map(String::from)
}
