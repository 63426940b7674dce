//! Where recorded data lie.

use std::path::{Path, PathBuf};

/// The folder of recorded traces: the first argument that is no flag, else `MISGOAL_DATA`, else `../shared/data` beside the workspace.
#[expect(clippy::disallowed_methods, reason = "a bench is no crate of the product: it may be told where the data lie")]
pub fn folder() -> PathBuf {
    let argument = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let told = argument.or_else(|| std::env::var("MISGOAL_DATA").ok());
    told.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
}
