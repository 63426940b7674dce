//! Whether a value with parts is taken as it is by one of the ways that a schema has for it: `[5, true]` is by neither of `list[bool] | list[int]`, and `pydantic` makes
//! `[5, 1]` of it.
//!
//! Each item alone may be right, so it takes a walk through the whole value for each of the ways.

use std::collections::HashMap;

use super::admits::{Admits, Part, Place, Step};
use super::kinds::Kinds;
use crate::read::{Node, Value};

/// What a server may do with a value at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fit {
    /// All readers take it as it is.
    surely: bool,
    /// Some readers take it as it is.
    maybe: bool,
    /// Some readers can make another value of it.
    otherwise: bool,
    /// It surely breaks what is declared.
    out: bool,
}

impl Fit {
    const SURELY: Fit = Fit { surely: true, maybe: true, otherwise: false, out: false };
    const MAYBE: Fit = Fit { surely: false, ..Fit::SURELY };
    const NO: Fit = Fit { maybe: false, out: true, ..Fit::MAYBE };
    const OTHERWISE: Fit = Fit { otherwise: true, ..Fit::NO };
    /// What is too long to be looked at.
    const LOST: Fit = Fit { otherwise: true, ..Fit::MAYBE };

    /// Of a value of which both have a say, or that has both as parts.
    fn and(self, other: Fit) -> Fit {
        let some = |fit: Fit| fit.maybe || fit.otherwise;
        Fit {
            surely: self.surely && other.surely,
            maybe: self.maybe && other.maybe,
            otherwise: self.otherwise && some(other) || other.otherwise && some(self),
            out: self.out || other.out,
        }
    }

    /// Of two ways. Where one takes the value as it is no reader that looks for it comes to another; those that go by order are looked at value by value.
    fn or(self, other: Fit) -> Fit {
        let surely = self.surely || other.surely;
        Fit {
            surely,
            maybe: self.maybe || other.maybe,
            otherwise: !surely && (self.otherwise || other.otherwise),
            out: self.out && other.out,
        }
    }

    fn is_no(self) -> bool {
        !self.maybe && !self.otherwise
    }
}

/// How many pairs of a subschema and a value are looked at, at most.
const MOST: usize = 1 << 20;
/// Bytes of a value whose own length makes them so many; of a shorter one it is the schema, which holds itself.
const LONG: usize = 1 << 16;
/// The same for a value without parts.
const MOST_OF_ONE: usize = 1 << 12;
/// How many of them hold each other, at most.
const DEEPEST: usize = 384;

impl Admits {
    /// What is wrong with a value: it breaks what is declared, and some servers take another value in its stead, whether the schema has a default or not (zod's `catch`,
    /// `_missing_` of Python's enums); or no way of a union takes it as it is, and some servers make another value of it.
    pub(super) fn misfit(&self, place: &Place, node: &Node<'_>) -> Option<Misfit> {
        let has_parts = matches!(node.value, Value::Array(_) | Value::Object(_));
        let is_union = has_parts && self.parts.iter().any(|part| part.ways.iter().any(|ways| self.has_several(ways)));
        let mut walk = Walk { admits: self, known: HashMap::new(), left: MOST };
        let fit = walk.place(place, node, DEEPEST);
        // Nothing hides behind what is too much to be looked at.
        let is_lost = walk.left == 0 && node.end.saturating_sub(node.start) > LONG;
        match () {
            () if (fit.out || is_lost) && !is_union => Some(Misfit::Broken),
            () if fit.out || is_lost || is_union && !fit.surely && fit.otherwise => Some(Misfit::NoWay),
            () => None,
        }
    }

    /// Whether all readers take a value without parts as it is.
    pub(super) fn surely_takes(&self, place: &Place, node: &Node<'_>) -> bool {
        Walk { admits: self, known: HashMap::new(), left: MOST_OF_ONE }.place(place, node, DEEPEST).surely
    }

    /// The same of all arguments together, where the schema has several ways for them.
    pub(super) fn misfit_of_all(&self, arguments: &Node<'_>) -> Option<Misfit> {
        let ways = self.parts.first().map(|part| part.ways.iter().flatten()).into_iter().flatten();
        let is_union = ways.into_iter().any(|at| self.names(&Place::Part(*at), DEEPEST));
        if is_union { self.misfit(&self.root(), arguments) } else { None }
    }

    /// Whether several ways take values with parts of one kind.
    fn has_several(&self, ways: &[usize]) -> bool {
        [Kinds::ARRAY, Kinds::OBJECT].iter().any(|kind| {
            let takes = |at: &&usize| self.parts.get(**at).is_none_or(|part| part.kinds.meets(*kind));
            ways.iter().filter(takes).nth(1).is_some()
        })
    }
}

/// How a value is not as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It is not among what is declared: values, ranges, lengths, patterns, formats, what is required.
    Broken,
    /// It is taken as it is by none of several ways.
    NoWay,
}

struct Walk<'w> {
    admits: &'w Admits,
    /// By subschema and value.
    known: HashMap<(usize, *const ()), Fit>,
    /// How many pairs may still be looked at.
    left: usize,
}

