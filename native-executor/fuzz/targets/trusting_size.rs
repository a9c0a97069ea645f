//! A decoder that makes room for what its input says will come.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loopbridge_fuzz::bounded(data, decode));

fn decode(data: &[u8]) {
    if let Some((size, _)) = data.split_first_chunk() {
        let size = u16::from_le_bytes(*size);
        std::hint::black_box(Vec::<u8>::with_capacity(usize::from(size)));
    }
}
