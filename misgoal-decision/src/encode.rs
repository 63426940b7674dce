//! What an agent sees of a row: a list of active binary inputs.
//!
//! A truth value is one input, a text one input for each text that the feature can have. A number is a ladder: input `k` is active when
//! the number is above threshold `k`. Thresholds are quantiles of the training cases, so that a larger number has all the inputs of a
//! smaller one and more: what is learned of one number holds for its neighbours, as with a real-valued input, and beyond the largest
//! number of training everything looks like it. (One input a bin would make every bin a word of its own.)

use crate::scope::Kind;
use crate::source::Distribution;
use crate::world::{DecisionWorld, WorldProblem};

/// Most thresholds of a number.
const THRESHOLDS: usize = 16;
/// Training cases that thresholds are taken from.
const CASES: u64 = 2000;

/// Turns rows into lists of active inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    pub(crate) parts: Vec<Part>,
    pub(crate) inputs: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Hidden,
    Truth { first: u16 },
    Text { first: u16, texts: Vec<u32> },
    Number { first: u16, thresholds: Vec<f64> },
}

impl Encoder {
    /// For a world and its training distribution: a function of the two alone.
    ///
    /// # Errors
    /// A training case cannot be drawn.
    pub fn new(world: &DecisionWorld, training: &Distribution) -> Result<Encoder, WorldProblem> {
        let mut rows = Vec::new();
        for seed in 0..CASES {
            let mut row = world.draw(training, seed)?.row;
            // Features that choices change are met on all the ways: each case goes another one.
            for turn in 0..world.turns() {
                let option = (seed as usize / world.options().len().pow(turn as u32).max(1)) % world.options().len();
                let (after, over) = world.choose(&row, option, turn);
                rows.push(std::mem::replace(&mut row, after));
                if over {
                    break;
                }
            }
        }
        let (mut parts, mut inputs) = (Vec::new(), 0);
        for (number, feature) in world.features().iter().enumerate() {
            let first = inputs as u16;
            let part = match &feature.kind {
                _ if !feature.observed => Part::Hidden,
                Kind::Truth => Part::Truth { first },
                Kind::Text(texts) => Part::Text { first, texts: texts.iter().copied().collect() },
                Kind::Number => {
                    let seen = rows.iter().filter_map(|row| row.get(number).copied()).collect();
                    Part::Number { first, thresholds: thresholds(seen) }
                }
            };
            inputs += match &part {
                Part::Hidden => 0,
                Part::Truth { .. } => 1,
                Part::Text { texts, .. } => texts.len(),
                Part::Number { thresholds, .. } => thresholds.len(),
            };
            parts.push(part);
        }
        // A network has at least one input; with nothing to see it is never active.
        Ok(Encoder { parts, inputs: inputs.max(1) })
    }

    /// How many inputs there are.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Appends a row's active inputs.
    pub fn encode(&self, row: &[f64], active: &mut Vec<u16>) {
        for (part, value) in self.parts.iter().zip(row) {
            match part {
                Part::Hidden => {}
                Part::Truth { first } => active.extend((*value != 0.0).then_some(*first)),
                Part::Text { first, texts } => {
                    active
                        .extend((*first..).zip(texts).find(|(_, text)| f64::from(**text) == *value).map(|(at, _)| at));
                }
                Part::Number { first, thresholds } => {
                    active.extend(
                        (*first..).zip(thresholds).take_while(|(_, threshold)| *value > **threshold).map(|(at, _)| at),
                    );
                }
            }
        }
    }
}

/// Between all neighbours where there are few different values, else at evenly spaced quantiles.
fn thresholds(mut seen: Vec<f64>) -> Vec<f64> {
    seen.sort_by(f64::total_cmp);
    let mut values = seen.clone();
    values.dedup();
    if values.len() <= THRESHOLDS + 1 {
        return values.windows(2).filter_map(|pair| Some((pair.first()? + pair.last()?) / 2.0)).collect();
    }
    let quantile = |k: usize| seen.get(k * seen.len() / (THRESHOLDS + 1)).copied();
    let mut thresholds: Vec<f64> = (1..=THRESHOLDS).filter_map(quantile).collect();
    thresholds.dedup();
    thresholds
}
