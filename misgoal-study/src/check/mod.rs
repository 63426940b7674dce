//! The meaning of a file whose shape is right: names that refer, goals that differ, levels that exist.

mod agent;
mod arms;
pub mod decision;
mod distributions;
mod goals;
mod head;
mod levels;
mod things;
mod world;

use crate::diagnostic::Diagnostic;
use crate::file::StudyFile;
use crate::span::{At, Span};
use crate::study::Study;
use crate::suggest;

/// Turns the file into a study; without one there is at least one diagnostic.
pub fn check(file: &StudyFile, source: &str, hash: String) -> (Option<Study>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let study = build(file, source, hash, &mut found);
    (study.filter(|_| found.is_empty()), found)
}

fn build(file: &StudyFile, source: &str, hash: String, found: &mut Vec<Diagnostic>) -> Option<Study> {
    head::check(&file.study, &file.case, found);
    let shift_names = file.shifts.names();
    let evaluation = agent::evaluation(file.evaluation.as_ref());
    let world = world::world(&file.world, found);
    let places = distributions::all(file, world.as_ref(), found);
    let goals = goals::goals(file, world.as_ref(), places.as_ref(), found);
    let agent = agent::agent(file, goals.as_ref(), found);
    let arms = arms::arms(file.arms.as_ref(), &shift_names, &goals::names(file, goals.as_ref()), found);
    let (world, places, goals) = (world?, places?, goals?);
    if found.is_empty() {
        levels::check(&world, &places, &goals, found);
    }
    Some(Study {
        name: (*file.study.name).clone(),
        title: file.study.title.trim().to_owned(),
        case: head::case(&file.case),
        world,
        goals: goals.goals,
        goal_words: goals.words,
        training: places.training.distribution,
        shifts: places.shifts.into_iter().map(|(shift, _)| shift).collect(),
        agent: agent?,
        arms: arms?,
        evaluation,
        source: source.to_owned(),
        hash,
    })
}

/// The number of the thing, zone, shift or goal that `name` refers to; complains where there is none.
fn refer(kind: &'static str, name: &At<String>, names: &[String], found: &mut Vec<Diagnostic>) -> Option<usize> {
    let number = names.iter().position(|candidate| candidate == &**name);
    if number.is_none() {
        found.push(unknown(kind, name, names));
    }
    number
}

fn unknown(kind: &'static str, name: &At<String>, names: &[String]) -> Diagnostic {
    let candidates: Vec<&str> = names.iter().map(String::as_str).collect();
    let code = match kind {
        "thing" => "unknown-thing",
        "zone" => "unknown-zone",
        "shift" => "unknown-shift",
        "goal" => "unknown-goal",
        "feature" => "unknown-feature",
        "option" => "unknown-option",
        _ => "unknown-event",
    };
    Diagnostic::new(code, name.span(), format!("there is no {kind} `{name}`"))
        .label(format!("not {} {kind} of this study", if kind == "option" { "an" } else { "a" }))
        .help(suggest::hint(name, &candidates, kind))
}

/// A name that ends up in file names, commands and tables.
pub(crate) fn name_is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    name.len() <= 40
        && chars.next().is_some_and(|first| first.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

/// Checks a name that the author chose.
fn plain_name(kind: &str, name: &At<String>, found: &mut Vec<Diagnostic>) {
    if !name_is_plain(name) {
        let message = format!("`{}` cannot be the name of a {kind}", name);
        let label = "expected lower-case letters, digits, `-` and `_`, a letter first, at most 40 in all";
        found.push(Diagnostic::new("bad-name", name.span(), message).label(label));
    }
}

/// Words that are left empty say nothing to a reader of the report.
fn some_words(what: &str, words: &At<String>, found: &mut Vec<Diagnostic>) {
    if words.trim().is_empty() {
        found.push(empty(what, words.span()));
    }
}

fn empty(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new("empty", span, format!("`{what}` is empty")).label("say it in a few words: the report shows them")
}
