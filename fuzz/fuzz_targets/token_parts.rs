//! What a token says, past its signature: see `fuzz::token_parts`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::token_parts::check(input));
