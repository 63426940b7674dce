//! Levels, states, steps, events, goals, observations, generators, the oracle and the ASCII codec. No I/O; compiles to wasm.
//!
//! A world is data ([`WorldSpec`]) compiled into flat tables ([`World`]). Levels ([`Level`]) are drawn from a [`Distribution`]; an
//! episode is a [`State`] stepped by actions, and every [`Step`] reports [`Events`], from which every [`Goal`] is read.

mod ascii;
mod board;
mod canonical;
mod check;
mod dynamics;
mod error;
mod features;
mod generate;
mod goal;
mod gravity;
mod guide;
mod hash;
pub mod identity;
mod level;
mod lively;
mod observe;
pub mod oracle;
mod paths;
mod reach;
pub mod rng;
mod spec;
mod state;
mod world;

pub use board::{Board, Cell, ROWS, STRIDE};
pub use canonical::Canonical;
pub use error::{Part, WorldError};
pub use goal::Goal;
pub use guide::Trail;
pub use level::{Item, Level};
pub use oracle::Oracle;
pub use spec::{
    Corner, Distribution, Enter, Guide, Layout, Movement, Mover, Moves, Order, Place, Placement, Region, Regrow,
    ThingSpec, View, WorldSpec, ZoneSpec,
};
pub use state::{Events, MAX_ACTIONS, MAX_HELD, MAX_ITEMS, MAX_KINDS, MAX_MOVERS, MAX_ZONES, State, Step, ZONE_BIT};
pub use world::World;
