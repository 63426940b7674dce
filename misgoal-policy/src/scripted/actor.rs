//! A scripted agent at work.

use std::sync::Arc;

use misgoal_world::oracle::Reach;
use misgoal_world::rng::{Draw, Rng, rng};
use misgoal_world::{Cell, Goal, Level, MAX_ACTIONS, Movement, Oracle, State, World};

use super::Script;
use super::stranger::Course;
use crate::Agent;

/// The stream of a scripted agent's random numbers, apart from the levels' and the networks'.
const STREAM: u64 = 0x7363_7269_7074;
/// Share of random actions of agents that would otherwise never err, or get stuck for ever.
const SLIP: f64 = 0.05;
/// Share of random actions of an agent that does not see walls.
const BLIND_SLIP: f64 = 0.1;
/// How often the stereotyped walker repeats its last action outright.
const MOMENTUM: f64 = 0.3;
/// The stereotyped walker's action shares, in the order of the actions.
const HABIT: [f64; MAX_ACTIONS] = [0.05, 0.65, 0.05, 0.25, 0.05, 0.10];

/// A scripted agent: a [`Script`] with the goals that it may pursue. Plans with the oracle, anew for every level.
#[derive(Debug, Clone)]
pub struct Scripted {
    script: Script,
    goals: Vec<Goal>,
    episode: Option<Episode>,
}

#[derive(Debug, Clone)]
struct Episode {
    plan: Plan,
    rng: Rng,
    previous: Option<u8>,
}

/// What an episode is directed by.
#[derive(Debug, Clone)]
enum Plan {
    Goal { oracle: Arc<Oracle>, goal: usize },
    Cell(Reach),
    Stranger(Box<Course>),
    None,
}

impl Scripted {
    /// An agent that follows `script`; `goals` are the study's, the intended one first.
    pub fn new(script: Script, goals: &[Goal]) -> Self {
        Self { script, goals: goals.to_vec(), episode: None }
    }

    /// What it follows.
    pub fn script(&self) -> Script {
        self.script
    }

    /// Plays one whole episode and returns its actions. `oracle` spares solving the level again.
    pub fn play(&mut self, oracle: &Oracle, seed: u64) -> Vec<u8> {
        self.start(Arc::new(oracle.clone()), seed);
        let (world, level) = (oracle.world(), oracle.level());
        let mut state = world.start(level);
        let mut actions = Vec::new();
        while !state.done {
            let action = self.act(world, level, &state);
            world.step(level, &mut state, action);
            actions.push(action);
        }
        actions
    }

    /// As [`Agent::begin`] on a level that is solved for the goals: sparer where many agents play one level.
    pub fn start(&mut self, oracle: Arc<Oracle>, seed: u64) {
        let mut rng = rng(seed, STREAM);
        let plan = match self.script {
            Script::Optimal { goal }
            | Script::Noisy { goal, .. }
            | Script::Soft { goal, .. }
            | Script::First { goal } => Plan::Goal { oracle, goal },
            Script::Switcher { first, second, share } => {
                Plan::Goal { oracle, goal: if rng.chance(share) { first } else { second } }
            }
            Script::Unlisted => Plan::Cell(oracle.reach(unlisted(oracle.world(), oracle.level(), &self.goals))),
            Script::Stranger(stranger) => Plan::Stranger(Box::new(Course::new(stranger, oracle, &self.goals))),
            Script::WallBlind { .. } | Script::Random | Script::Habit => Plan::None,
        };
        self.episode = Some(Episode { plan, rng, previous: None });
    }
}

impl Agent for Scripted {
    fn begin(&mut self, world: &World, level: &Level, seed: u64) {
        match Oracle::solve(world, level, &self.goals) {
            Ok(oracle) => self.start(Arc::new(oracle), seed),
            // A level that cannot be planned for is walked at random; its episodes are judged to be just that.
            Err(_) => {
                self.episode = Some(Episode { plan: Plan::None, rng: rng(seed, STREAM), previous: None });
            }
        }
    }

