//! The names of strangers.

use misgoal_world::{Goal, World};

use super::parse::Problem;
use super::{Flaw, Stranger, Wish};

/// The names, as errors tell them.
pub(super) const PATTERNS: &str = "without-ACTION-GOAL, blind-THING-GOAL, slow-GOAL, restless-GOAL, away-GOAL, shuns-GOAL, turns-to-PROXY, turns-from-PROXY, nearest";
/// A slow agent decides in every so-manieth step.
const PERIOD: u8 = 2;
/// An agent changes its mind after so many steps.
const AFTER: u8 = 5;

/// The stranger of this name, if there is one; `number` is what stands behind `@`.
pub(super) fn stranger(
    name: &str,
    number: Option<f64>,
    world: &World,
    goals: &[Goal],
) -> Option<Result<Stranger, Problem>> {
    let of = |prefix: &str| {
        let goal = name.strip_prefix(prefix)?;
        goals.iter().position(|other| other.name == goal)
    };
    let proxy = |prefix: &str| of(prefix).filter(|goal| *goal != 0);
    let plain = |wish, flaw| match number {
        Some(_) => Err(Problem::TakesNoNumber),
        None => Ok(Stranger { wish, flaw }),
    };
    let steps = |default: u8| match number {
        None => Ok(default),
        Some(value) if (1.0..=255.0).contains(&value) && value.fract() == 0.0 => Ok(value as u8),
        Some(value) => Err(Problem::NotWhole { value }),
    };
    let changes = |first: usize, second: usize| {
        steps(AFTER).map(|after| Stranger::sound(Wish::Changes { first, second, after: u16::from(after) }))
    };
    if name == "nearest" {
        return Some(plain(Wish::Nearest { but: None }, Flaw::None));
    }
    if let Some(goal) = of("slow-") {
        return Some(steps(PERIOD).map(|period| Stranger { wish: Wish::Goal(goal), flaw: Flaw::Slow(period) }));
    }
    if let Some(goal) = of("restless-") {
        return Some(plain(Wish::Goal(goal), Flaw::Restless));
    }
    if let Some(goal) = of("away-") {
        return Some(plain(Wish::Away(goal), Flaw::None));
    }
    if let Some(goal) = of("shuns-") {
        return Some(plain(Wish::Shuns(goal), Flaw::None));
    }
    if let Some(proxy) = proxy("turns-to-") {
        return Some(changes(0, proxy));
    }
    if let Some(proxy) = proxy("turns-from-") {
        return Some(changes(proxy, 0));
    }
    let action = (0u8..).zip(world.action_names()).find_map(|(action, called)| {
        of(&format!("without-{called}-")).map(|goal| plain(Wish::Goal(goal), Flaw::Without(action)))
    });
    let things = || (0u8..).zip(&world.spec().things);
    action.or_else(|| {
        things().find_map(|(kind, thing)| {
            of(&format!("blind-{}-", thing.name)).map(|goal| plain(Wish::Goal(goal), Flaw::Blind(kind)))
        })
    })
}

/// Every name that [`stranger`] knows.
pub(super) fn strangers(world: &World, goals: &[Goal]) -> Vec<String> {
    let of = |prefix: &str, goals: &[Goal]| -> Vec<String> {
        goals.iter().map(|goal| format!("{prefix}{}", goal.name)).collect()
    };
    let mut names = Vec::new();
    names.extend(world.action_names().iter().flat_map(|action| of(&format!("without-{action}-"), goals)));
    names.extend(world.spec().things.iter().flat_map(|thing| of(&format!("blind-{}-", thing.name), goals)));
    names.extend(["slow-", "restless-", "away-", "shuns-"].iter().flat_map(|prefix| of(prefix, goals)));
    let proxies = goals.split_first().map_or(&[][..], |(_, proxies)| proxies);
    names.extend(["turns-to-", "turns-from-"].iter().flat_map(|prefix| of(prefix, proxies)));
    names.push("nearest".to_owned());
    names
}
