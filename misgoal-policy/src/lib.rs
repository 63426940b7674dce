//! Networks for inference, their weight files, and whatever else can act: the [`Agent`] trait. No I/O; compiles to wasm.
//!
//! A [`Network`] reads lists of active inputs ([`ActiveLists`]), so that its cost follows what is visible and not the size of the
//! view. Its kernels are written once and compiled for several instruction sets ([`simd`]); the one in use is part of a run's record.

mod active;
mod agent;
mod architecture;
mod file;
mod forward;
mod init;
mod network;
mod sample;
pub mod scripted;
pub mod simd;
pub mod tensors;

pub use active::{ActiveLists, InputOutOfRange, Picked};
pub use agent::{Agent, Choice, NetworkAgent};
pub use architecture::{Activation, Architecture, ArchitectureError, Layout, MAX_ACTIONS, OUTPUTS};
pub use file::{FORMAT_VERSION, LoadError, Origin};
pub use forward::{BLOCK, Block};
pub use network::{Network, Output, Scratch};
pub use sample::{Sampled, Sampler, greedy, unit};
