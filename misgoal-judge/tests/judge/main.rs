//! The whole judge on scripted agents of known truth.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

mod agents;
mod boundary;
mod calibration;
mod ceilings;
mod choices;
mod compared;
mod compounding;
mod etest;
mod figures;
mod lab;
mod lint;
mod outside;
mod outsiders;
mod parallel;
mod partial;
mod recorded;
mod training;
mod verdicts;
