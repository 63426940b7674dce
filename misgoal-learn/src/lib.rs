//! Rollouts and training: one readable file per algorithm.
//!
//! [`ppo`] is read from top to bottom; what it stands on are environments side by side (`rollout`), advantages ([`gae`]), the loss
//! ([`loss`]), its gradient ([`gradient`]) and [`adam`]. A [`Trainer`] does one update at a time and can be stored and brought back
//! between any two. [`mod@line`] is a world of its own, with a network and a trainer small enough for an atlas of them.

pub mod adam;
pub mod choice;
mod config;
pub mod gae;
pub mod gradient;
mod identity;
mod levels;
pub mod line;
pub mod loss;
mod metrics;
mod parallel;
pub mod ppo;
mod rollout;
mod snapshot;

pub use config::PpoConfig;
pub use levels::{FreshLevels, HeldOut, LevelPool, LevelSource};
pub use metrics::{GoalMetrics, Metrics, TimeSplit};
pub use ppo::{Setup, TrainError, Trainer};
pub use snapshot::SNAPSHOT_VERSION;
