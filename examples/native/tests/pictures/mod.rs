//! Images made in memory: real ones, oversized ones, animated ones, and the metadata that cameras write.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::{
    DynamicImage, Frame, GenericImageView, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba,
};

/// A colour.
pub(crate) type Colour = [u8; 3];

pub(crate) const RED: Colour = [220, 30, 30];
pub(crate) const GREEN: Colour = [30, 180, 60];
pub(crate) const BLUE: Colour = [40, 60, 210];
pub(crate) const YELLOW: Colour = [240, 220, 40];
pub(crate) const WHITE: Colour = [255, 255, 255];

/// The quarters of [`corners`]: top left, top right, bottom left, bottom right.
pub(crate) const CORNERS: [Colour; 4] = [RED, GREEN, BLUE, YELLOW];

/// A picture of four quarters, each of its own colour, so that a turn or flip shows.
pub(crate) fn corners(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(CORNERS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)])
    })
    .into()
}

/// Checks the middle of each quarter, channel by channel.
pub(crate) fn assert_corners(picture: &DynamicImage, expected: [Colour; 4], tolerance: u8) {
    let (width, height) = picture.dimensions();
    for (index, expected) in expected.into_iter().enumerate() {
        let x = width * (1 + 2 * (index as u32 % 2)) / 4;
        let y = height * (1 + 2 * (index as u32 / 2)) / 4;
        let Rgba([red, green, blue, _]) = picture.get_pixel(x, y);
        let near = expected
            .iter()
            .zip([red, green, blue])
            .all(|(a, b)| a.abs_diff(b) <= tolerance);
        assert!(
            near,
            "quarter {index}: {:?} instead of {expected:?}",
            [red, green, blue]
        );
    }
}

/// A picture that does not compress.
pub(crate) fn noise(width: u32, height: u32) -> DynamicImage {
    let mut random = Random::new(42);
    RgbImage::from_fn(width, height, |_, _| {
        Rgb(std::array::from_fn(|_| random.below(256) as u8))
    })
    .into()
}

pub(crate) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture
        .write_to(&mut file, format)
        .expect("an encodable picture");
    file.into_inner()
}

pub(crate) fn animated_gif(width: u32, height: u32, frames: &[Colour]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    for &[red, green, blue] in frames {
        let picture = image::RgbaImage::from_pixel(width, height, Rgba([red, green, blue, 255]));
        encoder
            .encode_frame(Frame::new(picture))
            .expect("an encodable frame");
    }
    drop(encoder);
    file
}

/// The JPEG with one more segment right behind its start marker.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).expect("a short segment");
    let (start, rest) = jpeg.split_at(2);
    [
        start,
        &[0xFF, marker],
        &length.to_be_bytes(),
        contents,
        rest,
    ]
    .concat()
}

/// The JPEG with an EXIF segment that holds nothing but the orientation.
pub(crate) fn with_exif_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    with_segment(
        jpeg,
        0xE1,
        &[b"Exif\0\0", &exif_orientation(orientation)[..]].concat(),
    )
}

/// EXIF data that holds nothing but the orientation.
pub(crate) fn exif_orientation(orientation: u8) -> Vec<u8> {
    let tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    [b"MM\0\x2A\0\0\0\x08\0\x01", &tag[..], &[0; 4]].concat()
}

/// A PNG of the picture with a profile that says which kind of colours it describes, and nothing else.
pub(crate) fn with_icc_profile(picture: &DynamicImage, colours: &[u8; 4]) -> Vec<u8> {
    let mut profile = vec![0; 128];
    profile[16..20].copy_from_slice(colours);
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder
        .set_icc_profile(profile)
        .expect("profiles are supported");
    encoder
        .write_image(
            picture.as_bytes(),
            picture.width(),
            picture.height(),
            picture.color().into(),
        )
        .expect("an encodable picture");
    file
}

/// A PNG whose header claims the size; there are hardly any pixels behind it.
pub(crate) fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut file = encoded(&corners(8, 8), ImageFormat::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&checksum.to_be_bytes());
    file
}

pub(crate) fn gif_that_claims(width: u16, height: u16) -> Vec<u8> {
    let mut file = encoded(&corners(8, 8), ImageFormat::Gif);
    file[6..8].copy_from_slice(&width.to_le_bytes());
    file[8..10].copy_from_slice(&height.to_le_bytes());
    file
}

pub(crate) fn jpeg_that_claims(width: u16, height: u16) -> Vec<u8> {
    let mut file = encoded(&corners(8, 8), ImageFormat::Jpeg);
    let frame = file
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .expect("a frame header");
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// A lossless WebP whose bit stream claims the size.
pub(crate) fn webp_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut file = encoded(&corners(8, 8), ImageFormat::WebP);
    let header = file
        .windows(4)
        .position(|tag| tag == b"VP8L")
        .expect("a lossless stream")
        + 9;
    let claimed = (width - 1) | (height - 1) << 14;
    file[header..header + 4].copy_from_slice(&claimed.to_le_bytes());
    file
}

/// The simple WebP in the extended form, with an EXIF chunk whose header claims `claimed` bytes.
pub(crate) fn with_exif_chunk(webp: &[u8], size: (u8, u8), claimed: u32, exif: &[u8]) -> Vec<u8> {
    let (width, height) = (size.0 - 1, size.1 - 1);
    let extended = [0b1000, 0, 0, 0, width, 0, 0, height, 0, 0];
    let mut chunks = [b"WEBPVP8X\x0A\0\0\0", &extended[..], &webp[12..], b"EXIF"].concat();
    chunks.extend_from_slice(&claimed.to_le_bytes());
    chunks.extend_from_slice(exif);
    let length = u32::try_from(chunks.len()).expect("a short file");
    [b"RIFF", &length.to_le_bytes()[..], &chunks].concat()
}

/// The checksum of a PNG chunk, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

/// Reproducible random numbers (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
