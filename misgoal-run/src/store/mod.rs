//! The run directory: which files there are, how they are written and how they are read back.

pub(crate) mod dir;
pub(crate) mod files;
pub(crate) mod id;
pub(crate) mod lines;
pub(crate) mod lock;
#[cfg(test)]
mod tests;
