//! `cargo +nightly fuzz run runtime_config`, from `harness/`.
#![no_main]

#[path = "../inputs.rs"]
mod inputs;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inputs::runtime_config(bytes));
