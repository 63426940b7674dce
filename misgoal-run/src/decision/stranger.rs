//! Strangers: choosing agents that no component of the judge describes. As in grids a stranger is a wish and a flaw, and both are switches.

use misgoal_decision::{Case, DecisionWorld, Goal, Moment, Solved};
use misgoal_study::DecisionStudy;
use misgoal_world::rng::{Draw as _, Rng, rng};

use super::cases::{TRAINING, wrong};
use crate::RunError;

/// Share of random choices.
const SLIP: f64 = 0.05;
/// Values closer than this are equal.
const EQUAL: f64 = 1e-9;
/// Training cases whose median is what a blind agent takes for the feature that it does not see.
const LOOKED_AT: u64 = 2001;
/// A slow agent decides in every so-manieth turn.
const PERIOD: usize = 2;
/// An agent changes its mind after so many turns.
const AFTER: usize = 1;
/// The stream of an episode's seed from which strangers draw.
const STREAM: u64 = 0x57a9;

/// A scripted agent with a wish and a flaw. One choice in twenty is random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stranger {
    pub(crate) wish: Wish,
    pub(crate) flaw: Flaw,
}

/// What a stranger wants; goals are indices, the intended one 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The goal.
    Goal(usize),
    /// One goal in the first turns of a case, then another.
    Changes { first: usize, second: usize, after: usize },
    /// Of all goals but one the one that has most at stake in this moment.
    Nearest { but: Option<usize> },
    /// The worst option for the goal.
    Away(usize),
    /// Any option but the best ones for the goal.
    Shuns(usize),
    /// Nothing.
    Nothing,
}

/// What a stranger lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nothing.
    None,
    /// It never takes this option, but the best of the others.
    Without(usize),
    /// It decides in every so-manieth turn and repeats itself in between.
    Slow(usize),
    /// It does not see the feature of this column: it takes it for what it is in most of training.
    Blind(usize),
    /// It takes no option twice in a case, while there are others.
    Restless,
}

impl Stranger {
    /// A stranger without a flaw.
    pub(crate) fn sound(wish: Wish) -> Stranger {
        Stranger { wish, flaw: Flaw::None }
    }
}

/// A stranger and what it needs to know of the study.
pub(crate) struct Strange {
    stranger: Stranger,
    /// The world and goals, the column that it does not see, and what it takes for its value.
    blind: Option<(DecisionWorld, Vec<Goal>, usize, f64)>,
}

impl Strange {
    /// # Errors
    /// A training case cannot be drawn.
    pub(crate) fn new(study: &DecisionStudy, stranger: Stranger) -> Result<Strange, RunError> {
        let blind = match stranger.flaw {
            Flaw::Blind(column) => {
                let typical = typical(study, column)?;
                Some((study.world.clone(), study.goals.clone(), column, typical))
            }
            _ => None,
        };
        Ok(Strange { stranger, blind })
    }

    /// Chooses until the case is over.
    pub(crate) fn episode(&self, solved: &Solved, options: usize, seed: u64) -> Vec<u8> {
        let mut random = rng(seed, STREAM);
        let seen = self.blind.as_ref().and_then(|(world, goals, column, typical)| {
            let mut case = Case { seed: solved.case.seed, row: solved.case.row.clone() };
            case.row.iter_mut().skip(*column).take(1).for_each(|value| *value = *typical);
            Solved::new(world, goals, case).ok()
        });
        let looked_at = if self.blind.is_some() { seen.as_ref() } else { Some(solved) };
        let mut choices: Vec<u8> = Vec::new();
        let (mut now, mut seems) = (solved.first(), looked_at.and_then(Solved::first));
        while let Some(moment) = now {
            let choice = match (self.stranger.flaw, choices.last()) {
                (Flaw::Slow(period), Some(last)) if !choices.len().is_multiple_of(period) => *last,
                // A blind agent whose own view of the case is over, or cannot be valued, chooses at random.
                _ => match looked_at.zip(seems) {
                    Some((solved, seems)) => self.decide(solved, seems, options, &choices, &mut random),
                    None => random.below(options as u32) as u8,
                },
            };
            choices.push(choice);
            now = solved.after(moment, usize::from(choice));
            seems = looked_at.zip(seems).and_then(|(solved, seems)| solved.after(seems, usize::from(choice)));
        }
        choices
    }

