//! Generalised advantage estimation (Schulman et al. 2016, equations 11 and 16).

/// One environment's steps: rewards, value estimates (one more than steps: the last is of the state after them) and whether the episode
/// ended with each step. Calls `write(t, advantage)` from the last step to the first:
/// `delta_t = r_t + gamma V_(t+1) - V_t`, `A_t = delta_t + gamma lambda A_(t+1)`, both cut where an episode ended.
pub fn advantages<'a>(
    steps: impl DoubleEndedIterator<Item = (usize, Step)> + 'a,
    last: f32,
    gamma: f32,
    lambda: f32,
    mut write: impl FnMut(usize, f32),
) {
    let (mut advantage, mut next) = (0.0, last);
    for (t, step) in steps.rev() {
        let goes_on = if step.ended { 0.0 } else { 1.0 };
        let delta = step.reward + gamma * next * goes_on - step.value;
        advantage = delta + gamma * lambda * goes_on * advantage;
        next = step.value;
        write(t, advantage);
    }
}

/// What the estimate reads of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
    /// The reward.
    pub reward: f32,
    /// The value estimate of the state before it.
    pub value: f32,
    /// Whether the episode ended with it.
    pub ended: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, written as the paper's sum (equation 16): for each step, discounted deltas up to the end of its episode.
    fn definition(steps: &[Step], last: f32, gamma: f64, lambda: f64) -> Vec<f64> {
        let value = |t: usize| f64::from(steps.get(t).map_or(last, |step| step.value));
        let delta = |t: usize| {
            let after = if steps[t].ended { 0.0 } else { value(t + 1) };
            f64::from(steps[t].reward) + gamma * after - value(t)
        };
        (0..steps.len())
            .map(|t| {
                let end = (t..steps.len()).find(|t| steps[*t].ended).unwrap_or(steps.len() - 1);
                (t..=end).map(|l| (gamma * lambda).powi((l - t) as i32) * delta(l)).sum()
            })
            .collect()
    }

    #[test]
    fn follows_the_definition() {
        let steps: Vec<Step> = (0..40)
            .map(|t| Step { reward: (t % 3) as f32, value: (t as f32 * 0.7).sin(), ended: t % 11 == 10 })
            .collect();
        for (gamma, lambda) in [(0.99, 0.95), (1.0, 1.0), (0.9, 0.0)] {
            let expected = definition(&steps, 0.4, f64::from(gamma), f64::from(lambda));
            let mut seen = 0;
            advantages(steps.iter().copied().enumerate(), 0.4, gamma, lambda, |t, advantage| {
                assert!((f64::from(advantage) - expected[t]).abs() < 1e-4, "{t}: {advantage} for {}", expected[t]);
                seen += 1;
            });
            assert_eq!(seen, steps.len());
        }
    }
}
