//! Tests restoring untrusted saved forms.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::saved::run(data));
