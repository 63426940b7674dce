//! Observations: the numbers of the features that are active, ascending.
//!
//! Features come in planes of one cell each, row by row: walls, hazards (worlds with gravity only), then each kind of thing; after them
//! the agent's jump (worlds with gravity), its keys, and its own cell (whole view). Zones are never observed, nor what lies beyond the
//! border: of an egocentric window only cells of the grid and of the border around it can be active.

#![expect(clippy::indexing_slicing, reason = "tables of 256 indexed by bytes, and a chunk whose index is masked")]

use crate::{Board, Enter, Level, Movement, State, View, World, WorldSpec};

/// Where each group of features begins.
#[derive(Clone, Debug)]
pub(crate) struct Features {
    width: u16,
    height: u16,
    /// Cells from the window's left and top edge to the agent; `None` where the window is the grid.
    centre: Option<(u16, u16)>,
    hazards: Option<u16>,
    things: u16,
    jump: Option<(u16, u8)>,
    /// Kinds that open something, and the first of the three features of each.
    keys: Vec<(usize, u16)>,
    agent: Option<u16>,
    count: u16,
    kinds: u16,
}

impl Features {
    pub(crate) fn new(spec: &WorldSpec) -> Features {
        let (width, height, centre) = match spec.view {
            View::Whole => (u16::from(spec.width), u16::from(spec.height), None),
            View::Egocentric { width, height } => {
                (u16::from(width), u16::from(height), Some((u16::from(width) / 2, u16::from(height) / 2)))
            }
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
        let jump = jump.map(|jump| (take(u16::from(jump)), jump));
        let opens = |kind: usize| spec.things.iter().any(|thing| thing.enter == Enter::Open { key: kind });
        let keys = (0..spec.things.len()).filter(|kind| opens(*kind)).map(|kind| (kind, take(3))).collect();
        let agent = centre.is_none().then(|| take(plane));
        Features { width, height, centre, hazards, things, jump, keys, agent, count: next, kinds }
    }
}

/// For each byte the numbers of its set bits, ascending.
static BITS: [[u16; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut next) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][next] = bit;
                next += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
};

/// For each byte how many bits are set.
static COUNTS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).count_ones() as u8;
        byte += 1;
    }
    table
};

/// Writes feature numbers; what does not fit is left out.
struct Sink<'a> {
    out: &'a mut [u16],
    len: usize,
}

