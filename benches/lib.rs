//! Nothing: the benches beside this file are what the crate is for.
