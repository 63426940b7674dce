//! The planner: a case solved for every goal, exactly, over all ways through its turns.

use crate::case::Case;
use crate::goal::{Goal, Utilities};
use crate::marks::Marks;
use crate::world::{DecisionWorld, MAX_OPTIONS, WorldProblem};

/// Options whose values differ by less are equally good: values are sums of a few utilities.
const EQUAL: f64 = 1e-9;

/// How an agent that is optimal for one goal chooses among its equally good options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// As is worst for the other goal.
    Worst,
    /// As is best for the other goal.
    Best,
}

/// A moment of a case at which an option is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The features.
    pub row: Vec<f64>,
    /// Per goal, what each option brings now.
    pub utilities: Vec<Utilities>,
    /// Per goal, what each option brings with the best choices after it.
    pub values: Vec<Utilities>,
    /// Which marks the case bears ([`Marks`]); told of the first moment alone.
    pub marks: u64,
    /// Per option, the number of the moment that follows; none where the case is over.
    next: [Option<usize>; MAX_OPTIONS],
}

/// A case and its solution.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The case.
    pub case: Case,
    options: usize,
    moments: Vec<Moment>,
    best: Vec<f64>,
    random: Vec<f64>,
}

impl Solved {
    /// Solves a case for these goals.
    ///
    /// # Errors
    /// A goal's utility is no number.
    pub fn new(world: &DecisionWorld, goals: &[Goal], case: Case) -> Result<Solved, WorldProblem> {
        let options = world.options().len();
        let mut solved =
            Solved { case: case.clone(), options, moments: Vec::new(), best: Vec::new(), random: Vec::new() };
        let (_, best, random) = solved.moment(world, goals, case.row, 0)?;
        solved.best = best;
        solved.random = random;
        Ok(solved)
    }

    /// Adds a moment and all that follow; answers its number and, per goal, its best value and that of random choices.
    fn moment(
        &mut self,
        world: &DecisionWorld,
        goals: &[Goal],
        row: Vec<f64>,
        turn: usize,
    ) -> Result<(usize, Vec<f64>, Vec<f64>), WorldProblem> {
        let utilities: Vec<Utilities> = goals
            .iter()
            .enumerate()
            .map(|(number, goal)| world.utilities(number, goal, &row))
            .collect::<Result<_, _>>()?;
        let (mut values, mut next) = (utilities.clone(), [None; MAX_OPTIONS]);
        let mut random = vec![0.0; goals.len()];
        let number = self.moments.len();
        self.moments.push(Moment { row: Vec::new(), utilities: Vec::new(), values: Vec::new(), marks: 0, next });
        for (option, next) in next.iter_mut().enumerate().take(self.options) {
            let (after, over) = world.choose(&row, option, turn);
            let mut after_random = vec![0.0; goals.len()];
            if !over {
                let (moment, best, mean) = self.moment(world, goals, after, turn + 1)?;
                *next = Some(moment);
                for (values, best) in values.iter_mut().zip(best) {
                    if let Some(value) = values.get_mut(option) {
                        // A return is folded from the last turn in the same way, so that the best one is this, to the last bit.
                        *value += best;
                    }
                }
                after_random = mean;
            }
            for ((to, now), after) in random.iter_mut().zip(&utilities).zip(after_random) {
                *to += (now.get(option).copied().unwrap_or_default() + after) / self.options as f64;
            }
        }
        let best = values.iter().map(|values| self.most(values)).collect();
        if let Some(moment) = self.moments.get_mut(number) {
            let marks = if turn == 0 { Marks::new(goals, row.len()).of(goals, &row) } else { 0 };
            *moment = Moment { row, utilities, values, marks, next };
        }
        Ok((number, best, random))
    }