impl Walk<'_> {
    fn place(&mut self, place: &Place, node: &Node<'_>, depth: usize) -> Fit {
        match place {
            Place::Any => Fit::SURELY,
            Place::Part(at) => self.way(*at, node, depth),
            Place::All(all) => all.iter().fold(Fit::SURELY, |fit, place| fit.and(self.place(place, node, depth))),
            Place::Either(ways) => ways.iter().fold(Fit::NO, |fit, place| fit.or(self.place(place, node, depth))),
        }
    }

    /// Of a subschema that stands for itself: `pydantic` takes the way of which most members are there, which may be another than one that does not name them all.
    fn way(&mut self, at: usize, node: &Node<'_>, depth: usize) -> Fit {
        let fit = self.part(at, node, depth);
        if fit.surely && !self.names_all(at, node) { Fit::MAYBE } else { fit }
    }

    /// Whether a subschema and its parts name all members, where they name any.
    fn names_all(&self, at: usize, node: &Node<'_>) -> bool {
        let (mut all, mut next) = (vec![at], 0);
        while let Some(part) = all.get(next).and_then(|at| self.admits.parts.get(*at)) {
            next += 1;
            let has_own = !part.properties.is_empty() || !part.all.is_empty();
            // Ways that are all there is of it have been looked at one by one.
            let ways = part.ways.iter().flatten().filter(|_| has_own);
            for at in part.all.iter().chain(ways) {
                if !all.contains(at) && all.len() < DEEPEST {
                    all.push(*at);
                }
            }
        }
        let parts: Vec<&Part> = all.iter().filter_map(|at| self.admits.parts.get(*at)).collect();
        parts.iter().all(|part| part.properties.is_empty())
            || node.members().iter().all(|member| parts.iter().any(|part| part.names(&member.key)))
    }

    fn part(&mut self, at: usize, node: &Node<'_>, depth: usize) -> Fit {
        let admits = self.admits;
        let Some(part) = admits.parts.get(at) else { return Fit::SURELY };
        let (Some(left), Some(depth)) = (self.left.checked_sub(1), depth.checked_sub(1)) else { return Fit::LOST };
        self.left = left;
        let is_leaf = part.all.is_empty() && part.ways.is_empty();
        if is_leaf && !matches!(node.value, Value::Array(_) | Value::Object(_)) {
            return self.own(part, node);
        }
        let key = (at, std::ptr::from_ref(node).cast::<()>());
        if let Some(fit) = self.known.get(&key) {
            return *fit;
        }
        // A way that is only itself takes nothing.
        self.known.insert(key, Fit { out: false, ..Fit::NO });
        let fit = self.whole(part, node, depth);
        self.known.insert(key, fit);
        fit
    }

    fn whole(&mut self, part: &Part, node: &Node<'_>, depth: usize) -> Fit {
        if part.nullable && node.value == Value::Null {
            return Fit::SURELY;
        }
        let mut fit = self.own(part, node);
        for at in &part.all {
            fit = fit.and(self.part(*at, node, depth));
        }
        for ways in &part.ways {
            // Beside members of its own a way need not name all.
            let is_all = part.properties.is_empty() && part.all.is_empty();
            let mut any = Fit::NO;
            for at in ways {
                if any.surely {
                    break;
                }
                any = any.or(if is_all { self.way(*at, node, depth) } else { self.part(*at, node, depth) });
            }
            fit = fit.and(any);
        }
        // Parts are looked at only where the whole may be taken.
        for (at, item) in node.items().iter().enumerate() {
            if fit.is_no() {
                return fit;
            }
            for at in part.step(Step::Item(at)) {
                fit = fit.and(self.place(&at, item, depth));
            }
        }
        for member in node.members() {
            if fit.is_no() {
                return fit;
            }
            for at in part.step(Step::Key(&member.key)) {
                fit = fit.and(self.place(&at, &member.node, depth));
            }
        }
        fit
    }

    /// What a part says itself of a value, without its parts.
    fn own(&self, part: &Part, node: &Node<'_>) -> Fit {
        if part.nullable && node.value == Value::Null {
            return Fit::SURELY;
        }
        if part.own.refuse(node).is_some() {
            let fit = if part.own.can_be_made_of(node) { Fit::OTHERWISE } else { Fit::NO };
            // Null is what clients send for what they leave out.
            return Fit { out: node.value != Value::Null, ..fit };
        }
        if !part.limits.lists(node) {
            return Fit::NO;
        }
        if part.limits.hold(node, part.first.len()) && !part.is_closed_to(node) {
            return Fit::SURELY;
        }
        // What has a default may be left out, though some schemas list it.
        let may_lack = |name: &str| {
            let property = part.properties.get(name).and_then(|at| self.admits.parts.get(*at));
            property.is_some_and(|property| property.default)
        };
        Fit { out: part.limits.surely_break(node, may_lack), ..Fit::MAYBE }
    }
}

impl Part {
    /// Whether it has no members but those that it names.
    fn is_closed_to(&self, node: &Node<'_>) -> bool {
        self.closed && !node.members().iter().all(|member| self.names(&member.key))
    }

    /// Whether it names a member.
    fn names(&self, key: &str) -> bool {
        self.properties.contains_key(key) || self.patterns.iter().any(|(pattern, _)| pattern.is_match(key))
    }
}
