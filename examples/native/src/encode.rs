//! From pixels to a file.

use std::io::Write;

use bytes::Bytes;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use image_webp::WebPEncoder;

use crate::error::ThumbnailError;
use crate::picture::{Colours, Picture};
use crate::resize::is_transparent;
use crate::watch::{Watch, WatchedOutput, rows_at_once};

/// JPEG quality: fine enough that a thumbnail shows no blocks.
const JPEG_QUALITY: u8 = 85;

/// The longest side that a JPEG file can have, in pixels.
const MAX_JPEG_SIDE: u32 = 65_535;

/// The most pixels of a WebP thumbnail. Its encoder cannot be stopped, and takes 50 ms for three times as many.
pub const MAX_WEBP_PIXELS: u64 = 1 << 20;

/// The file formats of a thumbnail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// PNG if the picture has transparency, otherwise PNG or JPEG, whichever file is shorter.
    Auto,
    /// Lossless, with alpha channel.
    Png,
    /// Lossy, on white.
    Jpeg,
    /// Lossless, with alpha channel; of [`MAX_WEBP_PIXELS`] at most.
    WebP,
}

impl OutputFormat {
    /// Reads `"auto"`, `"png"`, `"jpeg"` or `"webp"`.
    ///
    /// # Errors
    ///
    /// [`ThumbnailError::BadFormat`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ThumbnailError> {
        match text {
            "auto" => Ok(Self::Auto),
            "png" => Ok(Self::Png),
            "jpeg" => Ok(Self::Jpeg),
            "webp" => Ok(Self::WebP),
            other => Err(ThumbnailError::BadFormat(other.to_owned())),
        }
    }
}

/// Encodes a picture whose colours are those of sRGB, or grey.
pub(crate) fn encode(
    picture: Picture,
    format: OutputFormat,
    watch: Watch<'_>,
) -> Result<Bytes, ThumbnailError> {
    let file = match format {
        OutputFormat::Auto => shorter(picture, watch)?,
        OutputFormat::Png => finished(png(&picture, usize::MAX, watch)?)?,
        OutputFormat::Jpeg => jpeg(&on_white(picture, watch)?, watch)?,
        OutputFormat::WebP => webp(&picture, watch)?,
    };
    Ok(Bytes::from(file))
}

/// A photo is shorter as JPEG; a drawing is shorter as PNG, and is not blurred around its lines then. The PNG of a
/// photo is given up as soon as it is longer than the JPEG.
fn shorter(picture: Picture, watch: Watch<'_>) -> Result<Vec<u8>, ThumbnailError> {
    let fits_jpeg = picture.width <= MAX_JPEG_SIDE && picture.height <= MAX_JPEG_SIDE;
    if !fits_jpeg || is_transparent(&picture, watch)? {
        return finished(png(&picture, usize::MAX, watch)?);
    }
    let opaque = on_white(picture, watch)?;
    let jpeg = jpeg(&opaque, watch)?;
    Ok(png(&opaque, jpeg.len(), watch)?.unwrap_or(jpeg))
}

fn finished(file: Option<Vec<u8>>) -> Result<Vec<u8>, ThumbnailError> {
    file.ok_or_else(|| ThumbnailError::Internal("a file without a limit reached it".to_owned()))
}

/// The PNG file; none if it is longer than the limit.
fn png(
    picture: &Picture,
    limit: usize,
    watch: Watch<'_>,
) -> Result<Option<Vec<u8>>, ThumbnailError> {
    let mut output = WatchedOutput::new(limit, watch);
    let mut encoder = png::Encoder::new(&mut output, picture.width, picture.height);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::Adaptive);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match picture.colours {
        Colours::Grey => png::ColorType::Grayscale,
        Colours::GreyAlpha => png::ColorType::GrayscaleAlpha,
        Colours::Rgba => png::ColorType::Rgba,
        Colours::Rgb | Colours::Cmyk => png::ColorType::Rgb,
    });
    let written = write_rows(encoder, picture, watch);
    watch.look()?;
    if output.is_full() {
        return Ok(None);
    }
    written.map_err(|error| ThumbnailError::Internal(error.to_string()))?;
    Ok(Some(output.bytes))
}

