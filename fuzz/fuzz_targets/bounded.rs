//! Tests bounded loads, for keys and for requests in flight, against plain maps.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::bounded::run(data));
