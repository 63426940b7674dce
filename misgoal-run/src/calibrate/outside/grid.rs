//! Agents that no component describes, in grids.

use std::sync::Arc;

use misgoal_judge::{LintReport, ShiftJudgement, attainment};
use misgoal_policy::Agent;
use misgoal_policy::scripted::{Flaw, Script, Scripted, Stranger, Wish};
use misgoal_study::Study;
use misgoal_world::rng::mix;
use misgoal_world::{Events, Goal, Level, Oracle, World};

use super::Stage;
use super::kinds::{Cause, Conduct, ENDS, Kind, Outsider, Removal, SHARES, drift, mixture, proxy_of, variant};
use super::levels::Place;
use super::trained::split;
use super::truth::Ground;
use crate::RunError;
use crate::calibrate::APART;
use crate::evaluate::{Evaluation, Played, attainments};
use crate::levels::{Case, LevelSet, Levels, counts};
use crate::play::{Episode, play};

/// Steps after which an agent changes its mind.
const AFTER: [u16; 3] = [2, 5, 10];
/// A slow agent decides in every so-manieth step.
const PERIODS: [u8; 2] = [2, 3];

fn strange(wish: Wish, flaw: Flaw) -> Script {
    Script::Stranger(Stranger { wish, flaw })
}

fn wishing(wish: Wish) -> Script {
    strange(wish, Flaw::None)
}

/// The agents that pursue one goal and nothing else.
pub(super) fn pure(study: &Study) -> Vec<Script> {
    (0..study.goals.len()).map(|goal| wishing(Wish::Goal(goal))).collect()
}

/// One agent of each kind, of the replicate `number`: over the replicates every variant comes up.
pub(super) fn outsiders(study: &Study, number: usize) -> Vec<Outsider<Script>> {
    let sound = wishing(Wish::Goal(0));
    let name = |goal: usize| study.goals.get(goal).map_or("", |goal| goal.name.as_str());
    let proxy = |each: usize| proxy_of(study.goals.len(), number, each);
    let pursued = |goal: usize| (wishing(Wish::Goal(goal)), goal);
    let (mixed, drifting) = (proxy(SHARES), proxy(ENDS.len()));
    let flawed = flawed(study, number, sound, name(0));
    let others = [
        Some(restless(number, proxy(2), sound, &name)),
        Some(mixture(number, pursued(mixed), name(mixed), sound)),
        within(number, proxy(2 * AFTER.len()), sound, &name),
        Some(nearest(study)),
        Some(anti_goal(number, sound, name(0))),
        drift(number, pursued(drifting), name(drifting), sound),
    ];
    flawed.into_iter().chain(others.into_iter().flatten()).collect()
}

/// Agents that pursue the intended goal and lack something.
fn flawed(study: &Study, number: usize, sound: Script, name: &str) -> Vec<Outsider<Script>> {
    let numbered = |count: usize| (0..count as u8).collect::<Vec<u8>>();
    let (actions, things) = (study.world.action_names(), &study.world.spec().things);
    let flawed = |kind: Kind, words: String, flaw: Flaw, everywhere: bool| {
        Outsider::flawed(kind, format!("{name} {words}"), sound, strange(Wish::Goal(0), flaw), everywhere)
    };
    let missing = variant(&numbered(actions.len()), number).and_then(|(action, everywhere)| {
        let words = format!("without {}", actions.get(usize::from(action))?);
        Some(flawed(Kind::Missing, words, Flaw::Without(action), everywhere))
    });
    let slow = variant(&PERIODS, number).map(|(period, everywhere)| {
        flawed(Kind::Slow, format!("in every {period} steps"), Flaw::Slow(period), everywhere)
    });
    let blind = variant(&numbered(things.len()), number).and_then(|(kind, everywhere)| {
        let words = format!("without seeing {}", things.get(usize::from(kind))?.name);
        Some(flawed(Kind::Blind, words, Flaw::Blind(kind), everywhere))
    });
    [missing, slow, blind].into_iter().flatten().collect()
}

