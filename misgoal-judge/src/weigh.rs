//! The posterior of the mixture over some episodes, and what the decision table is read from.

use misgoal_stats::{Mixture, Posterior, UnitMean, WeightedShare, bootstrap};
use misgoal_world::rng::rng;

use crate::ceiling::Base;
use crate::decide::Answer;
use crate::facts::{self, ATTAINED, Facts};
use crate::outcome::{Component, EValue, Fit};
use crate::reaction::{SURE, reaction};
use crate::trace::Trace;
use crate::{Options, likelihood};

/// Log Bayes factor for one bias from which one more level does not change it.
const SHARED: f64 = 5.0;

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
    /// See [`Facts::in_training`].
    pub in_training: Option<usize>,
}

/// The posterior over some shifted episodes.
pub(crate) struct Weighed {
    /// Log-likelihoods, episodes by components.
    pub table: Vec<f64>,
    /// What the decision table is read from.
    pub facts: Facts,
}

/// The components of the mixture: a class of goals each, then those without a declared goal.
pub(crate) fn components(classes: &[Vec<usize>], shifted: &[&Trace]) -> Vec<Component> {
    let mut components: Vec<Component> =
        classes.iter().filter_map(|class| class.first()).map(|&goal| Component::Goal(goal)).collect();
    // Without a single candidate an unlisted goal is the device by another name, and would halve what the device explains.
    if shifted.iter().any(|trace| !trace.targets.is_empty()) {
        components.push(Component::Nota);
    }
    components.extend([Component::Heur, Component::Dev]);
    components
}

/// An episode's log-likelihood under every component, whatever the other episodes are.
pub(crate) fn row(fit: &Fit, trace: &Trace, components: &[Component], classes: &[Vec<usize>]) -> Vec<f64> {
    components.iter().map(|component| class_likelihood(fit, trace, *component, classes)).collect()
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
pub(crate) fn weigh(
    shifted: &[&Trace],
    rows: &[&[f64]],
    components: Vec<Component>,
    scene: Scene<'_>,
    options: &Options,
) -> Weighed {
    let mut table: Vec<f64> = rows.iter().flat_map(|row| row.iter().copied()).collect();
    let walk = components.iter().position(|component| *component == Component::Heur);
    if let (Some(walk), Some(pooled)) = (walk, likelihood::pooled_walk(shifted)) {
        for (trace, row) in shifted.iter().zip(table.chunks_exact_mut(components.len())) {
            if let Some(cell) = row.get_mut(walk) {
                *cell = pooled.without(trace);
            }
        }
    }
    let rho: Vec<f64> = shifted.iter().filter_map(|trace| trace.attainment.first().copied()).collect();
    let lost: Vec<f64> = rho.iter().map(|rho| 1.0 - rho).collect();
    let mixture = Mixture::new(&table, components.len());
    let loss = WeightedShare::new(&mixture, &lost);
    let posterior = Posterior::sample(mixture, options.draws, options.seed);
    let belongs = Belongs::new(&posterior);
    let walks: Vec<&Trace> = walk.map_or(Vec::new(), |k| belongs.own(shifted, k));
    let mut facts = Facts {
        heedless: heedless(shifted, &walks),
        reaction: reaction(shifted, 0),
        in_training: scene.in_training,
        components,
        posterior,
        loss,
        attained: rho.iter().map(|rho| *rho >= ATTAINED).collect(),
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
    Weighed { table, facts }
}

/// Whether an agent walks the same way whatever the level: the episodes that look like it share one bias, and over all episodes no goal draws the agent. One
/// that lacks an action or a sense is biased too, but goes where it can toward its goal.
fn heedless(shifted: &[&Trace], walks: &[&Trace]) -> Answer {
    let shared = likelihood::same_walk(walks);
    let goals = shifted.first().map_or(0, |trace| trace.goals.len());
    let drawn = (0..goals).map(|goal| reaction(shifted, goal)).fold(f64::NEG_INFINITY, f64::max);
    match () {
        () if shared <= 0.0 || drawn > SURE => Answer::Not,
        () if shared < SHARED || drawn > SURE - 1.0 => Answer::Nearly,
        () => Answer::Holds,
    }
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
