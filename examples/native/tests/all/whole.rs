//! Whether a file is complete is decided by its decoder, and what colours it has by its profile.

use crate::pictures::{
    Colour, corners, encoded, flat_jpeg, photo, with_jpeg_profile, with_profile,
};
use bytes::Bytes;
use image::{DynamicImage, GenericImageView, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use moxcms::ColorProfile;
use thumbnails::{ThumbnailError, thumbnail};

fn try_make(image: impl Into<Bytes>, width: i32, format: &str) -> Result<Bytes, ThumbnailError> {
    thumbnail(image.into(), width, None, format, &|| false)
}

fn make(image: impl Into<Bytes>, width: i32) -> DynamicImage {
    let file = try_make(image, width, "png").expect("a thumbnail");
    image::load_from_memory(&file).expect("a readable thumbnail")
}

fn assert_middle(picture: &DynamicImage, expected: Colour, tolerance: u8) {
    let pixel = picture
        .get_pixel(picture.width() / 2, picture.height() / 2)
        .0;
    let near = expected
        .iter()
        .zip(pixel)
        .all(|(a, b)| a.abs_diff(b) <= tolerance);
    assert!(near, "{pixel:?} instead of {expected:?}");
}

/// A profile is applied and then dropped, since the output is sRGB.
fn assert_without_profile(file: &Bytes) {
    let holds = |name: &[u8]| file.windows(name.len()).any(|bytes| bytes == name);
    assert!(!holds(b"iCCP") && !holds(b"ICC_PROFILE") && !holds(b"ICCP"));
}

#[test]
fn a_screen_of_no_size_is_as_large_as_its_frame() {
    let small = make(&include_bytes!("cases/gif-screen-0x0.gif")[..], 1000);
    assert_eq!(small.dimensions(), (40, 30));
}

#[test]
fn a_frame_may_reach_over_the_edge_of_its_screen() {
    let mut file = encoded(&corners(40, 30), ImageFormat::Gif);
    for (screen, expected) in [
        ((10, 60), (40, 60)),
        ((50, 5), (50, 30)),
        ((1, 1), (40, 30)),
        ((40, 0), (40, 30)),
    ] {
        file[6] = screen.0;
        file[8] = screen.1;
        assert_eq!(
            make(file.clone(), 1000).dimensions(),
            expected,
            "{screen:?}"
        );
    }
}

#[test]
fn a_file_that_lacks_only_its_end_marker_is_whole() {
    let file = include_bytes!("cases/jpeg-without-eoi.jpg");
    let whole = [&file[..], &[0xFF, 0xD9]].concat();
    let small = make(&file[..], 64);
    assert_eq!(small, make(whole, 64));
    let lowest = small.height() - 1;
    assert_ne!(small.get_pixel(5, lowest).0, [128, 128, 128, 255]);
}

#[test]
fn an_end_marker_in_place_of_pixels_makes_no_whole_file() {
    let file = include_bytes!("cases/jpeg-half-then-eoi.jpg");
    let error = try_make(&file[..], 64, "png").expect_err("half a picture");
    assert_eq!(error.code(), "damaged_image");
    assert!(
        error.to_string().contains("pixels before it are missing"),
        "{error}"
    );
}

/// Cuts each format's file at every byte, and puts an end marker in place of the rest: the result is the whole picture
/// or an error, never a part of the picture.
#[test]
fn no_part_of_a_picture_passes_for_all_of_it() {
    let picture = photo(40, 33);
    let progressive = include_bytes!("cases/progressive.jpg").to_vec();
    let end_of_png = &encoded(&picture, ImageFormat::Png);
    let end_of_png = &end_of_png[end_of_png.len() - 12..];
    let end_of_jpeg = &[0xFF, 0xD9][..];
    let grey = picture.to_luma8().into();
    let files = [
        ("png", encoded(&picture, ImageFormat::Png), end_of_png),
        ("gif", encoded(&picture, ImageFormat::Gif), &[0, 0x3B]),
        ("webp", encoded(&picture, ImageFormat::WebP), &[]),
        ("grey jpeg", encoded(&grey, ImageFormat::Jpeg), end_of_jpeg),
        ("jpeg", encoded(&picture, ImageFormat::Jpeg), end_of_jpeg),
        ("progressive jpeg", progressive, end_of_jpeg),
    ];
    for (name, file, end) in files {
        let whole = make(file.clone(), 1000);
        for length in 0..file.len() {
            let cut = &file[..length];
            let with_end = [cut, end].concat();
            for cut in [cut.to_vec(), with_end] {
                match try_make(cut, 1000, "png") {
                    Ok(made) => {
                        let made = image::load_from_memory(&made).expect("a thumbnail");
                        // A progressive file that ends behind a scan is a whole picture with fewer details.
                        let is_near = name == "progressive jpeg" && differ(&made, &whole) < 40;
                        assert!(is_near || made == whole, "{name} cut to {length}");
                    }
                    Err(error) => assert!(
                        matches!(error.code(), "damaged_image" | "not_an_image"),
                        "{name} cut to {length}: {error}"
                    ),
                }
            }
        }
    }
}

/// The largest difference of the means of corresponding rows.
fn differ(one: &DynamicImage, other: &DynamicImage) -> u32 {
    let mean = |picture: &DynamicImage, y: u32| {
        let row = (0..picture.width()).map(|x| u32::from(picture.get_pixel(x, y).0[1]));
        row.sum::<u32>() / picture.width()
    };
    (0..one.height().min(other.height()))
        .map(|y| mean(one, y).abs_diff(mean(other, y)))
        .max()
        .unwrap_or(u32::MAX)
}

#[test]
fn a_restart_marker_in_place_of_pixels_makes_no_whole_file() {
    let file = encoded(&photo(64, 64), ImageFormat::Jpeg);
    let cut = [&file[..file.len() / 2], &[0xFF, 0xD0, 0xFF, 0xD9]].concat();
    assert_eq!(
        try_make(cut, 64, "png").expect_err("half a picture").code(),
        "damaged_image"
    );
}

#[test]
fn a_long_profile_is_applied_and_dropped() {
    let file = Bytes::from_static(include_bytes!("cases/rgb-profile-20k-swapped.jpg"));
    for format in ["png", "jpeg", "webp", "auto"] {
        let made = try_make(file.clone(), 16, format).expect("a thumbnail");
        assert_without_profile(&made);
        let made = image::load_from_memory(&made).expect("a thumbnail");
        assert_middle(&made, [20, 250, 20], 4);
    }
}

#[test]
fn a_profile_in_several_segments_is_put_together() {
    let mut profile = ColorProfile::new_display_p3().encode().expect("a profile");
    profile.resize(200_000, 0);
    let profile = crate::pictures::with_length(profile);
    let red = DynamicImage::from(RgbImage::from_pixel(32, 32, Rgb([200, 60, 60])));
    let plain = encoded(&red, ImageFormat::Jpeg);
    // A value of 200 in Display P3 is a larger one in sRGB.
    let made = make(with_jpeg_profile(&plain, &profile), 16);
    assert_middle(&made, [214, 47, 53], 8);
    assert_middle(&make(plain, 16), [200, 60, 60], 4);
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let file = with_profile(&red, &profile, format);
        let made = try_make(file, 16, "png").expect("a thumbnail");
        assert_without_profile(&made);
        let made = image::load_from_memory(&made).expect("a thumbnail");
        assert_middle(&made, [214, 47, 53], 8);
    }
}

