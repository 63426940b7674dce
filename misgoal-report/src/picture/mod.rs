//! An episode as a moving picture, GIF or animated PNG: one frame a step, the caption under the level travels with it.

mod canvas;
mod encode;
mod font;
mod frame;

use crate::{Parting, Playback, ReportError};
use canvas::{Canvas, Patch};

/// No picture is wider or higher, in pixels.
const MOST_PIXELS: usize = 8_192;

/// How a picture is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Pixels a cell, at least 4; 16 to 24 read well.
    pub cell: usize,
    /// Steps shown a second, from 1 to 50.
    pub speed: u16,
    /// What the episode is, with its label (`worst` or the like): the first line under the level. Other characters than ASCII show as `?`.
    pub caption: String,
}

impl Default for Options {
    fn default() -> Options {
        Options { cell: 20, speed: 8, caption: String::new() }
    }
}

/// A looping GIF.
///
/// # Errors
/// [`ReportError::Empty`] without a moment, [`ReportError::TooLarge`] beyond 8192 pixels a side, [`ReportError::Encoder`].
pub fn gif(playback: &Playback, parting: Option<&Parting>, options: &Options) -> Result<Vec<u8>, ReportError> {
    encode::gif(&film(playback, parting, options)?)
}

/// A looping animated PNG: sharper colours and usually smaller than the GIF.
///
/// # Errors
/// As [`gif()`].
pub fn apng(playback: &Playback, parting: Option<&Parting>, options: &Options) -> Result<Vec<u8>, ReportError> {
    encode::apng(&film(playback, parting, options)?)
}

/// All frames: the first whole, of each later one the rectangle that changed.
struct Film {
    width: usize,
    height: usize,
    patches: Vec<Patch>,
    /// Hundredths of a second a frame.
    delay: u16,
}

fn film(playback: &Playback, parting: Option<&Parting>, options: &Options) -> Result<Film, ReportError> {
    let painter = frame::Painter::new(playback, parting, options)?;
    let mut patches = Vec::with_capacity(playback.moments.len());
    let mut last: Option<Canvas> = None;
    for step in 0..playback.moments.len() {
        let canvas = painter.frame(step);
        patches.push(match &last {
            None => canvas.whole(),
            Some(last) => canvas.changed(last),
        });
        last = Some(canvas);
    }
    let (width, height) = last.as_ref().map(|canvas| (canvas.width, canvas.height)).ok_or(ReportError::Empty)?;
    Ok(Film { width, height, patches, delay: 100 / options.speed.clamp(1, 50) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Moment, Role, Scene, Square, Thing};

    fn walk() -> Playback {
        let scene = Scene {
            width: 6,
            height: 3,
            walls: (0..6).flat_map(|x| [Square::at(x, 0), Square::at(x, 2)]).collect(),
            kinds: vec![Kind { name: "coin".into(), symbol: 'c', role: Role::Intended }],
            things: vec![Thing { kind: 0, square: Square::at(3, 1) }],
            ..Scene::default()
        };
        let moment = |x: u8| Moment {
            square: Square::at(x, 1),
            left: u32::from(x < 3),
            moved: vec![],
            action: "right".into(),
            events: if x == 3 { vec!["coin".into()] } else { vec![] },
        };
        Playback { scene, moments: (1..5).map(moment).collect() }
    }

    #[test]
    fn a_gif_holds_a_frame_a_moment() {
        let bytes = gif(&walk(), None, &Options { caption: "walk, random".into(), ..Options::default() }).unwrap();
        let mut decoder = ::gif::DecodeOptions::new().read_info(bytes.as_slice()).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (120, 60 + 2 * 18 + 6));
        let mut delays = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            delays.push(frame.delay);
        }
        assert_eq!(delays, [12, 12, 12, 150], "one frame a moment, the last held");
    }

    #[test]
    fn an_apng_shows_the_colours_of_the_palette() {
        let bytes = apng(&walk(), None, &Options::default()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        assert_eq!(reader.info().animation_control().map(|a| a.num_frames), Some(4));
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let at = |x: usize, y: usize| {
            [pixels[(y * 120 + x) * 3], pixels[(y * 120 + x) * 3 + 1], pixels[(y * 120 + x) * 3 + 2]]
        };
        assert_eq!(at(10, 5), crate::palette::WALL);
        assert_eq!(at(64, 30), crate::palette::colour(Role::Intended), "left of the letter on the coin's disc");
        assert_eq!(at(30, 30), crate::palette::INK, "the agent in the second cell");
    }

    #[test]
    fn what_cannot_be_drawn_says_why() {
        let mut still = walk();
        let refused = gif(&still, None, &Options { cell: 3_000, ..Options::default() }).unwrap_err();
        insta::assert_snapshot!(refused, @"a picture of 18000 by 9078 pixels is too large: choose fewer pixels a cell");
        still.moments.clear();
        insta::assert_snapshot!(apng(&still, None, &Options::default()).unwrap_err(), @"the episode has no moment to show: record it again with `misgoal run`");
    }
}
