//! What an observation's features are: their numbers and names.
//!
//! Planes of one feature a cell come first, row by row: walls, hazards (worlds with gravity only), then each kind of thing. After them
//! come, in an egocentric view, the columns and the rows in which each kind of thing is seen: what to do about a thing depends on its
//! direction first, and a network of dense layers would have to learn that for every cell of the plane anew. Then
//! come the agent's jump (worlds with gravity), its keys and what protects it from movers, which beacon is next where their order is drawn, and where it is: an egocentric view has the distances to the border's four
//! sides, as far as the window reaches; a whole view has a plane for the agent's cell. Zones are never observed, and nothing beyond the
//! interior is: a ring of border cells would say the same as four distances and make up half of what is active.

use crate::{Enter, MAX_HELD, Movement, View, World, WorldSpec};

/// Where each group of features begins.
#[derive(Clone, Debug)]
pub(crate) struct Features {
    /// Columns and rows of the window.
    pub width: u16,
    pub height: u16,
    /// The interior: its columns as bits of a board's row, and its rows.
    pub columns: u64,
    pub rows: u16,
    pub place: Where,
    pub hazards: Option<u16>,
    pub things: u16,
    /// The first of `width + height` features of each kind: the columns in which it is seen, then the rows.
    pub lines: Option<u16>,
    pub jump: Option<(u16, u8)>,
    /// Kinds that open something or protect, the first of the features of each, and how many: held are so many, or more.
    pub keys: Vec<(usize, u16, u16)>,
    /// Guides that look like another one: their kind, and the kind as which they are seen.
    pub looks: Vec<(u8, u8)>,
    /// Beacons whose order is drawn: for each kind the feature that says it is next.
    pub signs: Vec<(usize, u16)>,
    kinds: u16,
    count: u16,
}

/// How an observation says where the agent is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Where {
    /// The window is the interior; the first feature of the agent's plane.
    Cell(u16),
    /// The agent is `x` columns and `y` rows from the window's edges; the first of `2 * (x + y)` features: the border is 1 to `x`
    /// cells to the left, 1 to `x` to the right, 1 to `y` above, 1 to `y` below.
    Distances { x: u16, y: u16, first: u16 },
}

impl Features {
    pub(crate) fn new(spec: &WorldSpec) -> Features {
        let (width, height) = match spec.view {
            View::Whole => (u16::from(spec.width), u16::from(spec.height)),
            View::Egocentric { width, height } => (u16::from(width), u16::from(height)),
        };
        let plane = width * height;
        let mut next = plane;
        let mut take = |features: u16| {
            let first = next;
            next += features;
            first
        };
        let jump = match spec.movement {
            Movement::Walk => None,
            Movement::Platform { jump } => Some(jump),
        };
        let hazards = jump.map(|_| take(plane));
        let kinds = spec.things.len() as u16;
        let things = take(kinds * plane);
        let lines = matches!(spec.view, View::Egocentric { .. }).then(|| take(kinds * (width + height)));
        let jump = jump.map(|jump| (take(u16::from(jump)), jump));
        let opens = |kind: usize| spec.things.iter().any(|thing| thing.enter == Enter::Open { key: kind });
        let protects = |kind: usize| {
            spec.things.iter().any(|thing| matches!(thing.enter, Enter::Catch(m) if m.shield == Some(kind)))
        };
        let mut keys = Vec::new();
        for kind in 0..spec.things.len() {
            let numbers = if protects(kind) { u16::from(MAX_HELD) } else { 3 };
            if protects(kind) || opens(kind) {
                keys.push((kind, take(numbers), numbers));
            }
        }
        let drawn = spec.things.iter().any(|thing| thing.enter == Enter::Visit { drawn: true });
        let beacons = spec.things.iter().enumerate().filter(|(_, thing)| matches!(thing.enter, Enter::Visit { .. }));
        let signs = beacons.filter(|_| drawn).map(|(kind, _)| (kind, take(1))).collect();
        let place = match spec.view {
            View::Whole => Where::Cell(take(plane)),
            View::Egocentric { .. } => {
                let (x, y) = (width / 2, height / 2);
                Where::Distances { x, y, first: take(2 * (x + y)) }
            }
        };
        let looks = (0u8..).zip(&spec.things).filter_map(|(kind, thing)| match thing.enter {
            Enter::Guide(guide) => guide.looks.map(|like| (kind, like as u8)),
            _ => None,
        });
        let looks = looks.collect();
        let columns = ((1u64 << spec.width) - 1) << 1;
        let rows = u16::from(spec.height);
        Features {
            width,
            height,
            columns,
            rows,
            place,
            hazards,
            things,
            lines,
            jump,
            keys,
            looks,
            signs,
            kinds,
            count: next,
        }
    }
}

