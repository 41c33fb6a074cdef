//! Tests restoring untrusted saved plans, migrations, schedules, transitions, loads and reports.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| apportion_fuzz::targets::saved_values::run(data));
