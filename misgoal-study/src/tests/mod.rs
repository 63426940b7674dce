//! Tests that span the crate: what a file says, and what is said about a file.

mod builtins;
