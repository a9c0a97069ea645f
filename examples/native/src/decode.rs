//! From an encoded file to pixels, within limits that hold before the first pixel is decoded.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use bytes::Bytes;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::container;
use crate::error::ThumbnailError;

/// The most pixels an image may declare: a little more than the cameras of today's phones make.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The most memory the pixels of one decoded image may take, in bytes: [`MAX_PIXELS`] of four bytes each fit. A
/// progressive JPEG needs up to three times its pixels' memory on top while it is decoded.
pub const MAX_DECODED_BYTES: u64 = 256 << 20;

/// An image as decoded: not yet turned upright.
pub(crate) struct Picture {
    pub(crate) pixels: DynamicImage,
    /// How the pixels have to be turned to stand upright.
    pub(crate) orientation: Orientation,
    /// The embedded ICC profile, if it has one.
    pub(crate) colour_profile: Option<Vec<u8>>,
}

/// Decodes the first frame of `file`.
pub(crate) fn decode(file: Bytes, cancelled: &dyn Fn() -> bool) -> Result<Picture, ThumbnailError> {
    let format = recognise(&file)?;
    if !container::is_complete(format, &file) {
        return Err(ThumbnailError::Truncated(format));
    }
    let explain = |error| explain(error, format, cancelled());
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let source = Interruptible {
        file: Cursor::new(file),
        cancelled,
    };
    let mut reader = ImageReader::with_format(source, format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(explain)?;

    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ThumbnailError::TooManyPixels { width, height });
    }
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(ThumbnailError::TooMuchMemory);
    }
    // A photo whose metadata is broken is still a photo.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let colour_profile = decoder.icc_profile().unwrap_or(None);
    let pixels = DynamicImage::from_decoder(decoder).map_err(explain)?;
    Ok(Picture {
        pixels,
        orientation,
        colour_profile,
    })
}

/// Names the format by the file's first bytes.
fn recognise(file: &[u8]) -> Result<ImageFormat, ThumbnailError> {
    match image::guess_format(file) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif),
        ) => Ok(format),
        Ok(other) => Err(ThumbnailError::UnsupportedFormat(other)),
        Err(_) => Err(ThumbnailError::NotAnImage),
    }
}

/// Turns what a decoder says into this crate's error.
fn explain(error: ImageError, format: ImageFormat, cancelled: bool) -> ThumbnailError {
    match error {
        _ if cancelled => ThumbnailError::Cancelled,
        ImageError::Limits(_) => ThumbnailError::TooMuchMemory,
        ImageError::Unsupported(unsupported) => ThumbnailError::UnsupportedVariant {
            format,
            detail: unsupported.to_string(),
        },
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            ThumbnailError::Truncated(format)
        }
        other => ThumbnailError::Damaged {
            format,
            detail: other.to_string(),
        },
    }
}

/// The file as a decoder reads it, piece by piece, until the work is cancelled: the only way to stop a decoder.
struct Interruptible<'a> {
    file: Cursor<Bytes>,
    cancelled: &'a dyn Fn() -> bool,
}

impl Interruptible<'_> {
    /// The most bytes handed out at once, so that a long file is not read in one go.
    const PIECE: usize = 16 * 1024;

    fn check(&self) -> io::Result<()> {
        if (self.cancelled)() {
            Err(io::Error::other("cancelled"))
        } else {
            Ok(())
        }
    }
}

impl Read for Interruptible<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.file.read(into)
    }
}

impl BufRead for Interruptible<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        let available = self.file.fill_buf()?;
        Ok(&available[..available.len().min(Self::PIECE)])
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
    }
}

impl Seek for Interruptible<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
