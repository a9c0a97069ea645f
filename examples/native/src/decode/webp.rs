//! WebP files.

use std::io;

use bytes::Bytes;
use image_webp::{DecodingError, WebPDecoder};

use super::{Decoded, InputFormat, orientation_of};
use crate::colour;
use crate::error::ThumbnailError;
use crate::picture::{Colours, Picture};
use crate::watch::{Watch, WatchedFile};

pub(super) fn decode(file: Bytes, watch: Watch<'_>) -> Result<Decoded, ThumbnailError> {
    let length = file.len();
    let cut = is_cut(&file);
    let explain = |error| explain(error, cut);
    let mut decoder = WebPDecoder::new(WatchedFile::new(file, watch)).map_err(explain)?;
    // A chunk's header may claim any length: no chunk gets more memory than the whole file has bytes.
    decoder.set_memory_limit(length);
    let colours = if decoder.has_alpha() {
        Colours::Rgba
    } else {
        Colours::Rgb
    };
    let (width, height) = decoder.dimensions();
    let mut picture = Picture::new(width, height, colours)?;
    let orientation = orientation_of(decoder.exif_metadata().unwrap_or(None).as_deref());
    let profile = decoder
        .icc_profile()
        .unwrap_or(None)
        .and_then(|icc| colour::profile_of(&icc));
    decoder.read_image(&mut picture.bytes).map_err(explain)?;
    Ok(Decoded {
        picture,
        orientation,
        profile,
    })
}

/// Whether the file is shorter than the length in its outermost chunk. That explains an error, and is none by itself.
fn is_cut(file: &[u8]) -> bool {
    let length = file.get(4..8).and_then(|bytes| bytes.first_chunk());
    length.is_none_or(|&length| file.len() < 8 + u32::from_le_bytes(length) as usize)
}

fn explain(error: DecodingError, cut: bool) -> ThumbnailError {
    let format = InputFormat::WebP;
    let truncated = ThumbnailError::Truncated {
        format,
        has_end: false,
    };
    match error {
        DecodingError::ImageTooLarge | DecodingError::MemoryLimitExceeded => {
            ThumbnailError::TooMuchMemory
        }
        DecodingError::UnsupportedFeature(detail) => {
            ThumbnailError::UnsupportedVariant { format, detail }
        }
        DecodingError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => truncated,
        _ if cut => truncated,
        other => ThumbnailError::Damaged {
            format,
            detail: other.to_string(),
        },
    }
}
