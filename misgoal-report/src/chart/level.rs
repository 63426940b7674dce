//! A level as a picture: terrain, things, the agent's way, and the square where it parted from the intended goal's.

use std::fmt::Write;

use super::super::palette::role_class;
use crate::svg::{El, el, trace, window};
use crate::{Parting, Playback, Role, Scene, Square};

/// Units a cell.
pub const CELL: f64 = 10.0;

/// The part of the level that is drawn, in units: corner, width and height.
pub fn view(scene: &Scene) -> (f64, f64, f64, f64) {
    let (low, high) = scene.bounds();
    let ((left, top), (right, bottom)) = (corner(low), corner(high));
    (left, top, right - left + CELL, bottom - top + CELL)
}

/// A cell's top left corner.
pub fn corner(square: Square) -> (f64, f64) {
    (f64::from(square.x) * CELL, f64::from(square.y) * CELL)
}

fn centre(square: Square) -> (f64, f64) {
    let (x, y) = corner(square);
    (x + CELL / 2.0, y + CELL / 2.0)
}

/// The floor under everything.
pub fn ground(scene: &Scene) -> El {
    let (x, y, width, height) = view(scene);
    el("rect").class("ground").frame(x, y, width, height)
}

/// Walls and hazards: two paths, so that a large level stays a few hundred bytes.
pub fn terrain(scene: &Scene) -> El {
    let spikes = scene.hazards.iter().fold(String::new(), |mut d, square| {
        let (x, y) = corner(*square);
        let _ = write!(d, "M{x} {}l2.5-7 2.5 7 2.5-7 2.5 7z", y + CELL);
        d
    });
    let walls = el("path").class("wall").attr("d", runs(&scene.walls));
    el("g").child(walls).children((!spikes.is_empty()).then(|| el("path").class("spike").attr("d", spikes)))
}

/// A path over the cells, each run of neighbours in a row as one rectangle.
fn runs(squares: &[Square]) -> String {
    let mut sorted = squares.to_vec();
    sorted.sort_by_key(|square| (square.y, square.x));
    let mut path = String::new();
    let mut rest = sorted.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while let Some(next) = rest.next_if(|next| next.y == last.y && next.x <= last.x.saturating_add(1)) {
            last = next;
        }
        let (x, y) = corner(first);
        let width = f64::from(last.x - first.x + 1) * CELL;
        let _ = write!(path, "M{x} {y}h{width}v10h-{width}z");
    }
    path
}

/// The hollow ring at the agent's start.
pub fn start(square: Square) -> El {
    let (x, y) = centre(square);
    el("circle").class("start").num("cx", x).num("cy", y).num("r", 2.6).title("start")
}

/// A thing's mark around a point: a disc for the intended goal, a diamond for a proxy, a square otherwise, spikes for harm.
pub fn mark(role: Role, (x, y): (f64, f64)) -> El {
    let d = match role {
        Role::Intended => return el("circle").class(role_class(role)).num("cx", x).num("cy", y).num("r", 3.8),
        Role::Proxy(_) => format!("M{x} {}l4.4 4.4-4.4 4.4-4.4-4.4z", y - 4.4),
        Role::Neutral => format!("M{} {}h6.6v6.6h-6.6z", x - 3.3, y - 3.3),
        Role::Harm => format!("M{} {}l4-8 4 8z", x - 4.0, y + 4.0),
    };
    el("path").class(role_class(role)).attr("d", d)
}

/// Draws the whole episode: its level as at the start, the way as a line, the agent where it ended.
pub fn picture(id: &str, title: &str, description: &str, playback: &Playback, parting: Option<&Parting>) -> El {
    let scene = &playback.scene;
    let way = || playback.moments.iter().map(|moment| centre(moment.square));
    let zones = scene.zones.iter().map(|zone| {
        let class = format!("zone {}", role_class(zone.role));
        el("path").class(class).attr("d", runs(&zone.squares)).title(&zone.name)
    });
    // What may regrow later is not there at the start.
    let there = |bit: usize| playback.taken_at(bit) != Some(0);
    let things = scene.placed().filter(|(bit, ..)| there(*bit)).map(|(bit, kind, square)| {
        let (x, y) = centre(square);
        let group = el("g").class("thing");
        let group = match playback.taken_at(bit) {
            Some(step) => group.attr("data-gone", step),
            None => group,
        };
        let letter = el("text").num("x", x).num("y", y + 1.9).text(kind.symbol);
        group.title(&kind.name).child(mark(kind.role, (x, y))).child(letter)
    });
    let intended = parting.filter(|parting| parting.way.len() > 1).map(|parting| {
        let path = trace(parting.way.iter().map(|square| centre(*square)));
        el("path").class("wanted").attr("d", path).title("the best way for the intended goal from here")
    });
    let ring = parting.and_then(|parting| playback.moments.get(parting.step)).map(|moment| {
        let (x, y) = centre(moment.square);
        let circle = |class: &'static str| el("circle").class(class).num("cx", x).num("cy", y).num("r", 8.0);
        el("g").child(circle("halo")).child(circle("ring").title("the ways part here"))
    });
    let agent = playback.moments.last().map(|moment| {
        let (x, y) = centre(moment.square);
        el("circle").class("agent").num("cx", x).num("cy", y).num("r", 3.1).title("the agent at the end")
    });
    window(id, view(scene), title, description)
        .class("level")
        .attr("data-way", way_data(playback))
        .child(ground(scene))
        .children(zones)
        .child(terrain(scene))
        .children(things)
        .children(intended)
        .child(el("path").class("way").attr("d", trace(way())))
        .children(playback.moments.first().map(|moment| start(moment.square)))
        .children(ring)
        .children(agent)
}

/// The way for the script: `x,y` of every moment, in cells.
fn way_data(playback: &Playback) -> String {
    let squares = playback.moments.iter().map(|moment| format!("{},{}", moment.square.x, moment.square.y));
    squares.collect::<Vec<_>>().join(" ")
}
