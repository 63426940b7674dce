//! `[world.things]`: what a thing does when the agent meets it, and the keys that go with it.

use misgoal_world::{Enter, Guide, Mover, Moves, Order, Regrow};

use super::refer;
use crate::diagnostic::Diagnostic;
use crate::file::{EnterFile, MovesFile, OrderFile, RegrowFile, ThingFile, TurnFile};
use crate::span::{At, Span};

/// A thing's effect; none where something is wrong with its keys.
pub(super) fn enter(thing: &ThingFile, names: &[String], found: &mut Vec<Diagnostic>) -> Option<Enter> {
    let before = found.len();
    stray(thing, found);
    if found.len() > before {
        return None;
    }
    match *thing.enter {
        EnterFile::Collect => match &thing.regrow {
            None => Some(Enter::Collect),
            Some(word) => regrow(thing, word, found).map(Enter::Regrow),
        },
        EnterFile::End => Some(Enter::End),
        EnterFile::Hurt => Some(Enter::Hurt),
        EnterFile::Cross => Some(Enter::Cross),
        EnterFile::Open => match &thing.key {
            Some(key) => refer("thing", key, names, found).map(|key| Enter::Open { key }),
            None => {
                found.push(
                    Diagnostic::new("missing-key", thing.enter.span(), "a thing that opens needs a `key`")
                        .label("opened with what?")
                        .help("name the thing that opens it: `key = \"NAME\"`"),
                );
                None
            }
        },
        EnterFile::Catch => {
            let shield = match &thing.shield {
                Some(name) => Some(refer("thing", name, names, found)?),
                None => None,
            };
            let moves = match thing.moves.as_deref() {
                None | Some(MovesFile::Chase) => Moves::Chase,
                Some(MovesFile::Wander) => Moves::Wander,
            };
            Some(Enter::Catch(Mover {
                moves,
                shield,
                erratic: thousandths(thing.erratic.as_ref()),
                twice: thousandths(thing.twice.as_ref()),
                once: thing.once.as_ref().is_some_and(|once| **once),
            }))
        }
        EnterFile::Visit => {
            Some(Enter::Visit { drawn: thing.turn.as_deref().is_some_and(|turn| *turn == TurnFile::Drawn) })
        }
        EnterFile::Guide => {
            let looks = match &thing.looks {
                Some(name) => Some(refer("thing", name, names, found)?),
                None => None,
            };
            let order = match thing.order.as_deref() {
                None | Some(OrderFile::InTurn) => Order::InTurn,
                Some(OrderFile::Reverse) => Order::Reverse,
            };
            Some(Enter::Guide(Guide { order, looks }))
        }
    }
}

fn regrow(thing: &ThingFile, word: &At<RegrowFile>, found: &mut Vec<Diagnostic>) -> Option<Regrow> {
    match (**word, &thing.rate) {
        (RegrowFile::Elsewhere, None) => Some(Regrow::Elsewhere),
        (RegrowFile::Slowly, Some(rate)) => Some(Regrow::Rate { thousandths: thousandths(Some(rate)) }),
        (RegrowFile::Elsewhere, Some(rate)) => {
            found.push(
                Diagnostic::new("stray-key", rate.span(), "`rate` is for things with `regrow = \"slowly\"`")
                    .label("this thing comes back at once")
                    .note(word.span(), "because of this"),
            );
            None
        }
        (RegrowFile::Slowly, None) => {
            found.push(
                Diagnostic::new("missing-key", word.span(), "a thing that regrows slowly needs a `rate`")
                    .label("how slowly?")
                    .help("for example `rate = 0.3`"),
            );
            None
        }
    }
}

/// A share as the world has it.
fn thousandths(share: Option<&At<f64>>) -> u16 {
    share.map_or(0, |share| (**share * 1000.0).round() as u16)
}

/// Complains of keys that go with another kind of thing.
fn stray(thing: &ThingFile, found: &mut Vec<Diagnostic>) {
    let span = |key: &Option<At<f64>>| key.as_ref().map(At::span);
    let keys: [(&str, Option<Span>, EnterFile, &str, &str); 11] = [
        ("key", thing.key.as_ref().map(At::span), EnterFile::Open, "open", "this thing needs no key"),
        ("regrow", thing.regrow.as_ref().map(At::span), EnterFile::Collect, "collect", "this thing is not taken"),
        ("rate", span(&thing.rate), EnterFile::Collect, "collect", "this thing is not taken"),
        ("moves", thing.moves.as_ref().map(At::span), EnterFile::Catch, "catch", "this thing does not move"),
        ("erratic", span(&thing.erratic), EnterFile::Catch, "catch", "this thing does not move"),
        ("twice", span(&thing.twice), EnterFile::Catch, "catch", "this thing does not move"),
        ("once", thing.once.as_ref().map(At::span), EnterFile::Catch, "catch", "this thing does not move"),
        ("shield", thing.shield.as_ref().map(At::span), EnterFile::Catch, "catch", "this thing does not move"),
        ("turn", thing.turn.as_ref().map(At::span), EnterFile::Visit, "visit", "this thing is no beacon"),
        ("order", thing.order.as_ref().map(At::span), EnterFile::Guide, "guide", "this thing leads nowhere"),
        ("looks", thing.looks.as_ref().map(At::span), EnterFile::Guide, "guide", "this thing looks like itself"),
    ];
    for (key, span, enter, word, label) in keys {
        if let Some(span) = span.filter(|_| *thing.enter != enter) {
            found.push(
                Diagnostic::new("stray-key", span, format!("`{key}` is for things with `enter = \"{word}\"`"))
                    .label(label)
                    .note(thing.enter.span(), "because of this"),
            );
        }
    }
    if let (None, Some(rate), EnterFile::Collect) = (&thing.regrow, &thing.rate, *thing.enter) {
        found.push(
            Diagnostic::new("stray-key", rate.span(), "`rate` goes with `regrow`")
                .label("this thing does not come back"),
        );
    }
}
