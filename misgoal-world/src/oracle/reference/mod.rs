//! The reference planner: plans for worlds in which things move or regrow by chance, where no exact search is possible.
//!
//! **A reference and no optimum.** Each goal has a rule of thumb with a receding horizon (`rule.rs`) that says what an action costs, in steps. What is called best is
//! the mean discounted return of the best of the scripted policies that follow such a rule, over [`EPISODES`] episodes with other
//! chances; an agent may do better, and attainment and regret are clipped where it does.

mod rule;

use std::sync::OnceLock;

use super::random::Estimate;
use super::ties::{Plan, TieBreak};
use crate::rng::{Draw as _, Rng, mix, rng};
use crate::{Events, Goal, Level, MAX_ACTIONS, State, World};
use rule::Rule;

/// Episodes of each rule. The first is played with the level's own chance, which is what agents are judged with.
pub const EPISODES: u64 = 8;
/// Episodes of the random policy.
const RANDOM_EPISODES: u64 = 64;
/// The stream of random numbers of ties and random actions.
const STREAM: u64 = 0x7265_6665;

/// One level with a rule for each goal.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    goals: Vec<Goal>,
    rules: Vec<Rule>,
    played: OnceLock<Vec<Played>>,
    random: OnceLock<Vec<Estimate>>,
}

/// What the policy of one rule got, for each goal.
#[derive(Clone, Debug)]
struct Played {
    returns: Vec<f64>,
    /// Share of the episodes in which the goal was paid at all.
    met: Vec<f64>,
}

impl Reference {
    pub fn new(world: &World, level: &Level, goals: &[Goal]) -> Reference {
        let rules = goals.iter().map(|goal| Rule::new(world, level, goal)).collect();
        Reference { goals: goals.to_vec(), rules, played: OnceLock::new(), random: OnceLock::new() }
    }

    pub fn goal_count(&self) -> usize {
        self.goals.len()
    }

    pub fn goal_name(&self, goal: usize) -> &str {
        self.goals.get(goal).map_or("", |goal| &goal.name)
    }

    /// What the best of the policies gets of a goal: that of its own rule, of another goal's, or the random one.
    pub fn best(&self, world: &World, level: &Level, goal: usize) -> f64 {
        let played = self.played(world, level).iter().filter_map(|played| played.returns.get(goal));
        played.copied().fold(self.random(world, level, goal).mean, f64::max)
    }

    /// What goal `i` gets of the policy of goal `j`'s rule, and in which share of the episodes it was paid.
    pub fn cross(&self, world: &World, level: &Level, i: usize, j: usize) -> (f64, f64) {
        let played = self.played(world, level).get(j);
        let of = |values: fn(&Played) -> &Vec<f64>| played.and_then(|played| values(played).get(i)).copied();
        (of(|played| &played.returns).unwrap_or(f64::NAN), of(|played| &played.met).unwrap_or(f64::NAN))
    }

    pub fn random(&self, world: &World, level: &Level, goal: usize) -> Estimate {
        let estimates = self.random.get_or_init(|| {
            let mut totals = vec![(0.0, 0.0); self.goals.len()];
            for episode in 0..RANDOM_EPISODES {
                let mut rng = rng(STREAM, !episode);
                let actions = world.action_count() as u32;
                let events = run(world, level, episode, |_| rng.below(actions) as u8).events;
                for (goal, (sum, squares)) in self.goals.iter().zip(&mut totals) {
                    let value = goal.discounted(&events, world.spec().discount);
                    *sum += value;
                    *squares += value * value;
                }
            }
            let count = RANDOM_EPISODES as f64;
            let estimate = |(sum, squares): (f64, f64)| {
                let mean = sum / count;
                let variance = (squares - count * mean * mean).max(0.0) / (count - 1.0);
                Estimate { mean, standard_error: (variance / count).sqrt() }
            };
            totals.into_iter().map(estimate).collect()
        });
        estimates.get(goal).copied().unwrap_or(Estimate { mean: f64::NAN, standard_error: f64::NAN })
    }

    /// What each action costs in a state, in steps: 0 for the best.
    pub fn advantages(&self, world: &World, level: &Level, goal: usize, state: &State) -> [f64; MAX_ACTIONS] {
        let Some(rule) = self.rules.get(goal) else { return [f64::NAN; MAX_ACTIONS] };
        if state.done { [0.0; MAX_ACTIONS] } else { rule.advantages(world, level, state) }
    }

    /// The nearest thing of positive weight, discounted by its distance; 0 where there is none.
    pub fn value(&self, world: &World, level: &Level, goal: usize, state: &State) -> f64 {
        let Some(rule) = self.rules.get(goal) else { return f64::NAN };
        if state.done { 0.0 } else { rule.value(world, level, state) }
    }

    /// One episode of a goal's rule with the level's own chance.
    pub fn plan(&self, world: &World, level: &Level, goal: usize, tie: TieBreak) -> Plan {
        let mut ties = match tie {
            TieBreak::Seeded(seed) => Some(rng(seed, goal as u64)),
            _ => None,
        };
        run(world, level, 0, |state| self.act(world, level, goal, state, ties.as_mut()))
    }

    fn act(&self, world: &World, level: &Level, goal: usize, state: &State, ties: Option<&mut Rng>) -> u8 {
        let advantages = self.advantages(world, level, goal, state);
        let mut best = (0u8..).zip(advantages).take(world.action_count()).filter(|(_, a)| *a == 0.0).map(|(a, _)| a);
        match ties {
            None => best.next().unwrap_or(0),
            Some(rng) => {
                let count = best.clone().count();
                best.nth(rng.below(count as u32) as usize).unwrap_or(0)
            }
        }
    }

    fn played(&self, world: &World, level: &Level) -> &[Played] {
        self.played.get_or_init(|| (0..self.rules.len()).map(|rule| self.play(world, level, rule)).collect())
    }

    fn play(&self, world: &World, level: &Level, rule: usize) -> Played {
        let mut played = Played { returns: vec![0.0; self.goals.len()], met: vec![0.0; self.goals.len()] };
        for episode in 0..EPISODES {
            let mut ties = rng(STREAM, episode << 8 ^ rule as u64);
            let events =
                run(world, level, episode, |state| self.act(world, level, rule, state, Some(&mut ties))).events;
            let sums = played.returns.iter_mut().zip(&mut played.met);
            for (goal, (returns, met)) in self.goals.iter().zip(sums) {
                *returns += goal.discounted(&events, world.spec().discount) / EPISODES as f64;
                let paid = events.iter().any(|events| goal.reward(*events) > 0.0);
                *met += f64::from(u8::from(paid)) / EPISODES as f64;
            }
        }
        played
    }
}

/// Plays an episode to its end; other numbers than 0 have another chance than the level's.
fn run(world: &World, level: &Level, number: u64, mut act: impl FnMut(&State) -> u8) -> Plan {
    let mut end = world.start(level);
    if number > 0 {
        end.chance = mix(level.chance ^ mix(number));
    }
    let (mut actions, mut events): (Vec<u8>, Vec<Events>) = (Vec::new(), Vec::new());
    while !end.done {
        let action = act(&end);
        actions.push(action);
        events.push(world.step(level, &mut end, action).events);
    }
    Plan { actions, events, end }
}
