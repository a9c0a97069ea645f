//! The uploaded body: an image, a form that an image is in, or something else, which the error names.

use bytes::Bytes;
use memchr::memmem;

use crate::decode::InputFormat;
use crate::error::ThumbnailError;

/// How much of a text is searched to recognise its kind, in bytes.
const TEXT_LOOKED_AT: usize = 1024;

/// The most parts of a form that are examined, and the longest head of one of them, in bytes.
const MAX_PARTS: usize = 32;
const MAX_PART_HEAD: usize = 8 * 1024;

/// The longest boundary between a form's parts that the standard allows, in bytes.
const MAX_BOUNDARY: usize = 70;

/// The image's bytes and its format, recognised by its first bytes.
/// Of a `multipart/form-data` form, which an HTML page or `curl -F` sends, the first file is taken. A form is
/// recognised by its own first line, with which no image begins.
///
/// # Errors
///
/// [`ThumbnailError::Empty`], [`ThumbnailError::NotAnImage`] and [`ThumbnailError::NotSupported`].
pub(crate) fn image_in(body: Bytes) -> Result<(Bytes, InputFormat), ThumbnailError> {
    let image = match boundary_of(&body) {
        Some(boundary) => {
            let boundary = boundary.to_vec();
            first_file(&body, &boundary)?
        }
        None => body,
    };
    let format = recognise(&image)?;
    Ok((image, format))
}

/// The line that separates the parts of a form, with its dashes; none if the body is no form.
fn boundary_of(body: &[u8]) -> Option<&[u8]> {
    if !body.starts_with(b"--") {
        return None;
    }
    let line_end = body
        .iter()
        .take(2 + MAX_BOUNDARY + 2)
        .position(|&byte| byte == b'\r')?;
    let boundary = &body[..line_end];
    let head = &body[line_end..];
    let is_text = boundary.iter().all(|byte| (b' '..=b'~').contains(byte));
    (boundary.len() > 2 && is_text && head.starts_with(b"\r\n")).then_some(boundary)
}

/// The contents of the first part that is a file; the bytes are shared, not copied.
fn first_file(body: &Bytes, boundary: &[u8]) -> Result<Bytes, ThumbnailError> {
    let separator = [b"\r\n", boundary].concat();
    let mut at = boundary.len();
    for _ in 0..MAX_PARTS {
        let rest = &body[at..];
        if !rest.starts_with(b"\r\n") {
            break; // the dashes behind the last part
        }
        let head_length = memmem::find(&rest[..rest.len().min(MAX_PART_HEAD)], b"\r\n\r\n")
            .ok_or(ThumbnailError::BadForm("the head of a part has no end"))?;
        let begin = at + head_length + 4;
        let length = memmem::find(&body[begin..], &separator)
            .ok_or(ThumbnailError::BadForm("its last part has no end"))?;
        if names_file(&rest[..head_length]) {
            return Ok(body.slice(begin..begin + length));
        }
        at = begin + length + separator.len();
    }
    Err(ThumbnailError::BadForm("none of its parts is a file"))
}

/// Whether the part's `Content-Disposition` names a file, as a file input and `curl -F image=@photo.jpg` do.
fn names_file(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with(b"content-disposition:") && memmem::find(&line, b"filename").is_some()
    })
}

/// The format by the file's first bytes.
fn recognise(file: &[u8]) -> Result<InputFormat, ThumbnailError> {
    if file.is_empty() {
        return Err(ThumbnailError::Empty);
    }
    let is_riff = file.starts_with(b"RIFF");
    match file {
        [0xFF, 0xD8, 0xFF, ..] => return Ok(InputFormat::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => return Ok(InputFormat::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => return Ok(InputFormat::Gif),
        _ if is_riff && file.get(8..12) == Some(b"WEBP") => return Ok(InputFormat::WebP),
        _ => {}
    }
    let named = iso_media(file)
        .or_else(|| by_first_bytes(file))
        .or_else(|| by_text(&file[..file.len().min(TEXT_LOOKED_AT)]));
    Err(named.map_or(ThumbnailError::NotAnImage, ThumbnailError::NotSupported))
}

/// The formats in the container that newer devices use for photos and films.
fn iso_media(file: &[u8]) -> Option<&'static str> {
    if file.get(4..8) != Some(b"ftyp") {
        return None;
    }
    // The main brand, a version, and the other brands follow.
    let length = file.first_chunk().map_or(0, |&l| u32::from_be_bytes(l)) as usize;
    let brands = &file[8..file.len().min(length.clamp(12, 256))];
    let has = |names: &[&[u8; 4]]| {
        brands
            .chunks_exact(4)
            .any(|brand| names.iter().any(|name| brand == *name))
    };
    Some(if has(&[b"avif", b"avis"]) {
        "this is an AVIF image"
    } else if has(&[
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
    ]) {
        "this is a HEIC image, as phones save photos"
    } else {
        "this is a film or a sound"
    })
}

fn by_first_bytes(file: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 16] = [
        (
            &[0x1F, 0x8B],
            "the body is compressed by gzip; send the image's own bytes, without Content-Encoding",
        ),
        (
            &[0x28, 0xB5, 0x2F, 0xFD],
            "the body is compressed by zstd; send the image's own bytes, without Content-Encoding",
        ),
        (b"%PDF-", "this is a PDF document"),
        (b"PK\x03\x04", "this is a ZIP archive or an office document"),
        (b"BM", "this is a BMP image"),
        (b"II*\0", "this is a TIFF image or a camera's raw file"),
        (b"MM\0*", "this is a TIFF image or a camera's raw file"),
        (b"\0\0\x01\0", "this is an ICO image"),
        (b"8BPS", "this is a Photoshop document"),
        (b"\xFF\x0A", "this is a JPEG XL image"),
        (b"\0\0\0\x0CJXL ", "this is a JPEG XL image"),
        (b"\0\0\0\x0CjP  ", "this is a JPEG 2000 image"),
        (b"\xFF\x4F\xFF\x51", "this is a JPEG 2000 image"),
        (b"qoif", "this is a QOI image"),
        (b"%!PS", "this is a PostScript document"),
        (b"\x1A\x45\xDF\xA3", "this is a film"),
    ];
    KINDS
        .iter()
        .find(|(begin, _)| file.starts_with(begin))
        .map(|(_, name)| *name)
}

/// The kind of a text that was sent in place of an image.
fn by_text(begin: &[u8]) -> Option<&'static str> {
    let begin = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin);
    let begin = begin.trim_ascii_start().to_ascii_lowercase();
    let has = |word: &[u8]| memmem::find(&begin, word).is_some();
    if begin.starts_with(b"<!doctype html") || begin.starts_with(b"<html") {
        Some("this is an HTML page, perhaps an error page in an image's place")
    } else if begin.starts_with(b"<") && has(b"<svg") {
        Some("this is an SVG drawing")
    } else if begin.starts_with(b"data:image/") {
        Some("this is a data URL; send the bytes that it encodes")
    } else {
        None
    }
}
