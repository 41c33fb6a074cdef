//! Tests walks that continue on other values, with overwritten words.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::walks::run(data));
