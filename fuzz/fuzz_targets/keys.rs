//! Tests key bytes: they decode to the key, and hash the same however they are split.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::keys::run(data));
