//! Tests configurations in the notations of other systems.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::interop::run(data));