impl World {
    /// How many features an observation has: the policy's input width.
    pub fn feature_count(&self) -> usize {
        usize::from(self.features().count)
    }

    /// The most features that can be active at once.
    pub fn max_active(&self) -> usize {
        let map = self.features();
        let window = usize::from(map.width * map.height);
        let inside = window.min(usize::from(self.spec().width) * usize::from(self.spec().height));
        // Two kinds may share a cell, and things share cells with each other but not with walls.
        let things = (usize::from(map.kinds) * inside).min(crate::MAX_ITEMS);
        let place = if matches!(map.place, Where::Cell(_)) { 1 } else { 4 };
        let lines = if map.lines.is_some() { 2 * things } else { 0 };
        inside
            + things
            + lines
            + 2 * usize::from(map.jump.is_some())
            + map.keys.len()
            + usize::from(!map.signs.is_empty())
            + place
    }

    /// What feature `index` means, for probes and reports: `wall(-3,2)` (columns right of and rows below the agent; with a whole view
    /// the cell itself), `coin(0,1)`, `coin-column(-2)`, `coin-row(1)`, `rising-2`, `standing`, `holds-key-3+`, `next-red`, `border-left-4`, `agent(4,7)`. Empty for a number that is
    /// none.
    pub fn feature_name(&self, index: usize) -> String {
        let map = self.features();
        let (width, plane) = (usize::from(map.width), usize::from(map.width * map.height));
        let cell = |name: &str, at: usize| {
            let (x, y) = (at % width, at / width);
            match map.place {
                Where::Distances { x: cx, y: cy, .. } => {
                    format!("{name}({},{})", x as i32 - i32::from(cx), y as i32 - i32::from(cy))
                }
                Where::Cell(_) => format!("{name}({},{})", x + 1, y + 1),
            }
        };
        let within = |first: u16, features: usize| index.checked_sub(usize::from(first)).filter(|at| *at < features);
        let name = |kind: usize| self.spec().things.get(kind).map_or("", |thing| thing.name.as_str());
        if index < plane {
            return cell("wall", index);
        }
        if let Some(at) = map.hazards.and_then(|first| within(first, plane)) {
            return cell("hazard", at);
        }
        if let Some(at) = within(map.things, usize::from(map.kinds) * plane) {
            return cell(name(at / plane), at % plane);
        }
        let line = usize::from(map.width + map.height);
        if let (Some(at), Where::Distances { x, y, .. }) =
            (map.lines.and_then(|first| within(first, usize::from(map.kinds) * line)), map.place)
        {
            let (kind, at) = (name(at / line), (at % line) as i32);
            return match at - i32::from(map.width) {
                row @ 0.. => format!("{kind}-row({})", row - i32::from(y)),
                _ => format!("{kind}-column({})", at - i32::from(x)),
            };
        }
        if let Some((first, jump)) = map.jump
            && let Some(at) = within(first, usize::from(jump))
        {
            return if at + 1 == usize::from(jump) { "standing".to_owned() } else { format!("rising-{}", at + 1) };
        }
        for (kind, first, numbers) in &map.keys {
            if let Some(at) = within(*first, usize::from(*numbers)) {
                let last = at + 1 == usize::from(*numbers);
                return format!("holds-{}-{}{}", name(*kind), at + 1, if last { "+" } else { "" });
            }
        }
        if let Some((kind, _)) = map.signs.iter().find(|(_, sign)| usize::from(*sign) == index) {
            return format!("next-{}", name(*kind));
        }
        match map.place {
            Where::Cell(first) => within(first, plane).map_or_else(String::new, |at| cell("agent", at)),
            Where::Distances { x, y, first } => {
                let mut first = first;
                for (side, reach) in [("left", x), ("right", x), ("above", y), ("below", y)] {
                    if let Some(at) = within(first, usize::from(reach)) {
                        return format!("border-{side}-{}", at + 1);
                    }
                    first += reach;
                }
                String::new()
            }
        }
    }
}