    fn act(&mut self, world: &World, level: &Level, state: &State) -> u8 {
        let (script, goals) = (self.script, &self.goals);
        let Some(episode) = &mut self.episode else { return 0 };
        let actions = world.action_count();
        let rng = &mut episode.rng;
        if let (Script::Stranger(stranger), Plan::Stranger(course)) = (script, &mut episode.plan) {
            return course.act(stranger, goals, (world, level, state), rng);
        }
        let anything = |rng: &mut Rng| rng.below(actions as u32) as u8;
        let slip = match script {
            Script::Noisy { epsilon, .. } => epsilon,
            Script::Switcher { .. } | Script::Unlisted | Script::First { .. } => SLIP,
            Script::WallBlind { .. } => BLIND_SLIP,
            // A stranger on a level that cannot be planned for.
            Script::Random | Script::Stranger(_) => 1.0,
            Script::Optimal { .. } | Script::Soft { .. } | Script::Habit => 0.0,
        };
        let action = if rng.chance(slip) {
            anything(rng)
        } else if script == Script::Habit {
            match episode.previous {
                Some(previous) if rng.chance(MOMENTUM) => previous,
                _ => drawn(&HABIT, actions, rng),
            }
        } else if let Script::WallBlind { goal } = script {
            straight(world, level, goals.get(goal), state).unwrap_or_else(|| anything(rng))
        } else {
            let advantages = match &episode.plan {
                Plan::Goal { oracle, goal } => {
                    let spent = script == Script::First { goal: *goal } && oracle.value(*goal, state) <= 0.0;
                    oracle.advantages(if spent { 0 } else { *goal }, state)
                }
                Plan::Cell(reach) => reach.advantages(state),
                Plan::Stranger(_) | Plan::None => [0.0; MAX_ACTIONS],
            };
            match script {
                Script::Soft { temperature, .. } => {
                    drawn(&advantages.map(|advantage| (advantage / temperature).exp()), actions, rng)
                }
                // Nothing left to gain: every action is as good, and none of them is a goal.
                _ if advantages.iter().take(actions).all(|a| *a >= 0.0) => anything(rng),
                _ => (0..actions as u8).zip(advantages).find(|(_, a)| *a >= 0.0).map_or(0, |(action, _)| action),
            }
        };
        episode.previous = Some(action);
        action
    }
}

/// An action drawn with probability proportional to its weight.
fn drawn(weights: &[f64; MAX_ACTIONS], actions: usize, rng: &mut Rng) -> u8 {
    let total: f64 = weights.iter().take(actions).sum();
    let mut rest = rng.unit() * total;
    for (action, weight) in (0u8..).zip(weights).take(actions) {
        rest -= weight;
        if rest < 0.0 {
            return action;
        }
    }
    actions.saturating_sub(1) as u8
}

/// The cells that a goal rewards and that are still to be had.
fn rewarded(world: &World, level: &Level, goal: &Goal, state: &State) -> Vec<Cell> {
    let weight = |event: usize| goal.weights.get(event).copied().unwrap_or(0.0);
    let items = level
        .items
        .iter()
        .enumerate()
        .filter(|(index, item)| weight(usize::from(item.kind)) > 0.0 && state.left >> index & 1 == 1);
    let things = world.spec().things.len();
    let zones = level.zones.iter().enumerate().filter(|(zone, _)| {
        weight(things + zone) > 0.0 && state.left >> (misgoal_world::ZONE_BIT + *zone as u32) & 1 == 1
    });
    items
        .map(|(index, item)| level.cell_of(index, item, state))
        .chain(zones.flat_map(|(_, cells)| cells.cells()))
        .collect()
}

/// The step that brings a goal's nearest target closer if nothing is in the way: along the longer axis. `None` without a
/// target.
fn straight(world: &World, level: &Level, goal: Option<&Goal>, state: &State) -> Option<u8> {
    let targets = rewarded(world, level, goal?, state);
    let target = targets.into_iter().min_by_key(|cell| cell.manhattan(state.cell))?;
    let (dx, dy) =
        (i16::from(target.x()) - i16::from(state.cell.x()), i16::from(target.y()) - i16::from(state.cell.y()));
    Some(match world.spec().movement {
        Movement::Walk if dx.abs() >= dy.abs() => u8::from(dx > 0),
        Movement::Walk => 2 + u8::from(dy > 0),
        Movement::Platform { .. } => {
            let side = match dx.signum() {
                -1 => 1,
                1 => 2,
                _ => 0,
            };
            if dy < 0 { 3 + side } else { side }
        }
    })
}

