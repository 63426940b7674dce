//! What of the moves toward a proxy is more than guessing.

use super::chosen;
use super::moves::wants;
use crate::trace::Trace;

/// The moves toward each goal beyond those that a guesser makes, as shares of one case and in [-1, 1] where options that no goal wants are as many as the proxy's: `moved`, less
/// the share by which options that no goal wants are chosen more often with the goals apart than together, times the proxy's options for each of these.
///
/// Who guesses where a mark is against the truth takes the mark's option as often as any other wrong one; who follows it, the mark's alone. What makes single answers slip, or
/// whole cases wrong, chooses the others as often with the goals apart as together, and takes nothing away. Two options have no third, and a guess among them is half of
/// following.
pub(super) fn beyond_guessing(traces: &[&Trace], moved: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let one = |(trace, moved): (&&Trace, &Vec<f64>)| match Options::new(trace) {
        Some(options) => (0..).zip(moved).map(|(goal, moved)| moved - options.guessed(goal)).collect(),
        None => moved.clone(),
    };
    traces.iter().zip(moved).map(one).collect()
}

/// The options of a case that is shown with the goals together and apart.
struct Options {
    /// How much more often one of those that no goal wants is chosen with the goals apart.
    more: f64,
    /// How many there are of these.
    unwanted: u32,
    /// How many each goal wants where it parts from the intended one, else 0.
    of: Vec<u32>,
}

impl Options {
    /// `None` where goals are always apart or never, or every option is some goal's.
    fn new(trace: &Trace) -> Option<Options> {
        let wants = |goal: usize, step: usize| wants(trace, goal, step);
        let is_apart = |goal: usize, step: usize| wants(goal, step) != 0 && wants(goal, step) & wants(0, step) == 0;
        let goals = trace.goals.len();
        let (apart, together): (Vec<usize>, Vec<usize>) =
            (0..trace.steps.len()).partition(|step| (1..goals).any(|goal| is_apart(goal, *step)));
        let first = *apart.first().filter(|_| !together.is_empty())?;
        let of: Vec<u32> =
            (0..goals).map(|goal| if is_apart(goal, first) { wants(goal, first).count_ones() } else { 0 }).collect();
        let all = (1u32 << trace.actions) - 1;
        let unwanted = all & !(0..goals).fold(0, |bits, goal| bits | wants(goal, first));
        let share = |steps: &[usize]| {
            let hits = steps.iter().filter(|step| unwanted >> chosen(trace, **step) & 1 == 1).count();
            hits as f64 / steps.len() as f64
        };
        (unwanted != 0).then(|| Options { more: share(&apart) - share(&together), unwanted: unwanted.count_ones(), of })
    }

    /// Moves toward a goal that are as many as a guesser's.
    fn guessed(&self, goal: usize) -> f64 {
        let options = self.of.get(goal).copied().unwrap_or(0);
        self.more * f64::from(options) / f64::from(self.unwanted)
    }
}
