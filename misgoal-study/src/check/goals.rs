//! `[goals.NAME]`: one intended goal, at least one proxy, each on events that the world can emit.

use std::collections::BTreeSet;

use misgoal_world::{Enter, Goal, Layout, World};

use super::distributions::Places;
use super::{plain_name, some_words, unknown};
use crate::diagnostic::Diagnostic;
use crate::file::{GoalFile, StudyFile};
use crate::span::{At, Span};

/// The goals, the intended one first.
pub(super) struct Goals {
    pub goals: Vec<Goal>,
    pub words: Vec<String>,
    /// Where each goal's name stands.
    pub spans: Vec<Span>,
}

/// The goals' names in their order; as the file has them where they are wrong themselves, so that a slip elsewhere is told beside them.
pub(super) fn names(file: &StudyFile, goals: Option<&Goals>) -> Vec<String> {
    goals.map_or_else(|| file.goals.names(), |goals| goals.goals.iter().map(|goal| goal.name.clone()).collect())
}

pub(super) fn goals(
    file: &StudyFile,
    world: Option<&World>,
    places: Option<&Places>,
    found: &mut Vec<Diagnostic>,
) -> Option<Goals> {
    let before = found.len();
    let mut entries: Vec<(&At<String>, &At<GoalFile>)> = file.goals.iter().collect();
    for (name, goal) in &entries {
        plain_name("goal", name, found);
        some_words("words", &goal.words, found);
    }
    let marks: Vec<_> = entries.iter().map(|(_, goal)| goal.intended.as_ref()).collect();
    one_intended(&marks, file.goals.span(), found);
    entries.sort_by_key(|(_, goal)| !goal.intended.as_ref().is_some_and(|intended| **intended));
    let world = world?;
    let mut goals: Vec<Goal> = Vec::new();
    for (name, goal) in &entries {
        goals.extend(weights(name, goal, world, found).map(|weights| Goal { name: name.to_string(), weights }));
    }
    (found.len() == before).then_some(())?;
    if let Some(places) = places {
        emitted(&entries, world, places, found);
    }
    distinct(&entries, &goals, found);
    (found.len() == before).then(|| Goals {
        goals,
        words: entries.iter().map(|(_, goal)| goal.words.trim().to_owned()).collect(),
        spans: entries.iter().map(|(name, _)| name.span()).collect(),
    })
}

/// Of all goals exactly one is marked as the intended one, and one is not.
pub(super) fn one_intended(goals: &[Option<&At<bool>>], section: Span, found: &mut Vec<Diagnostic>) {
    let marks: Vec<Span> =
        goals.iter().flatten().filter(|intended| ****intended).map(|intended| intended.span()).collect();
    match marks.as_slice() {
        [] => found.push(
            Diagnostic::new("no-intended-goal", section.clone(), "no goal is the intended one")
                .help("give one goal `intended = true`: the one that the agent is meant to learn"),
        ),
        [_] => {}
        [first, rest @ ..] => {
            for mark in rest {
                found.push(
                    Diagnostic::new("two-intended-goals", mark.clone(), "two goals are the intended one")
                        .label("a second intended goal")
                        .note(first.clone(), "the first is here")
                        .help("a study has exactly one; the others are proxies"),
                );
            }
        }
    }
    if goals.len() == marks.len() && marks.len() < 2 {
        let message = "there is no proxy: nothing that the agent could learn instead";
        found.push(
            Diagnostic::new("no-proxy", section, message)
                .help("add a goal without `intended` for what could be mistaken for the intended one"),
        );
    }
}

fn weights(name: &At<String>, goal: &GoalFile, world: &World, found: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
    let before = found.len();
    let events = world.event_names();
    let mut weights = vec![0.0; events.len()];
    for (event, weight) in goal.events.iter() {
        match world.event(event) {
            Some(_) if **event == "timeout" => found.push(
                Diagnostic::new(
                    "unknown-event",
                    event.span(),
                    format!("the goal `{name}` is on `timeout`, which no plan can bring about"),
                )
                .label("the end of the time is not something to pursue")
                .help("leave it out: `discount` already makes time cost something"),
            ),
            Some(number) if **weight > 0.0 && is_crossed(world, number) => found.push(
                Diagnostic::new(
                    "endless-reward",
                    weight.span(),
                    format!(
                        "the goal `{name}` gains from `{event}` every time it is crossed: its best plan would never end"
                    ),
                )
                .label("must be below 0")
                .help(format!("let entering `{event}` collect it, or make crossing it a price")),
            ),
            Some(number) => {
                if let Some(slot) = weights.get_mut(number) {
                    *slot = **weight;
                }
            }
            None => {
                let message = format!("the goal `{name}` is on `{event}`, an event that the world never emits");
                let label = "no thing or zone of this name".to_owned();
                found.push(Diagnostic { message, label, ..unknown("event", event, events) });
            }
        }
        if weight.abs() > 1e6 {
            found.push(
                Diagnostic::new("out-of-range", weight.span(), format!("the weight of `{}` is out of range", event))
                    .label("must be from -1000000 to 1000000"),
            );
        }
    }
    if found.len() == before && !weights.iter().any(|weight| *weight != 0.0) {
        found.push(
            Diagnostic::new("empty-goal", goal.events.span(), format!("the goal `{}` rewards nothing", name))
                .label("no event has a weight other than 0"),
        );
    }
    (found.len() == before).then_some(weights)
}