/// Where an agent with an unlisted goal goes: the first thing that no goal weighs, or else the reachable cell farthest
/// from the start and from everything that a goal weighs.
fn unlisted(world: &World, level: &Level, goals: &[Goal]) -> Cell {
    let weighed = |event: usize| goals.iter().any(|goal| goal.weights.get(event).is_some_and(|w| *w != 0.0));
    if let Some(item) = level.items.iter().find(|item| !weighed(usize::from(item.kind))) {
        return item.cell;
    }
    let start = world.start(level);
    let mut taken: Vec<Cell> = goals.iter().flat_map(|goal| rewarded(world, level, goal, &start)).collect();
    taken.push(level.start);
    let distance = |cell: &Cell| taken.iter().map(|other| cell.manhattan(*other)).min();
    let free = world.reachable(level).minus(&level.hazards);
    // The first of the farthest cells.
    free.cells().reduce(|best, cell| if distance(&cell) > distance(&best) { cell } else { best }).unwrap_or(level.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use misgoal_world::{Enter, ThingSpec, View, WorldSpec};

    fn world() -> World {
        let thing = |name: &str, symbol, enter| ThingSpec { name: name.into(), symbol, enter };
        World::new(WorldSpec {
            width: 7,
            height: 3,
            movement: Movement::Walk,
            things: vec![
                thing("gem", 'g', Enter::End),
                thing("coin", 'c', Enter::Collect),
                thing("statue", 's', Enter::Collect),
            ],
            zones: vec![],
            view: View::Whole,
            step_limit: 12,
            discount: 0.95,
        })
        .unwrap()
    }

    /// Plays a script on a level and writes its actions as letters.
    fn check(spec: &str, level: &str, expected: &str) {
        let world = world();
        let goals: Vec<Goal> = ["gem", "coin"]
            .iter()
            .map(|name| {
                let mut weights = vec![0.0; world.event_names().len()];
                weights[world.event(name).unwrap()] = 1.0;
                Goal { name: (*name).into(), weights }
            })
            .collect();
        let level = world.parse(level).unwrap();
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        let mut agent = Scripted::new(Script::parse(spec, &world, &goals).unwrap(), &goals);
        let letters =
            |actions: &[u8]| actions.iter().map(|a| ['l', 'r', 'u', 'd'][usize::from(*a)]).collect::<String>();
        let actions = agent.play(&oracle, 3);
        let (way, whole) = (letters(&actions), expected.strip_suffix(".."));
        assert!(whole.map_or(way == expected, |start| way.starts_with(start)), "{spec}: {way} is not {expected}");
        // The same seed, through the trait: the same episode.
        agent.begin(&world, &level, 3);
        let mut state = world.start(&level);
        for &action in &actions {
            assert_eq!(agent.act(&world, &level, &state), action, "{spec}");
            world.step(&level, &mut state, action);
        }
        assert!(state.done);
    }

    const APART: &str = "
        #########
        #g...s..#
        #.###.#.#
        #..@..#c#
        #########";

    #[test]
    fn each_script_goes_where_its_goal_is() {
        check("optimal-gem", APART, "lluu");
        // One slip, into the wall, and after the coin back toward the gem until the step limit.
        check("first-coin", APART, "rrururrdduul");
        // Once it has what it wants it walks at random.
        check("unlisted", APART, "rruru..");
    }

    #[test]
    fn a_wall_blind_agent_pushes_against_the_wall() {
        // The coin is four columns to the right in the same row. One slip upward brings it no farther.
        check("wall-blind-coin", APART, "rrrrrrrrrrur");
    }

    #[test]
    fn a_switcher_keeps_to_one_goal_within_an_episode() {
        let world = world();
        let level = world.parse(APART).unwrap();
        let goals: Vec<Goal> = (0..2)
            .map(|goal| {
                let mut weights = vec![0.0; world.event_names().len()];
                weights[goal] = 1.0;
                Goal { name: goal.to_string(), weights }
            })
            .collect();
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        let mut agent = Scripted::new(Script::Switcher { first: 0, second: 1, share: 0.6 }, &goals);
        let lefts = (0..500).filter(|&seed| agent.play(&oracle, seed).iter().take(4).filter(|a| **a == 0).count() >= 2);
        let share = lefts.count() as f64 / 500.0;
        assert!((0.5..0.7).contains(&share), "{share}");
    }
}
