//! One frame: the level, what is left of its things, the trail, the agent, and two lines of text.

use super::canvas::Canvas;
use super::{MOST_PIXELS, Options, font};
use crate::palette::{GROUND, INK, PAPER, TRAIL, WALL, colour};
use crate::{Moment, Parting, Playback, ReportError, Role, Square};

/// Draws frames over a background that is drawn once.
pub struct Painter<'a> {
    playback: &'a Playback,
    parting: Option<&'a Parting>,
    caption: &'a str,
    ground: Canvas,
    cell: f64,
    /// The square at the top left.
    first: Square,
    dot: usize,
    level_height: usize,
}

impl<'a> Painter<'a> {
    /// Draws the background.
    pub fn new(
        playback: &'a Playback,
        parting: Option<&'a Parting>,
        options: &'a Options,
    ) -> Result<Painter<'a>, ReportError> {
        if playback.moments.is_empty() {
            return Err(ReportError::Empty);
        }
        let scene = &playback.scene;
        let cell = options.cell.max(4);
        let dot = (cell / 10).clamp(1, 4);
        let (first, last) = scene.bounds();
        let level_height = cell * (usize::from(last.y - first.y) + 1);
        let width = cell * (usize::from(last.x - first.x) + 1);
        let height = level_height + 2 * dot * (font::HEIGHT + 2) + 6;
        if width > MOST_PIXELS || height > MOST_PIXELS {
            return Err(ReportError::TooLarge { width, height });
        }
        let mut ground = Canvas::new(width, height, PAPER);
        let size = cell as f64;
        ground.rectangle(0.0, 0.0, width as f64, level_height as f64, GROUND, 1.0);
        let corner = |square: Square| {
            ((f64::from(square.x) - f64::from(first.x)) * size, (f64::from(square.y) - f64::from(first.y)) * size)
        };
        for zone in scene.zones.iter().filter(|zone| zone.role != Role::Neutral) {
            for (x, y) in zone.squares.iter().map(|square| corner(*square)) {
                ground.rectangle(x, y, size, size, colour(zone.role), 0.3);
            }
        }
        for (x, y) in scene.walls.iter().map(|square| corner(*square)) {
            ground.rectangle(x, y, size, size, WALL, 1.0);
        }
        for (x, y) in scene.hazards.iter().map(|square| corner(*square)) {
            for tooth in [0.0, 0.5] {
                spike(&mut ground, (x + tooth * size, y + size), size / 2.0, size * 0.7);
            }
        }
        let caption = options.caption.as_str();
        Ok(Painter { playback, parting, caption, ground, cell: size, first, dot, level_height })
    }

    fn centre(&self, square: Square) -> (f64, f64) {
        let along = |at: u8, first: u8| (f64::from(at) - f64::from(first) + 0.5) * self.cell;
        (along(square.x, self.first.x), along(square.y, self.first.y))
    }

    /// The picture after `step` actions.
    pub fn frame(&self, step: usize) -> Canvas {
        let mut canvas = self.ground.clone();
        let Some(moment) = self.playback.moments.get(step) else { return canvas };
        let cell = self.cell;
        for (kind, square) in self.playback.present(step) {
            self.thing(&mut canvas, kind.role, kind.symbol, self.centre(square));
        }
        let trail = self.playback.moments.iter().take(step + 1).map(|moment| self.centre(moment.square));
        for (a, b) in trail.clone().zip(trail.skip(1)) {
            canvas.line(a, b, cell / 7.0, TRAIL);
        }
        if let Some(parted) = self.parting.filter(|parting| parting.step <= step) {
            let from = self.playback.moments.get(parted.step).map(|moment| self.centre(moment.square));
            for (a, b) in parted.way.iter().zip(parted.way.iter().skip(1)) {
                let (a, b) = (self.centre(*a), self.centre(*b));
                let part = |share: f64| (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share);
                canvas.line(part(0.2), part(0.6), cell / 8.0, colour(Role::Intended));
            }
            if let Some(at) = from {
                canvas.ring(at, cell * 0.62, cell * 0.76, INK);
            }
        }
        let (x, y) = self.centre(moment.square);
        canvas.ring((x, y), 0.0, cell * 0.36, PAPER);
        canvas.ring((x, y), 0.0, cell * 0.3, INK);
        self.words(&mut canvas, step, moment);
        canvas
    }

    /// A thing's mark as on the page: disc, diamond, square or spike, with its letter where the cell is large enough.
    fn thing(&self, canvas: &mut Canvas, role: Role, symbol: char, (x, y): (f64, f64)) {
        let r = self.cell * 0.42;
        let tint = colour(role);
        match role {
            Role::Intended => canvas.ring((x, y), 0.0, r, tint),
            Role::Proxy(_) => {
                canvas.fill((x - r, y - r, x + r, y + r), tint, 1.0, |px, py| (px - x).abs() + (py - y).abs() <= r);
            }
            Role::Neutral => canvas.rectangle(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6, tint, 1.0),
            Role::Harm => spike(canvas, (x - r, y + r), 2.0 * r, 2.0 * r),
        }
        if self.cell >= 16.0 && role != Role::Harm {
            let dot = (self.cell / 16.0) as usize;
            let (left, top) = (x - 2.5 * dot as f64, y - 3.5 * dot as f64);
            canvas.text(left.max(0.0) as usize, top.max(0.0) as usize, dot, symbol.encode_utf8(&mut [0; 4]), PAPER);
        }
    }

    fn words(&self, canvas: &mut Canvas, step: usize, moment: &Moment) {
        let mut second = format!("step {step}/{}", self.playback.steps());
        if step > 0 {
            second = format!("{second}  {}", moment.action);
        }
        if !moment.events.is_empty() {
            second = format!("{second}  {}", moment.events.join(", "));
        }
        let room = (canvas.width.saturating_sub(8)) / (font::ADVANCE * self.dot);
        for (row, text) in [self.caption, &second].into_iter().enumerate() {
            let fitted: String = if text.chars().count() > room {
                text.chars().take(room.saturating_sub(2)).chain("..".chars()).take(room).collect()
            } else {
                text.to_owned()
            };
            let y = self.level_height + 4 + row * self.dot * (font::HEIGHT + 2);
            canvas.text(4, y, self.dot, &fitted, INK);
        }
    }
}

/// A triangle standing on `(x, y)`, its left foot.
fn spike(canvas: &mut Canvas, (x, y): (f64, f64), width: f64, height: f64) {
    canvas.fill((x, y - height, x + width, y), INK, 1.0, |px, py| {
        let up = (y - py) / height;
        let aside = ((px - x) / width - 0.5).abs() * 2.0;
        up >= 0.0 && aside <= 1.0 - up
    });
}
