//! The Rust half of the example web server: a picture in, its thumbnail out.
//!
//! Java decides (what is asked for, what a caller may send), Rust works (decode, resize, encode). The crate exports
//! one CPU-bound function to the JVM, and one that asks Java first whether it has kept the result, through nothing but
//! the public API of `loopbridge`:
//!
//! ```text
//! thumbnail(image: bytes, width: i32, height: i32?, format: string) -> bytes
//! cachedThumbnail(image: bytes, width: i32, height: i32?, format: string, find: fn(string) -> bytes?) -> bytes
//! ```
//!
//! [`thumbnail`] is the former without the JVM: what the tests of this crate call.

mod cached;
mod container;
mod decode;
mod encode;
mod error;
mod resize;

use bytes::Bytes;

pub use crate::cached::key;
pub use crate::decode::{MAX_DECODED_BYTES, MAX_PIXELS};
pub use crate::encode::OutputFormat;
pub use crate::error::ThumbnailError;
pub use crate::resize::Frame;

loopbridge::library!(register);

/// Names the exported functions to the bridge; runs once, when the JVM loads this library.
fn register(functions: &mut loopbridge::Registry) {
    functions
        .blocking(
            "thumbnail",
            |image: Bytes, width: i32, height: Option<i32>, format: String| {
                thumbnail(image, width, height, &format, &loopbridge::cancelled)
            },
        )
        .heavy("cachedThumbnail", cached::cached_thumbnail);
}

/// Makes the thumbnail of an encoded image.
///
/// `image` holds a JPEG, PNG, WebP or GIF file; of an animation the first frame counts. The picture is turned upright
/// as its EXIF data says, shrunk to fit `width` pixels (and `height`, when given) with its aspect ratio kept, and never
/// enlarged: one that already fits keeps its size. `format` is `"png"` or `"jpeg"`; where the output has no alpha
/// channel (JPEG), transparent parts become white. An embedded RGB or grey colour profile travels along; all other
/// metadata (place, camera, comments) is left behind.
///
/// `cancelled` is asked between the stages, and while the input is read; once it answers `true` the work stops with
/// [`ThumbnailError::Cancelled`].
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
    let format = OutputFormat::parse(format)?;
    let checkpoint = || {
        if cancelled() {
            Err(ThumbnailError::Cancelled)
        } else {
            Ok(())
        }
    };

    checkpoint()?;
    let picture = decode::decode(image, cancelled)?;
    checkpoint()?;
    let small = resize::shrink_upright(picture.pixels, picture.orientation, frame)?;
    checkpoint()?;
    encode::encode(small, picture.colour_profile, format)
}
