//! Tests histories of a transition: no acknowledged write is lost.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::transitions::run(data));
