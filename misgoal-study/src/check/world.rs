//! `[world]`: its declaration, and the words of the file for regions, layouts and views.

use misgoal_world::{Corner, Layout, Movement, Part, Region, ThingSpec, View, World, WorldError, WorldSpec, ZoneSpec};

use super::plain_name;
use super::things::enter;
use crate::diagnostic::Diagnostic;
use crate::file::{LayoutFile, LayoutKind, MovementFile, WorldFile};
use crate::place::{REGIONS, RegionFile, ViewFile};
use crate::span::{At, Span};

pub(super) fn world(file: &At<WorldFile>, found: &mut Vec<Diagnostic>) -> Option<World> {
    let before = found.len();
    let names = file.things.names();
    let mut things = Vec::new();
    for (name, thing) in file.things.iter() {
        plain_name("thing", name, found);
        let symbol = thing.symbol.chars().next().unwrap_or(' ');
        things.extend(enter(thing, &names, found).map(|enter| ThingSpec { name: name.to_string(), symbol, enter }));
    }
    let mut zones = Vec::new();
    if let Some(file) = &file.zones {
        for (name, at) in file.iter() {
            plain_name("zone", name, found);
            zones.extend(region(at).map(|region| ZoneSpec { name: name.to_string(), region }));
        }
    }
    let movement = match (*file.movement, &file.jump) {
        (MovementFile::Walk, Some(jump)) => {
            let message = "`jump` is for `movement = \"platform\"`";
            found.push(
                Diagnostic::new("stray-key", jump.span(), message)
                    .label("nobody jumps in this world")
                    .note(file.movement.span(), "it walks"),
            );
            return None;
        }
        (MovementFile::Walk, None) => Movement::Walk,
        (MovementFile::Platform, jump) => Movement::Platform { jump: jump.as_ref().map_or(2, |jump| **jump) },
    };
    let [width, height] = *file.size;
    let side = |cells: i64| u8::try_from(cells).unwrap_or(u8::MAX);
    let view = match &*file.view {
        ViewFile::Whole => View::Whole,
        ViewFile::Window([width, height]) => View::Egocentric { width: side(*width), height: side(*height) },
    };
    if found.len() > before {
        return None;
    }
    let spec =
        WorldSpec { width, height, movement, things, zones, view, step_limit: *file.steps, discount: *file.discount };
    World::new(spec).map_err(|error| found.push(world_error(file, &error))).ok()
}

/// Points a world's error at the part of the file that it is about.
fn world_error(file: &At<WorldFile>, error: &WorldError) -> Diagnostic {
    let nth_thing = |n: usize| file.things.iter().nth(n).map(|(name, _)| name.span());
    let nth_zone = |n: usize| file.zones.as_ref().and_then(|zones| zones.iter().nth(n).map(|(name, _)| name.span()));
    let span: Option<Span> = match error.part {
        Part::Size => Some(file.size.span()),
        Part::Movement => Some(file.jump.as_ref().map_or(file.movement.span(), At::span)),
        Part::View => Some(file.view.span()),
        Part::StepLimit => Some(file.steps.span()),
        Part::Discount => Some(file.discount.span()),
        Part::Thing(n) => nth_thing(n),
        Part::Zone(n) => nth_zone(n),
        Part::Layout | Part::Start | Part::Placement(_) | Part::Level => None,
    };
    Diagnostic::new("world", span.unwrap_or_else(|| file.span()), error.message.clone())
}

/// A region by the file's words; none if it is not one of them.
pub(super) fn region(file: &RegionFile) -> Option<Region> {
    match file {
        RegionFile::Word(word) => region_word(word),
        RegionFile::Table(table) => Some(rect(*table.rect)),
    }
}

pub(super) fn region_word(word: &str) -> Option<Region> {
    let regions = [
        Region::LeftColumn,
        Region::RightColumn,
        Region::Corner(Corner::TopLeft),
        Region::Corner(Corner::TopRight),
        Region::Corner(Corner::BottomLeft),
        Region::Corner(Corner::BottomRight),
    ];
    REGIONS.iter().zip(regions).find(|(name, _)| **name == word).map(|(_, region)| region)
}

pub(super) fn rect([x0, y0, x1, y1]: [u8; 4]) -> Region {
    Region::Rect { x0, y0, x1, y1 }
}

/// A layout, if the numbers beside its kind are the ones it takes.
pub(super) fn layout(file: &At<LayoutFile>, found: &mut Vec<Diagnostic>) -> Option<Layout> {
    let before = found.len();
    let numbers = [
        ("density", &file.density),
        ("braid", &file.braid),
        ("pits", &file.pits),
        ("steps", &file.steps),
        ("ledges", &file.ledges),
        ("hazards", &file.hazards),
    ];
    let (word, takes): (&str, &[&str]) = match *file.kind {
        LayoutKind::Open => ("open", &[]),
        LayoutKind::Blocks => ("blocks", &["density"]),
        LayoutKind::Maze => ("maze", &["braid"]),
        LayoutKind::Platforms => ("platforms", &["pits", "steps", "ledges", "hazards"]),
    };
    for (key, value) in numbers {
        if let Some(value) = value.as_ref().filter(|_| !takes.contains(&key)) {
            let diagnostic =
                Diagnostic::new("stray-key", value.span(), format!("`{key}` is not for the layout `{word}`"))
                    .note(file.kind.span(), "of this kind");
            found.push(match takes {
                [] => diagnostic.help(format!("`{word}` takes no numbers")),
                takes => diagnostic.help(format!(
                    "`{word}` takes {}",
                    takes.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
                )),
            });
        }
        if takes.contains(&key) && value.is_none() && *file.kind == LayoutKind::Blocks {
            found.push(
                Diagnostic::new("missing-key", file.kind.span(), format!("the layout `{word}` needs `{key}`"))
                    .help("for example `density = 0.25`"),
            );
        }
    }
    let number = |value: &Option<At<f64>>| value.as_ref().map_or(0.0, |value| **value);
    (found.len() == before).then(|| match *file.kind {
        LayoutKind::Open => Layout::Open,
        LayoutKind::Blocks => Layout::Blocks { density: number(&file.density) },
        LayoutKind::Maze => Layout::Maze { braid: number(&file.braid) },
        LayoutKind::Platforms => Layout::Platforms {
            pits: number(&file.pits),
            steps: number(&file.steps),
            ledges: number(&file.ledges),
            hazards: number(&file.hazards),
        },
    })
}
