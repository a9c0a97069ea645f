//! A decoder that trusts the length in its input.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loopbridge_fuzz::bounded(data, decode));

fn decode(data: &[u8]) {
    if let Some((length, text)) = data.split_first() {
        std::hint::black_box(&text[..usize::from(*length)]);
    }
}
