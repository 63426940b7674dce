//! What a world does, seen from outside.
#![cfg(test)]

mod checks;
mod codec;
mod common;
mod episodes;
mod fields;
mod guide;
mod identity;
mod levels;
mod lively;
mod observations;
mod reach;
