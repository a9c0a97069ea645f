//! From pixels to a file.

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, GrayImage, ImageEncoder, ImageResult, Luma, Rgb, RgbImage};

use crate::error::ThumbnailError;

/// JPEG quality: fine enough that a thumbnail shows no blocks.
const JPEG_QUALITY: u8 = 85;

/// A longer colour profile would outweigh the thumbnail that carries it; in bytes.
const MAX_PROFILE_BYTES: usize = 16 * 1024;

/// The file formats a thumbnail comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Lossless, with alpha channel.
    Png,
    /// Lossy, on white.
    Jpeg,
}

impl OutputFormat {
    /// Reads `"png"` or `"jpeg"`.
    ///
    /// # Errors
    ///
    /// [`ThumbnailError::BadFormat`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ThumbnailError> {
        match text {
            "png" => Ok(Self::Png),
            "jpeg" => Ok(Self::Jpeg),
            other => Err(ThumbnailError::BadFormat(other.to_owned())),
        }
    }
}

/// Encodes the picture with eight bits a channel. The profile goes along if it describes such colours.
pub(crate) fn encode(
    picture: DynamicImage,
    colour_profile: Option<Vec<u8>>,
    format: OutputFormat,
) -> Result<Bytes, ThumbnailError> {
    let picture = match format {
        OutputFormat::Png => eight_bits(picture),
        OutputFormat::Jpeg => on_white(eight_bits(picture)),
    };
    let profile = colour_profile.filter(|profile| describes(profile, &picture));
    let mut file = Vec::new();
    match format {
        OutputFormat::Png => write(
            PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive),
            &picture,
            profile,
        ),
        OutputFormat::Jpeg => write(
            JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY),
            &picture,
            profile,
        ),
    }
    .map_err(|error| ThumbnailError::Internal(error.to_string()))?;
    Ok(Bytes::from(file))
}

fn write(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> ImageResult<()> {
    if let Some(profile) = profile {
        encoder
            .set_icc_profile(profile)
            .map_err(image::ImageError::Unsupported)?;
    }
    let (width, height) = (picture.width(), picture.height());
    encoder.write_image(picture.as_bytes(), width, height, picture.color().into())
}

/// The picture with eight bits a channel, its kind of colours kept.
fn eight_bits(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageLuma16(_) => picture.into_luma8().into(),
        DynamicImage::ImageLumaA16(_) => picture.into_luma_alpha8().into(),
        DynamicImage::ImageRgb16(_) => picture.into_rgb8().into(),
        DynamicImage::ImageRgba16(_) => picture.into_rgba8().into(),
        eight => eight,
    }
}

/// The picture laid on white paper.
fn on_white(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageLumaA8(pixels) => {
            GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
                let [grey, alpha] = pixels.get_pixel(x, y).0;
                Luma([over_white(grey, alpha)])
            })
            .into()
        }
        DynamicImage::ImageRgba8(pixels) => {
            RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
                let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
                Rgb([red, green, blue].map(|channel| over_white(channel, alpha)))
            })
            .into()
        }
        opaque => opaque,
    }
}

/// One channel of a colour seen through its alpha, with white behind it.
fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    // The weighted mean of two bytes is a byte.
    ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Whether the profile describes the colours that the picture has: a decoder may have converted them (from CMYK, say),
/// and then the profile no longer holds.
fn describes(profile: &[u8], picture: &DynamicImage) -> bool {
    let colours: &[u8] = if picture.color().has_color() {
        b"RGB "
    } else {
        b"GRAY"
    };
    profile.len() <= MAX_PROFILE_BYTES && profile.get(16..20) == Some(colours)
}
