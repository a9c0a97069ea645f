//! From decoded pixels to small, upright ones.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4};
use fast_image_resize::{MulDiv, PixelTrait, ResizeOptions, Resizer};
use image::metadata::Orientation;

use crate::error::ThumbnailError;
use crate::picture::{Colours, Picture};
use crate::watch::{Watch, rows_at_once};

/// The most products that are summed up between two checks for a cancel: some milliseconds' work.
const PRODUCTS_AT_ONCE: usize = 8 << 20;

/// The width of the filter, in pixels of the smaller picture.
const LANCZOS_WIDTH: usize = 6;

/// The space into which a thumbnail has to fit, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    width: u32,
    height: Option<u32>,
}

impl Frame {
    /// A frame of the given width and, if one is given, height; both 1 or more.
    ///
    /// # Errors
    ///
    /// [`ThumbnailError::BadWidth`] or [`ThumbnailError::BadHeight`] for a side that is not positive.
    pub fn new(width: i32, height: Option<i32>) -> Result<Self, ThumbnailError> {
        let positive = |side: i32| u32::try_from(side).ok().filter(|&side| side > 0);
        Ok(Self {
            width: positive(width).ok_or(ThumbnailError::BadWidth(width))?,
            height: match height {
                Some(height) => Some(positive(height).ok_or(ThumbnailError::BadHeight(height))?),
                None => None,
            },
        })
    }

    /// The size at which a picture of the given size fits, its aspect ratio kept and never enlarged. No side becomes
    /// less than one pixel, however thin the picture.
    pub fn fit(self, width: u32, height: u32) -> (u32, u32) {
        let by_width = f64::from(self.width) / f64::from(width);
        let by_height = self
            .height
            .map_or(f64::INFINITY, |side| f64::from(side) / f64::from(height));
        let scale = by_width.min(by_height).min(1.0);
        let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
        (scaled(width), scaled(height))
    }
}

/// Shrinks the picture so that it fits the frame once it is turned upright.
pub(crate) fn shrink(
    picture: Picture,
    orientation: Orientation,
    frame: Frame,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    let (width, height) = if lies_on_its_side(orientation) {
        let (upright_width, upright_height) = frame.fit(picture.height, picture.width);
        (upright_height, upright_width)
    } else {
        frame.fit(picture.width, picture.height)
    };
    resize(picture, width, height, watch)
}

fn lies_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Resizes with the Lanczos filter; colours of transparent pixels do not bleed into their neighbours.
///
/// The filter is separable. The columns are shrunk first, then the rows, each in tiles that overlap by the filter's
/// width: the result is the same as without tiles.
fn resize(
    mut picture: Picture,
    width: u32,
    height: u32,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    if (picture.width, picture.height) == (width, height) {
        return Ok(picture);
    }
    let weighs_alpha = is_transparent(&picture, watch)?;
    // Only these kinds of pixels are used: the library has optimised code for each of them.
    match picture.colours {
        Colours::Grey => resize_as::<U8>(&mut picture, width, height, weighs_alpha, watch),
        Colours::GreyAlpha => resize_as::<U8x2>(&mut picture, width, height, weighs_alpha, watch),
        Colours::Rgb => resize_as::<U8x3>(&mut picture, width, height, weighs_alpha, watch),
        Colours::Rgba | Colours::Cmyk => {
            resize_as::<U8x4>(&mut picture, width, height, weighs_alpha, watch)
        }
    }
}

fn resize_as<P: PixelTrait>(
    picture: &mut Picture,
    width: u32,
    height: u32,
    weighs_alpha: bool,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    let weight = MulDiv::new();
    if weighs_alpha {
        each_strip::<P, _>(picture, watch, |strip| {
            weight.multiply_alpha_inplace_typed(strip)
        })?;
    }
    let low = shrink_columns::<P>(picture, height, watch)?;
    let mut small = shrink_rows::<P>(low.as_ref().unwrap_or(picture), width, watch)?
        .or(low)
        .ok_or_else(|| internal("a picture of the wanted size was resized"))?;
    if weighs_alpha {
        each_strip::<P, _>(&mut small, watch, |strip| {
            weight.divide_alpha_inplace_typed(strip)
        })?;
    }
    Ok(small)
}

/// Shrinks the picture to the wanted height, and keeps its width; none if it has that height.
fn shrink_columns<P: PixelTrait>(
    picture: &Picture,
    height: u32,
    watch: Watch<'_>,
) -> Result<Option<Picture>, ThumbnailError> {
    if picture.height == height {
        return Ok(None);
    }
    let from = TypedImageRef::<P>::from_buffer(picture.width, picture.height, &picture.bytes)
        .map_err(internal)?;
    let mut low = Picture::new(picture.width, height, picture.colours)?;
    let products_of_a_sample =
        (LANCZOS_WIDTH * picture.height.div_ceil(height) as usize).min(picture.height as usize);
    let samples_at_once = (PRODUCTS_AT_ONCE / products_of_a_sample).max(1);
    let columns = (samples_at_once / picture.colours.channels()).clamp(1, picture.width as usize);
    let rows = (samples_at_once / picture.row_bytes()).clamp(1, height as usize);
    let scale = f64::from(picture.height) / f64::from(height);
    let mut resizer = Resizer::new();
    let pixel_bytes = picture.colours.channels();
    let mut tile = vec![0; rows * columns * pixel_bytes];
    for top in (0..height as usize).step_by(rows) {
        let rows = rows.min(height as usize - top);
        for left in (0..picture.width as usize).step_by(columns) {
            watch.look()?;
            let columns = columns.min(picture.width as usize - left);
            let tile = &mut tile[..rows * columns * pixel_bytes];
            let mut into = TypedImage::<P>::from_buffer(columns as u32, rows as u32, tile)
                .map_err(internal)?;
            let options = ResizeOptions::new().use_alpha(false).crop(
                left as f64,
                top as f64 * scale,
                columns as f64,
                // Rounding must not reach over the edge.
                (rows as f64 * scale).min(f64::from(picture.height) - top as f64 * scale),
            );
            resizer
                .resize_typed(&from, &mut into, &options)
                .map_err(internal)?;
            let stride = low.row_bytes();
            for (row, from) in tile.chunks_exact(columns * pixel_bytes).enumerate() {
                let at = (top + row) * stride + left * pixel_bytes;
                low.bytes[at..at + from.len()].copy_from_slice(from);
            }
        }
    }
    Ok(Some(low))
}

