//! Reads a regular expression as ECMA-262 has it, with what browsers take beside (its Annex B): JSON Schema says that `pattern` is one.

use super::set::{Property, Set, class};

/// A regular expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Set(Set),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    /// A group with a number.
    Group(usize, Box<Node>),
    Repeat(Box<Repeat>),
    Start,
    End,
    /// The edge of a word, or none.
    Edge(bool),
    Look {
        behind: bool,
        negative: bool,
        node: Box<Node>,
    },
    /// What this group has taken.
    Back(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Repeat {
    pub node: Node,
    pub least: usize,
    pub most: usize,
    pub lazy: bool,
    /// The groups within: from this one to before that one.
    pub groups: (usize, usize),
}

/// A regular expression with what it says of its reader.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub node: Node,
    /// How many groups it has, the whole among them.
    pub groups: usize,
    /// It is read by characters and not by units of UTF-16 (flag `u` or `v`).
    pub by_characters: bool,
    /// It is read by units, halves of which it names.
    pub by_units: bool,
}

/// Why a text is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is none of ECMA-262, or means something else to all who write it so (`\A`).
    Foreign,
    /// It is one, and is not known here.
    Unknown,
}

/// How many groups hold one another, at most.
const DEEPEST: usize = 64;
/// The longest expression, in characters.
const LONGEST: usize = 1 << 14;

pub(super) fn parse(text: &str) -> Result<Parsed, Fault> {
    let text: Vec<char> = text.chars().collect();
    if text.len() > LONGEST {
        return Err(Fault::Unknown);
    }
    let mut parser =
        Parser { text, at: 0, groups: 1, by_characters: false, by_units: false, names: Vec::new(), all: 1 };
    parser.find_groups()?;
    let node = parser.either(DEEPEST)?;
    match parser.peek() {
        None if parser.by_characters && parser.by_units => Err(Fault::Unknown),
        None => {
            Ok(Parsed { node, groups: parser.groups, by_characters: parser.by_characters, by_units: parser.by_units })
        }
        Some(_) => Err(Fault::Foreign),
    }
}

struct Parser {
    text: Vec<char>,
    at: usize,
    /// The number of the next group.
    groups: usize,
    by_characters: bool,
    by_units: bool,
    /// The names of groups, with their numbers.
    names: Vec<(String, usize)>,
    /// How many groups there are, the whole among them.
    all: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    /// Goes past a text that stands here.
    fn takes(&mut self, text: &str) -> bool {
        let stands = text.chars().enumerate().all(|(at, c)| self.text.get(self.at + at) == Some(&c));
        self.at += if stands { text.chars().count() } else { 0 };
        stands
    }

