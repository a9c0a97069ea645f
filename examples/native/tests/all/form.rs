//! A form stands for its first file.

use crate::pictures::{corners, encoded};
use bytes::Bytes;
use image::ImageFormat;
use thumbnails::{ThumbnailError, thumbnail};

const HEAD: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nname\r\n--x\r\n\
    content-disposition: form-data; name=\"b\"; filename=\"b.gif\"\r\n\r\n";

fn make(image: Vec<u8>) -> Result<Bytes, ThumbnailError> {
    thumbnail(Bytes::from(image), 20, None, "png", &|| false)
}

/// A GIF file with a comment that begins as the end of another form's part does.
fn gif() -> Vec<u8> {
    const SCREEN: usize = 13;
    let mut file = encoded(&corners(40, 30), ImageFormat::Gif);
    let colours = if file[10] & 0x80 == 0 {
        0
    } else {
        3 << ((file[10] & 7) + 1)
    };
    let comment = *b"\x21\xfe\x05\r\n--y\x00";
    file.splice(SCREEN + colours..SCREEN + colours, comment);
    file
}

#[test]
fn a_form_is_read_to_its_first_file() {
    let form = [HEAD, &gif(), b"\r\n--x--\r\n"].concat();
    let expected = make(gif()).expect("a thumbnail of the file");
    assert_eq!(make(form).expect("a thumbnail of the form"), expected);
}

#[test]
fn every_form_that_is_cut_off_is_refused() {
    let form = [HEAD, &gif(), b"\r\n--x--\r\n"].concat();
    let whole = form.len() - b"--\r\n".len();
    for length in 0..whole {
        let error = make(form[..length].to_vec()).expect_err("cut off");
        assert!(!error.to_string().is_empty());
    }
    assert!(make(form[..whole].to_vec()).is_ok());
}
