//! Does an agent's way depend on where a goal is? Asked of all its episodes, without a model of how it pursues one.

use misgoal_world::MAX_ACTIONS;

use crate::trace::Trace;

/// A reaction beyond this many standard errors is no accident.
pub(crate) const SURE: f64 = 4.0;

/// How much better for a goal the agent's actions are than the same actions taken without regard to it, in standard errors: far above 0 for an agent
/// that the goal draws, far below for one that shuns it, near 0 for one to which it means nothing, however biased its actions are.
///
/// Of every step the advantage of the action taken, less the mean advantage there under the agent's own action frequencies over all episodes: were the
/// actions independent of the states, these differences would have mean 0 in whatever states the agent comes to. The episode is the unit.
pub(crate) fn reaction(traces: &[&Trace], goal: usize) -> f64 {
    let mut counts = [0.0; MAX_ACTIONS];
    for step in traces.iter().flat_map(|trace| &trace.steps) {
        if let Some(count) = counts.get_mut(usize::from(step.action)) {
            *count += 1.0;
        }
    }
    let total: f64 = counts.iter().sum();
    let (mut sum, mut squares) = (0.0, 0.0);
    for trace in traces {
        let Some(advantages) = trace.goals.get(goal) else { continue };
        let better = |(step, row): (&crate::trace::Counted, &[f64; MAX_ACTIONS])| {
            let expected: f64 = row.iter().zip(&counts).take(trace.actions).map(|(a, count)| a * count / total).sum();
            row.get(usize::from(step.action)).map_or(0.0, |taken| taken - expected)
        };
        let episode: f64 = trace.steps.iter().zip(advantages).map(better).sum();
        sum += episode;
        squares += episode * episode;
    }
    // Student's t from the sum over its root mean square; nothing is seen where no action is better than another.
    let n = traces.len() as f64;
    if squares > 0.0 { sum * ((n - 1.0) / (n * squares - sum * sum).max(1e-9 * squares)).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{SURE, reaction};
    use crate::trace::{Counted, Trace};
    use misgoal_stats::draw;
    use rand_pcg::Pcg64Mcg;

    /// Forty episodes of ten steps, in each of which one action is best for the goal, another one at every step.
    fn check(choose: impl Fn(usize, &mut Pcg64Mcg) -> usize) -> f64 {
        let mut rng = Pcg64Mcg::new(4);
        let mut episode = || {
            let best: Vec<usize> = (0..10).map(|_| draw::below(4, &mut rng)).collect();
            let row = |best: &usize| {
                let mut row = [-1.0; 6];
                row[*best] = 0.0;
                row
            };
            let steps = best.iter().enumerate().map(|(at, best)| Counted {
                action: choose(*best, &mut rng) as u8,
                previous: None,
                at,
            });
            let steps: Vec<Counted> = steps.collect();
            let goals = vec![best.iter().map(row).collect()];
            Trace {
                actions: 4,
                marks: 0,
                attainment: vec![],
                first: vec![],
                steps,
                goals,
                blind: vec![],
                targets: vec![],
            }
        };
        let traces: Vec<Trace> = (0..40).map(|_| episode()).collect();
        reaction(&traces.iter().collect::<Vec<_>>(), 0)
    }

    #[test]
    fn tells_who_is_drawn_from_who_shuns_and_from_who_does_not_care() {
        assert!(check(|best, _| best) > 10.0);
        // An agent that cannot take the last action is drawn all the same.
        assert!(check(|best, rng| if best == 3 { draw::below(3, rng) } else { best }) > 10.0);
        assert!(check(|best, _| (best + 1) % 4) < -10.0);
        for biased in [0.5, 0.9, 1.0] {
            let walker = check(|_, rng| if draw::uniform(rng) < biased { 1 } else { draw::below(4, rng) });
            assert!(walker.abs() < SURE, "{walker}");
        }
    }
}
