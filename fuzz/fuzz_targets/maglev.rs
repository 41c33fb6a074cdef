//! Tests Maglev tables against the paper's construction.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::maglev::run(data));
