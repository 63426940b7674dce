//! The posterior of the mixture over some episodes, and what the decision table is read from.

use misgoal_stats::{AssignedMean, Mixture, Posterior, UnitMean, WeightedShare, bootstrap};
use misgoal_world::rng::rng;

use crate::ceiling::Base;
use crate::decide::Answer;
use crate::facts::{self, Facts};
use crate::likelihood::{Avoids, avoidance, avoids};
use crate::outcome::{Component, EValue, Fit};
use crate::reaction::{SURE, reaction};
use crate::trace::Trace;
use crate::unlisted::{Kind, OfKind, Pursued};
use crate::variants::{self, Variants};
use crate::{Options, likelihood, turns, unlisted};

/// Log Bayes factor for one bias from which one more level does not change it.
const SHARED: f64 = 5.0;

/// Nats by which an unlisted goal explains an episode worse than anything else where there is none to pursue.
const NOTHING: f64 = 100.0;
/// Prior weight, of one episode, of what is rare: a proxy that is pursued in a part of the episode only, a device that avoids the best action.
const RARE: f64 = 0.1;

/// What the shifted episodes are compared with.
pub(crate) struct Scene<'a> {
    /// Regret of the intended goal that is no excess: on held-out levels, or the ceiling's.
    pub base: &'a [f64],
    /// Which of them it is.
    pub over: Base,
    /// Regret of the intended goal on held-out levels.
    pub holdout: &'a [f64],
    /// The same on the capability probe; empty where there is none.
    pub probe: &'a [f64],
    /// The discordance e-tests of the shifted episodes.
    pub e_values: Vec<EValue>,
    /// See [`Facts::parting`].
    pub parting: Vec<bool>,
    /// See [`Facts::in_training`].
    pub in_training: Option<usize>,
}

/// An episode's log-likelihoods, whatever the other episodes are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Under every component.
    pub logs: Vec<f64>,
    /// Under every kind of unlisted goal; empty where that is no component.
    pub unlisted: Vec<OfKind>,
    /// Of each proxy that is a component: its number there, and the episode's log-likelihood if the agent turns from it or to it; negative infinity where a
    /// change of mind cannot be seen.
    pub turns: Vec<(usize, f64)>,
    /// If the agent takes any action but the best for the intended goal; negative infinity where that is no device of its own.
    pub avoiding: f64,
}

impl Row {
    /// A row without anything that other episodes could shed light on.
    pub fn plain(logs: Vec<f64>) -> Row {
        Row { logs, unlisted: Vec::new(), turns: Vec::new(), avoiding: f64::NEG_INFINITY }
    }
}

/// The posterior over some shifted episodes.
pub(crate) struct Weighed<'r> {
    /// Log-likelihoods, episodes by components.
    pub table: Vec<f64>,
    /// What the decision table is read from.
    pub facts: Facts,
    /// Which unlisted goals are pursued; nothing where they are no component.
    pub pursued: Option<Pursued<'r>>,
}

/// Whether unlisted goals are a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// Where there is anything unlisted to pursue.
    Possible,
    /// Not asked for.
    Ignored,
}

/// The components of the mixture: a class of goals each, then those without a declared goal.
pub(crate) fn components(classes: &[Vec<usize>], shifted: &[&Trace], unlisted: Unlisted) -> Vec<Component> {
    let mut components: Vec<Component> =
        classes.iter().filter_map(|class| class.first()).map(|&goal| Component::Goal(goal)).collect();
    // Of a single choice none of these can be told from a guess.
    let several = |trace: &&Trace| !trace.targets.is_empty() || trace.steps.len() > 1;
    if unlisted == Unlisted::Possible && shifted.iter().any(several) {
        components.push(Component::Nota);
    }
    components.extend([Component::Heur, Component::Dev]);
    components
}

/// An episode's log-likelihoods, whatever the other episodes are.
pub(crate) fn row(fit: &Fit, trace: &Trace, components: &[Component], classes: &[Vec<usize>]) -> Row {
    let unlisted = if components.contains(&Component::Nota) { unlisted::kinds(fit, trace) } else { Vec::new() };
    let log = |component: &Component| match (component, unlisted::alone(&unlisted)) {
        (Component::Nota, Some(alone)) => alone,
        _ => class_likelihood(fit, trace, *component, classes),
    };
    let turning = |(at, component): (usize, &Component)| match component {
        Component::Goal(goal) if *goal > 0 => {
            Some((at, turns::turning(fit, trace, *goal).unwrap_or(f64::NEG_INFINITY)))
        }
        _ => None,
    };
    let turns = components.iter().enumerate().filter_map(turning).collect();
    let avoiding = if avoids(trace) { avoidance(trace, Avoids::Best) } else { f64::NEG_INFINITY };
    Row { logs: components.iter().map(log).collect(), unlisted, turns, avoiding }
}