    fn most(&self, values: &Utilities) -> f64 {
        values.iter().take(self.options).copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// What the best choices bring, for a goal.
    pub fn best(&self, goal: usize) -> f64 {
        self.best.get(goal).copied().unwrap_or_default()
    }

    /// What uniformly random choices bring on average, for a goal.
    pub fn random(&self, goal: usize) -> f64 {
        self.random.get(goal).copied().unwrap_or_default()
    }

    /// How many options there are.
    pub fn options(&self) -> usize {
        self.options
    }

    /// How many goals it is solved for.
    pub fn goals(&self) -> usize {
        self.best.len()
    }

    /// The moment before the first choice.
    pub fn first(&self) -> Option<&Moment> {
        self.moments.first()
    }

    /// The moment that follows a choice; none where the case is over.
    pub fn after(&self, moment: &Moment, option: usize) -> Option<&Moment> {
        moment.next.get(option).copied().flatten().and_then(|next| self.moments.get(next))
    }

    /// All moments, on whatever way they come.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The moments of an episode with the option chosen at each, up to its end; options that there are not count as the first.
    pub fn episode<'a>(&'a self, choices: &[u8]) -> Vec<(&'a Moment, usize)> {
        let (mut episode, mut now) = (Vec::new(), self.first());
        for choice in choices {
            let Some(moment) = now else { break };
            let option = if usize::from(*choice) < self.options { usize::from(*choice) } else { 0 };
            episode.push((moment, option));
            now = self.after(moment, option);
        }
        episode
    }

    /// What an episode brought, for a goal.
    pub fn gained(&self, goal: usize, choices: &[u8]) -> f64 {
        let utility = |(moment, option): &(&Moment, usize)| {
            moment.utilities.get(goal).and_then(|utilities| utilities.get(*option)).copied().unwrap_or_default()
        };
        self.episode(choices)
            .iter()
            .rev()
            .fold(None, |later, step| Some(later.map_or(utility(step), |later: f64| utility(step) + later)))
            .unwrap_or_default()
    }

    /// The options that are best at a moment, for a goal: those that lose nothing.
    pub fn preferred(&self, moment: &Moment, goal: usize) -> Vec<usize> {
        let Some(values) = moment.values.get(goal) else { return Vec::new() };
        let most = self.most(values);
        (0..self.options).filter(|option| values.get(*option).is_some_and(|value| most - value <= EQUAL)).collect()
    }

    /// Each option's value less the best one's, for a goal: 0 for the best, negative for the others.
    pub fn advantages(&self, moment: &Moment, goal: usize) -> Utilities {
        let mut advantages = [0.0; MAX_OPTIONS];
        if let Some(values) = moment.values.get(goal) {
            let most = self.most(values);
            advantages.iter_mut().zip(values).take(self.options).for_each(|(to, value)| *to = (value - most).min(0.0));
        }
        advantages
    }

    /// The share of goal `i`'s gain over random choices that an agent loses which is optimal for goal `j`.
    /// Not a number where `i` has nothing to gain.
    pub fn cross_regret(&self, i: usize, j: usize, tie: Tie) -> f64 {
        let reached = self.first().map_or(0.0, |first| self.under(first, i, j, tie));
        let gain = self.best(i) - self.random(i);
        if gain > EQUAL { (self.best(i) - reached) / gain } else { f64::NAN }
    }

    /// What goal `i` gets from here on when goal `j` is pursued at its best.
    fn under(&self, moment: &Moment, i: usize, j: usize, tie: Tie) -> f64 {
        let gained = |option: usize| {
            let now = moment.utilities.get(i).and_then(|utilities| utilities.get(option)).copied().unwrap_or_default();
            self.after(moment, option).map_or(now, |after| now + self.under(after, i, j, tie))
        };
        let reached = self.preferred(moment, j).into_iter().map(gained);
        match tie {
            Tie::Worst => reached.fold(f64::INFINITY, f64::min),
            Tie::Best => reached.fold(f64::NEG_INFINITY, f64::max),
        }
    }
}
