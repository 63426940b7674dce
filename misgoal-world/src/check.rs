//! Is a declaration sound? Every mistake has its own sentence and the part that it is about.

mod guide;
mod lively;

use crate::{
    Distribution, Enter, Layout, MAX_ITEMS, MAX_KINDS, MAX_ZONES, Movement, Part, Place, Region, Regrow, ThingSpec,
    View, WorldError, WorldSpec,
};

/// Characters that ASCII levels use themselves.
pub(crate) const RESERVED: [char; 7] = ['#', '.', ' ', '^', '@', '=', '+'];

fn error<T>(part: Part, message: String) -> Result<T, WorldError> {
    Err(WorldError { part, message })
}

/// Checks a world's declaration.
pub(crate) fn spec(spec: &WorldSpec) -> Result<(), WorldError> {
    size(spec)?;
    if let Movement::Platform { jump } = spec.movement
        && !(1..=4).contains(&jump)
    {
        return error(Part::Movement, format!("a jump of `{jump}` cells is out of range: choose 1 to 4"));
    }
    if let View::Egocentric { width, height } = spec.view {
        if width.is_multiple_of(2) || height.is_multiple_of(2) {
            let message =
                format!("a view of `{width}` by `{height}` has no middle cell for the agent: choose odd numbers");
            return error(Part::View, message);
        }
        // A row of the window is a word, and eleven planes of 63 by 63 still number their features in 16 bits.
        if width > 63 || height > 63 {
            return error(
                Part::View,
                format!("a view of `{width}` by `{height}` is too large: choose at most 63 by 63"),
            );
        }
    }
    if !(1..=10_000).contains(&spec.step_limit) {
        return error(
            Part::StepLimit,
            format!("a step limit of `{}` is out of range: choose 1 to 10000", spec.step_limit),
        );
    }
    if !(spec.discount > 0.0 && spec.discount < 1.0) {
        let message = format!(
            "a discount of `{}` is out of range: choose a number above 0 and below 1, such as 0.99",
            spec.discount
        );
        return error(Part::Discount, message);
    }
    things(spec)?;
    lively::things(spec)?;
    guide::things(spec)?;
    zones(spec)
}

fn size(spec: &WorldSpec) -> Result<(), WorldError> {
    if !(3..=62).contains(&spec.width) {
        return error(
            Part::Size,
            format!("a width of `{}` is out of range: choose 3 to 62 interior columns", spec.width),
        );
    }
    if !(3..=30).contains(&spec.height) {
        return error(
            Part::Size,
            format!("a height of `{}` is out of range: choose 3 to 30 interior rows", spec.height),
        );
    }
    Ok(())
}

fn names(spec: &WorldSpec, name: &str, earlier: usize, part: Part) -> Result<(), WorldError> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return error(part, format!("the name `{name}` is not usable: use letters, digits, `_` and `-`"));
    }
    if name == "death" || name == "timeout" {
        return error(part, format!("the name `{name}` is an event of every world: choose another"));
    }
    if (name == "in-turn" || name == "out-of-turn")
        && spec.things.iter().any(|thing| matches!(thing.enter, Enter::Visit { .. }))
    {
        return error(part, format!("the name `{name}` is an event of every world with beacons: choose another"));
    }
    let all = spec.things.iter().map(|thing| &thing.name).chain(spec.zones.iter().map(|zone| &zone.name));
    let gone = |thing: &ThingSpec| matches!(thing.enter, Enter::Regrow(Regrow::Rate { .. }));
    let gone = |thing: &ThingSpec| gone(thing) && name.strip_suffix("-gone") == Some(&thing.name);
    if let Some(thing) = spec.things.iter().find(|thing| gone(thing)) {
        let message = format!("the name `{name}` is the event that the last `{}` is gone: choose another", thing.name);
        return error(part, message);
    }
    if all.take(earlier).any(|other| other == name) {
        return error(part, format!("the name `{name}` is used twice: things and zones share their names with events"));
    }
    Ok(())
}

