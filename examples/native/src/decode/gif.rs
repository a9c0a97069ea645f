//! GIF files: the first frame, at its place on the screen.

use ::gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};
use bytes::Bytes;
use image::metadata::Orientation;

use super::{Decoded, InputFormat};
use crate::colour;
use crate::error::ThumbnailError;
use crate::picture::{Colours, Picture, check_size};
use crate::watch::{Watch, WatchedFile, rows_at_once};

pub(super) fn decode(file: Bytes, watch: Watch<'_>) -> Result<Decoded, ThumbnailError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    // The pixels are in memory that is counted here; the decoder itself keeps about as much as the file has.
    options.set_memory_limit(MemoryLimit::Unlimited);
    let file = WatchedFile::new(file, watch);
    let mut decoder = options.read_info(file).map_err(explain)?;
    let screen = (u32::from(decoder.width()), u32::from(decoder.height()));
    let frame = match decoder.next_frame_info().map_err(explain)? {
        Some(frame) => Frame::of(frame),
        None => return Err(damaged("it has no frame")),
    };
    if frame.width == 0 || frame.height == 0 {
        return Err(damaged("its first frame has no pixels"));
    }
    // Screen and frame may disagree: a screen of no size, or a frame that reaches over its edge.
    let width = screen.0.max(frame.left + frame.width);
    let height = screen.1.max(frame.top + frame.height);
    check_size(width, height, Colours::Rgba)?;
    let mut picture = Picture::new(width, height, Colours::Rgba)?;
    let profile = decoder.icc_profile().and_then(colour::profile_of);

    let row_bytes = frame.width as usize * 4;
    let at_once = if frame.interlaced {
        1
    } else {
        rows_at_once(row_bytes)
    };
    let mut strip = vec![0; at_once.min(frame.height as usize) * row_bytes];
    let stride = picture.row_bytes();
    let mut rows = frame.rows();
    let mut left = frame.height as usize;
    while left > 0 {
        watch.look()?;
        let count = left.min(at_once);
        let strip = &mut strip[..count * row_bytes];
        // A colour index outside of the palette leaves the pixel as it was.
        strip.fill(0);
        if !decoder.fill_buffer(strip).map_err(explain)? {
            return Err(truncated());
        }
        for (pixels, row) in strip.chunks_exact(row_bytes).zip(&mut rows) {
            let at = (frame.top as usize + row) * stride + frame.left as usize * 4;
            picture.bytes[at..at + row_bytes].copy_from_slice(pixels);
        }
        left -= count;
    }
    Ok(Decoded {
        picture,
        orientation: Orientation::NoTransforms,
        profile,
    })
}

/// Where the first frame lies on the screen, in pixels.
struct Frame {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
    interlaced: bool,
}

impl Frame {
    fn of(frame: &::gif::Frame<'_>) -> Frame {
        Frame {
            left: u32::from(frame.left),
            top: u32::from(frame.top),
            width: u32::from(frame.width),
            height: u32::from(frame.height),
            interlaced: frame.interlaced,
        }
    }

    /// The rows in the order in which they are stored.
    fn rows(&self) -> Box<dyn Iterator<Item = usize>> {
        let height = self.height as usize;
        if self.interlaced {
            let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
            Box::new(
                passes
                    .into_iter()
                    .flat_map(move |(first, step)| (first..height).step_by(step)),
            )
        } else {
            Box::new(0..height)
        }
    }
}

fn truncated() -> ThumbnailError {
    ThumbnailError::Truncated {
        format: InputFormat::Gif,
        has_end: false,
    }
}

fn damaged(detail: &str) -> ThumbnailError {
    ThumbnailError::Damaged {
        format: InputFormat::Gif,
        detail: detail.to_owned(),
    }
}

fn explain(error: DecodingError) -> ThumbnailError {
    match error {
        DecodingError::UnexpectedEof => truncated(),
        DecodingError::OutOfMemory | DecodingError::MemoryLimit => ThumbnailError::TooMuchMemory,
        other => damaged(&other.to_string()),
    }
}
