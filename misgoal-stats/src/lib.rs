//! E-processes, bootstrap, intervals, mixtures and calibration checks. No I/O.
//!
//! Everything here is a pure function of its arguments; what draws random numbers takes a generator, always
//! [`rand_pcg::Pcg64Mcg`], so that a result is determined by the data and a seed.

pub mod beta;
mod estimate;
mod gamma;
pub mod quantile;

pub use estimate::Estimate;
pub use gamma::ln_gamma;
