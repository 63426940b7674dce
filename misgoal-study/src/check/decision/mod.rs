//! The meaning of a study of decisions: features that can be drawn, expressions that fit, goals that differ.

mod agent;
mod features;
mod goals;
mod sample;

use misgoal_decision::{DecisionWorld, Distribution, ExprError, Kind, Parts, Scope, WorldProblem};

use super::{agent as common, arms, head, plain_name, some_words, unknown};
use crate::decision::{DecisionShift, DecisionStudy};
use crate::decision_file::{DecisionFile, ExpressionFile};
use crate::diagnostic::Diagnostic;
use crate::span::{At, Span};

/// Turns the file into a study; without one there is at least one diagnostic.
pub fn check(file: &DecisionFile, source: &str, hash: String) -> (Option<DecisionStudy>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let study = build(file, source, hash, &mut found);
    (study.filter(|_| found.is_empty()), found)
}

/// Where expressions and texts stand.
#[derive(Clone, Copy)]
struct Text<'a>(&'a str);

impl Text<'_> {
    /// Points an expression's error into the file; the whole string where escapes make bytes differ.
    fn error(self, at: &Span, expression: &str, error: &ExprError) -> Diagnostic {
        let written = self.0.get(at.clone()).unwrap_or_default();
        let span = match written.find(expression) {
            Some(start) => at.start + start + error.span.start..at.start + start + error.span.end,
            None => at.clone(),
        };
        let diagnostic = Diagnostic::new("expression", span, error.message.clone());
        match &error.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }

    /// Compiles a number or an expression that must be of a type; complains where it cannot be.
    fn compile(
        self,
        scope: &mut Scope,
        value: &At<ExpressionFile>,
        wanted: &Kind,
        found: &mut Vec<Diagnostic>,
    ) -> Option<misgoal_decision::Expr> {
        match &**value {
            ExpressionFile::Number(number) => match wanted {
                Kind::Number if number.is_finite() => Some(misgoal_decision::Expr::constant(*number)),
                Kind::Number => {
                    found.push(Diagnostic::new(
                        "out-of-range",
                        value.span(),
                        format!("`{number}` is no finite number"),
                    ));
                    None
                }
                _ => {
                    let wanted = if *wanted == Kind::Truth { "true or false" } else { "a text" };
                    let message = format!("this is a number, expected {wanted}");
                    found.push(Diagnostic::new("expression", value.span(), message));
                    None
                }
            },
            ExpressionFile::Text(expression) => scope
                .compile_as(expression, wanted)
                .map_err(|error| found.push(self.error(&value.span(), expression, &error)))
                .ok(),
        }
    }
}

fn build(file: &DecisionFile, source: &str, hash: String, found: &mut Vec<Diagnostic>) -> Option<DecisionStudy> {
    head::check(&file.study, &file.case, found);
    let evaluation = evaluation(file, found);
    let text = Text(source);
    let mut scope = Scope::default();
    let options = options(file, &mut scope, found);
    let drawn = features::features(file, text, &mut scope, found);
    let options = options.filter(|_| drawn.is_some());
    let goals = goals::goals(file, text, options.as_deref(), &mut scope, found);
    let agent = agent::agent(file, goals.as_ref(), found);
    let arms = arms::arms(file.arms.as_ref(), &file.shifts.names(), &goals::names(file, goals.as_ref()), found);
    let shifts = shifts(file, found);
    let (options, drawn) = (options?, drawn?);
    let changes = changes(file, text, &options, &drawn, &mut scope, found);
    let (update, done) = changes?;
    let turns = file.world.turns.as_ref().map_or(1, |turns| **turns);
    let parts = Parts { scope, features: drawn.features, options, turns, update, done };
    let world = DecisionWorld::new(parts).map_err(|problem| found.push(problem_of(file, &problem))).ok()?;
    let (goals, shifts) = (goals?, shifts?);
    let with = shifts.into_iter().zip(drawn.shifts);
    let shifts: Vec<DecisionShift> =
        with.map(|(shift, distribution)| DecisionShift { distribution, ..shift }).collect();
    if found.is_empty() {
        sample::check(file, &world, &goals.goals, (&drawn.training, &shifts), found);
    }
    Some(DecisionStudy {
        name: (*file.study.name).clone(),
        title: file.study.title.trim().to_owned(),
        case: head::case(&file.case),
        world,
        goals: goals.goals,
        goal_words: goals.words,
        training: drawn.training,
        shifts,
        agent: agent?,
        arms: arms?,
        evaluation,
        source: source.to_owned(),
        hash,
    })
}

