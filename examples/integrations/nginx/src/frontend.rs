//! A real nginx: a frontend that passes requests on to upstreams, and servers that answer with their name.

use crate::Pool;
use apportion_real_server::{Server, free_address};
use std::fs;
use std::io::{self, BufRead, BufReader, Error, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

/// A server of an upstream: what it answers, and where it listens (`127.0.0.2:8080`, `unix:/path`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backend {
    /// The server's text in the upstream.
    pub name: String,
    /// Arguments of `listen`.
    pub listen: Vec<String>,
}

/// Where requests have their key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyIn {
    /// `?key=…`: nginx hashes the text as it stands in the request line, so `%20` is three bytes.
    Argument,
    /// The header `X-Key`, in which any byte may stand but 0, CR and LF, and no space at either end.
    Header,
}

impl KeyIn {
    /// The variable to hash.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Argument => "$arg_key",
            Self::Header => "$http_x_key",
        }
    }

    fn request(self, upstream: &str, key: &[u8]) -> Vec<u8> {
        let (argument, header): (&[u8], &[u8]) = match self {
            Self::Argument => (key, b""),
            Self::Header => (b"", key),
        };
        let parts: [&[u8]; 7] = [
            b"GET /",
            upstream.as_bytes(),
            b"?key=",
            argument,
            b" HTTP/1.1\r\nHost: frontend\r\nX-Key: ",
            header,
            b"\r\n\r\n",
        ];
        parts.concat()
    }
}

/// A running nginx and a connection to it.
#[derive(Debug)]
pub struct Frontend {
    _server: Server,
    connection: BufReader<TcpStream>,
    key: KeyIn,
}

impl Frontend {
    /// Starts nginx with these upstreams, each under a path of its name, and these servers.
    ///
    /// # Errors
    /// nginx does not start; the message says why.
    pub fn start(
        nginx: &Path,
        pools: &[(&str, &Pool)],
        backends: &[Backend],
        key: KeyIn,
    ) -> io::Result<Self> {
        let address = free_address()?;
        let server = Server::start(nginx, address, |folder, command| {
            let configuration = configuration(folder, address, pools, backends, key);
            let file = folder.join("nginx.conf");
            fs::write(&file, configuration)?;
            command.arg("-p").arg(folder).arg("-e").arg("stderr").arg("-c").arg(file);
            Ok(())
        })?;
        let connection = TcpStream::connect(address)?;
        connection.set_nodelay(true)?;
        Ok(Self { _server: server, connection: BufReader::new(connection), key })
    }

    /// The names of the servers to which nginx sent these keys.
    ///
    /// # Errors
    /// The connection breaks, or a status other than 200.
    pub fn ask<K: AsRef<[u8]>>(&mut self, upstream: &str, keys: &[K]) -> io::Result<Vec<String>> {
        let mut names = Vec::with_capacity(keys.len());
        // Many requests before their answers are read, but no more than a socket's buffers hold.
        for keys in keys.chunks(64) {
            let requests = keys.iter().map(|key| self.key.request(upstream, key.as_ref()));
            self.connection.get_mut().write_all(&requests.collect::<Vec<_>>().concat())?;
            for key in keys {
                let name = self.response()?;
                let key = key.as_ref().escape_ascii();
                names.push(name.map_err(|got| Error::other(format!("key \"{key}\": {got}")))?);
            }
        }
        Ok(names)
    }

    /// One response: its body, or its status where that is not 200.
    fn response(&mut self) -> io::Result<Result<String, String>> {
        let mut status = String::new();
        self.connection.read_line(&mut status)?;
        let mut len = 0;
        loop {
            let mut line = String::new();
            if self.connection.read_line(&mut line)? == 0 {
                return Err(Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "nginx closed the connection",
                ));
            }
            if line.trim_end().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    len = value.trim().parse().map_err(Error::other)?;
                }
            }
        }
        let mut body = vec![0; len];
        self.connection.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(Error::other)?;
        Ok(if status.contains(" 200 ") { Ok(body) } else { Err(status.trim_end().into()) })
    }
}

fn configuration(
    folder: &Path,
    address: SocketAddr,
    pools: &[(&str, &Pool)],
    backends: &[Backend],
    key: KeyIn,
) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
        .concat();
    let upstreams: String =
        pools.iter().map(|(name, pool)| pool.block(name, key.variable())).collect();
    let locations: String = pools
        .iter()
        .map(|(name, _)| format!("location = /{name} {{ proxy_pass http://{name}; }}\n"))
        .collect();
    let server = |Backend { name, listen }: &Backend| {
        let listen: String = listen.iter().map(|at| format!("listen {at}; ")).collect();
        format!("server {{ {listen}location / {{ return 200 \"{name}\"; }} }}\n")
    };
    let servers: String = backends.iter().map(server).collect();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\naccess_log off;\nkeepalive_requests 1000000000;\n{temporary}{upstreams}\
         server {{\nlisten {address};\n{locations}}}\n{servers}}}\n"
    )
}
