//! The names of scripted agents.

use std::fmt;

use misgoal_world::{Goal, World};

use super::{Script, names};

/// Names that take a goal.
const WITH_GOAL: [&str; 5] = ["optimal-", "noisy-", "soft-", "first-", "wall-blind-"];

/// A scripted agent that does not exist.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptError {
    spec: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Problem {
    Unknown { names: Vec<String> },
    NoNumber { text: String },
    OutOfRange { value: f64 },
    TakesNoNumber,
    NotWhole { value: f64 },
    NeedsProxy,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`scripted:{}`: ", self.spec)?;
        match &self.problem {
            Problem::Unknown { names } => {
                write!(f, "no scripted agent has this name: use one of {}, or {}", names.join(", "), names::PATTERNS)
            }
            Problem::NoNumber { text } => write!(f, "`{text}` after `@` is not a number: write for example `@0.1`"),
            Problem::OutOfRange { value } => {
                write!(f, "`{value}` after `@` is out of range: use a share from 0 to 1, or a temperature above 0")
            }
            Problem::NotWhole { value } => {
                write!(f, "`{value}` after `@` is no number of steps: use a whole number from 1 to 255")
            }
            Problem::TakesNoNumber => f.write_str("this agent takes no number: leave out `@` and what follows"),
            Problem::NeedsProxy => f.write_str("needs a proxy beside the intended goal: declare one in the study"),
        }
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// Reads a name, with or without `scripted:` before it: `optimal-coin`, `noisy-coin@0.2`, `switcher@0.6`.
    ///
    /// # Errors
    /// An unknown name (the error lists them all), or a number that is missing, misplaced or out of range.
    pub fn parse(spec: &str, world: &World, goals: &[Goal]) -> Result<Script, ScriptError> {
        let spec = spec.strip_prefix("scripted:").unwrap_or(spec);
        let fail = |problem| Err(ScriptError { spec: spec.to_owned(), problem });
        let (name, number) = match spec.split_once('@') {
            Some((name, text)) => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => (name, Some(value)),
                _ => return fail(Problem::NoNumber { text: text.to_owned() }),
            },
            None => (spec, None),
        };
        let share = |default: f64| match number.unwrap_or(default) {
            value if (0.0..=1.0).contains(&value) => Ok(value),
            value => Err(ScriptError { spec: spec.to_owned(), problem: Problem::OutOfRange { value } }),
        };
        let goal = |prefix: &str| {
            let goal = name.strip_prefix(prefix)?;
            goals.iter().position(|g| g.name == goal)
        };
        let plain = |script: Script| if number.is_some() { fail(Problem::TakesNoNumber) } else { Ok(script) };

        match name {
            "random" => return plain(Script::Random),
            "habit" => return plain(Script::Habit),
            "unlisted" => return plain(Script::Unlisted),
            "switcher" if goals.len() < 2 => return fail(Problem::NeedsProxy),
            "switcher" => return Ok(Script::Switcher { first: 0, second: 1, share: share(0.6)? }),
            _ => {}
        }
        if let Some(goal) = goal("optimal-") {
            return plain(Script::Optimal { goal });
        }
        if let Some(goal) = goal("first-") {
            return plain(Script::First { goal });
        }
        if let Some(goal) = goal("wall-blind-") {
            return plain(Script::WallBlind { goal });
        }
        if let Some(goal) = goal("noisy-") {
            return Ok(Script::Noisy { goal, epsilon: share(0.1)? });
        }
        if let Some(goal) = goal("soft-") {
            return match number {
                Some(value) if value <= 0.0 => fail(Problem::OutOfRange { value }),
                _ => Ok(Script::Soft { goal, temperature: number.unwrap_or(0.5) }),
            };
        }
        if let Some(stranger) = names::stranger(name, number, world, goals) {
            return stranger.map(Script::Stranger).or_else(fail);
        }
        fail(Problem::Unknown { names: reference_names(goals) })
    }

    /// Every name that [`Script::parse`] knows, for this world and these goals.
    pub fn names(world: &World, goals: &[Goal]) -> Vec<String> {
        let mut names = reference_names(goals);
        names.extend(names::strangers(world, goals));
        names
    }
}

