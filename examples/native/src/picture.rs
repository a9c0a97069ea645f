//! Pixels in the layout that all stages use: eight bits for each channel, rows without gaps.

use crate::error::ThumbnailError;
use crate::watch::rows_at_once;

/// The most pixels an image may declare: a little more than the cameras of today's phones make.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The most memory the pixels of one decoded image may take, in bytes: [`MAX_PIXELS`] of four bytes each fit. A
/// progressive JPEG needs up to three times its pixels' memory on top while it is decoded.
pub const MAX_DECODED_BYTES: u64 = 256 << 20;

/// What the channels of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Inks as JPEG files store them: 255 is no ink.
    Cmyk,
}

impl Colours {
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    pub(crate) fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }
}

/// A picture; it has at least one pixel.
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) colours: Colours,
    pub(crate) bytes: Vec<u8>,
}

impl Picture {
    /// A picture of zeros.
    ///
    /// # Errors
    ///
    /// Those of [`check_size`]; nothing is allocated then.
    pub(crate) fn new(width: u32, height: u32, colours: Colours) -> Result<Self, ThumbnailError> {
        let length = check_size(width, height, colours)?;
        Ok(Self {
            width,
            height,
            colours,
            bytes: vec![0; length],
        })
    }

    pub(crate) fn row_bytes(&self) -> usize {
        self.width as usize * self.colours.channels()
    }

    /// The bytes of as many rows as make one piece of work.
    pub(crate) fn strip_bytes(&self) -> usize {
        rows_at_once(self.row_bytes()) * self.row_bytes()
    }
}

/// The bytes that a picture of this size takes.
///
/// # Errors
///
/// [`ThumbnailError::TooManyPixels`] and [`ThumbnailError::TooMuchMemory`] over the limits.
pub(crate) fn check_size(
    width: u32,
    height: u32,
    colours: Colours,
) -> Result<usize, ThumbnailError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(ThumbnailError::TooManyPixels { width, height });
    }
    let bytes = pixels * colours.channels() as u64;
    if bytes > MAX_DECODED_BYTES {
        return Err(ThumbnailError::TooMuchMemory);
    }
    usize::try_from(bytes).map_err(|_| ThumbnailError::TooMuchMemory)
}
