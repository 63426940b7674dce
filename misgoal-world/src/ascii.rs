//! Levels as text, both ways.

use std::fmt::Write as _;

use crate::{Board, Cell, Item, Level, MAX_ITEMS, Movement, Part, State, World, WorldError};

/// What a character of the grid stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stack {
    wall: bool,
    hazard: bool,
    agent: bool,
    kinds: Vec<u8>,
}

fn error<T>(message: String) -> Result<T, WorldError> {
    Err(WorldError { part: Part::Level, message })
}

impl World {
    /// Reads a level. The grid comes first, its border included, a character a cell: `#` wall, `.` or a space floor, `^` hazard, `@` the
    /// agent's start, things by their symbols. A cell that holds more than one of these is a letter or digit which a line below the grid
    /// explains: `a = @ + g`. Blank lines and spaces around the lines are ignored.
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
        let legend = self.legend(lines)?;
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
                items.extend(stack.kinds.iter().map(|&kind| Item { kind, cell }));
            }
        }
        if let Some((letter, _)) = legend.iter().zip(&explained).find(|(_, used)| !**used).map(|(entry, _)| entry) {
            return error(format!("the line `{letter} = ...` explains a character that is not in the grid: remove it"));
        }
        if items.len() > MAX_ITEMS {
            return error(format!("{} things are too many for a level: keep at most {MAX_ITEMS}", items.len()));
        }
        match start {
            Some(start) => Ok(self.assemble(walls, hazards, items, start)),
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

    /// Reads the lines below the grid.
    fn legend<'a>(&self, lines: impl Iterator<Item = (&'a str, usize)>) -> Result<Vec<(char, Stack)>, WorldError> {
        let mut legend: Vec<(char, Stack)> = Vec::new();
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
        Ok(legend)
    }

    /// Writes a level as it looks in `state`: things that are gone are left out. What [`World::parse`] reads from the text of a level in its
    /// starting state is the same level.
    pub fn render(&self, level: &Level, state: &State) -> String {
        let mut letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').filter(|letter| self.stack(*letter).is_none());
        let mut legend: Vec<(char, String)> = Vec::new();
        let mut text = String::new();
        for y in 0..self.spec().height + 2 {
            for x in 0..self.spec().width + 2 {
                let symbols = self.symbols(level, state, Cell::at(x, y));
                let mut parts = symbols.chars();
                let symbol = match (parts.next(), parts.next()) {
                    (None, _) => '.',
                    (Some(only), None) => only,
                    _ => {
                        let parts = symbols.chars().map(String::from).collect::<Vec<_>>().join(" + ");
                        match legend.iter().find(|(_, known)| *known == parts) {
                            Some((letter, _)) => *letter,
                            None => {
                                let letter = letters.next().unwrap_or('?');
                                legend.push((letter, parts));
                                letter
                            }
                        }
                    }
                };
                text.push(symbol);
            }
            text.push('\n');
        }
        for (letter, parts) in legend {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{letter} = {parts}");
        }
        text
    }

    /// The symbols of what is on a cell: the agent, terrain, things in order.
    fn symbols(&self, level: &Level, state: &State, cell: Cell) -> String {
        let mut symbols = String::new();
        if state.cell == cell {
            symbols.push('@');
        }
        if level.walls.has(cell) {
            symbols.push('#');
        }
        if level.hazards.has(cell) {
            symbols.push('^');
        }
        for (index, item) in level.items.iter().enumerate() {
            if item.cell == cell && state.left >> index & 1 == 1 {
                symbols.extend(self.spec().things.get(usize::from(item.kind)).map(|thing| thing.symbol));
            }
        }
        symbols
    }
}