#[test]
fn a_grey_profile_is_applied_to_grey() {
    let profile = ColorProfile::new_gray_with_gamma(1.0)
        .encode()
        .expect("a profile");
    let grey = DynamicImage::from(GrayImage::from_pixel(32, 32, Luma([55])));
    for file in [
        with_profile(&grey, &profile, ImageFormat::Png),
        with_jpeg_profile(&encoded(&grey, ImageFormat::Jpeg), &profile),
    ] {
        let made = make(file, 16);
        assert_eq!(made.color().channel_count(), 1);
        assert_middle(&made, [128, 128, 128], 3);
    }
}

#[test]
fn inks_become_colours_by_their_profile_or_else_by_arithmetic() {
    // Full of the first ink: in these files 255 is no ink.
    let inks = flat_jpeg(&[0, 255, 255, 255]);
    assert_middle(&make(inks.clone(), 8), [0, 255, 255], 2);
    let profile = crate::pictures::profile_of_red_ink();
    let made = make(with_jpeg_profile(&inks, &profile), 8);
    assert_middle(&made, [255, 0, 0], 24);
    let none = flat_jpeg(&[255, 255, 255, 255]);
    assert_middle(
        &make(with_jpeg_profile(&none, &profile), 8),
        [255, 255, 255],
        4,
    );
    // A profile that cannot be read, or that is for other channels, is ignored.
    assert_middle(
        &make(with_jpeg_profile(&inks, &profile[..300]), 8),
        [0, 255, 255],
        2,
    );
    let rgb = ColorProfile::new_display_p3().encode().expect("a profile");
    assert_middle(&make(with_jpeg_profile(&inks, &rgb), 8), [0, 255, 255], 2);
}

#[test]
fn the_gamma_of_a_png_is_applied() {
    let linear = |colours, pixel: &[u8]| {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 16, 16);
        encoder.set_color(colours);
        encoder.set_source_gamma(png::ScaledFloat::new(1.0));
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&pixel.repeat(256)).expect("pixels");
        drop(writer);
        file
    };
    let rgb = linear(png::ColorType::Rgb, &[55, 0, 255]);
    assert_middle(&make(rgb, 8), [128, 0, 255], 3);
    let grey = linear(png::ColorType::Grayscale, &[55]);
    assert_middle(&make(grey, 8), [128, 128, 128], 3);
}

