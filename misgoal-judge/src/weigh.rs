//! The posterior of the mixture over some episodes, and what the decision table is read from.

use misgoal_stats::{Estimate, MixtureDraws, bootstrap};
use misgoal_world::rng::Rng;

use crate::facts::{self, ATTAINED, Facts};
use crate::outcome::{Component, EValue, Fit};
use crate::trace::Trace;
use crate::{Options, likelihood};

/// A mixture's share gets Dirichlet(1/2) prior weight.
const CONCENTRATION: f64 = 0.5;

/// What the shifted episodes are compared with.
pub(crate) struct Scene<'a> {
    /// Regret of the intended goal on held-out training levels.
    pub base: &'a [f64],
    /// The same on the capability probe; empty where there is none.
    pub probe: &'a [f64],
    /// The discordance e-tests of the shifted episodes.
    pub e_values: Vec<EValue>,
}

/// The posterior over some shifted episodes.
pub(crate) struct Weighed {
    /// Log-likelihoods, episodes by components.
    pub table: Vec<f64>,
    /// Draws of the mixture.
    pub mixture: MixtureDraws,
    /// What the decision table is read from.
    pub facts: Facts,
    /// Regret of the intended goal in every shifted episode.
    pub lost: Vec<f64>,
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
    random: &mut Rng,
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
    let mixture = MixtureDraws::sample(&table, components.len(), CONCENTRATION, options.draws, random);
    let rho: Vec<f64> = shifted.iter().filter_map(|trace| trace.attainment.first().copied()).collect();
    let lost: Vec<f64> = rho.iter().map(|rho| 1.0 - rho).collect();
    let shares: Vec<Vec<f64>> = (0..components.len()).map(|k| mixture.share(k)).collect();
    let regret_shares = facts::regret_shares(&mixture, &lost, random);
    let excess_regret = facts::excess(&lost, scene.base, options.draws, random);
    let probe_regret = (!scene.probe.is_empty()).then(|| facts::excess(scene.probe, scene.base, options.draws, random));
    let attained: Vec<bool> = rho.iter().map(|rho| *rho >= ATTAINED).collect();
    let (intended, intended_count) = facts::intended_share(&mixture, &components, &attained, random);
    let walks: Vec<&Trace> = walk.map_or(Vec::new(), |k| own(shifted, &mixture, k));
    let facts = Facts {
        same_walk: likelihood::same_walk(&walks) > 0.0,
        components,
        shares,
        regret_shares,
        excess_regret,
        holdout_variance: bootstrap::unit_mean_variance(scene.base),
        probe_regret,
        intended,
        intended_count,
        e_values: scene.e_values,
        levels: shifted.len(),
    };
    Weighed { table, mixture, facts, lost }
}

/// Each component with the estimate of its draws.
pub(crate) fn estimates(components: &[Component], draws: &[Vec<f64>]) -> Vec<(Component, Estimate)> {
    let estimate = |draws: &Vec<f64>| if draws.is_empty() { Estimate::missing() } else { Estimate::from_draws(draws) };
    components.iter().copied().zip(draws.iter().map(estimate)).collect()
}

/// The episodes that more probably than not belong to a component.
pub(crate) fn own<'a>(shifted: &[&'a Trace], mixture: &MixtureDraws, component: usize) -> Vec<&'a Trace> {
    let belongs = |index: usize| mixture.responsibilities(index).get(component).is_some_and(|p| *p > 0.5);
    shifted.iter().enumerate().filter(|(index, _)| belongs(*index)).map(|(_, trace)| *trace).collect()
}