fn things(spec: &WorldSpec) -> Result<(), WorldError> {
    if spec.things.len() > MAX_KINDS {
        let message = format!("{} kinds of things are too many: declare at most {MAX_KINDS}", spec.things.len());
        return error(Part::Thing(MAX_KINDS), message);
    }
    for (index, thing) in spec.things.iter().enumerate() {
        let part = Part::Thing(index);
        names(spec, &thing.name, index, part)?;
        let symbol = thing.symbol;
        if RESERVED.contains(&symbol) || symbol.is_whitespace() || symbol.is_control() {
            let message = format!(
                "the symbol `{symbol}` of `{}` is reserved: choose a visible character but `# . ^ @ = +`",
                thing.name
            );
            return error(part, message);
        }
        if let Some(other) = spec.things.iter().take(index).find(|other| other.symbol == symbol) {
            let message =
                format!("the symbol `{symbol}` of `{}` is also that of `{}`: choose another", thing.name, other.name);
            return error(part, message);
        }
        if let Enter::Open { key } = thing.enter {
            match spec.things.get(key) {
                None => {
                    return error(
                        part,
                        format!("`{}` opens with a thing that does not exist: name one of the things", thing.name),
                    );
                }
                Some(key) if key.enter != Enter::Collect => {
                    let message = format!(
                        "`{}` opens with `{}`, which cannot be carried: let entering `{}` collect it",
                        thing.name, key.name, key.name
                    );
                    return error(part, message);
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn zones(spec: &WorldSpec) -> Result<(), WorldError> {
    if spec.zones.len() > MAX_ZONES {
        return error(
            Part::Zone(MAX_ZONES),
            format!("{} zones are too many: declare at most {MAX_ZONES}", spec.zones.len()),
        );
    }
    for (index, zone) in spec.zones.iter().enumerate() {
        names(spec, &zone.name, spec.things.len() + index, Part::Zone(index))?;
        region(spec, zone.region, Part::Zone(index))?;
    }
    Ok(())
}

fn region(spec: &WorldSpec, region: Region, part: Part) -> Result<(), WorldError> {
    let Region::Rect { x0, y0, x1, y1 } = region else { return Ok(()) };
    if x0 < 1 || y0 < 1 || x1 > spec.width || y1 > spec.height {
        let message = format!(
            "the region `{x0},{y0}` to `{x1},{y1}` leaves the interior: columns are 1 to {}, rows 1 to {}",
            spec.width, spec.height
        );
        return error(part, message);
    }
    if x0 > x1 || y0 > y1 {
        return error(
            part,
            format!("the region `{x0},{y0}` to `{x1},{y1}` is empty: give the upper left corner first"),
        );
    }
    Ok(())
}

/// Checks a distribution against the world that it is for.
pub(crate) fn distribution(spec: &WorldSpec, distribution: &Distribution) -> Result<(), WorldError> {
    layout(spec, &distribution.layout)?;
    match distribution.start {
        Place::Anywhere => {}
        Place::Region(place) => in_region(spec, distribution, place, Part::Start)?,
        _ => {
            let message = "the agent's start is placed before every thing: choose `anywhere` or a region for it";
            return error(Part::Start, message.to_owned());
        }
    }
    let mut most = 0;
    for (index, placement) in distribution.placements.iter().enumerate() {
        let part = Part::Placement(index);
        let Some(thing) = spec.things.get(placement.thing) else {
            return error(
                part,
                format!("placement {} places a thing that does not exist: name one of the things", index + 1),
            );
        };
        let (least, greatest) = placement.count;
        if least > greatest {
            let message = format!("`{least}` to `{greatest}` of `{}`: give the smaller number first", thing.name);
            return error(part, message);
        }
        most += usize::from(greatest);
        if most > MAX_ITEMS {
            return error(part, format!("up to {most} things in a level are too many: place at most {MAX_ITEMS}"));
        }
        place(spec, distribution, index)?;
    }
    lively::distribution(spec, distribution)?;
    guide::distribution(spec, distribution)
}

fn place(spec: &WorldSpec, distribution: &Distribution, index: usize) -> Result<(), WorldError> {
    let part = Part::Placement(index);
    let Some(placement) = distribution.placements.get(index) else { return Ok(()) };
    let thing = spec.things.get(placement.thing).map_or("", |thing| thing.name.as_str());
    let other = match placement.place {
        Place::Anywhere | Place::BesideStart => return Ok(()),
        Place::Region(place) => {
            let room = place.board(spec.width, spec.height).count();
            if u32::from(placement.count.1) > room {
                let message =
                    format!("up to {} of `{thing}` do not fit into a region with room for {room}", placement.count.1);
                return error(part, message);
            }
            return in_region(spec, distribution, place, part);
        }
        Place::Beside(other)
        | Place::On(other)
        | Place::OffPath(other)
        | Place::OnPath(other)
        | Place::Away { thing: other, .. } => other,
    };
    let Some(name) = spec.things.get(other).map(|other| &other.name) else {
        return error(part, format!("`{thing}` is placed by a thing that does not exist: name one of the things"));
    };
    let earlier = distribution.placements.iter().take(index);
    if !earlier.into_iter().any(|earlier| earlier.thing == other && earlier.count.0 > 0) {
        let message = format!(
            "`{thing}` is placed by `{name}`, of which there need not be one yet: place at least one `{name}` before"
        );
        return error(part, message);
    }
    Ok(())
}

fn in_region(spec: &WorldSpec, distribution: &Distribution, place: Region, part: Part) -> Result<(), WorldError> {
    if let (Layout::Platforms { .. }, Region::Corner(_)) = (distribution.layout, place) {
        return error(part, "nothing stands in the corners of platforms: choose a column or `anywhere`".to_owned());
    }
    region(spec, place, part)
}

fn layout(spec: &WorldSpec, layout: &Layout) -> Result<(), WorldError> {
    let gravity = matches!(spec.movement, Movement::Platform { .. });
    let share = |name: &str, p: f64, most: f64| {
        if (0.0..=most).contains(&p) {
            return Ok(());
        }
        error(Part::Layout, format!("a share `{name}` of `{p}` is out of range: choose 0 to {most}"))
    };
    match *layout {
        Layout::Open => Ok(()),
        Layout::Blocks { density } => {
            walks(gravity, "blocks")?;
            share("density", density, 0.5)
        }
        Layout::Maze { braid } => {
            walks(gravity, "maze")?;
            if spec.width.is_multiple_of(2) || spec.height.is_multiple_of(2) {
                let message = format!(
                    "a maze of `{}` by `{}` has no regular cells: choose an odd width and height",
                    spec.width, spec.height
                );
                return error(Part::Size, message);
            }
            share("braid", braid, 1.0)
        }
        Layout::Platforms { pits, steps, ledges, hazards } => {
            let Movement::Platform { jump } = spec.movement else {
                let message = "a layout of `platforms` needs gravity: declare the movement as `platform`";
                return error(Part::Layout, message.to_owned());
            };
            if spec.width < 10 {
                return error(Part::Size, format!("platforms need at least 10 columns: `{}` are too few", spec.width));
            }
            if spec.height < jump + 4 {
                let message =
                    format!("a jump of {jump} needs at least {} rows: `{}` are too few", jump + 4, spec.height);
                return error(Part::Size, message);
            }
            if jump == 1 && ledges > 0.0 {
                return error(
                    Part::Layout,
                    "a jump of 1 reaches no ledge: set `ledges` to 0 or let the agent jump 2".to_owned(),
                );
            }
            share("pits", pits, 1.0)?;
            share("steps", steps, 1.0)?;
            share("ledges", ledges, 1.0)?;
            share("hazards", hazards, 1.0)?;
            if pits + steps + ledges + hazards > 1.0 {
                return error(
                    Part::Layout,
                    "`pits`, `steps`, `ledges` and `hazards` are shares of the columns: let them sum to at most 1"
                        .to_owned(),
                );
            }
            Ok(())
        }
    }
}

fn walks(gravity: bool, name: &str) -> Result<(), WorldError> {
    if gravity {
        let message = format!(
            "a layout of `{name}` has no ground to stand on: declare the movement as `walk` or the layout as `platforms`"
        );
        return error(Part::Layout, message);
    }
    Ok(())
}
