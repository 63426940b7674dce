//! Matches what no automaton does - what stands before and behind, references back - step by step, and no longer than it may.

use super::parse::{Node, Repeat};
use super::set::{Set, is_word};

/// An expression as steps.
#[derive(Clone, Debug)]
pub(super) struct Program {
    steps: Vec<Step>,
    /// How many registers it has: two for each group, two for each repetition.
    registers: usize,
}

#[derive(Clone, Debug)]
enum Step {
    /// One character, before or behind.
    One(Set, bool),
    /// The first is tried before the second.
    Split(usize, usize),
    Jump(usize),
    /// The place is put into a register.
    Save(usize),
    /// A repetition begins: its count is none.
    Begin(usize),
    /// Whether it goes on.
    Again {
        register: usize,
        least: usize,
        most: usize,
        lazy: bool,
        end: usize,
    },
    /// It does: one more, and the registers of groups within are emptied.
    Enter {
        register: usize,
        groups: (usize, usize),
    },
    Start,
    End,
    Edge(bool),
    /// What begins with the next step; it goes on at `end`.
    Look {
        negative: bool,
        end: usize,
    },
    /// What a group has taken, before or behind.
    Back(usize, bool),
    Done,
}

/// Nothing is in a register.
const NONE: usize = usize::MAX;
/// How many steps are taken with one value, at most: so many, and so many more for each character.
const FEWEST: usize = 1 << 12;
const FOR_EACH: usize = 1 << 8;
const MOST: usize = 1 << 20;

impl Program {
    /// `by_units` says that characters are pairs of units of UTF-16.
    pub fn new(node: &Node, groups: usize, by_units: bool) -> Program {
        let mut maker = Maker { steps: Vec::new(), registers: 2 * groups, by_units };
        maker.node(node, false);
        maker.steps.push(Step::Done);
        Program { steps: maker.steps, registers: maker.registers }
    }

    /// Whether it matches anywhere in a text; none where it takes too long.
    pub fn is_match(&self, text: &[u32]) -> Option<bool> {
        let left = FOR_EACH.saturating_mul(text.len()).saturating_add(FEWEST).min(MOST);
        let mut run = Run { steps: &self.steps, text, registers: vec![NONE; self.registers], left };
        for at in 0..=text.len() {
            if run.search(0, at, &mut Vec::new())? {
                return Some(true);
            }
        }
        Some(false)
    }
}

struct Maker {
    steps: Vec<Step>,
    registers: usize,
    by_units: bool,
}

impl Maker {
    fn put(&mut self, at: usize, step: Step) {
        if let Some(place) = self.steps.get_mut(at) {
            *place = step;
        }
    }

    /// A step that is not known yet.
    fn leave(&mut self) -> usize {
        self.steps.push(Step::Done);
        self.steps.len() - 1
    }

    fn node(&mut self, node: &Node, behind: bool) {
        match node {
            Node::Set(set) => self.set(set, behind),
            Node::Sequence(nodes) if behind => nodes.iter().rev().for_each(|node| self.node(node, behind)),
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.node(node, behind)),
            Node::Either(ways) => self.either(ways, behind),
            Node::Group(number, node) => {
                let (first, last) = if behind { (1, 0) } else { (0, 1) };
                self.steps.push(Step::Save(2 * number + first));
                self.node(node, behind);
                self.steps.push(Step::Save(2 * number + last));
            }
            Node::Repeat(repeat) => self.repeat(repeat, behind),
            Node::Start => self.steps.push(Step::Start),
            Node::End => self.steps.push(Step::End),
            Node::Edge(is_edge) => self.steps.push(Step::Edge(*is_edge)),
            Node::Look { behind, negative, node } => {
                let at = self.leave();
                self.node(node, *behind);
                self.steps.push(Step::Done);
                self.put(at, Step::Look { negative: *negative, end: self.steps.len() });
            }
            Node::Back(group) => self.steps.push(Step::Back(*group, behind)),
        }
    }

    fn set(&mut self, set: &Set, behind: bool) {
        match set.ranges.as_slice() {
            [(code, to)] if self.by_units && code == to && *code > 0xffff && !set.negated => {
                let rest = code - 0x1_0000;
                let mut halves = [0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff)];
                if behind {
                    halves.reverse();
                }
                self.steps.extend(halves.map(|half| Step::One(Set::one(half), behind)));
            }
            _ => self.steps.push(Step::One(set.clone(), behind)),
        }
    }

    fn either(&mut self, ways: &[Node], behind: bool) {
        let mut ends = Vec::new();
        for (at, way) in ways.iter().enumerate() {
            let is_last = at + 1 == ways.len();
            let split = (!is_last).then(|| self.leave());
            self.node(way, behind);
            if let Some(split) = split {
                ends.push(self.leave());
                self.put(split, Step::Split(split + 1, self.steps.len()));
            }
        }
        let end = self.steps.len();
        ends.into_iter().for_each(|at| self.put(at, Step::Jump(end)));
    }

    fn repeat(&mut self, repeat: &Repeat, behind: bool) {
        let register = self.registers;
        self.registers += 2;
        self.steps.push(Step::Begin(register));
        let again = self.leave();
        self.steps.push(Step::Enter { register, groups: repeat.groups });
        self.node(&repeat.node, behind);
        self.steps.push(Step::Jump(again));
        let Repeat { least, most, lazy, .. } = *repeat;
        self.put(again, Step::Again { register, least, most, lazy, end: self.steps.len() });
    }
}