impl Sink<'_> {
    #[inline]
    fn push(&mut self, feature: u16) {
        if let Some(slot) = self.out.get_mut(self.len) {
            *slot = feature;
            self.len += 1;
        }
    }

    /// Writes `base + i` for every bit `i` of a word that has only its lowest `width` bits set.
    ///
    /// A byte at a time: eight numbers from a table are written whether or not the byte has so many, and the next byte's overwrite
    /// the excess. A loop over set bits would mispredict its end about once a row, which costs more than all the rest.
    #[inline]
    fn word(&mut self, bits: u64, width: u32, base: u16) {
        if let Some(slots) = self.out.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut::<72>()) {
            let (mut bits, mut base, mut written) = (bits, base, 0);
            for _ in 0..width.div_ceil(8) {
                let byte = usize::from(bits as u8);
                // At most 56 are written before the last byte: the mask changes nothing but spares the check.
                for (slot, offset) in slots[written & 63..][..8].iter_mut().zip(&BITS[byte]) {
                    *slot = base.wrapping_add(*offset);
                }
                written += usize::from(COUNTS[byte]);
                base = base.wrapping_add(8);
                bits >>= 8;
            }
            self.len += written;
        } else {
            let mut bits = bits;
            while bits != 0 {
                self.push(base + bits.trailing_zeros() as u16);
                bits &= bits - 1;
            }
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
        let cells = usize::from(map.width * map.height);
        let things = (usize::from(map.kinds) * cells).min(crate::MAX_ITEMS);
        cells + things + 2 * usize::from(map.jump.is_some()) + map.keys.len() + usize::from(map.agent.is_some())
    }

    /// What the agent observes: clears `out` and writes the numbers of the active features, ascending.
    #[inline]
    pub fn observe(&self, level: &Level, state: &State, out: &mut Vec<u16>) {
        // Room to write whole words.
        let room = self.max_active() + 72;
        if out.len() < room {
            out.resize(room, 0);
        }
        let len = self.observe_into(level, state, out);
        out.truncate(len);
    }

    /// What the agent observes, into a slice that has room for [`World::max_active`] features; returns how many are active.
    /// Features that do not fit are left out. What lies behind the active features is overwritten.
    pub fn observe_into(&self, level: &Level, state: &State, out: &mut [u16]) -> usize {
        let map = self.features();
        let mut sink = Sink { out, len: 0 };
        // The window's left and top edge in cells of the board; it may begin beyond the border.
        let (left, top) = match map.centre {
            Some((x, y)) => (i32::from(state.cell.x()) - i32::from(x), i32::from(state.cell.y()) - i32::from(y)),
            None => (1, 1),
        };
        map.plane::<false>(&level.walls, left, top, 0, &mut sink);
        if let Some(hazards) = map.hazards {
            map.plane::<true>(&level.hazards, left, top, hazards, &mut sink);
        }
        // Items are sorted by kind and cell, and so are their features; two of a kind on one cell are one feature.
        let mut last = None;
        for (index, item) in level.items.iter().enumerate() {
            let (x, y) = (i32::from(item.cell.x()) - left, i32::from(item.cell.y()) - top);
            let seen = (0..i32::from(map.width)).contains(&x) && (0..i32::from(map.height)).contains(&y);
            if seen && state.left >> index & 1 == 1 && last != Some(item) {
                let plane = u16::from(item.kind) * map.height;
                sink.push(map.things + (plane + y as u16) * map.width + x as u16);
                last = Some(item);
            }
        }
        if let Some((first, jump)) = map.jump {
            // `rise` is 1 to `jump - 1` between steps; the last of the `jump` features says that the agent stands.
            if (1..jump).contains(&state.rise) {
                sink.push(first + u16::from(state.rise) - 1);
            }
            if level.walls.has(crate::Cell(state.cell.0.wrapping_add(crate::STRIDE))) {
                sink.push(first + u16::from(jump) - 1);
            }
        }
        for (kind, first) in &map.keys {
            let held = self.held(level, state, *kind);
            if held > 0 {
                sink.push(first + held.min(3) as u16 - 1);
            }
        }
        if let Some(first) = map.agent {
            sink.push(
                first + (u16::from(state.cell.y()).saturating_sub(1)) * map.width + u16::from(state.cell.x()) - 1,
            );
        }
        sink.len
    }

    /// What feature `index` means, for probes and reports: `wall(-3,2)` (columns right of and rows below the agent; with a whole view
    /// the cell itself), `coin(0,1)`, `rising-2`, `standing`, `holds-key-3+`, `agent(4,7)`. Empty for a number that is none.
    pub fn feature_name(&self, index: usize) -> String {
        let map = self.features();
        let (width, plane) = (usize::from(map.width), usize::from(map.width * map.height));
        let cell = |name: &str, at: usize| {
            let (x, y) = (at % width, at / width);
            match map.centre {
                Some((cx, cy)) => format!("{name}({},{})", x as i32 - i32::from(cx), y as i32 - i32::from(cy)),
                None => format!("{name}({},{})", x + 1, y + 1),
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
        if let Some((first, jump)) = map.jump
            && let Some(at) = within(first, usize::from(jump))
        {
            return if at + 1 == usize::from(jump) { "standing".to_owned() } else { format!("rising-{}", at + 1) };
        }
        for (kind, first) in &map.keys {
            if let Some(at) = within(*first, 3) {
                return format!("holds-{}-{}{}", name(*kind), at + 1, if at == 2 { "+" } else { "" });
            }
        }
        map.agent.and_then(|first| within(first, plane)).map_or_else(String::new, |at| cell("agent", at))
    }
}

impl Features {
    /// Emits the cells of `board` in the window as features from `first` on; `SPARSE` boards have mostly empty rows.
    #[inline]
    fn plane<const SPARSE: bool>(&self, board: &Board, left: i32, top: i32, first: u16, sink: &mut Sink<'_>) {
        let mask = (1u64 << self.width) - 1;
        let (right_by, left_by) = (left.max(0) as u32, left.min(0).unsigned_abs());
        let begin = top.max(0);
        let end = (top + i32::from(self.height)).clamp(begin, board.rows.len() as i32);
        let rows = board.rows.get(begin as usize..end as usize).unwrap_or(&[]);
        let mut base = first + (begin - top) as u16 * self.width;
        for row in rows {
            let bits = (row >> right_by << left_by) & mask;
            if !SPARSE || bits != 0 {
                sink.word(bits, u32::from(self.width), base);
            }
            base += self.width;
        }
    }
}
