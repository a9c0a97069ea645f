//! Work that was cancelled ends soon, in whichever stage it is.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::time::Duration;

use crate::pictures::{encoded, photo, with_exif_orientation, with_jpeg_profile};
use bytes::Bytes;
use image::{DynamicImage, ImageFormat};
use moxcms::ColorProfile;
use thumbnails::{ThumbnailError, thumbnail};

/// How long work may go on after it was cancelled.
const SOON: Duration = Duration::from_millis(50);

/// The processor time that this thread has taken.
fn taken() -> Duration {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is to a place for a time, and the call fills it if it succeeds.
    let time = unsafe {
        assert_eq!(
            libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, time.as_mut_ptr()),
            0
        );
        time.assume_init()
    };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Makes the thumbnail; returns how often it checked for a cancel, and the longest work between two checks.
fn longest_work(image: &Bytes, width: i32, format: &str) -> (usize, Duration) {
    let (questions, longest, last) = (Cell::new(0), Cell::new(Duration::ZERO), Cell::new(taken()));
    let ask = || {
        questions.set(questions.get() + 1);
        longest.set(longest.get().max(taken() - last.get()));
        last.set(taken());
        false
    };
    thumbnail(image.clone(), width, None, format, &ask).expect("a thumbnail");
    ask();
    (questions.get(), longest.get())
}

/// Makes the thumbnail and cancels it at the check of this number; returns the work after that.
fn work_after(image: &Bytes, width: i32, format: &str, last_question: usize) -> Duration {
    let (questions, since) = (Cell::new(0), Cell::new(Duration::ZERO));
    let ask = || {
        questions.set(questions.get() + 1);
        if questions.get() == last_question {
            since.set(taken());
        }
        questions.get() >= last_question
    };
    let error = thumbnail(image.clone(), width, None, format, &ask).expect_err("cancelled");
    let after = taken() - since.get();
    assert!(
        matches!(error, ThumbnailError::Cancelled),
        "at question {last_question}: {error}"
    );
    assert!(
        questions.get() <= last_question + 4,
        "went on after question {last_question}"
    );
    after
}

#[test]
fn a_large_photo_is_left_in_the_middle_of_every_stage() {
    let file = encoded(&photo(3600, 2700), ImageFormat::Jpeg);
    assert!(file.len() > 700_000, "{} bytes", file.len());
    let profile = ColorProfile::new_display_p3().encode().expect("a profile");
    // A picture that lies on its side and has a profile, so it has to be turned and converted.
    let file = with_exif_orientation(&with_jpeg_profile(&file, &profile), 6);
    let file = Bytes::from(file);
    for format in ["png", "jpeg"] {
        let (questions, longest) = longest_work(&file, 2600, format);
        assert!(longest < SOON, "{format}: {longest:?} without a question");
        for part in 0..6 {
            let question = 1 + part * questions / 6;
            let after = work_after(&file, 2600, format, question);
            assert!(
                after < SOON,
                "{format}: {after:?} after question {question} of {questions}"
            );
        }
    }
}

#[test]
fn every_decoder_asks_in_its_midst() {
    let picture = photo(2000, 1500);
    let glass = DynamicImage::from(picture.to_rgba8());
    let deep = DynamicImage::from(picture.to_rgb16());
    for (name, file) in [
        ("png", encoded(&picture, ImageFormat::Png)),
        ("png with alpha", encoded(&glass, ImageFormat::Png)),
        ("png of 16 bits", encoded(&deep, ImageFormat::Png)),
        ("gif", encoded(&picture, ImageFormat::Gif)),
        ("jpeg", encoded(&picture, ImageFormat::Jpeg)),
        (
            "grey jpeg",
            encoded(&picture.to_luma8().into(), ImageFormat::Jpeg),
        ),
    ] {
        for width in [3, 700] {
            let (questions, longest) = longest_work(&file.clone().into(), width, "auto");
            assert!(questions > 100, "{name}: {questions} questions");
            assert!(
                longest < SOON,
                "{name} to {width}: {longest:?} without a question"
            );
        }
    }
}

#[test]
fn flat_pictures_and_narrow_ones_are_left_as_soon() {
    // A tiny file with many pixels, all of which become one pixel of the thumbnail.
    for (width, height) in [(6000, 6000), (12, 60_000), (60_000, 12)] {
        let grey = DynamicImage::from(image::GrayImage::new(width, height));
        for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Jpeg] {
            if format == ImageFormat::Gif && width == height {
                continue; // its encoder takes a minute
            }
            let file = if format == ImageFormat::Gif {
                encoded(&grey.to_rgb8().into(), format)
            } else {
                encoded(&grey, format)
            };
            let (_, longest) = longest_work(&Bytes::from(file), 1, "png");
            assert!(
                longest < SOON,
                "{format:?} of {width} x {height}: {longest:?}"
            );
        }
    }
}

#[test]
fn a_cancel_at_any_question_ends_the_work() {
    let file = Bytes::from(encoded(
        &crate::pictures::noise(200, 160),
        ImageFormat::Jpeg,
    ));
    for format in ["png", "jpeg", "webp", "auto"] {
        let (questions, _) = longest_work(&file, 120, format);
        // The last check is the test's own.
        for question in 1..questions {
            work_after(&file, 120, format, question);
        }
    }
}
