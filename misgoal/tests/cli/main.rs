//! misgoal as its users meet it: what they type, what they read, the exit code.

mod errors;
mod pages;
mod play;
mod room;
mod runs;
mod studies;
