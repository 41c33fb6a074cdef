//! Tests histories of large rings against rings of the same points in one piece.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::rings::run(data));
