//! Agents that change their mind within an episode: the intended goal for some steps and then a proxy, or the other way round.

use crate::likelihood::{GRID, nothing_to_gain, steps_at_grid};
use crate::outcome::Fit;
use crate::trace::{Advantages, Trace};

/// Steps on either side of the change at which the two goals want different actions, where there are so many: with fewer a slip would be a change of mind.
const TELLING: usize = 2;

/// Log-likelihood of an episode in which the agent turns from the intended goal to `proxy` or from it to the intended goal, the mean over both and over the
/// steps at which it may turn. `None` where the goals part too little for a change to be seen.
pub(crate) fn turning(fit: &Fit, trace: &Trace, proxy: usize) -> Option<f64> {
    let (intended, other) = (trace.goals.first()?, trace.goals.get(proxy)?);
    let tells = |(a, b): (&Advantages, &Advantages)| {
        let best =
            |row: &Advantages| row.iter().take(trace.actions).map(|advantage| *advantage >= 0.0).collect::<Vec<_>>();
        !nothing_to_gain(a, trace.actions) && !nothing_to_gain(b, trace.actions) && best(a) != best(b)
    };
    let telling: Vec<bool> = intended.iter().zip(other).map(tells).collect();
    let all = telling.iter().filter(|tells| **tells).count();
    let least = TELLING.min(all / 2);
    if least == 0 {
        return None;
    }
    let logs = [intended, other].map(|advantages| steps_at_grid(fit, trace, advantages));
    let sum_of = |logs: &[[f64; GRID]]| {
        let mut sum = [0.0; GRID];
        logs.iter().for_each(|step| sum.iter_mut().zip(step).for_each(|(sum, log)| *sum += log));
        sum
    };
    // What is before the change under one goal, what is after it under the other; `moved` from the second to the first as the change moves on.
    let [first, second] = &logs;
    let (mut before, mut after) = ([[0.0; GRID]; 2], [sum_of(second), sum_of(first)]);
    let (mut ways, mut seen) = (Vec::new(), 0);
    for ((tells, first), second) in telling.iter().zip(first).zip(second) {
        for (point, (a, b)) in first.iter().zip(second).enumerate() {
            if let ([Some(to_proxy), Some(to_intended)], [Some(proxy_left), Some(intended_left)]) =
                (before.each_mut().map(|sums| sums.get_mut(point)), after.each_mut().map(|sums| sums.get_mut(point)))
            {
                (*to_proxy, *to_intended) = (*to_proxy + a, *to_intended + b);
                (*proxy_left, *intended_left) = (*proxy_left - b, *intended_left - a);
            }
        }
        seen += usize::from(*tells);
        if seen >= least && all - seen >= least {
            for (before, after) in before.iter().zip(&after) {
                ways.extend(before.iter().zip(after).map(|(before, after)| before + after));
            }
        }
    }
    (!ways.is_empty()).then(|| crate::likelihood::log_mean_exp(ways.iter().copied()))
}
