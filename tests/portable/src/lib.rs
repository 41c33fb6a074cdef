//! Nothing: the tests beside this crate are what it is for.
