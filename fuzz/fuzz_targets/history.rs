//! Tests histories of a locator against a naive model.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::history::run(data));
