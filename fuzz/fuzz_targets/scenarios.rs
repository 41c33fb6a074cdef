//! Tests scenarios of the example `plan`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::scenarios::run(data));
