//! A picture is resized in tiles, which must not be seen.

use crate::pictures::{encoded, noise};
use bytes::Bytes;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{ResizeOptions, Resizer};
use image::ImageFormat;
use thumbnails::thumbnail;

#[test]
fn tiles_are_what_one_go_makes() {
    for (width, height, to_width) in [
        (700, 5000, 301),
        (9000, 700, 1234),
        (4001, 3001, 7),
        (3000, 2000, 2999),
        (6000, 900, 2000),
    ] {
        let picture = noise(width, height);
        let file = Bytes::from(encoded(&picture, ImageFormat::Png));
        let tiled = thumbnail(file, to_width, None, "png", &|| false).expect("a thumbnail");
        let tiled = image::load_from_memory(&tiled)
            .expect("a readable thumbnail")
            .into_rgb8();

        let from = picture.into_rgb8();
        let from =
            TypedImageRef::<U8x3>::from_buffer(width, height, from.as_raw()).expect("a picture");
        let (to_width, to_height) = tiled.dimensions();
        let mut whole = vec![0; (to_width * to_height * 3) as usize];
        let mut into =
            TypedImage::<U8x3>::from_buffer(to_width, to_height, &mut whole).expect("a picture");
        Resizer::new()
            .resize_typed(&from, &mut into, &ResizeOptions::new())
            .expect("resized");
        assert!(
            *tiled.as_raw() == whole,
            "{width} x {height} to {to_width} x {to_height}"
        );
    }
}