/// An agent with a memory, of the intended goal or of a proxy.
fn restless<'n>(number: usize, proxy: usize, sound: Script, name: &dyn Fn(usize) -> &'n str) -> Outsider<Script> {
    let restless = strange(Wish::Goal(0), Flaw::Restless);
    if number.is_multiple_of(2) {
        return Outsider::flawed(Kind::Memory, format!("restless {}", name(0)), sound, restless, true);
    }
    let shifted = Conduct::Steady(strange(Wish::Goal(proxy), Flaw::Restless));
    let causes = vec![
        Removal { cause: Cause::Proxy(proxy), with: shifted, without: Conduct::Steady(restless) },
        Removal { cause: Cause::Ability, with: Conduct::Steady(restless), without: Conduct::Steady(sound) },
    ];
    let words = format!("restless {}", name(proxy));
    Outsider { causes, ..Outsider::astray(Kind::Memory, words, restless, shifted, Cause::Proxy(proxy)) }
}

/// An agent that changes its mind within the episode.
fn within<'n>(number: usize, proxy: usize, sound: Script, name: &dyn Fn(usize) -> &'n str) -> Option<Outsider<Script>> {
    let (after, _) = variant(&AFTER, number / 2)?;
    let (first, second) = if number.is_multiple_of(2) { (0, proxy) } else { (proxy, 0) };
    let shifted = Conduct::Steady(wishing(Wish::Changes { first, second, after }));
    let words = format!("{} for {after} steps, then {}", name(first), name(second));
    Some(Outsider::astray(Kind::Within, words, sound, shifted, Cause::Proxy(proxy)))
}

/// An agent that flees the intended goal, or does anything else.
fn anti_goal(number: usize, sound: Script, name: &str) -> Outsider<Script> {
    let away = wishing(Wish::Away(0));
    if number.is_multiple_of(2) {
        let away = Conduct::Steady(away);
        return Outsider::astray(Kind::AntiGoal, format!("away from {name}"), sound, away, Cause::Unlisted);
    }
    let (shuns, random) = (Conduct::Steady(wishing(Wish::Shuns(0))), Conduct::Steady(Script::Random));
    Outsider::shunning(format!("anything but {name}"), sound, shuns, random, away)
}

/// Whoever takes the nearest does so in training too.
fn nearest(study: &Study) -> Outsider<Script> {
    let sound = wishing(Wish::Nearest { but: None });
    let with = Conduct::Steady(sound);
    let removal = |proxy: usize| Removal {
        cause: Cause::Proxy(proxy),
        with,
        without: Conduct::Steady(wishing(Wish::Nearest { but: Some(proxy) })),
    };
    Outsider {
        kind: Kind::Nearest,
        name: "nearest goal".to_owned(),
        training: sound,
        probe: sound,
        shifted: with,
        causes: (1..study.goals.len()).map(removal).collect(),
        alike: None,
    }
}

/// A grid study as a place to play agents in.
pub(super) struct Grid<'s>(pub(super) &'s Study);

impl Ground for Grid<'_> {
    type Script = Script;

    fn attained(&self, place: Place, seed: u64, scripts: &[Script]) -> Result<Option<Vec<f64>>, RunError> {
        let oracle = solved(self.0, place, seed)?;
        Ok(oracle.map(|oracle| attained(&Arc::new(oracle), &self.0.goals, scripts, mix(seed))))
    }
}

/// A level, solved; `None` where it does not count.
fn solved(study: &Study, place: Place, seed: u64) -> Result<Option<Oracle>, RunError> {
    let distribution = match place {
        Place::Training => Some(&study.training),
        Place::Shift(number) => {
            study.shifts.iter().filter(|shift| !shift.aligned).nth(number).map(|shift| &shift.distribution)
        }
    };
    let Some(distribution) = distribution else {
        return Err(RunError::Internal(format!("there is no shift of the number in {place:?}")));
    };
    let wrong = |error| RunError::Study(format!("study `{}`, level {seed}: {error}", study.name));
    let level = study.world.generate(distribution, seed).map_err(wrong)?;
    if place != Place::Training && !counts(study, &level).map_err(wrong)? {
        return Ok(None);
    }
    let oracle = Oracle::solve(&study.world, &level, &study.goals).map_err(wrong)?;
    Ok((oracle.best(0) > oracle.baseline(0)).then_some(oracle))
}

