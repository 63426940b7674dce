//! Pixels with smooth edges: shapes are given as tests of a point, and each pixel is tested at nine points.

use super::font;
use crate::palette::Rgb;

/// A picture in red, green and blue, row by row.
#[derive(Clone)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pixels: Vec<Rgb>,
}

/// A rectangle of a picture.
pub struct Patch {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<Rgb>,
}

impl Canvas {
    pub fn new(width: usize, height: usize, colour: Rgb) -> Canvas {
        Canvas { width, height, pixels: vec![colour; width * height] }
    }

    /// Fills the part of the box `(x0, y0)..(x1, y1)` for which `inside` holds; `strength` from 0 to 1 lets the background through.
    pub fn fill(
        &mut self,
        (x0, y0, x1, y1): (f64, f64, f64, f64),
        colour: Rgb,
        strength: f64,
        inside: impl Fn(f64, f64) -> bool,
    ) {
        let clip = |value: f64, most: usize| value.clamp(0.0, most as f64) as usize;
        for y in clip(y0.floor(), self.height)..clip(y1.ceil(), self.height) {
            for x in clip(x0.floor(), self.width)..clip(x1.ceil(), self.width) {
                let hits = (0..9u8).filter(|point| {
                    let (dx, dy) = (f64::from(point % 3), f64::from(point / 3));
                    inside(x as f64 + (dx + 0.5) / 3.0, y as f64 + (dy + 0.5) / 3.0)
                });
                let cover = hits.count() as f64 / 9.0 * strength;
                if let Some(pixel) = self.pixels.get_mut(y * self.width + x).filter(|_| cover > 0.0) {
                    *pixel = blend(*pixel, colour, cover);
                }
            }
        }
    }

    /// Fills a rectangle.
    pub fn rectangle(&mut self, x: f64, y: f64, width: f64, height: f64, colour: Rgb, strength: f64) {
        let (x1, y1) = (x + width, y + height);
        self.fill((x, y, x1, y1), colour, strength, |px, py| px >= x && px < x1 && py >= y && py < y1);
    }

    /// Fills a ring from radius `inner` to `outer`; a disc when `inner` is 0.
    pub fn ring(&mut self, (x, y): (f64, f64), inner: f64, outer: f64, colour: Rgb) {
        self.fill((x - outer, y - outer, x + outer, y + outer), colour, 1.0, |px, py| {
            let far = (px - x).hypot(py - y);
            far <= outer && far >= inner
        });
    }

    /// Draws a straight line of the given width with round ends.
    pub fn line(&mut self, a: (f64, f64), b: (f64, f64), width: f64, colour: Rgb) {
        let r = width / 2.0;
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx * dx + dy * dy;
        let frame = (a.0.min(b.0) - r, a.1.min(b.1) - r, a.0.max(b.0) + r, a.1.max(b.1) + r);
        self.fill(frame, colour, 1.0, |px, py| {
            let along = if length > 0.0 { ((px - a.0) * dx + (py - a.1) * dy) / length } else { 0.0 }.clamp(0.0, 1.0);
            (px - a.0 - along * dx).hypot(py - a.1 - along * dy) <= r
        });
    }

    /// Writes a line of text, its top left corner at `(x, y)`, each dot of a letter `dot` pixels wide.
    pub fn text(&mut self, x: usize, y: usize, dot: usize, text: &str, colour: Rgb) {
        for (place, letter) in text.chars().enumerate() {
            for (column, bits) in font::columns(letter).into_iter().enumerate() {
                for row in (0..7).filter(|row| bits >> row & 1 == 1) {
                    let (px, py) = (x + (place * font::ADVANCE + column) * dot, y + row * dot);
                    self.rectangle(px as f64, py as f64, dot as f64, dot as f64, colour, 1.0);
                }
            }
        }
    }

    /// The whole picture.
    pub fn whole(&self) -> Patch {
        Patch { x: 0, y: 0, width: self.width, height: self.height, pixels: self.pixels.clone() }
    }

    /// The smallest rectangle outside of which the picture equals `before`; one pixel where nothing changed.
    pub fn changed(&self, before: &Canvas) -> Patch {
        let rows = || self.pixels.chunks(self.width.max(1)).zip(before.pixels.chunks(self.width.max(1))).enumerate();
        let (mut left, mut right, mut top, mut bottom) = (self.width, 0, self.height, 0);
        for (y, (now, then)) in rows() {
            let differs = |pair: (&Rgb, &Rgb)| pair.0 != pair.1;
            let Some(first) = now.iter().zip(then).position(differs) else { continue };
            let last = now.iter().zip(then).rposition(differs).unwrap_or(first);
            (left, right) = (left.min(first), right.max(last));
            (top, bottom) = (top.min(y), y);
        }
        if left > right {
            (left, right, top, bottom) = (0, 0, 0, 0);
        }
        let (width, height) = (right - left + 1, bottom - top + 1);
        let rows = self.pixels.chunks(self.width.max(1)).skip(top).take(height);
        let pixels = rows.flat_map(|row| row.iter().skip(left).take(width).copied()).collect();
        Patch { x: left, y: top, width, height, pixels }
    }
}

fn blend(below: Rgb, above: Rgb, cover: f64) -> Rgb {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * cover).round() as u8;
    let ([r, g, b], [r2, g2, b2]) = (below, above);
    [mix(r, r2), mix(g, g2), mix(b, b2)]
}
