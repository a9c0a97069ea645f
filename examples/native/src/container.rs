//! Looks at an image file's outer structure before its decoder does.
//!
//! Two decoders are more trusting than a server can be: the JPEG decoder paints the missing part of a cut-off file
//! grey, and the WebP decoder reserves whatever a chunk's header claims to hold. Both are answered by one walk over
//! the file's segments, which touches no pixel.

use image::ImageFormat;

/// Whether the file holds all the bytes that its own structure announces.
pub(crate) fn is_complete(format: ImageFormat, file: &[u8]) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg_reaches_its_end(file),
        ImageFormat::WebP => webp_holds_its_chunks(file),
        _ => true,
    }
}

/// Walks from marker to marker until the end-of-image marker; an embedded preview's own end marker lies inside a
/// segment and is stepped over.
fn jpeg_reaches_its_end(file: &[u8]) -> bool {
    let mut rest = file;
    loop {
        let Some(ff) = rest.iter().position(|&byte| byte == 0xFF) else {
            return false;
        };
        rest = &rest[ff..];
        let Some(code_at) = rest.iter().position(|&byte| byte != 0xFF) else {
            return false;
        };
        let code = rest[code_at];
        rest = &rest[code_at + 1..];
        match code {
            0xD9 => return true,
            // A stuffed 0xFF of the entropy-coded data, or a marker that stands alone: no length follows.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            _ => {
                let Some(length) = rest.first_chunk::<2>() else {
                    return false;
                };
                let length = usize::from(u16::from_be_bytes(*length));
                let Some(behind) = rest.get(length..) else {
                    return false;
                };
                rest = behind;
            }
        }
    }
}

/// Checks that each RIFF chunk lies inside the file.
fn webp_holds_its_chunks(file: &[u8]) -> bool {
    const HEADER: usize = 12;
    let Some(declared) = file.get(4..8).map(little_endian) else {
        return false;
    };
    let Some(mut rest) = file.get(HEADER..) else {
        return false;
    };
    let Some(mut announced) = declared.checked_sub(4) else {
        return false;
    };
    while announced > 0 {
        let Some(length) = rest.get(4..8).map(little_endian) else {
            return false;
        };
        // The padding byte of an odd last chunk is missing in files of some writers.
        let padded = (8 + length + (length & 1)).min(rest.len().max(8 + length));
        let Some(behind) = rest.get(padded..) else {
            return false;
        };
        rest = behind;
        announced = announced.saturating_sub(padded);
        if rest.is_empty() {
            return true;
        }
    }
    true
}

/// The four bytes as a length; a platform's `usize` has at least as many bits.
fn little_endian(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | usize::from(byte))
}
