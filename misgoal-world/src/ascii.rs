//! Levels as text, both ways.

use std::fmt::Write as _;

use crate::guide::DECLARED;
use crate::{
    Board, Cell, Enter, Item, Level, MAX_ITEMS, MAX_KINDS, MAX_MOVERS, Movement, Part, State, World, WorldError,
};

/// What a character of the grid stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stack {
    wall: bool,
    hazard: bool,
    agent: bool,
    kinds: Vec<u8>,
    /// Kinds of which this is only a place.
    asleep: Vec<u8>,
}

/// What the lines below a grid say: what letters mean, the step limit and the order of the beacons.
type Legend = (Vec<(char, Stack)>, (u16, [u8; MAX_KINDS]));

fn error<T>(message: String) -> Result<T, WorldError> {
    Err(WorldError { part: Part::Level, message })
}

impl World {
    /// Reads a level. The grid comes first, its border included, a character a cell: `#` wall, `.` or a space floor, `^` hazard, `@` the
    /// agent's start, things by their symbols. A cell that holds more than one of these is a letter or digit which a line below the grid
    /// explains: `a = @ + g`; a place where a thing may regrow is in brackets: `b = (g)`. A line `steps = 200` says after how many steps
    /// episodes are cut off, where not after the world's own; `order = b r g` in which order beacons are to be visited, where that is drawn. Blank lines and spaces around the lines are ignored.
    ///
    /// # Errors
    /// Says which line and column is wrong and how.
    pub fn parse(&self, text: &str) -> Result<Level, WorldError> {
        let mut lines =
            text.lines().zip(1..).map(|(line, number)| (line.trim(), number)).filter(|(line, _)| !line.is_empty());
        let (width, height) = (usize::from(self.spec().width) + 2, usize::from(self.spec().height) + 2);
        let grid: Vec<(&str, usize)> = lines.by_ref().take(height).collect();
        if grid.len() < height {
            return error(format!(
                "the level has {} rows: this world's have {height}, the border included",
                grid.len()
            ));
        }
        let (legend, rules) = self.legend(lines)?;
        let (mut walls, mut hazards, mut items, mut start) = (Board::EMPTY, Board::EMPTY, Vec::new(), None);
        let mut explained = vec![false; legend.len()];
        for (y, (line, number)) in (0u8..).zip(grid) {
            if line.chars().count() != width {
                let message = format!(
                    "line {number} has {} cells: this world's rows have {width}, the border included",
                    line.chars().count()
                );
                return error(message);
            }
            for (x, symbol) in (0u8..).zip(line.chars()) {
                let at = || format!("line {number}, column {}", x + 1);
                let cell = Cell::at(x, y);
                let stack = match legend.iter().position(|(letter, _)| *letter == symbol) {
                    Some(index) => {
                        explained.iter_mut().skip(index).take(1).for_each(|used| *used = true);
                        legend.get(index).map(|(_, stack)| stack.clone()).unwrap_or_default()
                    }
                    None => match self.stack(symbol) {
                        Some(stack) => stack,
                        None => return error(format!("{}: {}", at(), self.unknown(symbol))),
                    },
                };
                let border = x == 0 || y == 0 || usize::from(x) == width - 1 || usize::from(y) == height - 1;
                if border && !stack.wall {
                    return error(format!("{}: `{symbol}` is in the border: make it a wall, `#`", at()));
                }
                if stack.wall {
                    walls.add(cell);
                }
                if stack.hazard {
                    hazards.add(cell);
                }
                if stack.agent && start.replace(cell).is_some() {
                    return error(format!("{}: a second start `@`: keep one", at()));
                }
                if stack.agent && stack.hazard {
                    return error(format!("{}: the agent starts on a hazard: move `@`", at()));
                }
                items.extend(stack.kinds.iter().map(|&kind| Item { kind, cell, asleep: false }));
                items.extend(stack.asleep.iter().map(|&kind| Item { kind, cell, asleep: true }));
            }
        }
        if let Some((letter, _)) = legend.iter().zip(&explained).find(|(_, used)| !**used).map(|(entry, _)| entry) {
            return error(format!("the line `{letter} = ...` explains a character that is not in the grid: remove it"));
        }
        if items.len() > MAX_ITEMS {
            return error(format!("{} things are too many for a level: keep at most {MAX_ITEMS}", items.len()));
        }
        let moves = |item: &&Item| matches!(self.enter_effect(usize::from(item.kind)), Enter::Catch(_));
        if items.iter().filter(moves).count() > MAX_MOVERS {
            return error(format!("more than {MAX_MOVERS} things that move are too many for a level: keep fewer"));
        }
        let leads = |item: &&Item| matches!(self.enter_effect(usize::from(item.kind)), Enter::Guide(_));
        if items.iter().filter(leads).count() > 1 {
            return error("more than one guide is too many for a level: keep one".to_owned());
        }
        match start {
            Some(start) => Ok(self.assemble(walls, hazards, items, start, rules)),
            None => error("the level has no start: put `@` on a floor cell".to_owned()),
        }
    }

