//! Walks continued on other values, with words overwritten.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::walks::run(data));
