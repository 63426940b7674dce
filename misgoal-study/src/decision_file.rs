//! The file of a study of decisions as it is written; what it has in common with a grid's stands in [`crate::file`].
//!
//! The doc comments of this file are the text of the reference page and of the editor's hints.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::decision::DecisionAgent;
use crate::file::{ArmFile, CaseFile, EvaluationFile, HeadFile, KindFile};
use crate::span::{At, Named};

/// A study of decisions: cases with features, options to choose from, goals that prefer options.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DecisionFile {
    /// What the study is called.
    pub study: At<HeadFile>,
    /// The case study in words: what a reader must know before the numbers.
    pub case: At<CaseFile>,
    /// The world: its options, its features as they are in training, and what a choice changes.
    pub world: At<DecisionWorldFile>,
    /// The goals, `[goals.NAME]`: exactly one has `intended = true`, the others are proxies.
    pub goals: At<Named<PreferenceFile>>,
    /// The shifts, `[shifts.NAME]`: features that a shift leaves out are as in training.
    pub shifts: At<Named<DecisionShiftFile>>,
    /// The agent and its training.
    pub agent: Option<At<DecisionAgentFile>>,
    /// The arms, `[arms.NAME]`: ways of training to compare. Without any there is one, `baseline`.
    pub arms: Option<At<Named<ArmFile>>>,
    /// How the agents are judged.
    pub evaluation: Option<At<EvaluationFile>>,
}

/// A world of decisions.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DecisionWorldFile {
    /// The kind of world.
    #[expect(dead_code, reason = "the reader has chosen by it before; here it is a key that a file may have")]
    pub kind: At<KindFile>,
    /// The options to choose from, 2 to 6 names.
    #[schemars(length(min = 2, max = 6))]
    pub options: At<Vec<At<String>>>,
    /// The most choices in a case.
    #[schemars(range(min = 1, max = 12), extend("default" = 1))]
    pub turns: Option<At<usize>>,
    /// The features, drawn in the order of the file, as they are in training: `NAME = { normal = [0, 1] }`.
    pub features: At<Named<FeatureFile>>,
    /// What a choice changes, `NAME = "expression"`: features that are given a new value. All expressions read the features as they were before the choice; `choice` is the option chosen.
    pub update: Option<At<Named<ExpressionFile>>>,
    /// An expression that says whether a case is over before its last turn; it reads the features after the choice, and `choice`.
    pub done: Option<At<String>>,
}

/// A feature and how it is drawn: exactly one of `chance`, `choose`, `normal`, `lognormal`, `uniform`, `whole`, `poisson`, `is`. Every parameter is a number, or an expression over the features before it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct FeatureFile {
    /// True with this probability, else false.
    pub chance: Option<At<ExpressionFile>>,
    /// One of these texts, each with a weight: `{ card = 0.9, transfer = 0.1 }`.
    pub choose: Option<At<Named<ExpressionFile>>>,
    /// Normal: `[mean, standard deviation]`.
    pub normal: Option<At<[At<ExpressionFile>; 2]>>,
    /// The exponential of a normal number: `[mean, standard deviation]` of its logarithm.
    pub lognormal: Option<At<[At<ExpressionFile>; 2]>>,
    /// Uniform: `[from, to]`.
    pub uniform: Option<At<[At<ExpressionFile>; 2]>>,
    /// A whole number: `[from, to]`, both included.
    pub whole: Option<At<[At<ExpressionFile>; 2]>>,
    /// Poisson with this mean.
    pub poisson: Option<At<ExpressionFile>>,
    /// What an expression over the features before it says: nothing is drawn.
    pub is: Option<At<ExpressionFile>>,
    /// Whether the agent sees it; only where the feature is declared.
    #[schemars(extend("default" = true))]
    pub observed: Option<At<bool>>,
}

