//! E-processes, bootstrap, intervals, mixtures and calibration checks. No I/O.
//!
//! Everything here is a pure function of its arguments; what draws random numbers takes a generator, always
//! [`rand_pcg::Pcg64Mcg`], so that a result is determined by the data and a seed.

mod assigned_mean;
pub mod beta;
pub mod bootstrap;
pub mod bound;
pub mod calibration;
mod choice_share;
pub mod conformal;
mod controls;
mod counted_share;
pub mod draw;
mod estimate;
mod exceeds;
mod gamma;
mod lead;
mod marginal;
mod matched;
pub mod mean_bound;
mod mixture;
pub mod more;
pub mod normal;
mod posterior;
pub mod power_law;
pub mod quantile;
pub mod seeds;
mod symmetric;
mod unit_mean;
mod weighted_share;

pub use assigned_mean::AssignedMean;
pub use choice_share::{ChoicePoint, ChoicePosterior, ChoiceRows, Choices, Settings, Slips};
pub use counted_share::CountedShare;
pub use estimate::Estimate;
pub use exceeds::Exceeds;
pub use gamma::{ln_gamma, poisson_lower, upper_gamma};
pub use lead::Lead;
pub use marginal::Marginal;
pub use matched::{Matched, Pool};
pub use mixture::Mixture;
pub use posterior::{Averaged, Posterior};
pub use unit_mean::UnitMean;
pub use weighted_share::WeightedShare;
