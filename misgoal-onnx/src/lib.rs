//! Runs classifiers that were exported to ONNX: linear models, trees, forests, boosted trees and small networks of scikit-learn, XGBoost and LightGBM.
//!
//! Of the graph only what the labels need is run, so maps of probabilities (ZipMap) are not in the way. No I/O.

mod core_ops;
mod ml;
mod model;
mod proto;
mod scores;
mod tensor;
mod trees;

pub use model::{Input, InputKind, Model, Value};

/// Why a model cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// The bytes are no ONNX model.
    File(String),
    /// An operator that is not among those that are run.
    Operator(String),
    /// Elements of a type that is not read, by `onnx.proto`'s number.
    Type(i32),
    /// Texts where numbers belong.
    Texts,
    /// Sizes that do not go together, or a broken graph.
    Shape(String),
    /// The number of values given is not that of the inputs.
    Inputs {
        /// Values given.
        given: usize,
        /// Inputs of the model.
        wanted: usize,
    },
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(why) => write!(f, "it is no ONNX model: {why}"),
            Self::Operator(name) => write!(f, "the operator `{name}` is not among those that misgoal runs"),
            Self::Type(number) => write!(f, "elements of type {number} are not among those that misgoal reads"),
            Self::Texts => f.write_str("texts where numbers belong"),
            Self::Shape(why) => f.write_str(why),
            Self::Inputs { given, wanted } => write!(f, "{given} values for {wanted} inputs"),
        }
    }
}

impl std::error::Error for ModelError {}