    /// What a character means without a legend.
    fn stack(&self, symbol: char) -> Option<Stack> {
        let mut stack = Stack::default();
        match symbol {
            '#' => stack.wall = true,
            '.' | ' ' => {}
            '^' if self.has_hazards() => stack.hazard = true,
            '@' => stack.agent = true,
            _ => stack.kinds.push(self.spec().things.iter().position(|thing| thing.symbol == symbol)? as u8),
        }
        Some(stack)
    }

    /// Terrain that kills belongs to worlds with gravity; in others a thing that hurts does its work, and is observed as a thing.
    fn has_hazards(&self) -> bool {
        matches!(self.spec().movement, Movement::Platform { .. })
    }

    fn unknown(&self, symbol: char) -> String {
        if symbol == '^' {
            return "a hazard `^` needs gravity: use a thing that hurts".to_owned();
        }
        format!("`{symbol}` is nothing in this world: add a line `{symbol} = ...` or use {}", self.alphabet())
    }

    fn alphabet(&self) -> String {
        let own = self.spec().things.iter().map(|thing| thing.symbol);
        let all = ['#', '.', '@'].into_iter().chain(self.has_hazards().then_some('^')).chain(own);
        all.map(|symbol| format!("`{symbol}`")).collect::<Vec<_>>().join(" ")
    }

    /// The kind of a place for something that regrows, written in brackets.
    fn place_for(&self, part: &str) -> Option<u8> {
        let mut inside = part.strip_prefix('(')?.strip_suffix(')')?.chars();
        let (symbol, None) = (inside.next()?, inside.next()) else { return None };
        let kind = self.spec().things.iter().position(|thing| thing.symbol == symbol)?;
        matches!(self.enter_effect(kind), Enter::Regrow(_)).then_some(kind as u8)
    }

