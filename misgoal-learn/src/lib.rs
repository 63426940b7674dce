//! Rollouts and training: one readable file per algorithm.

pub mod adam;
pub mod gradient;
pub mod loss;
