//! Tests picks over loads of the caller, and leases with costs, against fractions and plain lists.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::picks::run(data));
