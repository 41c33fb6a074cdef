//! Partition tables from strangers: saved forms, certificates, scenarios.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::tables::run(data));
