//! JPEG files.
//!
//! The decoder accepts a truncated file: after the end marker it reads zeros, and paints the rest of the picture in one
//! colour. So it is given a file with another end: where the last scan's data ends, as many one bits follow as no
//! Huffman code consists of. A decoder that needs one more pixel than the file holds reads a code there, and fails. So
//! nothing depends on the end marker itself, which some writers omit, and others put where they stopped.

use std::cell::Cell;

use zune_core::bytestream::{ZByteIoError, ZByteReaderTrait, ZSeekFrom};
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{Decoded, InputFormat, orientation_of};
use crate::colour;
use crate::error::ThumbnailError;
use crate::picture::{Colours, Picture, check_size};
use crate::watch::Watch;

const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// A byte of one bits, in the encoding of entropy-coded data.
const ONES: [u8; 2] = [0xFF, 0x00];

/// The decoder reads ahead 8 bytes at most; a Huffman code has 16 bits at most.
const ONES_AT_END: usize = 32;

pub(super) fn decode(file: &[u8], watch: Watch<'_>) -> Result<Decoded, ThumbnailError> {
    let outline = Outline::of(file)?;
    let furthest = Cell::new(0);
    let source = Source {
        bytes: &outline.bytes,
        at: 0,
        next_look: 0,
        furthest: &furthest,
        watch,
    };
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(source, options);
    let explain = |error| explain(error, furthest.get() > outline.data_end, outline.has_end);
    decoder.decode_headers().map_err(explain)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::Unknown);
    let (colours, wanted) = match stored {
        ColorSpace::Luma => (Colours::Grey, ColorSpace::Luma),
        ColorSpace::YCbCr | ColorSpace::RGB => (Colours::Rgb, ColorSpace::RGB),
        ColorSpace::CMYK | ColorSpace::YCCK => (Colours::Cmyk, stored),
        other => {
            return Err(ThumbnailError::UnsupportedVariant {
                format: InputFormat::Jpeg,
                detail: format!("its colours are {other:?}"),
            });
        }
    };
    // The format has sixteen bits for each side.
    let (width, height) = (width as u32, height as u32);
    check_size(width, height, colours)?;
    if !outline.covers_all_components() {
        return Err(missing(outline.has_end));
    }
    let orientation = orientation_of(decoder.exif().map(Vec::as_slice));
    let profile = decoder
        .icc_profile()
        .and_then(|icc| colour::profile_of(&icc));
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let mut picture = Picture::new(width, height, colours)?;
    decoder.decode_into(&mut picture.bytes).map_err(explain)?;
    if stored == ColorSpace::YCCK {
        inks_of_ycck(&mut picture, watch)?;
    }
    Ok(Decoded {
        picture,
        orientation,
        profile,
    })
}

fn missing(has_end: bool) -> ThumbnailError {
    ThumbnailError::Truncated {
        format: InputFormat::Jpeg,
        has_end,
    }
}

fn explain(error: DecodeErrors, read_past_data: bool, has_end: bool) -> ThumbnailError {
    match error {
        DecodeErrors::Unsupported(scheme) => ThumbnailError::UnsupportedVariant {
            format: InputFormat::Jpeg,
            detail: format!("{scheme:?}"),
        },
        DecodeErrors::ExhaustedData => missing(has_end),
        _ if read_past_data => missing(has_end),
        other => ThumbnailError::Damaged {
            format: InputFormat::Jpeg,
            detail: format!("{other:?}").trim().to_owned(),
        },
    }
}

/// Converts luminance and chrominance into three inks; the fourth ink is stored as it is.
fn inks_of_ycck(picture: &mut Picture, watch: Watch<'_>) -> Result<(), ThumbnailError> {
    let strip = picture.strip_bytes();
    for strip in picture.bytes.chunks_mut(strip) {
        watch.look()?;
        for pixel in strip.chunks_exact_mut(4) {
            let y = f32::from(pixel[0]);
            let (cb, cr) = (f32::from(pixel[1]) - 128.0, f32::from(pixel[2]) - 128.0);
            let rgb = [
                y + 1.402 * cr,
                y - 0.344_136 * cb - 0.714_136 * cr,
                y + 1.772 * cb,
            ];
            for (ink, value) in pixel.iter_mut().zip(rgb) {
                // A conversion to an integer stays within its range.
                *ink = 255 - value.round() as u8;
            }
        }
    }
    Ok(())
}

