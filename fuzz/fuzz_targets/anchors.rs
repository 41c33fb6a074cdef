//! Tests anchors against the arrays of the paper.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::anchors::run(data));
