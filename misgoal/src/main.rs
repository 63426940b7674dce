//! `misgoal`: tells which goal an agent has really learned.

fn main() {}
