//! One list of servers for nginx and for a Rust program: [`Pool`] is the file to copy, [`Frontend`]
//! asks a real nginx.

mod frontend;
mod pool;

pub use frontend::{Backend, Frontend, KeyIn};
pub use pool::Pool;
