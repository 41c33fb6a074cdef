//! Real servers on the loopback, for the integrations beside this folder: finds a program, starts it in
//! a folder of its own, waits until it answers, and stops it when the value is dropped.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Set to 1, a test without its server fails; otherwise it is skipped with a message.
pub const REQUIRE: &str = "APPORTION_REQUIRE_SERVERS";

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);

/// A program that is not installed.
#[derive(Clone, Debug)]
pub struct Missing {
    program: String,
    package: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, package } = self;
        write!(f, "{program} is not installed; on Debian: apt-get install {package}")
    }
}

impl std::error::Error for Missing {}

/// Where a program is: in `PATH`, or where Debian has servers.
///
/// # Errors
/// The program is not there; the message names the Debian package.
pub fn find(program: &str, package: &str) -> Result<PathBuf, Missing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    found.ok_or_else(|| Missing { program: program.into(), package: package.into() })
}

/// As [`find`], for tests: without the program, `None` and a message.
///
/// # Panics
/// The program is missing and [`REQUIRE`] is 1.
#[must_use]
pub fn find_or_skip(program: &str, package: &str) -> Option<PathBuf> {
    or_skip(find(program, package))
}

/// For tests: `None` and a message on standard error if something is missing.
///
/// # Panics
/// Something is missing and [`REQUIRE`] is 1.
#[must_use]
pub fn or_skip<T, E: fmt::Display>(needed: Result<T, E>) -> Option<T> {
    present(needed, std::env::var_os(REQUIRE).is_some_and(|value| value == "1"))
}

fn present<T, E: fmt::Display>(needed: Result<T, E>, is_required: bool) -> Option<T> {
    match needed {
        Ok(needed) => Some(needed),
        Err(missing) if is_required => panic!("{missing} ({REQUIRE} is 1)"),
        Err(missing) => {
            eprintln!("SKIPPED: {missing}. With {REQUIRE}=1 this is a failure.");
            None
        }
    }
}

/// A port of an address on which nothing listens.
///
/// # Errors
/// The address is not one of this machine.
pub fn free_port(ip: IpAddr) -> io::Result<u16> {
    Ok(TcpListener::bind((ip, 0))?.local_addr()?.port())
}

/// `127.0.0.1` and a port on which nothing listens.
///
/// # Errors
/// There is no loopback.
pub fn free_address() -> io::Result<SocketAddr> {
    let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Ok(SocketAddr::new(ip, free_port(ip)?))
}

/// A running server. It is stopped and its folder is deleted when this value is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: TempDir,
}

impl Server {
    /// Starts `program` in a new folder, in which `prepare` may write files, and waits until it accepts
    /// connections at `address`.
    ///
    /// # Errors
    /// The program does not start, ends, or does not listen for 30 s; the message has what it printed.
    pub fn start(
        program: &Path,
        address: SocketAddr,
        prepare: impl FnOnce(&Path, &mut Command) -> io::Result<()>,
    ) -> io::Result<Self> {
        let folder = TempDir::with_prefix("apportion-")?;
        let mut command = Command::new(program);
        command.current_dir(folder.path());
        prepare(folder.path(), &mut command)?;
        let log = folder.path().join("output.log");
        let output = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let mut server = Self { child: command.spawn()?, folder };
        let begin = Instant::now();
        loop {
            let ended = server.child.try_wait()?;
            // On the loopback a socket may connect to itself before the server listens.
            let is_server = |to: TcpStream| to.local_addr().is_ok_and(|from| from != address);
            if ended.is_none() && TcpStream::connect(address).is_ok_and(is_server) {
                return Ok(server);
            }
            if ended.is_some() || begin.elapsed() > START {
                let printed = fs::read_to_string(&log).unwrap_or_default();
                let name = program.display();
                let printed = printed.trim_end();
                return Err(io::Error::other(format!("{name} does not listen: {printed}")));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The server's own folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_names_its_package() {
        let missing = find("no-such-program", "its-package").unwrap_err().to_string();
        assert_eq!(
            missing,
            "no-such-program is not installed; on Debian: apt-get install its-package"
        );
        assert!(find("sh", "dash").unwrap().ends_with("sh"));
    }

    #[test]
    fn a_test_without_its_server_is_skipped_unless_servers_are_required() {
        let missing = || find("no-such-program", "its-package");
        assert_eq!(present(missing(), false), None);
        let failed = std::panic::catch_unwind(|| present(missing(), true)).unwrap_err();
        assert!(failed.downcast_ref::<String>().unwrap().starts_with("no-such-program is not"));
        assert!(present(find("sh", "dash"), true).is_some());
    }

    #[test]
    fn a_server_that_ends_says_why() {
        let shell = find("sh", "dash").unwrap();
        let failed = Server::start(&shell, free_address().unwrap(), |_, command| {
            command.args(["-c", "echo no such option"]);
            Ok(())
        });
        let failed = failed.unwrap_err().to_string();
        assert!(failed.ends_with("sh does not listen: no such option"), "{failed}");
    }

    #[test]
    fn a_server_stops_with_its_value_and_its_folder_is_deleted() {
        // What listens is this test; the process is any that would go on.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sleep = find("sleep", "coreutils").unwrap();
        let server = Server::start(&sleep, listener.local_addr().unwrap(), |folder, command| {
            fs::write(folder.join("configuration"), "text")?;
            command.arg("1000");
            Ok(())
        });
        let server = server.unwrap();
        let folder = server.folder().to_path_buf();
        assert!(folder.join("configuration").is_file());
        drop(server);
        assert!(!folder.exists());
    }
}