fn write_rows(
    encoder: png::Encoder<'_, &mut WatchedOutput<'_>>,
    picture: &Picture,
    watch: Watch<'_>,
) -> Result<(), png::EncodingError> {
    let mut header = encoder.write_header()?;
    let mut rows = header.stream_writer()?;
    // The encoder takes some milliseconds for this many bytes of a picture that is hard to compress.
    let strip = rows_at_once(picture.row_bytes() * 8) * picture.row_bytes();
    for strip in picture.bytes.chunks(strip) {
        if watch.is_cancelled() {
            break;
        }
        rows.write_all(strip)?;
    }
    rows.finish()?;
    header.finish()
}

/// The JPEG file of a picture without alpha channel.
fn jpeg(picture: &Picture, watch: Watch<'_>) -> Result<Vec<u8>, ThumbnailError> {
    let longest = picture.width.max(picture.height);
    if longest > MAX_JPEG_SIDE {
        return Err(ThumbnailError::TooLongForJpeg(longest));
    }
    let mut output = WatchedOutput::new(usize::MAX, watch);
    let colours = match picture.colours {
        Colours::Grey => ExtendedColorType::L8,
        _ => ExtendedColorType::Rgb8,
    };
    let written = JpegEncoder::new_with_quality(&mut output, JPEG_QUALITY).encode(
        &picture.bytes,
        picture.width,
        picture.height,
        colours,
    );
    watch.look()?;
    written.map_err(|error| ThumbnailError::Internal(error.to_string()))?;
    Ok(output.bytes)
}

fn webp(picture: &Picture, watch: Watch<'_>) -> Result<Vec<u8>, ThumbnailError> {
    let (width, height) = (picture.width, picture.height);
    // A picture within this number of pixels has no side longer than the format's 16384.
    if u64::from(width) * u64::from(height) > MAX_WEBP_PIXELS || width.max(height) > 16_384 {
        return Err(ThumbnailError::TooManyPixelsForWebP { width, height });
    }
    let colours = match picture.colours {
        Colours::Grey => image_webp::ColorType::L8,
        Colours::GreyAlpha => image_webp::ColorType::La8,
        Colours::Rgba => image_webp::ColorType::Rgba8,
        Colours::Rgb | Colours::Cmyk => image_webp::ColorType::Rgb8,
    };
    let mut file = Vec::new();
    WebPEncoder::new(&mut file)
        .encode(&picture.bytes, width, height, colours)
        .map_err(|error| ThumbnailError::Internal(error.to_string()))?;
    watch.look()?;
    Ok(file)
}

/// The picture on a white background.
fn on_white(picture: Picture, watch: Watch<'_>) -> Result<Picture, ThumbnailError> {
    let colours = match picture.colours {
        Colours::GreyAlpha => Colours::Grey,
        Colours::Rgba => Colours::Rgb,
        _ => return Ok(picture),
    };
    let mut paper = Picture::new(picture.width, picture.height, colours)?;
    let channels = colours.channels();
    let rows = rows_at_once(picture.row_bytes());
    let (from, to) = (rows * picture.row_bytes(), rows * paper.row_bytes());
    for (from, to) in picture.bytes.chunks(from).zip(paper.bytes.chunks_mut(to)) {
        watch.look()?;
        let pixels = from.chunks_exact(channels + 1);
        for (pixel, on_paper) in pixels.zip(to.chunks_exact_mut(channels)) {
            for (channel, seen) in pixel.iter().zip(on_paper) {
                *seen = over_white(*channel, pixel[channels]);
            }
        }
    }
    Ok(paper)
}

/// One channel of a colour seen through its alpha, with white behind it.
fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    // The weighted mean of two bytes is a byte.
    ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
