//! The exported function, called without a JVM on images that the test encodes.

use crate::pictures::{
    BLUE, CORNERS, GREEN, RED, WHITE, animated_gif, assert_corners, corners, encoded,
    with_exif_chunk, with_exif_orientation,
};
use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use thumbnails::{ThumbnailError, thumbnail};

fn never() -> bool {
    false
}

fn make(image: impl Into<Bytes>, width: i32, height: Option<i32>, format: &str) -> DynamicImage {
    let file = thumbnail(image.into(), width, height, format, &never).expect("a thumbnail");
    let expected = match format {
        "png" => ImageFormat::Png,
        "webp" => ImageFormat::WebP,
        _ => ImageFormat::Jpeg,
    };
    assert_eq!(
        image::guess_format(&file).expect("a known format"),
        expected
    );
    image::load_from_memory(&file).expect("a readable thumbnail")
}

fn refuse(
    image: impl Into<Bytes>,
    width: i32,
    height: Option<i32>,
    format: &str,
) -> ThumbnailError {
    let error = thumbnail(image.into(), width, height, format, &never).expect_err("an error");
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}: ", error.code())),
        "{error}"
    );
    error
}

#[test]
fn every_input_format_becomes_every_output_format() {
    let formats = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ];
    for input in formats {
        for output in ["png", "jpeg", "webp"] {
            let small = make(encoded(&corners(400, 200), input), 100, None, output);
            assert_eq!(
                (small.width(), small.height()),
                (100, 50),
                "{input:?} to {output}"
            );
            assert_corners(&small, CORNERS, 24);
        }
    }
}

#[test]
fn fits_the_frame_and_keeps_the_aspect_ratio() {
    let file = encoded(&corners(400, 200), ImageFormat::Png);
    for (width, height, expected) in [
        (100, None, (100, 50)),
        (100, Some(100), (100, 50)),
        (100, Some(25), (50, 25)),
        (33, None, (33, 17)),
        (400, None, (400, 200)),
    ] {
        let small = make(file.clone(), width, height, "png");
        assert_eq!((small.width(), small.height()), expected);
    }
}

#[test]
fn never_enlarges() {
    let small = make(
        encoded(&corners(40, 20), ImageFormat::Png),
        1000,
        Some(1000),
        "png",
    );
    assert_eq!((small.width(), small.height()), (40, 20));
}

#[test]
fn a_thin_picture_keeps_at_least_one_pixel() {
    let small = make(
        encoded(&corners(3000, 2), ImageFormat::Png),
        100,
        None,
        "png",
    );
    assert_eq!((small.width(), small.height()), (100, 1));
}

#[test]
fn exif_orientation_is_applied_for_all_eight_values() {
    let [top_left, top_right, bottom_left, bottom_right] = CORNERS;
    let file = encoded(&corners(400, 200), ImageFormat::Jpeg);
    for (orientation, upright) in [
        (1, [top_left, top_right, bottom_left, bottom_right]),
        (2, [top_right, top_left, bottom_right, bottom_left]),
        (3, [bottom_right, bottom_left, top_right, top_left]),
        (4, [bottom_left, bottom_right, top_left, top_right]),
        (5, [top_left, bottom_left, top_right, bottom_right]),
        (6, [bottom_left, top_left, bottom_right, top_right]),
        (7, [bottom_right, top_right, bottom_left, top_left]),
        (8, [top_right, bottom_right, top_left, bottom_left]),
    ] {
        let small = make(with_exif_orientation(&file, orientation), 50, None, "png");
        let expected = if orientation < 5 { (50, 25) } else { (50, 100) };
        assert_eq!(
            (small.width(), small.height()),
            expected,
            "orientation {orientation}"
        );
        assert_corners(&small, upright, 24);
    }
}

#[test]
fn transparent_parts_stay_in_png_and_become_white_in_jpeg() {
    let half = RgbaImage::from_fn(200, 100, |x, _| {
        Rgba([220, 30, 30, if x < 100 { 255 } else { 0 }])
    });
    let file = encoded(&half.into(), ImageFormat::Png);
    let png = make(file.clone(), 50, None, "png").into_rgba8();
    assert_eq!(png.get_pixel(5, 12).0, [220, 30, 30, 255]);
    assert_eq!(png.get_pixel(45, 12).0[3], 0);
    let jpeg = make(file, 50, None, "jpeg");
    assert_corners(&jpeg, [RED, WHITE, RED, WHITE], 24);
}

