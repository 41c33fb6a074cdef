//! Why it ends before its input does.

use std::io;

pub(crate) enum Stop {
    /// The input or an option is wrong, or a file cannot be read or written: a message for people.
    Wrong(String),
    /// Whoever read the answers has seen enough (`| head`), which is no failure.
    NoReader,
}

impl Stop {
    /// Standard output did not take an answer.
    pub(crate) fn output(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::BrokenPipe => Self::NoReader,
            _ => Self::Wrong(format!("standard output: {e}")),
        }
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Wrong(message)
    }
}