/// A goal: exactly one of `prefers` and `utility`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PreferenceFile {
    /// Whether it is the intended goal; exactly one is.
    #[schemars(extend("default" = false))]
    pub intended: Option<At<bool>>,
    /// What pursuing it means, in a few words that follow "the agent learned to".
    pub words: At<String>,
    /// An expression whose text is the preferred option: it is worth 1, the others 0. For example `"fraud ? 'block' : 'allow'"`.
    pub prefers: Option<At<String>>,
    /// What each option is worth, `{ OPTION = "expression" }`; options that are left out are worth 0. Over several turns utilities add up.
    pub utility: Option<At<Named<ExpressionFile>>>,
}

/// A shift: features that it leaves out are as in training.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DecisionShiftFile {
    /// What changes, in one line.
    pub words: At<String>,
    /// The features that are drawn otherwise.
    pub features: At<Named<FeatureFile>>,
    /// Whether the goals still agree here: a probe of capability alone, which tells a loss of skill from a change of goal.
    #[schemars(extend("default" = false))]
    pub keeps_goals_aligned: Option<At<bool>>,
}

/// How an agent learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LearnFile {
    /// From labels: what the goal that it is trained on would choose, by cross-entropy.
    Labels,
    /// By reward: it raises the expected utility of its own choices.
    Reward,
}

/// The agent: a network with two hidden layers that sees the observed features and takes the option that it finds best.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct DecisionAgentFile {
    /// The goal that it is trained on; the intended goal if left out.
    pub train_on: Option<At<String>>,
    /// How it learns.
    #[schemars(extend("default" = "labels"))]
    pub learn: Option<At<LearnFile>>,
    /// Units of the two hidden layers, multiples of 16 up to 1024.
    #[schemars(inner(range(min = 16, max = 1024)), extend("default" = DecisionAgent::default().hidden))]
    pub hidden: Option<At<[At<usize>; 2]>>,
    /// Cases that it is trained on, over and over.
    #[schemars(range(min = 1, max = 10_000_000), extend("default" = DecisionAgent::default().cases))]
    pub cases: Option<At<usize>>,
    /// Cases seen in training, each of `cases` as often as that makes it.
    #[schemars(range(min = 1, max = 10_000_000_000u64), extend("default" = DecisionAgent::default().steps))]
    pub steps: Option<At<u64>>,
    /// Cases in a gradient step.
    #[schemars(range(min = 1, max = 1_048_576), extend("default" = DecisionAgent::default().minibatch))]
    pub minibatch: Option<At<usize>>,
    /// Adam's step size at the start.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = DecisionAgent::default().learning_rate))]
    pub learning_rate: Option<At<f64>>,
    /// Whether the step size falls linearly to 0 at the end of training.
    #[schemars(extend("default" = DecisionAgent::default().anneal))]
    pub anneal: Option<At<bool>>,
    /// Weight of the entropy bonus; for `learn = "reward"`.
    #[schemars(range(min = 0.0, max = 10.0), extend("default" = DecisionAgent::default().entropy))]
    pub entropy: Option<At<f64>>,
}

/// A number, or an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionFile {
    /// A number.
    Number(f64),
    /// An expression.
    Text(String),
}

impl<'de> Deserialize<'de> for ExpressionFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ExpressionFile, D::Error> {
        struct NumberOrText;
        impl Visitor<'_> for NumberOrText {
            type Value = ExpressionFile;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number or an expression")
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<ExpressionFile, E> {
                Ok(ExpressionFile::Number(number))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<ExpressionFile, E> {
                Ok(ExpressionFile::Number(number as f64))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<ExpressionFile, E> {
                Ok(ExpressionFile::Number(number as f64))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<ExpressionFile, E> {
                Ok(ExpressionFile::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(NumberOrText)
    }
}

impl JsonSchema for ExpressionFile {
    fn schema_name() -> Cow<'static, str> {
        "Expression".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or an expression in CEL, the Common Expression Language.",
            "anyOf": [{ "type": "number" }, { "type": "string" }]
        })
    }
}
