//! The splay: one layout with the intended goal's thing set at every place in turn, coloured by whether the agent reached it.

use misgoal_run::record::{SplayPlace, SplayRecord};

use super::level;
use crate::svg::{El, el, window};
use crate::{Scene, Square, words};

/// The bins of reached shares: upper end (included), class and words.
pub const BINS: [(f64, &str, &str); 5] = [
    (0.0, "r0", "never"),
    (0.34, "r1", "up to a third"),
    (0.67, "r2", "up to two thirds"),
    (0.999, "r3", "mostly"),
    (f64::INFINITY, "r4", "always"),
];

/// A share's class.
fn bin(share: f64) -> &'static str {
    BINS.iter().find(|(upper, ..)| share <= *upper).map_or("r4", |(_, class, _)| class)
}

/// Draws the heatmap.
pub fn chart(id: &str, splay: &SplayRecord) -> El {
    let (scene, start) = layout(&splay.level);
    let count = |test: fn(f64) -> bool| splay.places.iter().filter(|place| test(place.reached)).count();
    let (always, never) = (count(|r| r > 0.999), count(|r| r <= 0.0));
    let description = format!(
        "{} set at {} places of one layout by turns: reached at every try from {always}, never from {never}.",
        splay.thing,
        splay.places.len()
    );
    let cells = splay.places.iter().filter(|place| place.reached.is_finite()).map(|place| cell(splay, *place));
    window(id, level::view(&scene), &format!("Where the agent reaches the {}", splay.thing), &description)
        .class("level")
        .child(level::ground(&scene))
        .children(cells)
        .child(level::terrain(&scene))
        .children(start.map(level::start))
}

fn cell(splay: &SplayRecord, place: SplayPlace) -> El {
    let (x, y) = level::corner(Square::at(place.x, place.y));
    el("path").class(bin(place.reached)).attr("d", format_args!("M{x} {y}h10v10h-10z")).title(format_args!(
        "{} here: reached {} of {}",
        splay.thing,
        words::share(place.reached),
        words::plural(place.tries as usize, "try").replace("trys", "tries")
    ))
}

/// Walls, hazards and start of an ASCII level; other characters are open ground here, since the splay moves its thing over them.
fn layout(ascii: &str) -> (Scene, Option<Square>) {
    let mut scene = Scene::default();
    let mut start = None;
    for (y, row) in (0u8..).zip(ascii.lines()) {
        for (x, letter) in (0u8..).zip(row.chars()) {
            let square = Square::at(x, y);
            match letter {
                '#' => scene.walls.push(square),
                '^' => scene.hazards.push(square),
                '@' => start = Some(square),
                _ => {}
            }
            scene.width = scene.width.max(x.saturating_add(1));
        }
        scene.height = y.saturating_add(1);
    }
    (scene, start)
}