/// A file's outline, and its bytes with an end at which the decoder fails if pixels are missing.
struct Outline {
    bytes: Vec<u8>,
    /// Where in `bytes` the last scan's data ends.
    data_end: usize,
    /// Whether the file has an end marker.
    has_end: bool,
    is_progressive: bool,
    components: Vec<Component>,
}

/// What the scans contain of one component.
struct Component {
    id: u8,
    /// For each coefficient, the number of its low bits that no scan has yet brought; none if no scan had the
    /// coefficient.
    low_bits: [Option<u8>; 64],
}

impl Outline {
    /// Walks from marker to marker. An embedded preview's markers lie inside a segment, which is skipped.
    fn of(file: &[u8]) -> Result<Outline, ThumbnailError> {
        let mut outline = Outline {
            bytes: Vec::with_capacity(file.len() + 2 * ONES_AT_END + 2),
            data_end: 0,
            has_end: false,
            is_progressive: false,
            components: Vec::new(),
        };
        let mut rest = file;
        while let Some((code, behind)) = next_marker(rest) {
            match code {
                0xD9 => {
                    outline.has_end = true;
                    break;
                }
                0xD8 | 0x01 => {
                    outline.bytes.extend([0xFF, code]);
                    rest = behind;
                }
                // The scan goes on behind bytes that do not belong into it.
                0x00 | 0xD0..=0xD7 => rest = behind,
                _ => {
                    let length = behind
                        .first_chunk()
                        .map(|length| usize::from(u16::from_be_bytes(*length)));
                    let Some(segment) = length.and_then(|length| behind.get(..length)) else {
                        break;
                    };
                    rest = &behind[segment.len()..];
                    outline.bytes.extend([0xFF, code]);
                    outline.bytes.extend(segment);
                    match code {
                        0xC0..=0xCF if !matches!(code, 0xC4 | 0xC8 | 0xCC) => {
                            outline.frame(code, segment);
                        }
                        0xDA => {
                            outline.scan(segment);
                            let length = scan_length(rest);
                            outline.bytes.extend(&rest[..length]);
                            outline.data_end = outline.bytes.len();
                            rest = &rest[length..];
                        }
                        _ => {}
                    }
                }
            }
        }
        if outline.data_end == 0 {
            return Err(missing(outline.has_end));
        }
        outline.bytes.truncate(outline.data_end);
        for _ in 0..ONES_AT_END {
            outline.bytes.extend(ONES);
        }
        outline.bytes.extend(END_OF_IMAGE);
        Ok(outline)
    }

    fn frame(&mut self, code: u8, segment: &[u8]) {
        self.is_progressive = matches!(code & 3, 2);
        self.components = segment
            .get(8..)
            .unwrap_or_default()
            .chunks_exact(3)
            .map(|component| Component {
                id: component[0],
                low_bits: [None; 64],
            })
            .collect();
    }

    fn scan(&mut self, segment: &[u8]) {
        let Some(&count) = segment.get(2) else {
            return;
        };
        let names = segment.get(3..).unwrap_or_default();
        let names = names.chunks_exact(2).take(usize::from(count));
        let behind = 3 + 2 * usize::from(count);
        let (first, last, low) = match segment.get(behind..behind + 3) {
            Some(&[first, last, bits]) if self.is_progressive => (first, last.min(63), bits & 15),
            _ => (0, 63, 0),
        };
        for name in names {
            let named = |component: &&mut Component| component.id == name[0];
            if let Some(component) = self.components.iter_mut().find(named) {
                for position in first..=last {
                    component.low_bits[usize::from(position)] = Some(low);
                }
            }
        }
    }

