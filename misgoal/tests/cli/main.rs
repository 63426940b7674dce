//! misgoal as its users meet it: what they type, what they read, the exit code.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests: a panic is how a test fails")]

mod approve;
mod atlas;
mod audit;
mod audit_parts;
mod calibrate;
mod choices;
mod compare;
mod errors;
mod guard;
#[cfg(feature = "onnx")]
mod models;
mod pages;
mod play;
mod room;
mod runs;
mod search;
mod studies;
#[cfg(feature = "parquet")]
mod tables;
