//! What an agent pursues on held-out training levels, where it already loses return there.

use misgoal_stats::{Mixture, Posterior, UnitMean, WeightedShare};

use crate::Options;
use crate::decide::sure;
use crate::outcome::{Component, Fit};
use crate::trace::Trace;
use crate::weigh::{self, Unlisted};

/// The declared proxy that surely explains most of the intended return lost on held-out training levels; none where no more than a tolerable part of it
/// surely is lost, or where training does not tell the goals apart.
///
/// Its agent loses no more on the shift than it lost before, and so the excess regret, which is about what the shift costs, says nothing of it.
pub(crate) fn pursued(fit: &Fit, holdout: &[Trace], classes: &[Vec<usize>], options: &Options) -> Option<usize> {
    let lost: Vec<f64> = holdout.iter().filter_map(|trace| trace.attainment.first()).map(|rho| 1.0 - rho).collect();
    if UnitMean::new(&lost).above(options.loss) < options.conf {
        return None;
    }
    // Candidates for unlisted goals are known on shifted levels only.
    let traces: Vec<&Trace> = holdout.iter().collect();
    let components = weigh::components(classes, &traces, Unlisted::Ignored);
    let table: Vec<f64> = traces.iter().flat_map(|trace| weigh::row(fit, trace, &components, classes).logs).collect();
    let mixture = Mixture::new(&table, components.len());
    let loss = WeightedShare::new(&mixture, &lost)?;
    let mut posterior = Posterior::sample(mixture, options.draws, options.seed);
    components.iter().find_map(|component| {
        let Component::Goal(goal) = *component else { return None };
        let of: Vec<bool> = components.iter().map(|other| other == component).collect();
        let explains = |posterior: &Posterior| {
            posterior.average(|shares| loss.above(posterior.mixture(), shares, &of, options.share))
        };
        (goal > 0 && sure(&mut posterior, options, explains)).then_some(goal)
    })
}