    /// Reads the lines below the grid: what letters mean, the step limit and the order of the beacons.
    fn legend<'a>(&self, lines: impl Iterator<Item = (&'a str, usize)>) -> Result<Legend, WorldError> {
        let mut legend: Vec<(char, Stack)> = Vec::new();
        let mut steps = self.spec().step_limit;
        let mut turns = DECLARED;
        for (line, number) in lines {
            let Some((letter, parts)) = line.split_once('=') else {
                let rows = self.spec().height + 2;
                let message = if line.starts_with('#') {
                    format!("line {number}: the level has more rows than this world's {rows}, the border included")
                } else {
                    format!("line {number}: `{line}` is below the grid but no explanation: write it as `a = @ + g`")
                };
                return error(message);
            };
            if letter.trim() == "steps" {
                steps = match parts.trim().parse() {
                    Ok(limit @ 1..=10_000) => limit,
                    _ => {
                        let message = format!("line {number}: `{}` is no step limit: write 1 to 10000", parts.trim());
                        return error(message);
                    }
                };
                continue;
            }
            if letter.trim() == "order" {
                turns = self.order(parts, number)?;
                continue;
            }
            let mut letters = letter.trim().chars();
            let (Some(letter), None) = (letters.next(), letters.next()) else {
                return error(format!(
                    "line {number}: `{}` is not one character: explain one character a line",
                    letter.trim()
                ));
            };
            if self.stack(letter).is_some()
                || !letter.is_ascii_alphanumeric()
                || legend.iter().any(|(other, _)| *other == letter)
            {
                return error(format!(
                    "line {number}: `{letter}` is not free: explain a letter or digit that has no meaning yet"
                ));
            }
            let mut all = Stack::default();
            for part in parts.split('+') {
                if let Some(kind) = self.place_for(part.trim()) {
                    all.asleep.push(kind);
                    continue;
                }
                let mut symbols = part.trim().chars();
                let stack = match (symbols.next(), symbols.next()) {
                    (Some(symbol), None) if symbol != '#' => self.stack(symbol),
                    _ => None,
                };
                let Some(stack) = stack else {
                    let message = format!(
                        "line {number}: `{}` cannot be part of a shared cell: use {} but no wall",
                        part.trim(),
                        self.alphabet()
                    );
                    return error(message);
                };
                if all.agent && stack.agent {
                    return error(format!("line {number}: a second start `@`: keep one"));
                }
                all.hazard |= stack.hazard;
                all.agent |= stack.agent;
                all.kinds.extend(stack.kinds);
            }
            legend.push((letter, all));
        }
        Ok((legend, (steps, turns)))
    }

    /// The symbols of the beacons whose order is drawn, in a level's order.
    fn order_of(&self, level: &Level) -> String {
        let drawn: Vec<u8> = self.drawn_kinds().collect();
        let kinds = level.turns.iter().filter(|kind| drawn.contains(kind));
        let symbols = kinds.filter_map(|kind| self.spec().things.get(usize::from(*kind))).map(|thing| thing.symbol);
        symbols.map(|symbol| symbol.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// Reads an order: each beacon whose order is drawn, once.
    fn order(&self, text: &str, number: usize) -> Result<[u8; MAX_KINDS], WorldError> {
        let things = &self.spec().things;
        let mut kinds = Vec::new();
        for symbol in text.chars().filter(|c| !c.is_whitespace()) {
            let kind = things.iter().position(|thing| thing.symbol == symbol);
            kinds.push(kind.map_or(u8::MAX, |kind| kind as u8));
        }
        let drawn: Vec<u8> = self.drawn_kinds().collect();
        let mut sorted = kinds.clone();
        sorted.sort_unstable();
        if sorted != drawn || drawn.is_empty() {
            let symbols = drawn.iter().filter_map(|kind| things.get(usize::from(*kind)));
            let symbols: Vec<String> = symbols.map(|thing| format!("`{}`", thing.symbol)).collect();
            return error(match symbols.as_slice() {
                [] => format!("line {number}: the order of this world's beacons is not drawn: remove the line"),
                _ => format!("line {number}: `{}` is no order: name each of {} once", text.trim(), symbols.join(" ")),
            });
        }
        Ok(self.turns(&kinds))
    }

    /// Writes a level as it looks in `state`: things that are gone are left out. What [`World::parse`] reads from the text of a level in its
    /// starting state is the same level.
    pub fn render(&self, level: &Level, state: &State) -> String {
        let mut letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').filter(|letter| self.stack(*letter).is_none());
        let mut legend: Vec<(char, String)> = Vec::new();
        let mut text = String::new();
        for y in 0..self.spec().height + 2 {
            for x in 0..self.spec().width + 2 {
                let parts = self.symbols(level, state, Cell::at(x, y)).join(" + ");
                let mut symbols = parts.chars();
                let symbol = match (symbols.next(), symbols.next()) {
                    (None, _) => '.',
                    (Some(only), None) => only,
                    _ => match legend.iter().find(|(_, known)| *known == parts) {
                        Some((letter, _)) => *letter,
                        None => {
                            let letter = letters.next().unwrap_or('?');
                            legend.push((letter, parts));
                            letter
                        }
                    },
                };
                text.push(symbol);
            }
            text.push('\n');
        }
        for (letter, parts) in legend {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{letter} = {parts}");
        }
        if self.drawn_kinds().next().is_some() {
            let _ = writeln!(text, "order = {}", self.order_of(level));
        }
        if level.steps != self.spec().step_limit {
            let _ = writeln!(text, "steps = {}", level.steps);
        }
        text
    }

    /// The symbols of what is on a cell: the agent, terrain, things in order; places for things in brackets.
    fn symbols(&self, level: &Level, state: &State, cell: Cell) -> Vec<String> {
        let terrain = [(state.cell == cell, '@'), (level.walls.has(cell), '#'), (level.hazards.has(cell), '^')];
        let mut symbols: Vec<String> = terrain.iter().filter(|(here, _)| *here).map(|(_, c)| c.to_string()).collect();
        for (index, item) in level.items.iter().enumerate() {
            let Some(thing) = self.spec().things.get(usize::from(item.kind)) else { continue };
            if level.cell_of(index, item, state) != cell {
                continue;
            }
            if state.left >> index & 1 == 1 {
                symbols.push(thing.symbol.to_string());
            } else if let Enter::Regrow(_) = thing.enter {
                symbols.push(format!("({})", thing.symbol));
            }
        }
        symbols
    }
}
