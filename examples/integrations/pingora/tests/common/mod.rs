//! Small HTTP servers and clients on the loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A server that answers every request with its name.
pub struct Server {
    pub name: &'static str,
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    delay_ms: AtomicU64,
}

impl Server {
    pub fn start(name: &'static str) -> Self {
        Self::start_at(name, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    pub fn start_at(name: &'static str, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { continue };
                if shared.stopped.load(SeqCst) {
                    return;
                }
                // A probe of the health check is gone before it is looked at.
                let Ok(copy) = connection.try_clone() else { continue };
                shared.connections.lock().unwrap().push(copy);
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(name, connection));
            }
        });
        Self { name, address, state }
    }

    /// Answers so much later from now on, and counts the requests under way anew.
    pub fn delay(&self, ms: u64) {
        self.state.delay_ms.store(ms, SeqCst);
        self.state.most_under_way.store(0, SeqCst);
    }

    /// The maximum number of requests under way at a time.
    pub fn most_under_way(&self) -> usize {
        self.state.most_under_way.load(SeqCst)
    }

    /// Closes the listener and all connections.
    pub fn kill(self) -> SocketAddr {
        self.state.stopped.store(true, SeqCst);
        while TcpStream::connect(self.address).is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
        for connection in self.state.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(std::net::Shutdown::Both);
        }
        self.address
    }
}

impl State {
    fn serve(&self, name: &str, connection: TcpStream) {
        let mut output = connection.try_clone().expect("a socket");
        let mut lines = BufReader::new(connection).lines();
        // A request ends with an empty line: none here has a body.
        while let Some(Ok(line)) = lines.next() {
            if !line.is_empty() {
                continue;
            }
            let now = self.under_way.fetch_add(1, SeqCst) + 1;
            self.most_under_way.fetch_max(now, SeqCst);
            thread::sleep(Duration::from_millis(self.delay_ms.load(SeqCst)));
            self.under_way.fetch_sub(1, SeqCst);
            let length = name.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{name}");
            if output.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// One connection to the proxy.
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub fn new(proxy: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(proxy).expect("the proxy")))
    }

    /// The status and the body of the response to a request for a path.
    pub fn get(&mut self, path: &str) -> (u16, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: proxy\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).expect("the proxy");
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a response");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("a status line instead of {line:?}"));
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line).expect("a header");
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a whole body");
        (status, String::from_utf8(body).expect("text"))
    }
}

/// Who answers for each path, from four connections at a time.
pub fn ask(proxy: SocketAddr, paths: &[String]) -> Vec<String> {
    let ask = |paths: &[String]| -> Vec<String> {
        let mut client = Client::new(proxy);
        let name = |path: &String| {
            let (status, name) = client.get(path);
            assert_eq!(status, 200, "{path}: {name}");
            name
        };
        paths.iter().map(name).collect()
    };
    thread::scope(|scope| {
        let part = |paths| scope.spawn(move || ask(paths));
        let parts: Vec<_> = paths.chunks(paths.len().div_ceil(4)).map(part).collect();
        parts.into_iter().flat_map(|part| part.join().expect("no request fails")).collect()
    })
}

/// How many answers each server gave.
pub fn counts(answers: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for name in answers {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts
}

/// Waits until something holds, at most a minute.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        thread::sleep(Duration::from_millis(5));
    }
}
