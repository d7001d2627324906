//! The reading of JWK sets: see `fuzz::jwks`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::jwks::check(input));