#[test]
fn grey_and_sixteen_bit_pictures_keep_their_kind_of_colours() {
    let colours = corners(200, 100);
    for (picture, channels) in [
        (DynamicImage::from(colours.to_luma8()), 1),
        (colours.to_luma16().into(), 1),
        (colours.to_luma_alpha8().into(), 2),
        (colours.to_luma_alpha16().into(), 2),
        (colours.to_rgb16().into(), 3),
        (colours.to_rgba16().into(), 4),
    ] {
        let file = encoded(&picture, ImageFormat::Png);
        let png = make(file.clone(), 50, None, "png");
        assert_eq!(png.color().channel_count(), channels);
        assert_eq!(png.color().bytes_per_pixel(), channels);
        let jpeg = make(file, 50, None, "jpeg");
        assert_eq!(
            jpeg.color().channel_count(),
            if channels < 3 { 1 } else { 3 }
        );
    }
}

#[test]
fn the_first_frame_of_an_animation_counts() {
    let small = make(animated_gif(120, 60, &[GREEN, BLUE]), 30, None, "png");
    assert_eq!((small.width(), small.height()), (30, 15));
    assert_corners(&small, [GREEN; 4], 8);
}

#[test]
fn bytes_that_are_no_image_are_refused() {
    for bytes in [
        &b""[..],
        b"x",
        b"hello, this is no image at all",
        &[0; 4096],
    ] {
        assert_eq!(
            refuse(bytes.to_vec(), 10, None, "png").code(),
            "not_an_image"
        );
    }
}

#[test]
fn an_embedded_preview_does_not_pass_for_the_end_of_the_picture() {
    let preview = encoded(&corners(16, 8), ImageFormat::Jpeg);
    let whole = crate::pictures::with_segment(
        &encoded(&crate::pictures::noise(64, 48), ImageFormat::Jpeg),
        0xE1,
        &preview,
    );
    make(whole.clone(), 16, None, "png");
    let cut = whole[..whole.len() - 200].to_vec();
    assert_eq!(refuse(cut, 16, None, "png").code(), "damaged_image");
}

#[test]
fn bytes_behind_the_picture_do_no_harm() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let mut file = encoded(&corners(64, 32), format);
        file.extend_from_slice(b"trailing bytes of some other program");
        assert_corners(&make(file, 16, None, "png"), CORNERS, 24);
    }
}

#[test]
fn declared_dimensions_over_the_limit_are_refused_before_decoding() {
    for (format, bomb) in [
        (
            ImageFormat::Png,
            crate::pictures::png_that_claims(30_000, 30_000),
        ),
        (
            ImageFormat::Png,
            crate::pictures::png_that_claims(2_000_000_000, 2_000_000_000),
        ),
        (
            ImageFormat::Gif,
            crate::pictures::gif_that_claims(65_535, 65_535),
        ),
        (
            ImageFormat::Jpeg,
            crate::pictures::jpeg_that_claims(65_535, 65_535),
        ),
        (
            ImageFormat::WebP,
            crate::pictures::webp_that_claims(16_000, 16_000),
        ),
    ] {
        let error = refuse(bomb, 10, None, "png");
        assert_eq!(error.code(), "too_many_pixels", "{format:?}: {error}");
    }
}

#[test]
fn a_webp_chunk_that_claims_more_than_the_file_holds_is_not_believed() {
    let simple = encoded(&corners(64, 32), ImageFormat::WebP);
    let exif = crate::pictures::exif_orientation(6);
    let honest = with_exif_chunk(&simple, (64, 32), exif.len() as u32, &exif);
    let small = make(honest, 16, None, "png");
    assert_eq!((small.width(), small.height()), (16, 32));
    let liar = with_exif_chunk(&simple, (64, 32), u32::MAX - 64, &exif);
    // The pixels are all there, and no memory is reserved for the bytes that are missing.
    let small = make(liar, 16, None, "png");
    assert_eq!((small.width(), small.height()), (16, 8));
}

#[test]
fn a_bad_request_is_refused_without_looking_at_the_image() {
    for width in [0, -1, i32::MIN] {
        assert_eq!(refuse(Bytes::new(), width, None, "png").code(), "bad_width");
    }
    assert_eq!(refuse(Bytes::new(), 1, Some(0), "png").code(), "bad_height");
    for format in ["", "gif", "PNG", "jpg", "png "] {
        assert_eq!(refuse(Bytes::new(), 1, None, format).code(), "bad_format");
    }
}

#[test]
fn mutated_files_never_panic() {
    let mut random = crate::pictures::Random::new(7);
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let whole = encoded(&crate::pictures::noise(24, 16), format);
        for _ in 0..400 {
            let mut file = whole.clone();
            for _ in 0..1 + random.below(4) {
                let at = random.below(file.len());
                file[at] = random.below(256) as u8;
            }
            file.truncate(file.len() - random.below(file.len() / 4));
            // Any outcome is right, as long as there is one: the decoder must not panic.
            let _ = thumbnail(file.into(), 8, Some(8), "jpeg", &never);
        }
    }
}