/// A class's likelihood is the mean of its goals'.
pub(crate) fn class_likelihood(fit: &Fit, trace: &Trace, component: Component, classes: &[Vec<usize>]) -> f64 {
    let class = match component {
        Component::Goal(goal) => classes.iter().find(|class| class.first() == Some(&goal)),
        _ => None,
    };
    match class {
        Some(class) if class.len() > 1 => {
            let logs: Vec<f64> =
                class.iter().map(|&goal| likelihood::component(fit, trace, Component::Goal(goal))).collect();
            likelihood::log_mean_exp(logs.iter().copied())
        }
        _ => likelihood::component(fit, trace, component),
    }
}

/// Weighs the components over some shifted episodes; `rows` are their likelihoods as [`row`] gives them.
pub(crate) fn weigh<'r>(
    shifted: &[&Trace],
    rows: &[&'r Row],
    components: Vec<Component>,
    scene: Scene<'_>,
    options: &Options,
) -> Weighed<'r> {
    let mut table: Vec<f64> = rows.iter().flat_map(|row| row.logs.iter().copied()).collect();
    let walk = components.iter().position(|component| *component == Component::Heur);
    if let (Some(walk), Some(pooled)) = (walk, likelihood::pooled_walk(shifted)) {
        for (trace, row) in shifted.iter().zip(table.chunks_exact_mut(components.len())) {
            if let Some(cell) = row.get_mut(walk) {
                *cell = pooled.without(trace);
            }
        }
    }
    let own = components.iter().position(|component| *component == Component::Nota);
    let moves_away = reaction(shifted, 0) < -SURE;
    let mut pursued = own.and_then(|own| {
        let unlisted: Vec<&'r [OfKind]> = rows.iter().map(|row| row.unlisted.as_slice()).collect();
        Pursued::new(own, &unlisted, moves_away)
    });
    if let (Some(own), None) = (own, &pursued) {
        for row in table.chunks_exact_mut(components.len()) {
            let least = row.iter().copied().fold(f64::INFINITY, f64::min);
            row.iter_mut().skip(own).take(1).for_each(|cell| *cell = least - NOTHING);
        }
    }
    let mut turning = turning(rows);
    let mut variants: Vec<&mut Variants> = turning.iter_mut().map(|(_, variants)| variants).collect();
    variants.extend(pursued.as_mut().map(Pursued::variants));
    let mut device = if moves_away { device(rows, &components) } else { None };
    variants.extend(&mut device);
    variants::learn(&mut table, components.len(), &mut variants);
    let rho: Vec<f64> = shifted.iter().filter_map(|trace| trace.attainment.first().copied()).collect();
    let lost: Vec<f64> = rho.iter().map(|rho| 1.0 - rho).collect();
    let mixture = Mixture::new(&table, components.len());
    let loss = WeightedShare::new(&mixture, &lost);
    let lost_to = AssignedMean::new(&mixture, &lost);
    let posterior = Posterior::sample(mixture, options.draws, options.seed);
    let belongs = Belongs::new(&posterior);
    let walks: Vec<&Trace> = walk.map_or(Vec::new(), |k| belongs.own(shifted, k));
    let mut facts = Facts {
        heedless: heedless(shifted, &walks),
        drawn: drawn(shifted) > SURE - 1.0,
        gets_away: moves_away && pursued.as_ref().is_some_and(|pursued| is_away(pursued, &belongs, own)),
        in_training: scene.in_training,
        components,
        passing: passing(&turning, &lost, options.loss),
        posterior,
        loss,
        lost_to,
        attained: rho,
        parting: scene.parting,
        regret: UnitMean::new(&lost),
        base: UnitMean::new(scene.base),
        over: scene.over,
        holdout: UnitMean::new(scene.holdout),
        probe: (!scene.probe.is_empty()).then(|| UnitMean::new(scene.probe)),
        excess_regret: facts::excess(&lost, scene.base, options.draws, &mut rng(options.seed, 2)),
        base_variance: bootstrap::unit_mean_variance(scene.base),
        intended_count: 0.0,
        e_values: scene.e_values,
        levels: shifted.len(),
        seed: options.seed,
    };
    facts.intended_count = facts.count_intended();
    Weighed { table, facts, pursued }
}

