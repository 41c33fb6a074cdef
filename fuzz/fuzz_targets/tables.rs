//! Tests untrusted partition tables, certificates and scenarios.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::tables::run(data));
