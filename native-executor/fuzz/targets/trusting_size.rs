//! A decoder that allocates as much memory as a size in its input claims.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loopbridge_fuzz::bounded(data, decode));

fn decode(data: &[u8]) {
    if let Some((size, _)) = data.split_first_chunk() {
        let size = u16::from_le_bytes(*size);
        std::hint::black_box(Vec::<u8>::with_capacity(usize::from(size)));
    }
}