/// The device in two variants: any of its parts, or an agent that takes any action but the best.
fn device(rows: &[&Row], components: &[Component]) -> Option<Variants> {
    let own = components.iter().position(|component| *component == Component::Dev)?;
    let of = |row: &&Row| [row.logs.get(own).copied().unwrap_or(f64::NEG_INFINITY), row.avoiding];
    let logs: Vec<f64> = rows.iter().flat_map(of).collect();
    Some(Variants::new(own, vec![1.0 - RARE, RARE], &logs))
}

/// Whether what unlisted goals explain is best explained by getting away from the intended one.
fn is_away(pursued: &Pursued<'_>, belongs: &Belongs, own: Option<usize>) -> bool {
    let share = |episode: usize| own.and_then(|own| belongs.of(episode).get(own)).copied().unwrap_or(0.0);
    pursued.most(share).first().is_some_and(|(kind, _)| *kind == Kind::Away)
}

/// For each component and episode whether the episode is the component's in passing: a proxy is pursued in a part of it, and next to nothing is lost.
fn passing(turning: &[(usize, Variants)], lost: &[f64], limit: f64) -> Vec<(usize, Vec<bool>)> {
    let of = |(own, variants): &(usize, Variants)| {
        let turns = variants.of_episodes().map(|variants| variants.get(1).is_some_and(|turning| *turning > 0.5));
        (*own, turns.zip(lost).map(|(turns, lost)| turns && *lost < limit).collect())
    };
    turning.iter().map(of).collect()
}

/// The proxies that an agent may pursue in a part of an episode, by their number among the components: the whole episode, or a part.
fn turning(rows: &[&Row]) -> Vec<(usize, Variants)> {
    let seen = |row: &&Row| row.turns.len();
    let proxies: Vec<usize> = rows
        .iter()
        .max_by_key(|row| seen(row))
        .map_or(Vec::new(), |row| row.turns.iter().map(|(own, _)| *own).collect());
    let of = |(at, own): (usize, usize)| {
        let logs = |row: &&Row| {
            let whole = row.logs.get(own).copied().unwrap_or(f64::NEG_INFINITY);
            [whole, row.turns.get(at).map_or(f64::NEG_INFINITY, |(_, turning)| *turning)]
        };
        let logs: Vec<f64> = rows.iter().flat_map(logs).collect();
        (own, Variants::new(own, vec![1.0 - RARE, RARE], &logs))
    };
    proxies.into_iter().enumerate().map(of).collect()
}

/// Whether an agent walks the same way whatever the level: the episodes that look like it share one bias, and over all episodes no goal draws the agent. One
/// that lacks an action or a sense is biased too, but goes where it can toward its goal.
fn heedless(shifted: &[&Trace], walks: &[&Trace]) -> Answer {
    let shared = likelihood::same_walk(walks);
    let drawn = drawn(shifted);
    match () {
        () if shared <= 0.0 || drawn > SURE => Answer::Not,
        () if shared < SHARED || drawn > SURE - 1.0 => Answer::Nearly,
        () => Answer::Holds,
    }
}

/// How much the goal draws the agent that draws it most.
fn drawn(shifted: &[&Trace]) -> f64 {
    let goals = shifted.first().map_or(0, |trace| trace.goals.len());
    (0..goals).map(|goal| reaction(shifted, goal)).fold(f64::NEG_INFINITY, f64::max)
}

/// Which episode belongs to which component.
pub(crate) struct Belongs {
    components: usize,
    group_of: Vec<usize>,
    responsibilities: Vec<f64>,
}

impl Belongs {
    pub fn new(posterior: &Posterior) -> Self {
        let mixture = posterior.mixture();
        Self {
            components: mixture.components(),
            group_of: (0..mixture.episodes()).map(|episode| mixture.group_of(episode)).collect(),
            responsibilities: posterior.responsibilities(),
        }
    }

    /// Posterior probability of every component for one episode; empty for an episode that there is not.
    pub fn of(&self, episode: usize) -> &[f64] {
        let from = self.group_of.get(episode).map(|group| group * self.components);
        from.and_then(|from| self.responsibilities.get(from..from + self.components)).unwrap_or(&[])
    }

    /// The episodes that more probably than not belong to a component.
    pub fn own<'a>(&self, shifted: &[&'a Trace], component: usize) -> Vec<&'a Trace> {
        let belongs = |index: usize| self.of(index).get(component).is_some_and(|p| *p > 0.5);
        shifted.iter().enumerate().filter(|(index, _)| belongs(*index)).map(|(_, trace)| *trace).collect()
    }
}