#[test]
fn a_mutated_profile_never_panics() {
    let mut random = crate::pictures::Random::new(11);
    let inks = flat_jpeg(&[0, 255, 255, 255]);
    let colours = encoded(&photo(16, 16), ImageFormat::Jpeg);
    let profiles = [
        (crate::pictures::profile_of_red_ink(), &inks),
        (
            ColorProfile::new_display_p3().encode().expect("a profile"),
            &colours,
        ),
    ];
    for (profile, picture) in profiles {
        for _ in 0..300 {
            let mut profile = profile.clone();
            for _ in 0..1 + random.below(8) {
                // Most structure of a file is at its beginning.
                let at = random.below(profile.len().min(400));
                profile[at] = random.below(256) as u8;
            }
            profile.truncate(profile.len() - random.below(profile.len() / 2));
            make(with_jpeg_profile(picture, &profile), 8);
        }
    }
}

#[test]
fn what_is_no_image_is_called_by_its_name() {
    let cases: [(&[u8], &str); 17] = [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "film"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (
            b"\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- x -->\n<SVG/>",
            "SVG",
        ),
        (b"\x1F\x8B\x08\0\0\0\0\0", "gzip"),
        (b"\x28\xB5\x2F\xFD\0\0", "zstd"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\n<!DOCTYPE html><html><svg>", "HTML"),
        (b"PK\x03\x04", "ZIP"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", "BMP"),
        (b"II*\0", "TIFF"),
        (b"\xFF\x0A", "JPEG XL"),
        (b"data:image/png;base64,iVBORw0K", "data URL"),
        (b"8BPS", "Photoshop"),
    ];
    for (bytes, name) in cases {
        let error = try_make(bytes, 10, "png").expect_err("no image");
        assert_eq!(error.code(), "unsupported_format", "{error}");
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    let error = try_make(Bytes::new(), 10, "png").expect_err("no image");
    assert_eq!(error.code(), "not_an_image");
    assert!(error.to_string().contains("empty"), "{error}");
}

#[test]
fn the_image_of_a_form_is_taken() {
    let image = encoded(&corners(40, 20), ImageFormat::Png);
    let form = |head: &str, image: &[u8]| {
        let begin = format!(
            "------7d\r\nContent-Disposition: form-data; name=\"width\"\r\n\r\n10\r\n------7d\r\n{head}\r\n\r\n"
        );
        [begin.as_bytes(), image, b"\r\n------7d--\r\n"].concat()
    };
    let head = "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png";
    assert_eq!(make(form(head, &image), 10).dimensions(), (10, 5));
    let error = try_make(form(head, b""), 10, "png").expect_err("no image");
    assert!(error.to_string().contains("empty"), "{error}");
    let error = try_make(
        form("Content-Disposition: form-data; name=\"b\"", &image),
        10,
        "png",
    )
    .expect_err("no file");
    assert!(error.to_string().contains("form"), "{error}");
    assert_eq!(error.code(), "not_an_image");
}

#[test]
fn the_format_that_suits_the_picture_is_chosen() {
    let kind = |file: &Bytes| image::guess_format(file).expect("a known format");
    let length = |image: &[u8], format| {
        try_make(image.to_vec(), 200, format)
            .expect("a thumbnail")
            .len()
    };
    let of_photo = encoded(&photo(400, 300), ImageFormat::Jpeg);
    let of_drawing = encoded(&corners(400, 300), ImageFormat::Png);
    for (image, expected) in [
        (&of_photo, ImageFormat::Jpeg),
        (&of_drawing, ImageFormat::Png),
    ] {
        let made = try_make(image.clone(), 200, "auto").expect("a thumbnail");
        assert_eq!(kind(&made), expected);
        assert_eq!(made.len(), length(image, "png").min(length(image, "jpeg")));
    }
    let mut glass = photo(400, 300).into_rgba8();
    glass.get_pixel_mut(0, 0).0[3] = 0;
    let glass = encoded(&glass.into(), ImageFormat::Png);
    let made = try_make(glass, 200, "auto").expect("a thumbnail");
    assert_eq!(kind(&made), ImageFormat::Png);
    // The picture is higher than a JPEG file can be.
    let strip = encoded(&RgbImage::new(1, 70_000).into(), ImageFormat::Png);
    let made = try_make(strip.clone(), 1, "auto").expect("a thumbnail");
    assert_eq!(kind(&made), ImageFormat::Png);
    let error = try_make(strip, 1, "jpeg").expect_err("too long");
    assert_eq!(error.code(), "too_many_pixels");
}

#[test]
fn a_webp_thumbnail_is_bounded() {
    let large = encoded(&GrayImage::new(1025, 1024).into(), ImageFormat::Png);
    let error = try_make(large.clone(), 2000, "webp").expect_err("too many pixels");
    assert_eq!(error.code(), "too_many_pixels");
    let made = try_make(large, 1000, "webp").expect("a thumbnail");
    assert_eq!(
        image::guess_format(&made).expect("a known format"),
        ImageFormat::WebP
    );
}
