//! Reasons to stop before the end of the input.

use std::io;

pub(crate) enum Stop {
    /// The input or an option is wrong, or a file cannot be read or written: an error message.
    Wrong(String),
    /// The reader closed the output (`| head`), which is no failure.
    NoReader,
}

impl Stop {
    /// Writing to standard output failed.
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
