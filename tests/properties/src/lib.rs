//! Nothing: the package has only tests.
#![no_std]
