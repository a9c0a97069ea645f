//! From an encoded file to pixels, within limits that hold before the first pixel is decoded.
//!
//! Whether a file is whole is judged by what its decoder read: a container may lack its last bytes and hold all
//! pixels, or have its end in place and lack half of them.

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

/// An image as decoded: not yet turned upright, its colours not yet those of sRGB.
pub(crate) struct Decoded {
    pub(crate) picture: Picture,
    /// How the picture has to be turned to stand upright.
    pub(crate) orientation: Orientation,
    /// What the picture's numbers mean, if the file says so.
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
    // A decoder that is stopped by its reader says that the file is damaged.
    watch.look()?;
    decoded
}

/// The orientation that EXIF data states. A photo whose metadata is broken is still a photo.
fn orientation_of(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}
