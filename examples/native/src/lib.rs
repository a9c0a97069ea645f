//! The Rust half of the example web server: makes the thumbnail of a picture.
//!
//! Java decides what is made and what a client may send; Rust decodes, resizes and encodes. The crate exports one CPU-
//! bound function to the JVM, and one that first asks Java for an earlier result. It uses only the public API of
//! `loopbridge`:
//!
//! ```text
//! thumbnail(image: bytes, width: i32, height: i32?, format: string?) -> bytes
//! cachedThumbnail(image: bytes, width: i32, height: i32?, format: string?, find: fn(string) -> bytes?) -> bytes
//! ```
//!
//! [`thumbnail`] is the first of them without the JVM; the tests of this crate call it.

mod cached;
mod colour;
mod decode;
mod encode;
mod error;
mod picture;
mod resize;
mod upload;
mod watch;

use bytes::Bytes;

pub use crate::cached::key;
pub use crate::decode::InputFormat;
pub use crate::encode::{MAX_WEBP_PIXELS, OutputFormat};
pub use crate::error::ThumbnailError;
pub use crate::picture::{MAX_DECODED_BYTES, MAX_PIXELS};
pub use crate::resize::Frame;

use crate::watch::Watch;

loopbridge::library!(register);

/// The format of a call that names none.
const DEFAULT_FORMAT: &str = "auto";

/// Registers the exported functions; runs once, when the JVM loads this library.
fn register(functions: &mut loopbridge::Registry) {
    functions
        .blocking(
            "thumbnail",
            |image: Bytes, width: i32, height: Option<i32>, format: Option<String>| {
                let format = format.as_deref().unwrap_or(DEFAULT_FORMAT);
                thumbnail(image, width, height, format, &loopbridge::cancelled)
            },
        )
        .heavy("cachedThumbnail", cached::cached_thumbnail);
}

/// Makes the thumbnail of an encoded image.
///
/// `image` holds a JPEG, PNG, WebP or GIF file, or a `multipart/form-data` form whose first file is one; of an
/// animation the first frame is taken. The picture is turned upright by its EXIF data, shrunk to fit `width` pixels
/// (and `height`, when given) with its aspect ratio kept, and never enlarged: one that already fits keeps its size. Its
/// colours are converted to sRGB by its profile. All metadata (profile, place, camera, comments) is dropped.
///
/// `format` is `"png"`, `"jpeg"`, `"webp"` (lossless, of [`MAX_WEBP_PIXELS`] at most) or `"auto"`: PNG if the picture
/// has transparency, otherwise PNG or JPEG, whichever file is shorter. Where the output has no alpha channel (JPEG),
/// transparent parts become white.
///
/// `cancelled` is called in the middle of every stage, after some milliseconds' work each time; once it returns `true`
/// the work stops with [`ThumbnailError::Cancelled`]. Two decoders have a last step that cannot be stopped: the one for
/// progressive JPEG files (4 ms for a million pixels) and the one for WebP files.
///
/// # Errors
///
/// See [`ThumbnailError`]. The declared dimensions are checked against [`MAX_PIXELS`] and [`MAX_DECODED_BYTES`] before
/// any pixel is decoded.
pub fn thumbnail(
    image: Bytes,
    width: i32,
    height: Option<i32>,
    format: &str,
    cancelled: &dyn Fn() -> bool,
) -> Result<Bytes, ThumbnailError> {
    let frame = Frame::new(width, height)?;
    let wanted = OutputFormat::parse(format)?;
    let watch = Watch::new(cancelled);

    watch.look()?;
    let (image, format) = upload::image_in(image)?;
    let decoded = decode::decode(image, format, watch)?;
    let small = resize::shrink(decoded.picture, decoded.orientation, frame, watch)?;
    let small = colour::to_srgb(small, decoded.profile, watch)?;
    let upright = resize::turn_upright(small, decoded.orientation, watch)?;
    encode::encode(upright, wanted, watch)
}