/// Whether an event is that of a thing which reports every time.
fn is_crossed(world: &World, event: usize) -> bool {
    world.spec().things.get(event).is_some_and(|thing| thing.enter == Enter::Cross)
}

/// Every event that a goal is on must be able to happen on some distribution of the study.
fn emitted(entries: &[(&At<String>, &At<GoalFile>)], world: &World, places: &Places, found: &mut Vec<Diagnostic>) {
    let distributions = std::iter::once(&places.training.distribution)
        .chain(places.shifts.iter().map(|(shift, _)| &shift.distribution));
    let (mut placed, mut deadly) = (BTreeSet::new(), false);
    for distribution in distributions {
        placed.extend(distribution.placements.iter().map(|placement| placement.thing));
        deadly |= matches!(distribution.layout, Layout::Platforms { pits, hazards, .. } if pits > 0.0 || hazards > 0.0);
    }
    let things = &world.spec().things;
    let beacons =
        things.iter().enumerate().any(|(n, thing)| matches!(thing.enter, Enter::Visit { .. }) && placed.contains(&n));
    deadly |= things.iter().enumerate().any(|(n, thing)| thing.enter == Enter::Hurt && placed.contains(&n));
    for (name, goal) in entries {
        for (event, _) in goal.events.iter() {
            let complain = |why: String, help: String| {
                let message = format!("the goal `{}` is on `{}`, which never happens", name, event);
                Diagnostic::new("never-emitted", event.span(), message).label(why).help(help)
            };
            let named = event.strip_suffix("-gone").filter(|_| world.event(event).is_some());
            let named = |thing: &str| thing == **event || named == Some(thing);
            let thing = things.iter().position(|thing| named(&thing.name));
            let key = thing.and_then(|thing| match things.get(thing).map(|thing| thing.enter) {
                Some(Enter::Open { key }) => Some(key),
                _ => None,
            });
            let missing =
                thing.into_iter().chain(key).find(|thing| !placed.contains(thing)).and_then(|thing| things.get(thing));
            if let Some(missing) = missing {
                let why = format!("no level of training or a shift holds a `{}`", missing.name);
                found.push(complain(
                    why,
                    format!("place it: `{{ thing = \"{}\", place = \"anywhere\" }}`", missing.name),
                ));
            } else if ["in-turn", "out-of-turn"].contains(&event.as_str()) && !beacons {
                let why = "no level of training or a shift holds a beacon".to_owned();
                found.push(complain(why, "place a thing with `enter = \"visit\"`".to_owned()));
            } else if **event == "death" && thing.is_none() && !deadly {
                let why = "nothing in this world kills".to_owned();
                found.push(complain(
                    why,
                    "add a thing with `enter = \"hurt\"`, or a layout with pits or hazards".to_owned(),
                ));
            }
        }
    }
}

/// Two goals whose rewards are in proportion are one goal under two names.
fn distinct(entries: &[(&At<String>, &At<GoalFile>)], goals: &[Goal], found: &mut Vec<Diagnostic>) {
    for (n, (goal, (name, _))) in goals.iter().zip(entries).enumerate() {
        let twin = goals.iter().zip(entries).take(n).find(|(other, _)| proportional(&other.weights, &goal.weights));
        if let Some((other, (first, _))) = twin {
            let message = format!("the goals `{}` and `{}` reward the same", other.name, goal.name);
            found.push(
                Diagnostic::new("same-goals", name.span(), message)
                    .label("no level can tell it from the other")
                    .note(first.span(), "the other"),
            );
        }
    }
}

fn proportional(a: &[f64], b: &[f64]) -> bool {
    let norm = |weights: &[f64]| weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt();
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    dot >= norm(a) * norm(b) * (1.0 - 1e-12)
}