/// Shrinks the picture to the wanted width, and keeps its height; none if it has that width.
fn shrink_rows<P: PixelTrait>(
    picture: &Picture,
    width: u32,
    watch: Watch<'_>,
) -> Result<Option<Picture>, ThumbnailError> {
    if picture.width == width {
        return Ok(None);
    }
    let mut narrow = Picture::new(width, picture.height, picture.colours)?;
    let products_of_a_row = LANCZOS_WIDTH * picture.row_bytes();
    let rows = (PRODUCTS_AT_ONCE / products_of_a_row).clamp(1, picture.height as usize);
    let mut resizer = Resizer::new();
    let options = ResizeOptions::new().use_alpha(false);
    let (from_stride, to_stride) = (picture.row_bytes(), narrow.row_bytes());
    let strips = picture.bytes.chunks(rows * from_stride);
    for (from, to) in strips.zip(narrow.bytes.chunks_mut(rows * to_stride)) {
        watch.look()?;
        let rows = (from.len() / from_stride) as u32;
        let from = TypedImageRef::<P>::from_buffer(picture.width, rows, from).map_err(internal)?;
        let mut to = TypedImage::<P>::from_buffer(width, rows, to).map_err(internal)?;
        resizer
            .resize_typed(&from, &mut to, &options)
            .map_err(internal)?;
    }
    Ok(Some(narrow))
}

/// Turns the picture upright: last, because the small picture is cheaper to turn.
pub(crate) fn turn_upright(
    picture: Picture,
    orientation: Orientation,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    if orientation == Orientation::NoTransforms {
        return Ok(picture);
    }
    let (width, height) = if lies_on_its_side(orientation) {
        (picture.height, picture.width)
    } else {
        (picture.width, picture.height)
    };
    let mut upright = Picture::new(width, height, picture.colours)?;
    let channels = picture.colours.channels();
    let from_stride = picture.row_bytes();
    let (last_x, last_y) = (picture.width as usize - 1, picture.height as usize - 1);
    let to_stride = upright.row_bytes();
    let at_once = rows_at_once(to_stride);
    for (y, row) in upright.bytes.chunks_exact_mut(to_stride).enumerate() {
        if y % at_once == 0 {
            watch.look()?;
        }
        for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
            let (from_x, from_y) = match orientation {
                Orientation::NoTransforms => (x, y),
                Orientation::FlipHorizontal => (last_x - x, y),
                Orientation::Rotate180 => (last_x - x, last_y - y),
                Orientation::FlipVertical => (x, last_y - y),
                Orientation::Rotate90FlipH => (y, x),
                Orientation::Rotate90 => (y, last_y - x),
                Orientation::Rotate270FlipH => (last_x - y, last_y - x),
                Orientation::Rotate270 => (last_x - y, x),
            };
            let at = from_y * from_stride + from_x * channels;
            pixel.copy_from_slice(&picture.bytes[at..at + channels]);
        }
    }
    Ok(upright)
}

/// Whether any pixel is transparent, at least in part.
pub(crate) fn is_transparent(picture: &Picture, watch: Watch<'_>) -> Result<bool, ThumbnailError> {
    if !picture.colours.has_alpha() {
        return Ok(false);
    }
    let channels = picture.colours.channels();
    for strip in picture.bytes.chunks(picture.strip_bytes()) {
        watch.look()?;
        let mut pixels = strip.chunks_exact(channels);
        if pixels.any(|pixel| pixel[channels - 1] != u8::MAX) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn each_strip<P: PixelTrait, E: std::fmt::Display>(
    picture: &mut Picture,
    watch: Watch<'_>,
    work: impl Fn(&mut TypedImage<'_, P>) -> Result<(), E>,
) -> Result<(), ThumbnailError> {
    let (width, stride) = (picture.width, picture.row_bytes());
    let strip = picture.strip_bytes();
    for strip in picture.bytes.chunks_mut(strip) {
        watch.look()?;
        let rows = (strip.len() / stride) as u32;
        let mut strip = TypedImage::<P>::from_buffer(width, rows, strip).map_err(internal)?;
        work(&mut strip).map_err(internal)?;
    }
    Ok(())
}

fn internal(error: impl std::fmt::Display) -> ThumbnailError {
    ThumbnailError::Internal(error.to_string())
}
