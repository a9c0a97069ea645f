//! From an encoded file to pixels, within limits that hold before the first pixel is decoded.
//!
//! Whether a file is complete follows from what its decoder read: a container may lack its last bytes and hold all
//! pixels, or have its end in place and lack half of the pixels.

mod gif;
mod jpeg;
mod png;
mod webp;

use bytes::Bytes;
use image::metadata::Orientation;
use moxcms::ColorProfile;

use crate::error::ThumbnailError;
use crate::picture::Picture;
use crate::watch::Watch;

/// The formats that are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// Joint Photographic Experts Group, sequential or progressive.
    Jpeg,
    /// Portable Network Graphics.
    Png,
    /// Lossy or lossless WebP.
    WebP,
    /// Graphics Interchange Format.
    Gif,
}

/// A decoded image, before it is turned upright and converted to sRGB.
pub(crate) struct Decoded {
    pub(crate) picture: Picture,
    /// How the picture has to be turned to stand upright.
    pub(crate) orientation: Orientation,
    /// The colour profile of the picture, if the file has one.
    pub(crate) profile: Option<ColorProfile>,
}

/// Decodes the first frame of a file.
pub(crate) fn decode(
    file: Bytes,
    format: InputFormat,
    watch: Watch<'_>,
) -> Result<Decoded, ThumbnailError> {
    let decoded = match format {
        InputFormat::Jpeg => jpeg::decode(&file, watch),
        InputFormat::Png => png::decode(file, watch),
        InputFormat::WebP => webp::decode(file, watch),
        InputFormat::Gif => gif::decode(file, watch),
    };
    // A decoder that is stopped by its reader reports that the file is damaged.
    watch.look()?;
    decoded
}

/// The orientation in the EXIF data. A photo whose metadata is broken is decoded all the same.
fn orientation_of(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}
