//! The reading of tokens: see `fuzz::token_text`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::token_text::check(input));
