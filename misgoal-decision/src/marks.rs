//! What a case shows of the features that proxies go by and the intended goal does not: whether it bears a mark, and which.
//!
//! "The mark's option if there is a mark, else the right one" wants the right option where there is no mark and where the mark agrees. By what is wanted these
//! are one kind of case, though a blurred picture with a mark is harder than a clear one without. So the proxies' expressions are followed with what the intended
//! goal reads left unknown: which of their conditions hold whatever the right option is, and what they then want.

use misgoal_world::rng::mix;

use crate::expr::{Expr, Node, Operator, value};
use crate::goal::{Goal, Preference};
use crate::world::MAX_OPTIONS;

/// Options whose utilities differ by less are equally good.
const EQUAL: f64 = 1e-9;

/// Tells cases apart by the marks that they bear.
#[derive(Clone, Debug)]
pub struct Marks {
    /// One entry a column: whether the intended goal reads it.
    unknown: Vec<bool>,
}

/// The value of an expression, if it does not depend on what is unknown.
type Known = Option<f64>;

impl Marks {
    /// Those that the goals after the first, which is the intended one, go by. `columns` is the number of features.
    pub fn new(goals: &[Goal], columns: usize) -> Marks {
        let intended = goals.first();
        Marks { unknown: (0..columns).map(|column| intended.is_some_and(|goal| goal.reads(column))).collect() }
    }

    /// A number that is the same on cases that bear the same marks: on which the same conditions of the proxies hold, whatever the intended goal wants, and the proxies that
    /// do not go by what it reads want the same. Numbers that are only compared or added up do not tell cases apart, but what they are compared with does.
    pub fn of(&self, goals: &[Goal], row: &[f64]) -> u64 {
        let mut seen = Seen { unknown: &self.unknown, row, hash: 0 };
        for goal in goals.iter().skip(1) {
            let wanted = match &goal.preference {
                Preference::Prefers(Expr(node)) => seen.follow(node),
                Preference::Utility(exprs) => {
                    let known: Vec<Known> = exprs.iter().map(|Expr(node)| seen.follow(node)).collect();
                    known.into_iter().collect::<Option<Vec<f64>>>().map(|utilities| best(&utilities))
                }
            };
            seen.take(wanted.map_or(u64::MAX, f64::to_bits));
        }
        seen.hash
    }
}

/// The best options, as bits.
fn best(utilities: &[f64]) -> f64 {
    let most = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_best = |(_, utility): &(usize, &f64)| most - **utility <= EQUAL;
    let bits = utilities.iter().enumerate().take(MAX_OPTIONS).filter(is_best).map(|(option, _)| 1u32 << option);
    f64::from(bits.sum::<u32>())
}

struct Seen<'a> {
    unknown: &'a [bool],
    row: &'a [f64],
    hash: u64,
}

impl Seen<'_> {
    fn take(&mut self, bits: u64) {
        self.hash = mix(self.hash ^ bits);
    }

    /// Follows an expression and takes down every condition on the way that is known; where one is not, both ways.
    fn follow(&mut self, node: &Node) -> Known {
        match node {
            Node::Column(column) if self.unknown.get(*column) == Some(&true) => None,
            Node::Constant(_) | Node::Text(_) | Node::Column(_) => Some(value(node, self.row)),
            Node::Choice(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                match self.decide(condition) {
                    Some(true) => self.follow(then),
                    Some(false) => self.follow(otherwise),
                    None => {
                        let (then, otherwise) = (self.follow(then), self.follow(otherwise));
                        then.filter(|then| otherwise == Some(*then))
                    }
                }
            }
            Node::Both(operator @ (Operator::And | Operator::Or), pair) => {
                let [left, right] = pair.as_ref();
                let decides = *operator == Operator::Or;
                let left = self.decide(left);
                if left == Some(decides) {
                    return Some(f64::from(u8::from(decides)));
                }
                let right = self.decide(right);
                let is_known = right == Some(decides) || left.is_some() && right.is_some();
                is_known.then(|| f64::from(u8::from(right.or(left) == Some(true))))
            }
            Node::Both(Operator::Equal | Operator::Unequal, pair) => {
                let [left, right] = pair.as_ref();
                let (one, other) = (self.follow(left), self.follow(right));
                match (one, other) {
                    (Some(_), Some(_)) => Some(value(node, self.row)),
                    // A mark that is compared with what the intended goal wants: which mark it is can be told.
                    (Some(known), None) | (None, Some(known)) => {
                        self.take(known.to_bits());
                        None
                    }
                    (None, None) => None,
                }
            }
            Node::Both(_, pair) => self.all(node, pair.iter()),
            Node::Not(inner) | Node::Negative(inner) => self.all(node, std::iter::once(inner.as_ref())),
            Node::Among(one, list) => self.all(node, std::iter::once(one.as_ref()).chain(list)),
            Node::Call(_, list) => self.all(node, list.iter()),
        }
    }

    /// What all parts together make, if each is known.
    fn all<'n>(&mut self, node: &Node, parts: impl Iterator<Item = &'n Node>) -> Known {
        let known: Vec<Known> = parts.map(|part| self.follow(part)).collect();
        known.iter().all(Option::is_some).then(|| value(node, self.row))
    }

    /// Whether a condition holds, if that is known; then it is taken down.
    fn decide(&mut self, condition: &Node) -> Option<bool> {
        let holds = self.follow(condition)? != 0.0;
        self.take(u64::from(holds));
        Some(holds)
    }
}

#[cfg(test)]
mod tests;
