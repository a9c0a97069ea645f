//! Colour profiles: converts a picture from the colours that its file describes to sRGB.
//!
//! A thumbnail carries no profile, since programs that show it ignore profiles. So whatever the input declares about
//! its colours is applied to the small picture.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    Layout, MatrixCoefficients, ParsingOptions, ToneReprCurve, TransferCharacteristics,
    TransformOptions,
};
use png::Info;

use crate::error::ThumbnailError;
use crate::picture::{Colours, Picture};
use crate::watch::{Watch, rows_at_once};

/// Reads an ICC profile of any length; none if it cannot be read.
pub(crate) fn profile_of(icc: &[u8]) -> Option<ColorProfile> {
    let options = ParsingOptions {
        max_profile_size: usize::MAX,
        ..ParsingOptions::default()
    };
    ColorProfile::new_from_slice_with_options(icc, options).ok()
}

/// The colours that a PNG file declares, for which it has four ways; none if they are those of sRGB.
pub(crate) fn profile_of_png(info: &Info<'_>) -> Option<ColorProfile> {
    if let Some(points) = &info.coding_independent_code_points {
        let profile = CicpProfile {
            color_primaries: CicpColorPrimaries::try_from(points.color_primaries).ok()?,
            transfer_characteristics: TransferCharacteristics::try_from(points.transfer_function)
                .ok()?,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        };
        let mut read = ColorProfile::new_srgb();
        return read
            .update_rgb_colorimetry_from_cicp(profile)
            .then_some(read);
    }
    if let Some(icc) = &info.icc_profile {
        return profile_of(icc);
    }
    let gamma = info.gama_chunk?.into_value();
    if info.srgb.is_some() || !(0.01..100.0).contains(&gamma) {
        return None;
    }
    // Within rounding this is the gamma of sRGB's curve: writers mean that curve.
    let is_of_srgb = (gamma - 0.454_55).abs() < 0.005;
    let is_grey = info.color_type.samples() < 3 && info.palette.is_none();
    if is_of_srgb && (is_grey || info.chrm_chunk.is_none()) {
        return None;
    }
    if is_grey {
        return Some(ColorProfile::new_gray_with_gamma(1.0 / gamma));
    }
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    if let Some(points) = &info.chrm_chunk {
        let point = |(x, y): (png::ScaledFloat, png::ScaledFloat)| Chromaticity {
            x: x.into_value(),
            y: y.into_value(),
        };
        let white = point(points.white);
        if white.y <= 0.0 {
            return None;
        }
        profile.update_rgb_colorimetry(
            white.to_xyyb(),
            ColorPrimaries {
                red: point(points.red),
                green: point(points.green),
                blue: point(points.blue),
            },
        );
    }
    if is_of_srgb {
        return Some(profile);
    }
    let curve = ToneReprCurve::Parametric(vec![1.0 / gamma]);
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    Some(profile)
}

/// The picture in sRGB. A profile for other channels than the picture has, or an inconsistent one, is ignored; inks
/// without a profile are converted by arithmetic.
pub(crate) fn to_srgb(
    picture: Picture,
    profile: Option<ColorProfile>,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    let described = match picture.colours {
        Colours::Grey | Colours::GreyAlpha => DataColorSpace::Gray,
        Colours::Rgb | Colours::Rgba => DataColorSpace::Rgb,
        Colours::Cmyk => DataColorSpace::Cmyk,
    };
    let profile = profile.filter(|profile| profile.color_space == described);
    match (picture.colours, profile) {
        (Colours::Cmyk, profile) => inks_to_srgb(picture, profile, watch),
        (_, None) => Ok(picture),
        (Colours::Grey | Colours::GreyAlpha, Some(profile)) => {
            grey_to_srgb(picture, &profile, watch)
        }
        (Colours::Rgb, Some(profile)) => rgb_to_srgb(picture, &profile, Layout::Rgb, watch),
        (Colours::Rgba, Some(profile)) => rgb_to_srgb(picture, &profile, Layout::Rgba, watch),
    }
}

fn rgb_to_srgb(
    mut picture: Picture,
    profile: &ColorProfile,
    layout: Layout,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    let options = TransformOptions::default();
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, options) else {
        return Ok(picture);
    };
    let strip = picture.strip_bytes();
    let mut before = Vec::with_capacity(strip);
    for strip in picture.bytes.chunks_mut(strip) {
        watch.look()?;
        before.clear();
        before.extend_from_slice(strip);
        transform
            .transform(&before, strip)
            .map_err(|error| ThumbnailError::Internal(error.to_string()))?;
    }
    Ok(picture)
}

/// Grey stays one channel, so it is enough to convert each of the 256 levels once.
fn grey_to_srgb(
    mut picture: Picture,
    profile: &ColorProfile,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    let options = TransformOptions::default();
    let srgb = ColorProfile::new_srgb();
    let levels: Vec<u8> = (0..=u8::MAX).collect();
    let mut colours = [0; 3 * 256];
    let done = profile
        .create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, options)
        .and_then(|transform| transform.transform(&levels, &mut colours));
    if done.is_err() {
        return Ok(picture);
    }
    let channels = picture.colours.channels();
    let strip = picture.strip_bytes();
    for strip in picture.bytes.chunks_mut(strip) {
        watch.look()?;
        for pixel in strip.chunks_exact_mut(channels) {
            pixel[0] = colours[3 * usize::from(pixel[0]) + 1];
        }
    }
    Ok(picture)
}

fn inks_to_srgb(
    mut picture: Picture,
    profile: Option<ColorProfile>,
    watch: Watch<'_>,
) -> Result<Picture, ThumbnailError> {
    let options = TransformOptions::default();
    let srgb = ColorProfile::new_srgb();
    // The library takes a layout of four channels for four inks.
    let transform = profile.and_then(|profile| {
        profile
            .create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, options)
            .ok()
    });
    let mut colours = Picture::new(picture.width, picture.height, Colours::Rgb)?;
    let rows = rows_at_once(picture.row_bytes());
    let (inks_strip, colours_strip) = (rows * picture.row_bytes(), rows * colours.row_bytes());
    let strips = picture.bytes.chunks_mut(inks_strip);
    for (inks, colours) in strips.zip(colours.bytes.chunks_mut(colours_strip)) {
        watch.look()?;
        match &transform {
            Some(transform) => {
                for ink in inks.iter_mut() {
                    *ink = 255 - *ink;
                }
                transform
                    .transform(inks, colours)
                    .map_err(|error| ThumbnailError::Internal(error.to_string()))?;
            }
            None => {
                for (inks, colour) in inks.chunks_exact(4).zip(colours.chunks_exact_mut(3)) {
                    for (channel, ink) in colour.iter_mut().zip(inks) {
                        // The product of two bytes divided by 255 is a byte.
                        *channel = ((u32::from(*ink) * u32::from(inks[3]) + 127) / 255) as u8;
                    }
                }
            }
        }
    }
    Ok(colours)
}