    fn decide(&self, solved: &Solved, moment: &Moment, options: usize, before: &[u8], random: &mut Rng) -> u8 {
        let mut open: Vec<usize> = (0..options).collect();
        match self.stranger.flaw {
            Flaw::Without(option) => open.retain(|other| *other != option),
            Flaw::Restless if before.len() < options => open.retain(|option| !before.contains(&(*option as u8))),
            Flaw::None | Flaw::Slow(_) | Flaw::Blind(_) | Flaw::Restless => {}
        }
        // Who takes anything else anyway does not slip into what it shuns.
        let slips = !matches!(self.stranger.wish, Wish::Shuns(_)) && random.chance(SLIP);
        let best = match self.scores(solved, moment, before.len()) {
            Some(scores) if !slips => {
                let score = |option: usize| scores.get(option).copied().unwrap_or(f64::NEG_INFINITY);
                let most = open.iter().map(|option| score(*option)).fold(f64::NEG_INFINITY, f64::max);
                open.into_iter().filter(|option| most - score(*option) <= EQUAL).collect()
            }
            _ => open,
        };
        any(&best, random)
    }

    /// How good each option is for the wish; `None` where it wants nothing.
    fn scores(&self, solved: &Solved, moment: &Moment, turn: usize) -> Option<Vec<f64>> {
        let values = |goal: usize| solved.advantages(moment, goal).to_vec();
        match self.stranger.wish {
            Wish::Goal(goal) => Some(values(goal)),
            Wish::Changes { first, second, after } => Some(values(if turn < after { first } else { second })),
            Wish::Nearest { but } => {
                let stake = |goal: usize| -solved.advantages(moment, goal).into_iter().fold(0.0, f64::min);
                let goals = (0..solved.goals()).filter(|goal| Some(*goal) != but);
                let most = goals.reduce(|best, goal| if stake(goal) > stake(best) + EQUAL { goal } else { best });
                most.map(values)
            }
            Wish::Away(goal) => Some(values(goal).into_iter().map(|value| -value).collect()),
            Wish::Shuns(goal) => {
                let worse = |value: f64| if value < -EQUAL { 0.0 } else { -1.0 };
                Some(values(goal).into_iter().map(worse).collect())
            }
            Wish::Nothing => None,
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "a draw below a length is an index; some option is always open")]
fn any(open: &[usize], random: &mut Rng) -> u8 {
    open[random.below(open.len() as u32) as usize] as u8
}

/// The median of a feature over training cases.
fn typical(study: &DecisionStudy, column: usize) -> Result<f64, RunError> {
    let mut values = Vec::new();
    for seed in 0..LOOKED_AT {
        let case = study.world.draw(&study.training, seed).map_err(|problem| wrong(study, TRAINING, &problem))?;
        values.extend(case.row.get(column).copied());
    }
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().ok_or_else(|| RunError::Internal(format!("there is no feature {column}")))
}

/// The strangers of a study with their names. Where a case has one turn, a memory, a change of mind and slowness have no place.
fn all(study: &DecisionStudy) -> Vec<(String, Stranger)> {
    let mut all = Vec::new();
    let mut add = |name: String, wish, flaw| all.push((name, Stranger { wish, flaw }));
    for (goal, named) in study.goals.iter().enumerate() {
        let (wish, name) = (Wish::Goal(goal), named.name.as_str());
        for (option, called) in study.world.options().iter().enumerate() {
            add(format!("without-{called}-{name}"), wish, Flaw::Without(option));
        }
        for (column, feature) in study.world.features().iter().enumerate() {
            add(format!("blind-{}-{name}", feature.name), wish, Flaw::Blind(column));
        }
        add(format!("away-{name}"), Wish::Away(goal), Flaw::None);
        add(format!("shuns-{name}"), Wish::Shuns(goal), Flaw::None);
        if study.world.turns() > 1 {
            add(format!("slow-{name}"), wish, Flaw::Slow(PERIOD));
            add(format!("restless-{name}"), wish, Flaw::Restless);
            if goal > 0 {
                add(format!("turns-to-{name}"), Wish::Changes { first: 0, second: goal, after: AFTER }, Flaw::None);
                add(format!("turns-from-{name}"), Wish::Changes { first: goal, second: 0, after: AFTER }, Flaw::None);
            }
        }
    }
    add("nearest".to_owned(), Wish::Nearest { but: None }, Flaw::None);
    all
}

/// The stranger of this name.
pub(crate) fn named(study: &DecisionStudy, name: &str) -> Option<Stranger> {
    all(study).into_iter().find(|(called, _)| called == name).map(|(_, stranger)| stranger)
}

/// The names of the strangers of a study.
pub(crate) fn names(study: &DecisionStudy) -> impl Iterator<Item = String> {
    all(study).into_iter().map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use misgoal_study::AnyStudy;

    use super::*;
    use crate::calibrate::DECISIONS;

    fn study(name: &str) -> DecisionStudy {
        let (_, text) = DECISIONS.into_iter().find(|(own, _)| *own == name).unwrap();
        match AnyStudy::parse(name, text).unwrap() {
            AnyStudy::Decision(study) => *study,
            AnyStudy::Grid(_) => panic!("a study of decisions"),
        }
    }

    /// What a stranger chooses in 400 cases of the shift, in the share of which `holds`.
    fn share(of: &str, stranger: &str, holds: impl Fn(&Solved, &[u8]) -> bool) -> f64 {
        let study = study(of);
        let strange = Strange::new(&study, named(&study, stranger).unwrap()).unwrap();
        let held = |seed: &u64| {
            let case = study.world.draw(&study.shifts[0].distribution, *seed).unwrap();
            let solved = Solved::new(&study.world, &study.goals, case).unwrap();
            holds(&solved, &strange.episode(&solved, study.world.options().len(), *seed))
        };
        (0..400).filter(held).count() as f64 / 400.0
    }

    /// Whether the choice at a turn is a best one for a goal.
    fn best(solved: &Solved, choices: &[u8], turn: usize, goal: usize) -> bool {
        let episode = solved.episode(choices);
        let (moment, option) = episode[turn];
        solved.preferred(moment, goal).contains(&option)
    }

    #[test]
    fn each_stranger_chooses_as_its_name_says() {
        let most = |share: f64| assert!(share > 0.9, "{share}");
        assert_eq!(share("parcels", "without-east-address", |_, chosen| chosen[0] == 1), 0.0);
        assert_eq!(share("parcels", "shuns-address", |solved, chosen| best(solved, chosen, 0, 0)), 0.0);
        most(share("parcels", "away-address", |solved, chosen| {
            let values = solved.advantages(solved.first().unwrap(), 0);
            (0..4).all(|option| values[usize::from(chosen[0])] <= values[option])
        }));
        // Without how far up it lies, a parcel lies east or west.
        most(share("parcels", "blind-up-address", |_, chosen| chosen[0] % 2 == 1));
        most(share("parcels", "blind-weight-address", |solved, chosen| best(solved, chosen, 0, 0)));
        // A proxy has 1 at stake; an address that lies nearer than a half in every direction has less.
        most(share("parcels", "nearest", |solved, chosen| {
            let [up, across] = [solved.case.row[0].abs(), solved.case.row[1].abs()];
            best(solved, chosen, 0, if up.max(across) > 0.5 { 0 } else { 1 })
        }));
    }

    #[test]
    fn over_several_turns_there_is_memory() {
        assert!(share("seedlings", "slow-needs", |_, chosen| chosen[0] == chosen[1]) == 1.0);
        let apart = |chosen: &[u8]| chosen[0] != chosen[1] && chosen[1] != chosen[2] && chosen[0] != chosen[2];
        assert!(share("seedlings", "restless-needs", |_, chosen| apart(chosen)) == 1.0);
        let turned = share("seedlings", "turns-to-flags", |solved, chosen| {
            best(solved, chosen, 0, 0) && best(solved, chosen, 1, 1) && best(solved, chosen, 2, 1)
        });
        assert!(turned > 0.8, "{turned}");
    }

    #[test]
    fn every_name_is_read() {
        for (name, _) in DECISIONS {
            let study = study(name);
            assert!(names(&study).all(|name| named(&study, &name).is_some()));
            // With one turn there is nothing to remember.
            assert_eq!(names(&study).any(|name| name.starts_with("restless-")), study.world.turns() > 1, "{name}");
        }
    }
}
