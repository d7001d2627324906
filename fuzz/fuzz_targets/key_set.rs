//! The reading of a key directory's files: see `fuzz::key_set`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::key_set::check(input));
