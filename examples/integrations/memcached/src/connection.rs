//! `get` and `set` of memcached's text protocol.

use std::io::{self, BufRead, BufReader, Error, Read, Write};
use std::net::TcpStream;

/// A connection to one memcached.
#[derive(Debug)]
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to `HOST:PORT`.
    ///
    /// # Errors
    /// Nothing listens there.
    pub fn open(server: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Stores a value for as long as memcached keeps it.
    ///
    /// # Errors
    /// A key of more than 250 bytes or with a space or a control character, or an answer other than
    /// `STORED`.
    pub fn set(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let head = format!(" 0 0 {}\r\n", value.len());
        self.send(&[b"set ", checked(key)?, head.as_bytes(), value, b"\r\n"])?;
        match self.line()?.as_slice() {
            b"STORED" => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// The value of a key.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn get(&mut self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        self.send(&[b"get ", checked(key)?, b"\r\n"])?;
        let head = self.line()?;
        if head == b"END" {
            return Ok(None);
        }
        // VALUE key flags length
        let len = head.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        let len: usize = std::str::from_utf8(len)
            .ok()
            .and_then(|len| len.parse().ok())
            .ok_or_else(|| unexpected(&head))?;
        let mut value = vec![0; len + 2];
        self.0.read_exact(&mut value)?;
        value.truncate(len);
        match self.line()?.as_slice() {
            b"END" => Ok(Some(value)),
            other => Err(unexpected(other)),
        }
    }

    fn send(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.0.get_mut().write_all(&parts.concat())
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\r\n") {
            Some(line) => Ok(line.to_vec()),
            None => {
                Err(Error::new(io::ErrorKind::UnexpectedEof, "memcached closed the connection"))
            }
        }
    }
}

/// What memcached would take for the end of the key must not get into a request.
fn checked(key: &[u8]) -> io::Result<&[u8]> {
    let is_wrong = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    if key.is_empty() || key.len() > 250 || key.iter().any(is_wrong) {
        let key = key.escape_ascii();
        let message = format!("expected a key of 1 to 250 bytes without spaces, got \"{key}\"");
        return Err(Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(key)
}

fn unexpected(answer: &[u8]) -> Error {
    Error::other(format!("memcached answered \"{}\"", answer.escape_ascii()))
}
