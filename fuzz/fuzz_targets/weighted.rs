//! Tests weighted rendezvous against exact logarithms.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::weighted::run(data));
