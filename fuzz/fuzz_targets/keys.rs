//! Key bytes: read back, and hashed alike however they arrive.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::keys::run(data));
