//! `cargo +nightly fuzz run sdp`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| offhook_fuzz::sdp(bytes));