    /// Whether each component had a scan. Without an end marker, which may be missing together with whole scans,
    /// whether each bit of each coefficient had one.
    fn covers_all_components(&self) -> bool {
        self.components.iter().all(|component| {
            component.low_bits[0].is_some()
                && (self.has_end || component.low_bits.iter().all(|bits| *bits == Some(0)))
        })
    }
}

/// The next marker's code and the bytes behind it.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let ff = bytes.iter().position(|&byte| byte == 0xFF)?;
    let behind = &bytes[ff..];
    let code = behind.iter().position(|&byte| byte != 0xFF)?;
    Some((behind[code], &behind[code + 1..]))
}

/// The length of a scan's data, which ends at the first marker that does not belong into it.
fn scan_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(ff) = bytes[at..].iter().position(|&byte| byte == 0xFF) {
        at += ff;
        match bytes.get(at + 1) {
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            // A lone last byte is the first half of a marker or of an escaped byte.
            _ => return at,
        }
    }
    bytes.len()
}

/// The bytes as the decoder reads them, until the work is cancelled.
struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
    next_look: usize,
    furthest: &'a Cell<usize>,
    watch: Watch<'a>,
}

impl Source<'_> {
    /// A few bytes of a progressive file may stand for all of its pixels.
    const PIECE: usize = 256;

    fn check(&mut self) -> Result<(), ZByteIoError> {
        if self.at >= self.next_look {
            if self.watch.is_cancelled() {
                return Err(ZByteIoError::Generic("cancelled"));
            }
            self.next_look = self.at + Self::PIECE;
            self.furthest.set(self.furthest.get().max(self.at));
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

impl ZByteReaderTrait for Source<'_> {
    #[inline(always)]
    fn read_byte_no_error(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    #[inline(always)]
    fn read_exact_bytes(&mut self, into: &mut [u8]) -> Result<(), ZByteIoError> {
        self.check()?;
        let Some(bytes) = self.rest().get(..into.len()) else {
            return Err(ZByteIoError::NotEnoughBytes(self.rest().len(), into.len()));
        };
        into.copy_from_slice(bytes);
        self.at += into.len();
        Ok(())
    }

    fn read_bytes(&mut self, into: &mut [u8]) -> Result<usize, ZByteIoError> {
        let length = self.peek_bytes(into)?;
        self.at += length;
        Ok(length)
    }

    fn peek_bytes(&mut self, into: &mut [u8]) -> Result<usize, ZByteIoError> {
        self.check()?;
        let length = into.len().min(self.rest().len());
        into[..length].copy_from_slice(&self.rest()[..length]);
        Ok(length)
    }

    fn peek_exact_bytes(&mut self, into: &mut [u8]) -> Result<(), ZByteIoError> {
        self.read_exact_bytes(into)?;
        self.at -= into.len();
        Ok(())
    }

    fn z_seek(&mut self, to: ZSeekFrom) -> Result<u64, ZByteIoError> {
        let to = match to {
            ZSeekFrom::Start(at) => usize::try_from(at).ok(),
            ZSeekFrom::End(by) => self.bytes.len().checked_add_signed(by as isize),
            ZSeekFrom::Current(by) => self.at.checked_add_signed(by as isize),
        };
        self.at = to.ok_or(ZByteIoError::SeekError("outside of the file"))?;
        Ok(self.at as u64)
    }

    fn is_eof(&mut self) -> Result<bool, ZByteIoError> {
        self.check()?;
        self.furthest.set(self.furthest.get().max(self.at));
        Ok(self.at >= self.bytes.len())
    }

    fn z_position(&mut self) -> Result<u64, ZByteIoError> {
        Ok(self.at as u64)
    }

    fn read_remaining(&mut self, into: &mut Vec<u8>) -> Result<usize, ZByteIoError> {
        let length = self.rest().len();
        into.extend_from_slice(self.rest());
        self.at += length;
        Ok(length)
    }
}
