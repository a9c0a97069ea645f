#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loopbridge_fuzz::bounded(
    data,
    loopbridge::fuzz::outcomes
));
