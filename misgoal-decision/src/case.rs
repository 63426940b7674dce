//! Cases: rows of features drawn from a distribution.

use misgoal_world::rng::{mix, rng};

use crate::source::Distribution;
use crate::world::{DecisionWorld, WorldProblem};

/// The stream of a case's seed from which its first feature is drawn.
const STREAM: u64 = 0xca5e;

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its seed in its distribution.
    pub seed: u64,
    /// Its features, in the world's order.
    pub row: Vec<f64>,
}

impl DecisionWorld {
    /// Draws a case. Every feature has a stream of its own: cases of one seed in two distributions differ in no more than what the
    /// distributions declare differently.
    ///
    /// # Errors
    /// A parameter makes no sense on this case.
    pub fn draw(&self, distribution: &Distribution, seed: u64) -> Result<Case, WorldProblem> {
        let mut row = Vec::with_capacity(distribution.len() + 1);
        for (number, source) in distribution.iter().enumerate() {
            let drawn = source.draw(&row, &mut rng(seed, STREAM + number as u64)).map_err(|why| {
                let case = if row.is_empty() { String::new() } else { format!(" on the case {}", self.describe(&row)) };
                WorldProblem::Feature(number, format!("{why}{case}"))
            })?;
            row.push(drawn);
        }
        Ok(Case { seed, row })
    }
}

/// A hash of a row, for telling that a case is the one that was recorded.
pub fn hash(row: &[f64]) -> u64 {
    row.iter().fold(0x0ca5_e0ca_5e0c_a5e0, |hash, value| mix(hash ^ (value + 0.0).to_bits()))
}
