//! What ties a file to a world of decisions, as canonical text: what the agent sees and what its choices do.
//!
//! Every field is named here, in a fixed order, and every type is taken apart in whole: a field that is added does not compile until somebody
//! has decided whether it is a part of the identity. Features and texts stand under their names and not under their numbers, which depend on
//! what else the study file says.

pub mod legacy;

use misgoal_world::Canonical;

use crate::encode::{Encoder, Part};
use crate::expr::{Expr, Function, Node, Operator};
use crate::scope::Scope;
use crate::world::{DecisionWorld, Feature, Parts};

/// The name and version of [`world`]'s text: it stands in front of its hash.
pub const WORLD_VERSION: &str = "decision-v1";

/// What a network's inputs and choices mean: for every observed feature its inputs, in their order; the options; what a choice changes and when a
/// case is over.
///
/// Hidden features are not a part of it, nor is how features are drawn, but for the thresholds that the training cases set: they are inputs.
pub fn world(world: &DecisionWorld, encoder: &Encoder) -> Canonical {
    let Parts { scope, features, options, turns, update, done } = world.parts();
    let Encoder { parts, inputs } = encoder;
    let name = |number: usize| Canonical::text(features.get(number).map_or("", |feature| &feature.name));
    let seen = features.iter().zip(parts).filter_map(|(feature, part)| input(scope, feature, part));
    let change = |(column, expr): &(usize, Expr)| {
        Canonical::object([("feature", name(*column)), ("becomes", expression(scope, expr))])
    };
    Canonical::object([
        ("kind", Canonical::text("decision")),
        ("inputs", Canonical::index(*inputs)),
        ("features", Canonical::list(seen)),
        ("options", Canonical::list(options.iter().map(|option| Canonical::text(option)))),
        ("turns", Canonical::index(*turns)),
        ("update", Canonical::list(update.iter().map(change))),
        ("done", Canonical::maybe(done.as_ref(), |done| expression(scope, done))),
    ])
}

/// The inputs of one feature; nothing where it is hidden.
fn input(scope: &Scope, feature: &Feature, part: &Part) -> Option<Canonical> {
    // The type is in the part, and a hidden feature has none.
    let Feature { name, kind: _, observed: _ } = feature;
    let of = |first: u16, sees: &str, values: Canonical| {
        Canonical::object([
            ("feature", Canonical::text(name)),
            ("first", Canonical::whole(first)),
            ("sees", Canonical::text(sees)),
            ("values", values),
        ])
    };
    match part {
        Part::Hidden => None,
        Part::Truth { first } => Some(of(*first, "truth", Canonical::list([]))),
        Part::Text { first, texts } => {
            let texts = texts.iter().map(|text| Canonical::text(scope.symbols.text(*text)));
            Some(of(*first, "text", Canonical::list(texts)))
        }
        Part::Number { first, thresholds } => {
            let thresholds = thresholds.iter().map(|threshold| Canonical::number(*threshold));
            Some(of(*first, "number above", Canonical::list(thresholds)))
        }
    }
}

fn expression(scope: &Scope, Expr(node): &Expr) -> Canonical {
    tree(scope, node)
}

/// A tree as nested lists: the operator, then its operands. `["feature", NAME]` is a feature or the choice, `["text", TEXT]` a text.
fn tree(scope: &Scope, node: &Node) -> Canonical {
    let word = Canonical::text;
    let all = |operator: &str, operands: &[Node]| {
        Canonical::list(std::iter::once(word(operator)).chain(operands.iter().map(|one| tree(scope, one))))
    };
    match node {
        Node::Constant(number) => Canonical::number(*number),
        Node::Text(symbol) => Canonical::list([word("text"), word(scope.symbols.text(*symbol))]),
        Node::Column(column) => Canonical::list([word("feature"), word(scope.names().nth(*column).unwrap_or(""))]),
        Node::Not(inner) => Canonical::list([word("not"), tree(scope, inner)]),
        Node::Negative(inner) => Canonical::list([word("negative"), tree(scope, inner)]),
        Node::Both(operator, pair) => all(operator_(*operator), pair.as_slice()),
        Node::Choice(parts) => all("if", parts.as_slice()),
        Node::Among(one, list) => {
            let list = Canonical::list(list.iter().map(|one| tree(scope, one)));
            Canonical::list([word("in"), tree(scope, one), list])
        }
        Node::Call(function, operands) => all(function_(*function), operands),
    }
}

fn operator_(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Equal => "==",
        Operator::Unequal => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::And => "&&",
        Operator::Or => "||",
    }
}

fn function_(function: Function) -> &'static str {
    match function {
        Function::Abs => "abs",
        Function::Least => "least",
        Function::Greatest => "greatest",
        Function::Floor => "floor",
        Function::Ceil => "ceil",
        Function::Round => "round",
    }
}
