//! Tests that span the crate: what a file says, and what is said about a file.

mod arms;
mod builtins;
mod decisions;
mod errors;
mod guides;
mod lively;
mod rendering;
mod robust;
mod syntax;
mod values;

use crate::Study;

/// A small study without a mistake; tests change a line of it.
const MINIMAL: &str = include_str!("minimal.toml");

/// The small study with the first `from` in it replaced.
#[track_caller]
fn edited(from: &str, to: &str) -> String {
    assert!(MINIMAL.contains(from), "the study has no `{from}` to edit");
    MINIMAL.replacen(from, to, 1)
}

#[track_caller]
fn parsed(text: &str) -> Study {
    Study::parse("study.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// What is said about a file, as a terminal without colour shows it.
#[track_caller]
fn complaints(text: &str) -> String {
    Study::parse("study.toml", text).map(|study| study.name).expect_err("the file has a mistake").render(false)
}
