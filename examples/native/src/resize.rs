//! From decoded pixels to small, upright ones.

use fast_image_resize::{ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView};

use crate::error::ThumbnailError;

/// The space that a thumbnail has to fit, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    width: u32,
    height: Option<u32>,
}

impl Frame {
    /// A frame of the given width and, if one is given, height; both 1 or more.
    ///
    /// # Errors
    ///
    /// [`ThumbnailError::BadWidth`] or [`ThumbnailError::BadHeight`] for a side that is not positive.
    pub fn new(width: i32, height: Option<i32>) -> Result<Self, ThumbnailError> {
        let positive = |side: i32| u32::try_from(side).ok().filter(|&side| side > 0);
        Ok(Self {
            width: positive(width).ok_or(ThumbnailError::BadWidth(width))?,
            height: match height {
                Some(height) => Some(positive(height).ok_or(ThumbnailError::BadHeight(height))?),
                None => None,
            },
        })
    }

    /// The size at which a picture of the given size fits, its aspect ratio kept and never enlarged. No side becomes
    /// less than one pixel, however thin the picture.
    pub fn fit(self, width: u32, height: u32) -> (u32, u32) {
        let by_width = f64::from(self.width) / f64::from(width);
        let by_height = self
            .height
            .map_or(f64::INFINITY, |side| f64::from(side) / f64::from(height));
        let scale = by_width.min(by_height).min(1.0);
        let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
        (scaled(width), scaled(height))
    }
}

/// Shrinks the picture so that, once turned upright, it fits the frame, and turns it. Turning comes last because the
/// small picture is cheaper to turn.
pub(crate) fn shrink_upright(
    pixels: DynamicImage,
    orientation: Orientation,
    frame: Frame,
) -> Result<DynamicImage, ThumbnailError> {
    let lies_on_its_side = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = pixels.dimensions();
    let (width, height) = if lies_on_its_side {
        let (upright_width, upright_height) = frame.fit(height, width);
        (upright_height, upright_width)
    } else {
        frame.fit(width, height)
    };
    let mut small = shrink(pixels, width, height)?;
    small.apply_orientation(orientation);
    Ok(small)
}

/// Resizes with the Lanczos filter; colours of transparent pixels do not bleed into their neighbours.
fn shrink(pixels: DynamicImage, width: u32, height: u32) -> Result<DynamicImage, ThumbnailError> {
    if pixels.dimensions() == (width, height) {
        return Ok(pixels);
    }
    let mut small = DynamicImage::new(width, height, pixels.color());
    // Weighing colours by their alpha takes a copy of the whole picture: only where something is transparent.
    let options = ResizeOptions::new().use_alpha(is_transparent(&pixels));
    Resizer::new()
        .resize(&pixels, &mut small, &options)
        .map_err(|error| ThumbnailError::Internal(error.to_string()))?;
    Ok(small)
}

/// Whether any pixel lets the background through.
fn is_transparent(pixels: &DynamicImage) -> bool {
    match pixels {
        DynamicImage::ImageRgba8(pixels) => pixels.pixels().any(|pixel| pixel[3] != u8::MAX),
        DynamicImage::ImageLumaA8(pixels) => pixels.pixels().any(|pixel| pixel[1] != u8::MAX),
        other => other.color().has_alpha(),
    }
}