fn evaluation(file: &DecisionFile, found: &mut Vec<Diagnostic>) -> crate::Evaluation {
    if let Some(judge_on) = file.evaluation.as_ref().and_then(|section| section.judge_on.as_ref()) {
        let message = "`judge_on` is for grids: cases have no way on which a goal could lie";
        found.push(Diagnostic::new("stray-key", judge_on.span(), message).help("leave it out: all cases are judged"));
    }
    let mut evaluation = common::evaluation(file.evaluation.as_ref());
    let section = file.evaluation.as_ref().and_then(|section| section.thresholds.as_ref());
    if section.is_none_or(|thresholds| thresholds.trained.is_none()) {
        // Blind choices among few options are right often enough: the threshold is as far above them as a grid's is above nothing.
        let chance = 1.0 / file.world.options.len().max(2) as f64;
        evaluation.options.trained = chance + (1.0 - chance) * evaluation.options.trained;
    }
    evaluation
}

/// The options' names; they become the first texts of the world.
fn options(file: &DecisionFile, scope: &mut Scope, found: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let before = found.len();
    let mut options: Vec<String> = Vec::new();
    for option in file.world.options.iter() {
        plain_name("option", option, found);
        if options.contains(&**option) {
            found.push(Diagnostic::new("duplicate-key", option.span(), format!("two options are called `{option}`")));
        }
        scope.symbols.intern(option);
        options.push((**option).clone());
    }
    (found.len() == before).then_some(options)
}

/// `[shifts.NAME]` without their distributions.
fn shifts(file: &DecisionFile, found: &mut Vec<Diagnostic>) -> Option<Vec<DecisionShift>> {
    let before = found.len();
    let mut shifts = Vec::new();
    for (name, at) in file.shifts.iter() {
        plain_name("shift", name, found);
        some_words("words", &at.words, found);
        if ["training", "all"].contains(&name.as_str()) {
            let message = format!("`{name}` cannot be the name of a shift");
            found.push(
                Diagnostic::new("bad-name", name.span(), message).label("reports use this word for something else"),
            );
        }
        if at.features.len() == 0 {
            let message = format!("the shift `{name}` is the same as training");
            found.push(
                Diagnostic::new("same-distribution", at.features.span(), message)
                    .help("declare the features that are drawn otherwise"),
            );
        }
        let aligned = at.keeps_goals_aligned.as_ref().is_some_and(|aligned| **aligned);
        let (name, words) = (name.to_string(), at.words.trim().to_owned());
        shifts.push(DecisionShift { name, words, distribution: Distribution::new(), aligned });
    }
    if shifts.iter().all(|shift| shift.aligned) {
        let message = match shifts.is_empty() {
            true => "a study needs at least one shift: without it nothing tells the goals apart",
            false => "every shift keeps the goals aligned: nothing tells them apart",
        };
        found
            .push(Diagnostic::new("no-shift", file.shifts.span(), message).help("add a shift on which the goals part"));
    }
    (found.len() == before).then_some(shifts)
}

type Changes = (Vec<(usize, misgoal_decision::Expr)>, Option<misgoal_decision::Expr>);

/// `[world.update]` and `done`.
fn changes(
    file: &DecisionFile,
    text: Text<'_>,
    options: &[String],
    drawn: &features::Drawn,
    scope: &mut Scope,
    found: &mut Vec<Diagnostic>,
) -> Option<Changes> {
    let before = found.len();
    let symbols = options.iter().filter_map(|option| scope.symbols.find(option)).collect();
    scope.push("choice", Kind::Text(symbols));
    let mut update = Vec::new();
    let entries = file.world.update.iter().flat_map(|entries| entries.iter());
    for (name, value) in entries {
        let Some(column) = drawn.features.iter().position(|feature| feature.name == **name) else {
            let names: Vec<String> = drawn.features.iter().map(|feature| feature.name.clone()).collect();
            found.push(unknown("feature", name, &names));
            continue;
        };
        let kind = drawn.features.get(column).map_or(Kind::Number, |feature| feature.kind.clone());
        update.extend(text.compile(scope, value, &kind, found).map(|expr| (column, expr)));
    }
    let done = file.world.done.as_ref().and_then(|done| {
        let compiled = scope.compile_as(done, &Kind::Truth);
        compiled.map_err(|error| found.push(text.error(&done.span(), done, &error))).ok()
    });
    if file.world.turns.as_ref().is_none_or(|turns| **turns == 1) {
        let stray = file.world.update.as_ref().map(At::span).or(file.world.done.as_ref().map(At::span));
        if let Some(span) = stray {
            let message = "with one turn nothing comes after a choice";
            found.push(Diagnostic::new("stray-key", span, message).help("give `turns`, or leave this out"));
        }
    }
    (found.len() == before).then_some((update, done))
}

/// Points a problem of the world at the part of the file that it is about.
fn problem_of(file: &DecisionFile, problem: &WorldProblem) -> Diagnostic {
    let (span, message) = match problem {
        WorldProblem::Options(message) => (file.world.options.span(), message),
        WorldProblem::Turns(message) => {
            (file.world.turns.as_ref().map_or_else(|| file.world.span(), At::span), message)
        }
        WorldProblem::Feature(_, message) | WorldProblem::Goal(_, message) => (file.world.span(), message),
    };
    Diagnostic::new("world", span, message.clone())
}
