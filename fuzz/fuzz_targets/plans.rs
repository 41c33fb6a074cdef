//! Tests partition tables planned along a history of changes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::plans::run(data));
