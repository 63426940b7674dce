//! Classes and what is made of their scores.

use crate::ModelError;
use crate::proto::Attributes;
use crate::tensor::{Data, Tensor};

/// Names of the classes.
pub(crate) enum Labels {
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

impl Labels {
    /// From a classifier's attributes: whole numbers or texts.
    pub(crate) fn read(attributes: &Attributes<'_>) -> Result<Labels, ModelError> {
        let texts = attributes.texts("classlabels_strings");
        if !texts.is_empty() {
            return Ok(Labels::Texts(texts));
        }
        let ints = [attributes.ints("classlabels_int64s"), attributes.ints("classlabels_ints")];
        ints.into_iter()
            .find(|ints| !ints.is_empty())
            .map(Labels::Ints)
            .ok_or_else(|| ModelError::Shape("a classifier without classes".to_owned()))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Labels::Ints(labels) => labels.len(),
            Labels::Texts(labels) => labels.len(),
        }
    }

    /// The labels of these classes.
    pub(crate) fn tensor(&self, chosen: &[usize]) -> Result<Tensor, ModelError> {
        let data = match self {
            Labels::Ints(labels) => Data::Int(labels.clone()),
            Labels::Texts(labels) => Data::Text(labels.clone()),
        };
        let picked = data.pick(chosen).ok_or_else(|| ModelError::Shape("a class without a label".to_owned()))?;
        Tensor::new(vec![chosen.len()], picked)
    }
}

/// What is done to scores at the end.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Post {
    None,
    Logistic,
    Softmax,
    SoftmaxZero,
}

impl Post {
    pub(crate) fn read(attributes: &Attributes<'_>) -> Result<Post, ModelError> {
        Ok(match attributes.text("post_transform", "NONE").as_str() {
            "NONE" => Post::None,
            "LOGISTIC" => Post::Logistic,
            "SOFTMAX" => Post::Softmax,
            "SOFTMAX_ZERO" => Post::SoftmaxZero,
            other => return Err(ModelError::Operator(format!("post_transform `{other}`"))),
        })
    }

    pub(crate) fn apply(self, scores: &mut [f32]) {
        match self {
            Post::None => {}
            Post::Logistic => scores.iter_mut().for_each(|x| *x = 1.0 / (1.0 + (-*x).exp())),
            Post::Softmax | Post::SoftmaxZero => {
                let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let keep = |x: f32| self == Post::SoftmaxZero && x == 0.0;
                let sum: f32 = scores.iter().filter(|x| !keep(**x)).map(|x| (x - top).exp()).sum();
                scores.iter_mut().filter(|x| !keep(**x)).for_each(|x| *x = (*x - top).exp() / sum);
            }
        }
    }
}
