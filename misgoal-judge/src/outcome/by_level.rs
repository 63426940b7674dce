//! What was attained on each level: what figures over several agents are made of.

/// Outcomes of one agent level by level, in the order in which the levels were given; levels that say nothing are left out. Agents that played the same
/// levels have lists of the same lengths, and the same places in them are the same levels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ByLevel {
    /// Attainment of the intended goal on held-out training levels.
    pub holdout: Vec<f64>,
    /// Attainment of the intended goal on the capability probe; empty where there is none.
    pub probe: Vec<f64>,
    /// Attainment on the shift, a list a goal.
    pub attainment: Vec<Vec<f64>>,
    /// The goals whose events came first on the shift, a list a level.
    pub first: Vec<Vec<usize>>,
}
