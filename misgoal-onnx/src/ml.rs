//! The operators of `ai.onnx.ml` besides trees.

use crate::ModelError;
use crate::proto::{Attributes, Node};
use crate::scores::{Labels, Post};
use crate::tensor::{Data, Tensor};
use crate::trees::most;

fn at(values: &[f32], column: usize, default: f32) -> f32 {
    // One value stands for all columns.
    if values.len() == 1 { values.first().copied() } else { values.get(column).copied() }.unwrap_or(default)
}

/// Scaler: (x - offset) scale, by column.
pub(crate) fn scaler(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let (offset, scale) = (attributes.floats("offset"), attributes.floats("scale"));
    let (_, columns) = input.rows();
    let scaled = |(place, x): (usize, f32)| {
        let column = place % columns.max(1);
        (x - at(&offset, column, 0.0)) * at(&scale, column, 1.0)
    };
    Tensor::floats(input.shape.clone(), input.as_floats()?.into_iter().enumerate().map(scaled).collect())
}

/// Normalizer: every row to norm 1.
pub(crate) fn normalizer(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let norm = Attributes::of(node).text("norm", "MAX");
    let (_, columns) = input.rows();
    let mut data = input.as_floats()?;
    for row in data.chunks_exact_mut(columns.max(1)) {
        let size = match norm.as_str() {
            "L1" => row.iter().map(|x| x.abs()).sum(),
            "L2" => row.iter().map(|x| x * x).sum::<f32>().sqrt(),
            _ => row.iter().copied().fold(f32::NEG_INFINITY, f32::max),
        };
        if size != 0.0 {
            row.iter_mut().for_each(|x| *x /= size);
        }
    }
    Tensor::floats(input.shape.clone(), data)
}

/// Imputer: a column's value for what is missing.
pub(crate) fn imputer(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let (with, missing) =
        (attributes.floats("imputed_value_floats"), attributes.float("replaced_value_float", f32::NAN));
    let (_, columns) = input.rows();
    let fill = |(place, x): (usize, f32)| {
        let gone = x == missing || (missing.is_nan() && x.is_nan());
        if gone { at(&with, place % columns.max(1), x) } else { x }
    };
    Tensor::floats(input.shape.clone(), input.as_floats()?.into_iter().enumerate().map(fill).collect())
}

/// LinearClassifier: labels and scores; LinearRegressor: scores.
pub(crate) fn linear(node: &Node, input: &Tensor) -> Result<Vec<Tensor>, ModelError> {
    let attributes = Attributes::of(node);
    let (weights, offsets) = (attributes.floats("coefficients"), attributes.floats("intercepts"));
    let labels = if node.op_type == "LinearClassifier" { Some(Labels::read(&attributes)?) } else { None };
    let post = Post::read(&attributes)?;
    let (rows, columns) = input.rows();
    let columns = columns.max(1);
    let targets = weights.len() / columns;
    if targets == 0 || weights.len() % columns != 0 {
        return Err(ModelError::Shape(format!("{} coefficients for {columns} columns", weights.len())));
    }
    let (mut chosen, mut all) = (Vec::new(), Vec::new());
    for row in input.as_floats()?.chunks_exact(columns) {
        let dot = |(at, weights): (usize, &[f32])| {
            let sum: f32 = row.iter().zip(weights).map(|(x, weight)| x * weight).sum();
            sum + offsets.get(at).copied().unwrap_or(0.0)
        };
        let mut scores: Vec<f32> = weights.chunks_exact(columns).enumerate().map(dot).collect();
        // One score for two classes is a margin.
        chosen.push(if let [margin] = scores.as_slice() { usize::from(*margin > 0.0) } else { most(&scores) });
        post.apply(&mut scores);
        all.extend(scores);
    }
    let scores = Tensor::floats(vec![rows, targets], all)?;
    Ok(match labels {
        Some(labels) => vec![labels.tensor(&chosen)?, scores],
        None => vec![scores],
    })
}

/// ArrayFeatureExtractor: columns by number.
pub(crate) fn extract(input: &Tensor, places: &Tensor) -> Result<Tensor, ModelError> {
    let (rows, columns) = input.rows();
    let wanted: Vec<usize> = places.as_ints()?.iter().filter_map(|one| usize::try_from(*one).ok()).collect();
    let picked: Vec<usize> =
        (0..rows).flat_map(|row| wanted.iter().map(move |column| row * columns + column)).collect();
    let outside = || ModelError::Shape(format!("columns {wanted:?} of {columns}"));
    if wanted.iter().any(|column| *column >= columns) {
        return Err(outside());
    }
    let data = input.data.pick(&picked).ok_or_else(outside)?;
    Tensor::new(vec![rows, wanted.len()], data)
}

/// OneHotEncoder: a column for every category.
pub(crate) fn one_hot(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let (texts, ints) = (attributes.texts("cats_strings"), attributes.ints("cats_int64s"));
    let categories = texts.len().max(ints.len());
    let places: Vec<Option<usize>> = if texts.is_empty() {
        input.as_ints()?.iter().map(|one| ints.iter().position(|category| category == one)).collect()
    } else {
        input.as_texts().iter().map(|one| texts.iter().position(|category| category == one)).collect()
    };
    if attributes.int("zeros", 1) == 0 && places.contains(&None) {
        return Err(ModelError::Shape("a category that the model does not know".to_owned()));
    }
    let hot = |place: Option<usize>| (0..categories).map(move |at| f32::from(u8::from(Some(at) == place)));
    let mut shape = input.shape.clone();
    shape.push(categories);
    Tensor::floats(shape, places.into_iter().flat_map(hot).collect())
}

/// LabelEncoder: a value for every key.
pub(crate) fn label_encoder(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let (texts, ints, floats) =
        (attributes.texts("keys_strings"), attributes.ints("keys_int64s"), attributes.floats("keys_floats"));
    let places: Vec<Option<usize>> = if !texts.is_empty() {
        input.as_texts().iter().map(|one| texts.iter().position(|key| key == one)).collect()
    } else if !ints.is_empty() {
        input.as_ints()?.iter().map(|one| ints.iter().position(|key| key == one)).collect()
    } else {
        let same = |key: f32, one: f32| key == one || (key.is_nan() && one.is_nan());
        input.as_floats()?.iter().map(|one| floats.iter().position(|key| same(*key, *one))).collect()
    };
    fn of<T: Clone>(values: &[T], default: &T, places: &[Option<usize>]) -> Vec<T> {
        places.iter().map(|place| place.and_then(|at| values.get(at)).unwrap_or(default).clone()).collect()
    }
    let data = if attributes.has("values_strings") {
        Data::Text(of(&attributes.texts("values_strings"), &attributes.text("default_string", "_Unused"), &places))
    } else if attributes.has("values_int64s") {
        Data::Int(of(&attributes.ints("values_int64s"), &attributes.int("default_int64", -1), &places))
    } else {
        Data::Float(of(&attributes.floats("values_floats"), &attributes.float("default_float", 0.0), &places))
    };
    Tensor::new(input.shape.clone(), data)
}
