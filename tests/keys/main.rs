//! Which bytes stand for a key, and which hash they get.

mod hashing;
mod own;