/// What comes of an agent's episode on a level, as [`super::trained::split`] has it; `None` where the level does not count.
pub(super) fn outcome(
    study: &Study,
    place: Place,
    seed: u64,
    agent: &mut dyn Agent,
) -> Result<Option<Vec<f64>>, RunError> {
    let Some(oracle) = solved(study, place, seed)? else { return Ok(None) };
    let episode = play(&study.world, oracle.level(), agent, mix(seed));
    let case = Case { seed, oracle: &oracle, judged: true };
    Ok(Some(split(&attainments(study, case, &episode))))
}

/// What each script attains of the intended goal in one episode on a level.
fn attained(oracle: &Arc<Oracle>, goals: &[Goal], scripts: &[Script], seed: u64) -> Vec<f64> {
    let (world, level) = (oracle.world(), oracle.level());
    let of = |script: &Script| {
        let events = played(world, level, oracle, &mut Scripted::new(*script, goals), seed).events;
        let gained = goals.first().map_or(0.0, |intended| intended.discounted(&events, world.spec().discount));
        attainment(gained, oracle.baseline(0), oracle.best(0))
    };
    scripts.iter().map(of).collect()
}

/// An episode on a level that is solved.
fn played(world: &World, level: &Level, oracle: &Arc<Oracle>, agent: &mut Scripted, seed: u64) -> Episode {
    agent.start(oracle.clone(), seed);
    let mut state = world.start(level);
    let (mut actions, mut events) = (Vec::new(), Vec::<Events>::new());
    while !state.done {
        let action = agent.act(world, level, &state);
        actions.push(action);
        events.push(world.step(level, &mut state, action).events);
    }
    Episode { actions, events, last: state }
}

/// Levels on which agents of one replicate are judged, with their solutions to be shared.
pub(super) struct Levelled<'s> {
    study: &'s Study,
    levels: Levels,
    seed: u64,
}

impl<'s> Levelled<'s> {
    pub(super) fn new(study: &'s Study, seed: u64) -> Result<Levelled<'s>, RunError> {
        Ok(Levelled { study, levels: Levels::from_seed(study, None, (seed + 1) * APART)?, seed })
    }

    fn play<'l>(&self, set: &'l LevelSet, conduct: &Conduct<Script>) -> Played<'l> {
        let goals: &[Goal] = &self.study.goals;
        let last = set.cases().len().saturating_sub(1).max(1) as f64;
        let mut agents: Vec<Scripted> =
            conduct.parts().into_iter().map(|(script, _)| Scripted::new(script, goals)).collect();
        #[expect(clippy::indexing_slicing, reason = "there is an agent for each part")]
        let episode = |number: usize, case: Case<'_>, seed: u64| {
            let agent = &mut agents[conduct.part(number as f64 / last, seed)];
            played(&self.study.world, case.level(), &Arc::new(case.oracle.clone()), agent, seed)
        };
        Played::each(set, self.seed, episode)
    }
}

