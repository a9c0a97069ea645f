//! Why a thumbnail could not be made, in words for people and in a code for programs.

use image::ImageFormat;

use crate::decode::{MAX_DECODED_BYTES, MAX_PIXELS};

/// Why a thumbnail could not be made.
///
/// An error crosses to Java as its text. So the text begins with a code that programs read, up to the first colon, and
/// goes on with a sentence for people: `not_an_image: this is not a JPEG, PNG, WebP or GIF image`. The Java side
/// maps the codes to HTTP statuses.
#[derive(Debug, thiserror::Error)]
pub enum ThumbnailError {
    /// No known image format begins like this.
    #[error("not_an_image: this is not a JPEG, PNG, WebP or GIF image")]
    NotAnImage,
    /// A known image format, but none that is decoded here.
    #[error("unsupported_format: {} images are not supported; expected JPEG, PNG, WebP or GIF", name(.0))]
    UnsupportedFormat(ImageFormat),
    /// The decoder knows the format but not this variant of it.
    #[error("unsupported_format: this kind of {} image is not supported ({detail})", name(.format))]
    UnsupportedVariant {
        /// The format recognised by its first bytes.
        format: ImageFormat,
        /// What the decoder missed.
        detail: String,
    },
    /// The file ends before the image does.
    #[error("damaged_image: the {} image is cut off: it ends before its last pixel", name(.0))]
    Truncated(ImageFormat),
    /// The decoder gave up on the contents.
    #[error("damaged_image: the {} image cannot be decoded ({detail})", name(.format))]
    Damaged {
        /// The format recognised by its first bytes.
        format: ImageFormat,
        /// What the decoder said.
        detail: String,
    },
    /// The declared dimensions are over the limit.
    #[error(
        "too_many_pixels: the image is declared as {width} x {height} pixels; \
         at most {limit} million pixels are decoded", limit = MAX_PIXELS / 1_000_000
    )]
    TooManyPixels {
        /// Declared width in pixels.
        width: u32,
        /// Declared height in pixels.
        height: u32,
    },
    /// Decoding would take more memory than one image may have.
    #[error(
        "too_many_pixels: decoding the image would take more than {limit} MiB of memory",
        limit = MAX_DECODED_BYTES >> 20
    )]
    TooMuchMemory,
    /// The wanted width is not positive.
    #[error("bad_width: {0} is no width in pixels; expected 1 or more")]
    BadWidth(i32),
    /// The wanted height is not positive.
    #[error("bad_height: {0} is no height in pixels; expected 1 or more")]
    BadHeight(i32),
    /// The wanted output format is unknown.
    #[error("bad_format: {0:?} is no output format; expected png or jpeg")]
    BadFormat(String),
    /// The caller no longer wants the thumbnail.
    #[error("cancelled: the thumbnail is no longer wanted")]
    Cancelled,
    /// The encoder or the resizer refused its input.
    #[error("internal: {0}")]
    Internal(String),
}

impl ThumbnailError {
    /// The code for programs: the text up to the first colon.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnImage => "not_an_image",
            Self::UnsupportedFormat(_) | Self::UnsupportedVariant { .. } => "unsupported_format",
            Self::Truncated(_) | Self::Damaged { .. } => "damaged_image",
            Self::TooManyPixels { .. } | Self::TooMuchMemory => "too_many_pixels",
            Self::BadWidth(_) => "bad_width",
            Self::BadHeight(_) => "bad_height",
            Self::BadFormat(_) => "bad_format",
            Self::Cancelled => "cancelled",
            Self::Internal(_) => "internal",
        }
    }
}

/// The format as people write it.
fn name(format: &ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Avif => "AVIF",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Ico => "ICO",
        ImageFormat::Tiff => "TIFF",
        _ => "such",
    }
}