    /// What stands here up to a sign, which it goes past.
    fn up_to(&mut self, end: char) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let count = rest.iter().position(|c| *c == end)?;
        let text = rest.iter().take(count).collect();
        self.at += count + 1;
        Some(text)
    }

    /// Numbers and names of groups: references may stand before them.
    fn find_groups(&mut self) -> Result<(), Fault> {
        let mut in_class = false;
        while let Some(c) = self.next() {
            match c {
                '\\' => _ = self.next(),
                '[' => in_class = true,
                ']' => in_class = false,
                '(' if !in_class => {
                    let is_plain = self.peek() != Some('?');
                    let is_named = self.takes("?<") && !matches!(self.peek(), Some('=' | '!'));
                    if is_named {
                        let name = self.up_to('>').ok_or(Fault::Foreign)?;
                        if self.names.iter().any(|(known, _)| *known == name) {
                            return Err(Fault::Unknown);
                        }
                        self.names.push((name, self.all));
                    }
                    self.all += usize::from(is_named || is_plain);
                }
                _ => {}
            }
        }
        self.at = 0;
        Ok(())
    }

    fn either(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut ways = vec![self.sequence(depth)?];
        while self.takes("|") {
            ways.push(self.sequence(depth)?);
        }
        Ok(if ways.len() == 1 { ways.pop().unwrap_or(Node::Sequence(Vec::new())) } else { Node::Either(ways) })
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut nodes = Vec::new();
        while self.peek().is_some_and(|c| !matches!(c, '|' | ')')) {
            let first = self.groups;
            let node = self.term(depth)?;
            nodes.push(self.repeated(node, first)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn repeated(&mut self, node: Node, first: usize) -> Result<Node, Fault> {
        let counts = match self.peek() {
            Some('*') => Some((0, usize::MAX)),
            Some('+') => Some((1, usize::MAX)),
            Some('?') => Some((0, 1)),
            Some('{') => self.counts(),
            _ => None,
        };
        let Some((least, most)) = counts else { return Ok(node) };
        if self.next() == Some('{') {
            _ = self.up_to('}');
        }
        let can_repeat = !matches!(node, Node::Start | Node::End | Node::Edge(_) | Node::Look { behind: true, .. });
        if !can_repeat || least > most {
            return Err(Fault::Foreign);
        }
        // Read by units, the second half alone would be repeated, which nobody means.
        self.by_characters |= matches!(&node, Node::Set(set) if set.ranges.iter().any(|(from, _)| *from > 0xffff) && set.ranges.len() == 1);
        let lazy = self.takes("?");
        Ok(Node::Repeat(Box::new(Repeat { node, least, most, lazy, groups: (first, self.groups) })))
    }

    /// What `{2,5}` says, where it stands here; it stays where it is.
    fn counts(&self) -> Option<(usize, usize)> {
        let inner: String = self.text.get(self.at + 1..)?.iter().take_while(|c| **c != '}').collect();
        self.text.get(self.at + 1 + inner.chars().count())?;
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().unwrap_or(usize::MAX))
        };
        match inner.split_once(',') {
            None => number(&inner).map(|count| (count, count)),
            Some((least, "")) => Some((number(least)?, usize::MAX)),
            Some((least, most)) => Some((number(least)?, number(most)?)),
        }
    }

    fn term(&mut self, depth: usize) -> Result<Node, Fault> {
        // One of another kind is an error to ECMA-262.
        if matches!(self.peek(), Some('{')) && self.counts().is_some() {
            return Err(Fault::Foreign);
        }
        match self.next().ok_or(Fault::Foreign)? {
            '^' => Ok(Node::Start),
            '$' => Ok(Node::End),
            '.' => Ok(Node::Set(Set::dot())),
            '*' | '+' | '?' => Err(Fault::Foreign),
            '(' => self.group(depth.checked_sub(1).ok_or(Fault::Unknown)?),
            '[' => self.class().map(Node::Set),
            '\\' => self.escape(),
            c => Ok(Node::Set(Set::one(c.into()))),
        }
    }

    fn group(&mut self, depth: usize) -> Result<Node, Fault> {
        let look = [("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true)]
            .into_iter()
            .find(|(text, ..)| self.takes(text));
        let mut number = None;
        if look.is_none() && !self.takes("?:") {
            if self.takes("?<") {
                _ = self.up_to('>').ok_or(Fault::Foreign)?;
            } else if self.takes("?") {
                return Err(self.flags());
            }
            number = Some(self.groups);
            self.groups += 1;
        }
        let node = Box::new(self.either(depth)?);
        if !self.takes(")") {
            return Err(Fault::Foreign);
        }
        Ok(match (look, number) {
            (Some((_, behind, negative)), _) => Node::Look { behind, negative, node },
            (None, Some(number)) => Node::Group(number, node),
            (None, None) => *node,
        })
    }

    /// Flags of a part (`(?i:..)`) are of ECMA-262; flags for the rest, and whatever else stands behind `(?`, are not.
    fn flags(&mut self) -> Fault {
        let flags = self.up_to(':').unwrap_or_else(|| "?".to_owned());
        if flags.chars().all(|c| matches!(c, 'i' | 'm' | 's' | '-')) { Fault::Unknown } else { Fault::Foreign }
    }

    fn escape(&mut self) -> Result<Node, Fault> {
        match self.peek() {
            Some('b') => {
                self.at += 1;
                Ok(Node::Edge(true))
            }
            Some('B') => {
                self.at += 1;
                Ok(Node::Edge(false))
            }
            Some('k') if !self.names.is_empty() => {
                self.at += 1;
                let name = if self.takes("<") { self.up_to('>') } else { None };
                let known = name.and_then(|name| self.names.iter().find(|(known, _)| *known == name));
                known.map(|(_, group)| Node::Back(*group)).ok_or(Fault::Foreign)
            }
            Some('1'..='9') => {
                let digits: String =
                    self.text.get(self.at..).unwrap_or_default().iter().take_while(|c| c.is_ascii_digit()).collect();
                match digits.parse::<usize>() {
                    Ok(group) if group < self.all => {
                        self.at += digits.len();
                        Ok(Node::Back(group))
                    }
                    _ => self.octal().map(|code| Node::Set(Set::one(code))),
                }
            }
            _ => {
                let mut set = Set::default();
                match self.escaped(&mut set)? {
                    None => Ok(Node::Set(set)),
                    Some(high @ 0xd800..=0xdbff) => Ok(self.pair(high)),
                    Some(code) => {
                        self.by_units |= (0xd800..=0xdfff).contains(&code);
                        Ok(Node::Set(Set::one(code)))
                    }
                }
            }
        }
    }

    /// One character of two halves, or the first half alone.
    fn pair(&mut self, high: u32) -> Node {
        let before = self.at;
        let low = if self.takes("\\u") { self.digits(4) } else { None };
        let Some(low @ 0xdc00..=0xdfff) = low else {
            self.at = before;
            self.by_units = true;
            return Node::Set(Set::one(high));
        };
        Node::Set(Set::one(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)))
    }

    /// So many hexadecimal digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let digits: String = self.text.get(self.at..self.at + count)?.iter().collect();
        let code = u32::from_str_radix(&digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        self.at += count;
        Some(code)
    }

    /// A character by its number to the base of eight; `\8` is 8.
    fn octal(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        let before = self.at;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8)).filter(|digit| code * 8 + digit < 0o400) {
            code = code * 8 + digit;
            self.at += 1;
        }
        if self.at > before { Ok(code) } else { self.next().map(u32::from).ok_or(Fault::Foreign) }
    }

    /// What stands behind `\`: a character, or a class that goes into the set.
    fn escaped(&mut self, set: &mut Set) -> Result<Option<u32>, Fault> {
        let c = self.next().ok_or(Fault::Foreign)?;
        if let Some(ranges) = class(c) {
            set.ranges.extend(ranges);
            return Ok(None);
        }
        let code = match c {
            't' => 0x09,
            'n' => 0x0a,
            'v' => 0x0b,
            'f' => 0x0c,
            'r' => 0x0d,
            'c' => match self.peek().filter(char::is_ascii_alphabetic) {
                Some(letter) => {
                    self.at += 1;
                    u32::from(letter) % 32
                }
                None => {
                    // It is a `\`, and `c` comes behind.
                    self.at -= 1;
                    u32::from('\\')
                }
            },
            '0'..='7' => {
                self.at -= 1;
                self.octal()?
            }
            'x' => self.digits(2).ok_or(Fault::Foreign)?,
            'u' if self.takes("{") => {
                self.by_characters = true;
                let digits = self.up_to('}').ok_or(Fault::Foreign)?;
                u32::from_str_radix(&digits, 16).ok().filter(|code| *code <= 0x10_ffff).ok_or(Fault::Foreign)?
            }
            'u' => self.digits(4).ok_or(Fault::Foreign)?,
            'p' | 'P' => {
                self.by_characters = true;
                let name = if self.takes("{") { self.up_to('}') } else { None };
                let property = Property::named(&name.ok_or(Fault::Foreign)?).ok_or(Fault::Unknown)?;
                set.properties.push((property, c == 'p'));
                return Ok(None);
            }
            // Without a name to refer to.
            'k' => u32::from(c),
            // Readers that have a meaning for these are others.
            c if c.is_ascii_alphabetic() => return Err(Fault::Foreign),
            c => u32::from(c),
        };
        Ok(Some(code))
    }

    fn class(&mut self) -> Result<Set, Fault> {
        let mut set = Set { negated: self.takes("^"), ..Set::default() };
        loop {
            if self.takes("]") {
                return Ok(set);
            }
            if self.is_named_class() {
                return Err(Fault::Foreign);
            }
            let from = self.class_one(&mut set)?;
            let before = self.at;
            let is_range = self.takes("-") && !matches!(self.peek(), None | Some(']'));
            if !is_range {
                self.at = before;
                set.ranges.extend(from.map(|code| (code, code)));
                continue;
            }
            let to = self.class_one(&mut set)?;
            match from.zip(to) {
                Some((from, to)) if from <= to => set.ranges.push((from, to)),
                Some(_) => return Err(Fault::Foreign),
                // Beside a class `-` is itself.
                None => {
                    let ends = [from, Some(u32::from('-')), to].into_iter().flatten();
                    set.ranges.extend(ends.map(|code| (code, code)));
                }
            }
        }
    }

    /// Whether `[:alpha:]` stands here.
    fn is_named_class(&self) -> bool {
        let rest: String = self.text.get(self.at..).unwrap_or_default().iter().take(12).collect();
        let name = rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]"));
        name.is_some_and(|(name, _)| name.trim_start_matches('^').bytes().all(|byte| byte.is_ascii_lowercase()))
    }

    fn class_one(&mut self, set: &mut Set) -> Result<Option<u32>, Fault> {
        let code = match self.next().ok_or(Fault::Foreign)? {
            '\\' => match self.peek() {
                Some('b') => {
                    self.at += 1;
                    0x08
                }
                _ => match self.escaped(set)? {
                    Some(code) => code,
                    None => return Ok(None),
                },
            },
            c => u32::from(c),
        };
        self.by_units |= (0xd800..=0xdfff).contains(&code);
        self.by_characters |= code > 0xffff;
        Ok(Some(code))
    }
}