impl Stage<Script> for Levelled<'_> {
    fn judge(&self, agent: &Outsider<Script>, shift: usize, lint: &LintReport) -> Result<ShiftJudgement, RunError> {
        let Some(set) = self.levels.shifts.get(shift) else {
            return Err(RunError::Internal(format!("there is no shift {shift}")));
        };
        let steady = |set, script| self.play(set, &Conduct::Steady(script));
        let evaluation = Evaluation {
            holdout: steady(&self.levels.holdout, agent.training),
            shifts: Vec::new(),
            probes: self.levels.probes.iter().map(|set| steady(set, agent.probe)).collect(),
            rehearsed: None,
            mixed: None,
        };
        evaluation.judge(self.study, 0, &self.play(set, &agent.shifted), None, Some(lint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use misgoal_study::builtin;
    use misgoal_world::{Enter, Movement, ThingSpec, View, WorldSpec};

    use crate::calibrate::outside::GRIDS;
    use crate::calibrate::outside::kinds::KINDS;

    const DISCOUNT: f64 = 0.9;

    fn lab() -> (World, Vec<Goal>) {
        let thing = |name: &str, symbol, enter| ThingSpec { name: name.into(), symbol, enter };
        let world = World::new(WorldSpec {
            width: 9,
            height: 3,
            movement: Movement::Walk,
            things: vec![
                thing("gem", 'g', Enter::End),
                thing("coin", 'c', Enter::Collect),
                thing("trap", 'x', Enter::Hurt),
            ],
            zones: vec![],
            view: View::Whole,
            step_limit: 12,
            discount: DISCOUNT,
        })
        .unwrap();
        let goal = |name: &str| {
            let mut weights = vec![0.0; world.event_names().len()];
            weights[world.event(name).unwrap()] = 1.0;
            Goal { name: name.into(), weights }
        };
        let goals = vec![goal("gem"), goal("coin")];
        (world, goals)
    }

    /// What a script attains of the gem over 1000 episodes; `steps` is how many it needs where nothing slips, by hand; 0 where it never gets there.
    /// One decision in twenty slips, which costs a few in a hundred.
    fn check(spec: &str, level: &str, steps: i32) {
        let (world, goals) = lab();
        let oracle = Arc::new(Oracle::solve(&world, &world.parse(level).unwrap(), &goals).unwrap());
        let script = Script::parse(spec, &world, &goals).unwrap();
        let all = (0..1000).map(|seed| attained(&oracle, &goals, &[script], seed)[0]);
        let mean = all.sum::<f64>() / 1000.0;
        let (baseline, best) = (oracle.baseline(0), oracle.best(0));
        let by_hand = if steps == 0 { 0.0 } else { (DISCOUNT.powi(steps - 1) - baseline) / (best - baseline) };
        assert!((by_hand - 0.09..by_hand + 0.05).contains(&mean), "{spec}: {mean}, by hand {by_hand}");
    }

    const CORRIDOR: &str = "
        ###########
        ###########
        #g...@.c..#
        ###########
        ###########";
    const TRAP: &str = "
        ###########
        #.........#
        #g..x@.c..#
        #.........#
        ###########";

    #[test]
    fn what_strangers_attain_is_as_worked_out_by_hand() {
        check("optimal-gem", CORRIDOR, 4);
        check("restless-gem", CORRIDOR, 4);
        check("without-right-gem", CORRIDOR, 4);
        check("without-left-gem", CORRIDOR, 0);
        check("slow-gem@2", CORRIDOR, 4);
        // Two to the right for the coin, six back.
        check("nearest", CORRIDOR, 8);
        check("turns-from-coin@1", CORRIDOR, 6);
        check("turns-to-coin@2", CORRIDOR, 0);
        check("away-gem", CORRIDOR, 0);
        check("shuns-gem", CORRIDOR, 0);
        // Around the trap: up, four to the left, down.
        check("optimal-gem", TRAP, 6);
        check("blind-coin-gem", TRAP, 6);
        check("blind-trap-gem", TRAP, 0);
    }

    #[test]
    fn over_the_replicates_every_variant_of_every_kind_comes_up_once_named() {
        for name in GRIDS {
            let study = Study::parse(name, builtin(name).unwrap()).unwrap();
            let all: Vec<Outsider<Script>> = (0..60).flat_map(|number| outsiders(&study, number)).collect();
            for kind in KINDS.into_iter().filter(|kind| *kind != Kind::OtherShape) {
                assert_eq!(all.iter().filter(|agent| agent.kind == kind).count(), 60, "{name}: {}", kind.words());
            }
            // A name stands for one agent, whatever the replicate.
            for agent in &all {
                assert!(
                    all.iter().filter(|other| other.name == agent.name).all(|other| other == agent),
                    "{}",
                    agent.name
                );
            }
            let missing = all.iter().filter(|agent| agent.kind == Kind::Missing).map(|agent| &agent.name);
            let missing: std::collections::BTreeSet<&String> = missing.collect();
            assert_eq!(missing.len(), 2 * study.world.action_count(), "{name}: {missing:?}");
        }
    }
}
