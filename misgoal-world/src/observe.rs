//! Writing observations: the numbers of the features that are active, ascending but for movers and guides, which come in the order of the level's items.

#![expect(clippy::indexing_slicing, reason = "tables of 256 indexed by bytes, and a chunk whose index is masked")]

use crate::features::{Features, Where};
use crate::lively::each;
use crate::{Board, Cell, Level, MAX_KINDS, STRIDE, State, World, ZONE_BIT};

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

/// The numbers of a word's bits, ascending.
#[inline]
fn each_bit(mut bits: u64) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then_some(bits.trailing_zeros() as u16)?;
        bits &= bits - 1;
        Some(bit)
    })
}

impl World {
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
        let (left, top) = match map.place {
            Where::Cell(_) => (1, 1),
            Where::Distances { x, y, .. } => {
                (i32::from(state.cell.x()) - i32::from(x), i32::from(state.cell.y()) - i32::from(y))
            }
        };
        map.plane::<false>(&level.walls, left, top, 0, &mut sink);
        if let Some(hazards) = map.hazards {
            map.plane::<true>(&level.hazards, left, top, hazards, &mut sink);
        }
        if self.is_lively() || level.trail.is_some() {
            map.lively(level, state, (left, top), &mut sink);
        } else {
            map.things(level, state, (left, top), &mut sink);
        }
        if let Some((first, jump)) = map.jump {
            // `rise` is 1 to `jump - 1` between steps; the last of the `jump` features says that the agent stands.
            if (1..jump).contains(&state.rise) {
                sink.push(first + u16::from(state.rise) - 1);
            }
            if level.walls.has(Cell(state.cell.0.wrapping_add(STRIDE))) {
                sink.push(first + u16::from(jump) - 1);
            }
        }
        for (kind, first, numbers) in &map.keys {
            let held = self.held(level, state, *kind) as u16;
            if held > 0 {
                sink.push(first + held.min(*numbers) - 1);
            }
        }
        if !map.signs.is_empty() {
            let next = level.next_turn(state.left, |kind| self.is_beacon(kind));
            let sign = map.signs.iter().find(|(kind, _)| Some(*kind) == next);
            sign.into_iter().for_each(|(_, sign)| sink.push(*sign));
        }
        let (column, row) = (u16::from(state.cell.x()), u16::from(state.cell.y()));
        match map.place {
            Where::Cell(first) => sink.push(first + row.saturating_sub(1) * map.width + column.saturating_sub(1)),
            Where::Distances { x, y, first } => {
                let right = (u16::from(self.spec().width) + 1).saturating_sub(column);
                let below = (map.rows + 1).saturating_sub(row);
                let sides = [(column, x, 0), (right, x, x), (row, y, 2 * x), (below, y, 2 * x + y)];
                for (distance, reach, skip) in sides {
                    if (1..=reach).contains(&distance) {
                        sink.push(first + skip + distance - 1);
                    }
                }
            }
        }
        sink.len
    }
}

impl Features {
    /// Emits the things that are left, and their columns and rows. Items are sorted by kind and cell, and so are their features; two of a
    /// kind on one cell are one feature.
    #[inline]
    fn things(&self, level: &Level, state: &State, (left, top): (i32, i32), sink: &mut Sink<'_>) {
        let mut last = None;
        for (index, item) in level.items.iter().enumerate() {
            let (x, y) = (i32::from(item.cell.x()) - left, i32::from(item.cell.y()) - top);
            let seen = (0..i32::from(self.width)).contains(&x) && (0..i32::from(self.height)).contains(&y);
            if seen && state.left >> index & 1 == 1 && last != Some(item) {
                let plane = u16::from(item.kind) * self.height;
                sink.push(self.things + (plane + y as u16) * self.width + x as u16);
                last = Some(item);
            }
        }
        if let Some(first) = self.lines {
            self.lines(first, level, state, (left, top), sink);
        }
    }

