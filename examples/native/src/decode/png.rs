//! PNG files, row by row.

use std::io;

use ::png::{BitDepth, ColorType, Decoder, DecodingError, InterlaceInfo, Limits, Transformations};
use bytes::Bytes;

use super::{Decoded, InputFormat, orientation_of};
use crate::colour;
use crate::error::ThumbnailError;
use crate::picture::{Colours, MAX_DECODED_BYTES, Picture};
use crate::watch::{Watch, WatchedFile};

pub(super) fn decode(file: Bytes, watch: Watch<'_>) -> Result<Decoded, ThumbnailError> {
    let limits = Limits {
        bytes: MAX_DECODED_BYTES as usize,
    };
    let mut decoder = Decoder::new_with_limits(WatchedFile::new(file, watch), limits);
    // Palettes, and channels of fewer bits, become channels of eight bits.
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(explain)?;
    let (colours, depth) = reader.output_color_type();
    let colours = match colours {
        ColorType::Grayscale => Colours::Grey,
        ColorType::GrayscaleAlpha => Colours::GreyAlpha,
        ColorType::Rgb | ColorType::Indexed => Colours::Rgb,
        ColorType::Rgba => Colours::Rgba,
    };
    let (width, height) = reader.info().size();
    let mut picture = Picture::new(width, height, colours)?;
    let orientation = orientation_of(reader.info().exif_metadata.as_deref());
    let profile = colour::profile_of_png(reader.info());

    let stride = picture.row_bytes();
    let bits = 8 * colours.channels() as u8;
    let mut short = Vec::new();
    let mut rows = 0;
    while let Some(row) = reader.next_interlaced_row().map_err(explain)? {
        watch.look()?;
        let samples = if depth == BitDepth::Sixteen {
            short.clear();
            short.extend(row.data().chunks_exact(2).map(eight_bits));
            &short
        } else {
            row.data()
        };
        match row.interlace() {
            InterlaceInfo::Null(_) => {
                let at = rows * stride;
                let Some(into) = picture.bytes.get_mut(at..at + samples.len()) else {
                    break;
                };
                into.copy_from_slice(samples);
            }
            InterlaceInfo::Adam7(pass) => {
                ::png::expand_interlaced_row(&mut picture.bytes, stride, samples, pass, bits);
            }
        }
        rows += 1;
    }
    Ok(Decoded {
        picture,
        orientation,
        profile,
    })
}

/// The nearest of 256 levels to one of 65536.
fn eight_bits(sample: &[u8]) -> u8 {
    let sample = u32::from(sample[0]) << 8 | u32::from(sample[1]);
    // 65535 is 257 times 255, so the quotient is a byte.
    ((sample + 128) / 257) as u8
}

fn explain(error: DecodingError) -> ThumbnailError {
    let format = InputFormat::Png;
    match error {
        DecodingError::LimitsExceeded => ThumbnailError::TooMuchMemory,
        DecodingError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            ThumbnailError::Truncated {
                format,
                has_end: false,
            }
        }
        other => ThumbnailError::Damaged {
            format,
            detail: other.to_string(),
        },
    }
}
