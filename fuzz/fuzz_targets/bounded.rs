//! Bounded loads, keyed and in flight, against plain maps.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::bounded::run(data));