/// The names of the reference agents, without the strangers.
fn reference_names(goals: &[Goal]) -> Vec<String> {
    let with_goal = WITH_GOAL.iter().flat_map(|prefix| goals.iter().map(move |g| format!("{prefix}{}", g.name)));
    with_goal.chain(["random", "switcher", "habit", "unlisted"].map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::Script;
    use misgoal_world::{Enter, Goal, Movement, ThingSpec, View, World, WorldSpec};

    fn world() -> World {
        World::new(WorldSpec {
            width: 5,
            height: 5,
            movement: Movement::Walk,
            things: vec![ThingSpec { name: "red-coin".into(), symbol: 'c', enter: Enter::End }],
            zones: vec![],
            view: View::Whole,
            step_limit: 12,
            discount: 0.95,
        })
        .unwrap()
    }

    fn check(spec: &str, expected: &str) {
        let goals = ["coin", "far-wall"].map(|name| Goal { name: name.to_owned(), weights: vec![] });
        let got = match Script::parse(spec, &world(), &goals) {
            Ok(Script::Stranger(stranger)) => format!("{:?} {:?}", stranger.wish, stranger.flaw),
            Ok(script) => format!("{script:?}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn names_and_numbers_are_read() {
        check("scripted:optimal-coin", "Optimal { goal: 0 }");
        check("wall-blind-far-wall", "WallBlind { goal: 1 }");
        check("noisy-far-wall", "Noisy { goal: 1, epsilon: 0.1 }");
        check("noisy-coin@0.3", "Noisy { goal: 0, epsilon: 0.3 }");
        check("soft-coin@2", "Soft { goal: 0, temperature: 2.0 }");
        check("switcher", "Switcher { first: 0, second: 1, share: 0.6 }");
        check("random", "Random");
    }

    #[test]
    fn names_of_strangers_are_read() {
        check("without-up-coin", "Goal(0) Without(2)");
        check("blind-red-coin-far-wall", "Goal(1) Blind(0)");
        check("slow-coin@3", "Goal(0) Slow(3)");
        check("restless-far-wall", "Goal(1) Restless");
        check("turns-to-far-wall", "Changes { first: 0, second: 1, after: 5 } None");
        check("turns-from-far-wall@2", "Changes { first: 1, second: 0, after: 2 } None");
        check("nearest", "Nearest { but: None } None");
        check("away-coin", "Away(0) None");
        check("shuns-coin", "Shuns(0) None");
        for name in
            Script::names(&world(), &["coin", "far-wall"].map(|name| Goal { name: name.into(), weights: vec![] }))
        {
            let goals = ["coin", "far-wall"].map(|name| Goal { name: name.to_owned(), weights: vec![] });
            assert!(Script::parse(&name, &world(), &goals).is_ok(), "{name}");
        }
    }

    #[test]
    fn errors_say_what_to_do() {
        check(
            "scripted:optimal-wall",
            "`scripted:optimal-wall`: no scripted agent has this name: use one of optimal-coin, optimal-far-wall, \
             noisy-coin, noisy-far-wall, soft-coin, soft-far-wall, first-coin, first-far-wall, wall-blind-coin, \
             wall-blind-far-wall, random, switcher, habit, unlisted, or without-ACTION-GOAL, blind-THING-GOAL, slow-GOAL, \
             restless-GOAL, away-GOAL, shuns-GOAL, turns-to-PROXY, turns-from-PROXY, nearest",
        );
        check(
            "noisy-coin@lots",
            "`scripted:noisy-coin@lots`: `lots` after `@` is not a number: write for example `@0.1`",
        );
        check(
            "noisy-coin@1.5",
            "`scripted:noisy-coin@1.5`: `1.5` after `@` is out of range: use a share from 0 to 1, or a temperature above 0",
        );
        check(
            "slow-coin@2.5",
            "`scripted:slow-coin@2.5`: `2.5` after `@` is no number of steps: use a whole number from 1 to 255",
        );
        check("nearest@2", "`scripted:nearest@2`: this agent takes no number: leave out `@` and what follows");
        check("habit@1", "`scripted:habit@1`: this agent takes no number: leave out `@` and what follows");
    }
}
