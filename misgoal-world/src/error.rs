//! What can be wrong with a world's declaration, a distribution or an ASCII level.

/// Why a world, a distribution or a level cannot be built. Lower case, names the input in backticks, says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldError {
    /// Which part of the declaration, for a diagnostic to point at.
    pub part: Part,
    /// The sentence.
    pub message: String,
}

/// The part of a declaration that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The width or height.
    Size,
    /// The movement.
    Movement,
    /// The view.
    View,
    /// The step limit.
    StepLimit,
    /// The discount.
    Discount,
    /// The thing of this index.
    Thing(usize),
    /// The zone of this index.
    Zone(usize),
    /// The layout.
    Layout,
    /// Where the agent starts.
    Start,
    /// The placement of this index.
    Placement(usize),
    /// A level that cannot be played or solved: no single part is at fault.
    Level,
}

impl std::fmt::Display for WorldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for WorldError {}
