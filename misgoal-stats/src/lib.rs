//! E-processes, bootstrap, intervals, mixtures and calibration checks. No I/O.
//!
//! Everything here is a pure function of its arguments; what draws random numbers takes a generator, always
//! [`rand_pcg::Pcg64Mcg`], so that a result is determined by the data and a seed.

pub mod beta;
pub mod bootstrap;
pub mod calibration;
pub mod conformal;
pub mod draw;
mod estimate;
mod exceeds;
mod gamma;
mod lead;
mod matched;
pub mod mean_bound;
mod mixture;
pub mod power_law;
pub mod quantile;

pub use estimate::Estimate;
pub use exceeds::Exceeds;
pub use gamma::{ln_gamma, poisson_lower, upper_gamma};
pub use lead::Lead;
pub use matched::{Matched, Pool};
pub use mixture::MixtureDraws;
