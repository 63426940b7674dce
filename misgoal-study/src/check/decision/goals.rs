//! `[goals.NAME]`: one intended goal, at least one proxy, each with what it prefers.

use misgoal_decision::{Expr, Goal, Kind, Preference, Scope};

use super::super::{goals as common, plain_name, some_words, unknown};
use super::Text;
use crate::decision_file::{DecisionFile, PreferenceFile};
use crate::diagnostic::Diagnostic;
use crate::span::At;

/// The goals, the intended one first.
pub(super) struct Goals {
    pub goals: Vec<Goal>,
    pub words: Vec<String>,
}

/// The goals' names in their order; as the file has them where they are wrong themselves, so that a slip elsewhere is told beside them.
pub(super) fn names(file: &DecisionFile, goals: Option<&Goals>) -> Vec<String> {
    goals.map_or_else(|| file.goals.names(), |goals| goals.goals.iter().map(|goal| goal.name.clone()).collect())
}

pub(super) fn goals(
    file: &DecisionFile,
    text: Text<'_>,
    options: Option<&[String]>,
    scope: &mut Scope,
    found: &mut Vec<Diagnostic>,
) -> Option<Goals> {
    let before = found.len();
    let mut entries: Vec<(&At<String>, &At<PreferenceFile>)> = file.goals.iter().collect();
    for (name, goal) in &entries {
        plain_name("goal", name, found);
        some_words("words", &goal.words, found);
    }
    let intended: Vec<_> = entries.iter().map(|(_, goal)| goal.intended.as_ref()).collect();
    common::one_intended(&intended, file.goals.span(), found);
    entries.sort_by_key(|(_, goal)| !goal.intended.as_ref().is_some_and(|intended| **intended));
    let options = options?;
    let mut goals = Vec::new();
    for (name, goal) in &entries {
        let preference = preference(name, goal, text, options, scope, found);
        goals.extend(preference.map(|preference| Goal { name: name.to_string(), preference }));
    }
    let words = entries.iter().map(|(_, goal)| goal.words.trim().to_owned()).collect();
    (found.len() == before).then_some(Goals { goals, words })
}

fn preference(
    name: &At<String>,
    goal: &PreferenceFile,
    text: Text<'_>,
    options: &[String],
    scope: &mut Scope,
    found: &mut Vec<Diagnostic>,
) -> Option<Preference> {
    let symbols = options.iter().filter_map(|option| scope.symbols.find(option)).collect();
    match (&goal.prefers, &goal.utility) {
        (Some(expression), None) => {
            let compiled = scope.compile_as(expression, &Kind::Text(symbols));
            let compiled = compiled.map_err(|error| found.push(text.error(&expression.span(), expression, &error)));
            compiled.ok().map(Preference::Prefers)
        }
        (None, Some(entries)) => {
            let before = found.len();
            let mut utilities = vec![Expr::constant(0.0); options.len()];
            for (option, value) in entries.iter() {
                let Some(number) = options.iter().position(|known| *known == **option) else {
                    found.push(unknown("option", option, options));
                    continue;
                };
                let compiled = text.compile(scope, value, &Kind::Number, found);
                if let (Some(compiled), Some(slot)) = (compiled, utilities.get_mut(number)) {
                    *slot = compiled;
                }
            }
            if entries.len() == 0 {
                let message = format!("the goal `{name}` rewards nothing");
                found.push(Diagnostic::new("empty-goal", entries.span(), message));
            }
            (found.len() == before).then_some(Preference::Utility(utilities))
        }
        (None, None) => {
            let message = format!("the goal `{name}` says not what it prefers");
            found.push(
                Diagnostic::new("missing-key", name.span(), message)
                    .help("give `prefers = \"..\"`, an expression that yields an option's name, or `utility = { OPTION = \"..\" }`"),
            );
            None
        }
        (Some(prefers), Some(utility)) => {
            let message = format!("the goal `{name}` says twice what it prefers");
            found.push(
                Diagnostic::new("bad-goal", utility.span(), message)
                    .label("in this way")
                    .note(prefers.span(), "and in this"),
            );
            None
        }
    }
}
