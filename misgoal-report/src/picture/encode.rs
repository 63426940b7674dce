//! Frames to bytes.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::Film;
use crate::ReportError;
use crate::palette::Rgb;

/// How long the last frame stays, in hundredths of a second.
const HOLD: u16 = 150;

fn failed(error: impl Display) -> ReportError {
    ReportError::Encoder(error.to_string())
}

fn small<T: TryFrom<usize>>(value: usize, film: &Film) -> Result<T, ReportError> {
    T::try_from(value).map_err(|_| ReportError::TooLarge { width: film.width, height: film.height })
}

impl Film {
    fn delay_of(&self, frame: usize) -> u16 {
        if frame + 1 == self.patches.len() { HOLD } else { self.delay }
    }
}

pub fn gif(film: &Film) -> Result<Vec<u8>, ReportError> {
    let palette = Palette::new(film.patches.iter().flat_map(|patch| &patch.pixels));
    let mut bytes = Vec::new();
    let (width, height) = (small(film.width, film)?, small(film.height, film)?);
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette.bytes()).map_err(failed)?;
    encoder.set_repeat(gif::Repeat::Infinite).map_err(failed)?;
    for (number, patch) in film.patches.iter().enumerate() {
        let frame = gif::Frame {
            delay: film.delay_of(number),
            dispose: gif::DisposalMethod::Keep,
            left: small(patch.x, film)?,
            top: small(patch.y, film)?,
            width: small(patch.width, film)?,
            height: small(patch.height, film)?,
            buffer: patch.pixels.iter().map(|pixel| palette.index(*pixel)).collect::<Vec<u8>>().into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).map_err(failed)?;
    }
    drop(encoder);
    Ok(bytes)
}

pub fn apng(film: &Film) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, small(film.width, film)?, small(film.height, film)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(small(film.patches.len(), film)?, 0).map_err(failed)?;
    let mut writer = encoder.write_header().map_err(failed)?;
    for (number, patch) in film.patches.iter().enumerate() {
        writer.set_frame_delay(film.delay_of(number), 100).map_err(failed)?;
        if number > 0 {
            // The encoder checks each against the other, so the place goes back to the corner before the size changes.
            writer.reset_frame_position().map_err(failed)?;
            writer.set_frame_dimension(small(patch.width, film)?, small(patch.height, film)?).map_err(failed)?;
            writer.set_frame_position(small(patch.x, film)?, small(patch.y, film)?).map_err(failed)?;
        }
        let data: Vec<u8> = patch.pixels.iter().flatten().copied().collect();
        writer.write_image_data(&data).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// At most 256 colours: the most frequent ones; every other is shown as the nearest of them.
struct Palette {
    colours: Vec<Rgb>,
    index: BTreeMap<Rgb, u8>,
}

impl Palette {
    fn new<'a>(pixels: impl Iterator<Item = &'a Rgb>) -> Palette {
        let mut counts: BTreeMap<Rgb, usize> = BTreeMap::new();
        for pixel in pixels {
            *counts.entry(*pixel).or_default() += 1;
        }
        let mut ranked: Vec<(Rgb, usize)> = counts.into_iter().collect();
        ranked.sort_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
        let colours: Vec<Rgb> = ranked.iter().take(256).map(|(colour, _)| *colour).collect();
        let nearest = |wanted: Rgb| {
            let far =
                |colour: Rgb| -> u32 { colour.iter().zip(wanted).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
            (0u8..=255).zip(&colours).min_by_key(|(_, colour)| far(**colour)).map_or(0, |(index, _)| index)
        };
        let index = ranked.iter().map(|(colour, _)| (*colour, nearest(*colour))).collect();
        Palette { colours, index }
    }
    fn bytes(&self) -> Vec<u8> {
        self.colours.iter().flatten().copied().collect()
    }
    fn index(&self, colour: Rgb) -> u8 {
        self.index.get(&colour).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_colours_fall_on_their_nearest() {
        let mut pixels: Vec<Rgb> = (0..=255).flat_map(|grey| [[grey, grey, grey]; 2]).collect();
        pixels.push([10, 10, 12]);
        let palette = Palette::new(pixels.iter());
        assert_eq!(palette.colours.len(), 256);
        assert_eq!(palette.index([10, 10, 12]), palette.index([11, 11, 11]));
    }
}