/// What is undone when a way leads nowhere.
enum Undo {
    /// Another way, and where.
    Way(usize, usize),
    /// What a register held.
    Register(usize, usize),
}

struct Run<'r> {
    steps: &'r [Step],
    text: &'r [u32],
    registers: Vec<usize>,
    left: usize,
}

impl Run<'_> {
    fn register(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(NONE)
    }

    fn set(&mut self, register: usize, value: usize, undo: &mut Vec<Undo>) {
        if let Some(place) = self.registers.get_mut(register).filter(|place| **place != value) {
            undo.push(Undo::Register(register, std::mem::replace(place, value)));
        }
    }

    /// Whether the steps from this one on match from this place on. If so, what they have put into registers stays there, and `undo` says what was there before; if not, nothing
    /// is changed. None where it takes too long.
    fn search(&mut self, mut step: usize, mut at: usize, undo: &mut Vec<Undo>) -> Option<bool> {
        loop {
            self.left = self.left.checked_sub(1)?;
            let steps = self.steps;
            let next = match steps.get(step) {
                None | Some(Step::Done) => return Some(true),
                Some(Step::One(set, behind)) => {
                    self.one(at, *behind).filter(|(code, _)| set.has(*code)).map(|(_, to)| {
                        at = to;
                        step + 1
                    })
                }
                Some(Step::Split(first, second)) => {
                    undo.push(Undo::Way(*second, at));
                    Some(*first)
                }
                Some(Step::Jump(to)) => Some(*to),
                Some(Step::Save(register)) => {
                    self.set(*register, at, undo);
                    Some(step + 1)
                }
                Some(Step::Begin(register)) => {
                    self.set(*register, 0, undo);
                    self.set(register + 1, NONE, undo);
                    Some(step + 1)
                }
                Some(Step::Again { register, least, most, lazy, end }) => {
                    let count = self.register(*register);
                    // What takes nothing is not taken again.
                    if count > *least && self.register(register + 1) == at {
                        None
                    } else if count >= *most {
                        Some(*end)
                    } else if count < *least {
                        Some(step + 1)
                    } else {
                        let (first, second) = if *lazy { (*end, step + 1) } else { (step + 1, *end) };
                        undo.push(Undo::Way(second, at));
                        Some(first)
                    }
                }
                Some(Step::Enter { register, groups: (from, to) }) => {
                    self.set(*register, self.register(*register).saturating_add(1), undo);
                    self.set(register + 1, at, undo);
                    self.left = self.left.checked_sub(to - from)?;
                    (2 * from..2 * to).for_each(|register| self.set(register, NONE, undo));
                    Some(step + 1)
                }
                Some(Step::Start) => (at == 0).then_some(step + 1),
                Some(Step::End) => (at == self.text.len()).then_some(step + 1),
                Some(Step::Edge(is_edge)) => {
                    let word = |one: Option<(u32, usize)>| one.is_some_and(|(code, _)| is_word(code));
                    let stands = word(self.one(at, true)) != word(self.one(at, false));
                    (stands == *is_edge).then_some(step + 1)
                }
                Some(Step::Look { negative, end }) => self.look(step + 1, at, *negative, undo)?.then_some(*end),
                Some(Step::Back(group, behind)) => self.back(*group, at, *behind)?.map(|to| {
                    at = to;
                    step + 1
                }),
            };
            step = match next {
                Some(next) => next,
                None => loop {
                    match undo.pop() {
                        None => return Some(false),
                        Some(Undo::Way(step, from)) => {
                            at = from;
                            break step;
                        }
                        Some(Undo::Register(register, value)) => self.restore(register, value),
                    }
                },
            };
        }
    }

    /// The character here, or the one before, and the place beyond it.
    fn one(&self, at: usize, behind: bool) -> Option<(u32, usize)> {
        let (one, to) = if behind { (at.checked_sub(1)?, at.checked_sub(1)?) } else { (at, at + 1) };
        self.text.get(one).map(|code| (*code, to))
    }

    fn look(&mut self, step: usize, at: usize, negative: bool, undo: &mut Vec<Undo>) -> Option<bool> {
        let mut inner = Vec::new();
        let found = self.search(step, at, &mut inner)?;
        // What groups have taken in what stands here is known behind it; there is no other way for it.
        inner.retain(|undo| matches!(undo, Undo::Register(..)));
        if negative {
            while let Some(Undo::Register(register, value)) = inner.pop() {
                self.restore(register, value);
            }
        }
        undo.append(&mut inner);
        Some(found != negative)
    }

    fn restore(&mut self, register: usize, value: usize) {
        if let Some(place) = self.registers.get_mut(register) {
            *place = value;
        }
    }

    /// Where what a group has taken ends when it stands here again. Outside none where it takes too long.
    fn back(&mut self, group: usize, at: usize, behind: bool) -> Option<Option<usize>> {
        let (from, to) = (self.register(2 * group), self.register(2 * group + 1));
        if from == NONE || to == NONE {
            return Some(Some(at));
        }
        let taken = self.text.get(from..to).unwrap_or_default();
        self.left = self.left.checked_sub(taken.len())?;
        let (start, end) = if behind {
            let Some(start) = at.checked_sub(taken.len()) else { return Some(None) };
            (start, at)
        } else {
            (at, at + taken.len())
        };
        let stands = self.text.get(start..end) == Some(taken);
        Some(stands.then_some(if behind { start } else { end }))
    }
}
