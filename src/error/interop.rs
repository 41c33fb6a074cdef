//! Errors of the configurations of other systems.

use super::kind::ErrorKind;
use super::words::{Count, shortened};
use alloc::string::String;
use core::fmt;

/// What is wrong with a configuration in the notation of another system.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum InteropFault {
    /// A token of a line; `token` is empty if one is missing.
    Token {
        system: &'static str,
        line: String,
        token: String,
        expected: String,
    },
    NoServer {
        system: &'static str,
    },
    /// All weights are 0.
    NoWeight {
        system: &'static str,
    },
    Place {
        system: &'static str,
        server: usize,
        servers: usize,
    },
}

impl InteropFault {
    /// A token that is not what is expected there. Of a long line the message has the beginning.
    pub(crate) fn token(system: &'static str, line: &str, token: &str, expected: &str) -> Self {
        let (line, token, expected) = (shortened(line), shortened(token), expected.into());
        Self::Token { system, line, token, expected }
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Token { .. } | Self::NoServer { .. } | Self::NoWeight { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::Place { .. } => ErrorKind::InvalidArgument,
        }
    }
}

impl fmt::Display for InteropFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token { system, line, token, expected } if token.is_empty() => {
                write!(f, "{system}: expected {expected} in {line:?}, got nothing")
            }
            Self::Token { system, line, token, expected } => {
                write!(f, "{system}: expected {expected} in {line:?}, got {token:?}")
            }
            Self::NoServer { system } => {
                write!(f, "{system}: expected at least one server, got none")
            }
            Self::NoWeight { system } => {
                write!(f, "{system}: expected a weight above 0 among all servers, got none")
            }
            Self::Place { system, server, servers } => write!(
                f,
                "{system}: there is no server {server}; there are {}, numbered from 0",
                Count(*servers, "server")
            ),
        }
    }
}