    /// The same where things move or a guide walks: in the order of the items, each where it is now. Only what is there is looked at, for most places are empty.
    #[inline]
    fn lively(&self, level: &Level, state: &State, (left, top): (i32, i32), sink: &mut Sink<'_>) {
        let mut lines = [(0u64, 0u64); MAX_KINDS];
        let mut last = None;
        let mut moving = each(level.movers).zip(&state.movers);
        let items = (1u32 << ZONE_BIT) - 1;
        for index in each(state.left & items) {
            let Some(item) = level.items.get(index) else { continue };
            let (mut cell, mut kind) = (item.cell, item.kind);
            if level.movers >> index & 1 == 1 {
                cell = moving.find(|(mover, _)| *mover == index).map_or(cell, |(_, cell)| *cell);
            } else if let Some(trail) = level.trail.as_ref().filter(|trail| trail.guide == index) {
                cell = trail.at(state.time);
                kind = self.looks.iter().find(|(kind, _)| *kind == item.kind).map_or(kind, |(_, like)| *like);
            }
            let (x, y) = (i32::from(cell.x()) - left, i32::from(cell.y()) - top);
            let seen = (0..i32::from(self.width)).contains(&x) && (0..i32::from(self.height)).contains(&y);
            if !seen || last == Some((kind, cell)) {
                continue;
            }
            last = Some((kind, cell));
            let plane = u16::from(kind) * self.height;
            sink.push(self.things + (plane + y as u16) * self.width + x as u16);
            if let Some((columns, rows)) = lines.get_mut(usize::from(kind)) {
                *columns |= 1 << x;
                *rows |= 1 << y;
            }
        }
        let Some(first) = self.lines else { return };
        for (kind, (columns, rows)) in (0u16..).zip(lines) {
            let first = first + kind * (self.width + self.height);
            for (lines, base) in [(columns, first), (rows, first + self.width)] {
                each_bit(lines).for_each(|line| sink.push(base + line));
            }
        }
    }

    /// Emits the columns and the rows in which each kind of thing is seen, as features from `first` on.
    #[inline]
    fn lines(&self, first: u16, level: &Level, state: &State, (left, top): (i32, i32), sink: &mut Sink<'_>) {
        let (mut kind, mut columns, mut rows) = (0, 0u64, 0u64);
        let emit = |sink: &mut Sink<'_>, kind: u8, columns: u64, rows: u64| {
            let first = first + u16::from(kind) * (self.width + self.height);
            for (mut lines, base) in [(columns, first), (rows, first + self.width)] {
                while lines != 0 {
                    sink.push(base + lines.trailing_zeros() as u16);
                    lines &= lines - 1;
                }
            }
        };
        // Items are sorted by kind.
        for (index, item) in level.items.iter().enumerate() {
            let (x, y) = (i32::from(item.cell.x()) - left, i32::from(item.cell.y()) - top);
            let seen = (0..i32::from(self.width)).contains(&x) && (0..i32::from(self.height)).contains(&y);
            if item.kind != kind {
                emit(sink, kind, columns, rows);
                (kind, columns, rows) = (item.kind, 0, 0);
            }
            if seen && state.left >> index & 1 == 1 {
                columns |= 1 << x;
                rows |= 1 << y;
            }
        }
        emit(sink, kind, columns, rows);
    }

    /// Emits the interior cells of `board` in the window as features from `first` on; `SPARSE` boards have mostly empty rows.
    #[inline]
    fn plane<const SPARSE: bool>(&self, board: &Board, left: i32, top: i32, first: u16, sink: &mut Sink<'_>) {
        let mask = (1u64 << self.width) - 1;
        let (right_by, left_by) = (left.max(0) as u32, left.min(0).unsigned_abs());
        let begin = top.max(1);
        let end = (top + i32::from(self.height)).clamp(begin, i32::from(self.rows) + 1);
        let rows = board.rows.get(begin as usize..end as usize).unwrap_or(&[]);
        let mut base = first + (begin - top) as u16 * self.width;
        for row in rows {
            let bits = ((row & self.columns) >> right_by << left_by) & mask;
            if !SPARSE || bits != 0 {
                sink.word(bits, u32::from(self.width), base);
            }
            base += self.width;
        }
    }
}
