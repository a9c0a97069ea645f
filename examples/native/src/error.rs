//! The errors of a thumbnail: a code for programs and a sentence for people.

use crate::decode::InputFormat;
use crate::encode::MAX_WEBP_PIXELS;
use crate::picture::{MAX_DECODED_BYTES, MAX_PIXELS};

/// The reason why a thumbnail could not be made.
///
/// An error reaches Java as its text. So the text begins with a code for programs, up to the first colon, and goes on
/// with a sentence for people: `not_an_image: this is not a JPEG, PNG, WebP or GIF image`. The Java side maps the codes
/// to HTTP statuses.
#[derive(Debug, thiserror::Error)]
pub enum ThumbnailError {
    /// The bytes begin like no format that this crate recognises.
    #[error("not_an_image: this is not a JPEG, PNG, WebP or GIF image")]
    NotAnImage,
    /// There are no bytes, in the body or in the file of the form.
    #[error(
        "not_an_image: the image is empty; expected the bytes of a JPEG, PNG, WebP or GIF image"
    )]
    Empty,
    /// The body is a form without a file in it.
    #[error(
        "not_an_image: the body is a form, but {0}; \
         expected one with a file, as curl -F image=@photo.jpg sends it"
    )]
    BadForm(&'static str),
    /// The bytes are of a format that this crate recognises but does not decode.
    #[error("unsupported_format: {0}; expected a JPEG, PNG, WebP or GIF image")]
    NotSupported(&'static str),
    /// The decoder knows the format but not this variant of it.
    #[error("unsupported_format: this kind of {} image is not supported ({detail})", name(.format))]
    UnsupportedVariant {
        /// The format recognised by its first bytes.
        format: InputFormat,
        /// The feature that the decoder lacks.
        detail: String,
    },
    /// The file holds fewer pixels than the image has.
    #[error("damaged_image: the {} image is cut off: {}", name(.format), where_cut(.has_end))]
    Truncated {
        /// The format recognised by its first bytes.
        format: InputFormat,
        /// Whether the file's end marker is in place.
        has_end: bool,
    },
    /// The decoder could not read the contents.
    #[error("damaged_image: the {} image cannot be decoded ({detail})", name(.format))]
    Damaged {
        /// The format recognised by its first bytes.
        format: InputFormat,
        /// The decoder's message.
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
    /// The thumbnail has more pixels than one in WebP may have.
    #[error(
        "too_many_pixels: a WebP thumbnail of {width} x {height} pixels is not made, at most {MAX_WEBP_PIXELS} pixels; \
         ask for a smaller one, or for png or jpeg"
    )]
    TooManyPixelsForWebP {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A side of the thumbnail is longer than one of a JPEG file can be.
    #[error(
        "too_many_pixels: a JPEG file has at most 65535 pixels a side, not {0}; ask for png or a smaller one"
    )]
    TooLongForJpeg(u32),
    /// The wanted width is not positive.
    #[error("bad_width: {0} is no width in pixels; expected 1 or more")]
    BadWidth(i32),
    /// The wanted height is not positive.
    #[error("bad_height: {0} is no height in pixels; expected 1 or more")]
    BadHeight(i32),
    /// The wanted output format is unknown.
    #[error("bad_format: {0:?} is no output format; expected auto, png, jpeg or webp")]
    BadFormat(String),
    /// The work was cancelled: the call has ended.
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
            Self::NotAnImage | Self::Empty | Self::BadForm(_) => "not_an_image",
            Self::NotSupported(_) | Self::UnsupportedVariant { .. } => "unsupported_format",
            Self::Truncated { .. } | Self::Damaged { .. } => "damaged_image",
            Self::TooManyPixels { .. }
            | Self::TooMuchMemory
            | Self::TooManyPixelsForWebP { .. }
            | Self::TooLongForJpeg(_) => "too_many_pixels",
            Self::BadWidth(_) => "bad_width",
            Self::BadHeight(_) => "bad_height",
            Self::BadFormat(_) => "bad_format",
            Self::Cancelled => "cancelled",
            Self::Internal(_) => "internal",
        }
    }
}

/// The usual spelling of the format's name.
fn name(format: &InputFormat) -> &'static str {
    match format {
        InputFormat::Jpeg => "JPEG",
        InputFormat::Png => "PNG",
        InputFormat::WebP => "WebP",
        InputFormat::Gif => "GIF",
    }
}

fn where_cut(has_end: &bool) -> &'static str {
    if *has_end {
        "its end marker is there, but pixels before it are missing"
    } else {
        "it ends before its last pixel"
    }
}
