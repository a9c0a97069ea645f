//! Images made in memory: real ones, oversized ones, animated ones, and the metadata that cameras write.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
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

/// A photo's stand-in: smooth shades with a little noise.
pub(crate) fn photo(width: u32, height: u32) -> DynamicImage {
    let mut random = Random::new(7);
    RgbImage::from_fn(width, height, |x, y| {
        let mut shade = |by: u32, of: u32| (40 + 160 * by / of) as u8 + random_below(&mut random);
        Rgb([
            shade(x, width),
            shade(y, height),
            shade(x + y, width + height),
        ])
    })
    .into()
}

fn random_below(random: &mut Random) -> u8 {
    random.below(16) as u8
}

/// A file of one colour in as many channels as given, with the value of each, as a JPEG file has it.
pub(crate) fn flat_jpeg(channels: &[u8]) -> Vec<u8> {
    let count = channels.len() as u8;
    let mut file = vec![0xFF, 0xD8];
    let mut segment = |marker: u8, contents: &[u8]| {
        file.extend([0xFF, marker]);
        file.extend((contents.len() as u16 + 2).to_be_bytes());
        file.extend(contents);
    };
    if count == 4 {
        // Adobe's mark: inks as they are, no luminance.
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\0");
    }
    segment(0xDB, &[&[0][..], &[1; 64]].concat());
    let names = (1..=count).flat_map(|id| [id, 0x11, 0]);
    segment(
        0xC0,
        &[&[8, 0, 8, 0, 8, count][..], &names.collect::<Vec<_>>()].concat(),
    );
    // Twelve sizes of a difference in four bits each, and one bit for the end of a block.
    let sizes: Vec<u8> = (0..12).collect();
    segment(0xC4, &[&[0, 0, 0, 0, 12][..], &[0; 12], &sizes].concat());
    segment(0xC4, &[&[0x10, 1][..], &[0; 15], &[0]].concat());
    let names = (1..=count).flat_map(|id| [id, 0]);
    segment(
        0xDA,
        &[&[count][..], &names.collect::<Vec<_>>(), &[0, 63, 0]].concat(),
    );
    let mut bits = Vec::new();
    for &channel in channels {
        let level = (i32::from(channel) - 128) * 8;
        let size = (32 - level.unsigned_abs().leading_zeros()) as usize;
        bits.extend((0..4).rev().map(|bit| size >> bit & 1 == 1));
        let value = if level < 0 { level - 1 } else { level };
        bits.extend((0..size).rev().map(|bit| value >> bit & 1 == 1));
        bits.push(false);
    }
    while bits.len() % 8 != 0 {
        bits.push(true);
    }
    for byte in bits.chunks(8) {
        let byte = byte.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
        file.push(byte);
        if byte == 0xFF {
            file.push(0);
        }
    }
    file.extend([0xFF, 0xD9]);
    file
}

/// The JPEG with a colour profile, in as many segments as it needs.
pub(crate) fn with_jpeg_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = profile.chunks(60_000).collect();
    let count = pieces.len() as u8;
    // Each goes right behind the start marker, the last one first.
    (1..=count)
        .zip(&pieces)
        .rev()
        .fold(jpeg.to_vec(), |file, (number, piece)| {
            let contents = [b"ICC_PROFILE\0", &[number, count][..], piece].concat();
            with_segment(&file, 0xE2, &contents)
        })
}

/// A CMYK profile in which the first ink is red and the others do nothing.
pub(crate) fn profile_of_red_ink() -> Vec<u8> {
    let white = [255, 128, 128];
    let red = [136, 209, 198];
    let mut table = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for row in 0..3 {
        for column in 0..3 {
            table.extend((u32::from(row == column) << 16).to_be_bytes());
        }
    }
    let linear = 0..=u8::MAX;
    table.extend((0..4).flat_map(|_| linear.clone()));
    table.extend((0..16).flat_map(|node| if node & 8 == 0 { white } else { red }));
    table.extend((0..3).flat_map(|_| linear.clone()));
    let white_point = b"XYZ \0\0\0\0\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D";
    let tags: [(&[u8; 4], &[u8]); 2] = [(b"A2B0", &table), (b"wtpt", white_point)];

    let mut profile = vec![0; 128];
    profile[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    profile[12..24].copy_from_slice(b"prtrCMYKLab ");
    profile[36..40].copy_from_slice(b"acsp");
    profile[68..80].copy_from_slice(b"\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D");
    profile.extend((tags.len() as u32).to_be_bytes());
    let mut at = 128 + 4 + 12 * tags.len();
    for (name, contents) in tags {
        profile.extend(*name);
        profile.extend((at as u32).to_be_bytes());
        profile.extend((contents.len() as u32).to_be_bytes());
        at += contents.len();
    }
    profile.extend(tags.iter().flat_map(|(_, contents)| contents.iter()));
    with_length(profile)
}

/// The profile with its length in its head.
pub(crate) fn with_length(mut profile: Vec<u8>) -> Vec<u8> {
    let length = (profile.len() as u32).to_be_bytes();
    profile[..4].copy_from_slice(&length);
    profile
}

/// A PNG or WebP of the picture with a colour profile.
pub(crate) fn with_profile(picture: &DynamicImage, profile: &[u8], format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = picture.dimensions();
    let colours = picture.color().into();
    let profile = profile.to_vec();
    let written = if format == ImageFormat::Png {
        let mut encoder = PngEncoder::new(&mut file);
        encoder.set_icc_profile(profile).expect("a profile");
        encoder.write_image(picture.as_bytes(), width, height, colours)
    } else {
        let mut encoder = WebPEncoder::new_lossless(&mut file);
        encoder.set_icc_profile(profile).expect("a profile");
        encoder.write_image(picture.as_bytes(), width, height, colours)
    };
    written.expect("an encodable picture");
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
