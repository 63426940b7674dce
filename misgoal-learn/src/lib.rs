//! Rollouts and training: one readable file per algorithm.
