//! One list of servers from which both nginx's configuration and the choices of this program come.

use apportion::Error;
use apportion::interop::nginx::Upstream;

/// An `upstream` of nginx, and the server that it chooses for a key.
#[derive(Clone, Debug)]
pub struct Pool {
    servers: Vec<String>,
    method: &'static str,
    upstream: Upstream,
}

impl Pool {
    /// Servers as nginx's `server` lines have them, chosen by `hash KEY consistent`.
    ///
    /// # Errors
    /// A line that nginx would refuse.
    pub fn consistent(servers: &[String]) -> Result<Self, Error> {
        let upstream = Upstream::consistent(servers.iter().map(String::as_str))?;
        Ok(Self { servers: servers.to_vec(), method: " consistent", upstream })
    }

    /// Servers as nginx's `server` lines have them, chosen by `hash KEY`.
    ///
    /// # Errors
    /// A line that nginx would refuse.
    pub fn modulo(servers: &[String]) -> Result<Self, Error> {
        let upstream = Upstream::modulo(servers.iter().map(String::as_str))?;
        Ok(Self { servers: servers.to_vec(), method: "", upstream })
    }

    /// The block for nginx's configuration. `key` is the text that nginx hashes, such as `$arg_key`.
    #[must_use]
    pub fn block(&self, name: &str, key: &str) -> String {
        let servers: String =
            self.servers.iter().map(|line| format!("    server {line};\n")).collect();
        format!("upstream {name} {{\n    hash {key}{};\n{servers}}}\n", self.method)
    }

    /// The server that nginx chooses for a key. `None` where nginx takes turns: for an empty key, with a
    /// single server, and where it finds no server that is up.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&str> {
        self.servers.get(self.upstream.get(key)?)?.split_ascii_whitespace().next()
    }
}
