//! A model: its inputs, and the labels that it gives to rows.

use std::collections::BTreeMap;

use prost::Message as _;

use crate::proto::{self, Attributes, Node, TensorProto};
use crate::tensor::{Data, Tensor, kind};
use crate::trees::Trees;
use crate::{ModelError, core_ops, ml};

/// What an input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// 32-bit numbers.
    Float,
    /// 64-bit numbers.
    Double,
    /// Whole numbers.
    Int,
    /// Texts.
    Text,
}

/// An input of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: InputKind,
    /// Values of one row, where the model says how many.
    pub width: Option<usize>,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A classifier.
pub struct Model {
    inputs: Vec<Input>,
    constants: BTreeMap<String, Tensor>,
    /// The nodes that the labels need, in their order.
    nodes: Vec<Step>,
    output: String,
}

struct Step {
    node: Node,
    trees: Option<Trees>,
}

impl Model {
    /// Reads a model. Its labels are its first output, or the first called `label` or `output_label`.
    ///
    /// # Errors
    /// The bytes are no model, or it has operators that are not run here.
    pub fn read(bytes: &[u8]) -> Result<Model, ModelError> {
        let model = proto::Model::decode(bytes).map_err(|error| ModelError::File(error.to_string()))?;
        let graph = model.graph.ok_or_else(|| ModelError::File("it has no graph".to_owned()))?;
        let labelled = graph.output.iter().find(|output| output.name.contains("label"));
        let output = labelled.or(graph.output.first()).map(|output| output.name.clone());
        let output = output.ok_or_else(|| ModelError::File("it has no output".to_owned()))?;
        let named = |tensor: &TensorProto| Ok((tensor.name.clone(), Tensor::read(tensor)?));
        let constants: BTreeMap<String, Tensor> =
            graph.initializer.iter().map(named).collect::<Result<_, ModelError>>()?;
        let inputs = graph
            .input
            .iter()
            .filter(|input| !constants.contains_key(&input.name))
            .map(input)
            .collect::<Result<_, _>>()?;
        let mut wanted = vec![output.clone()];
        let mut nodes = Vec::new();
        for node in graph.node.iter().rev().filter(|node| !node.op_type.is_empty()) {
            if node.output.iter().any(|name| !name.is_empty() && wanted.contains(name)) {
                wanted.extend(node.input.iter().cloned());
                let trees = node.op_type.starts_with("TreeEnsemble").then(|| Trees::read(node)).transpose()?;
                nodes.push(Step { node: node.clone(), trees });
            }
        }
        nodes.reverse();
        let model = Model { inputs, constants, nodes, output };
        if let Some(step) = model.nodes.iter().find(|step| !known(&step.node)) {
            return Err(ModelError::Operator(step.node.op_type.clone()));
        }
        Ok(model)
    }

    /// The inputs, in the model's order.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The label of one row: one entry of values an input, in the order of [`Model::inputs`]. Numbers are given as they are written shortest.
    ///
    /// # Errors
    /// The values do not fit the inputs, or the graph is broken.
    pub fn label(&self, row: &[Vec<Value>]) -> Result<String, ModelError> {
        if row.len() != self.inputs.len() {
            return Err(ModelError::Inputs { given: row.len(), wanted: self.inputs.len() });
        }
        let mut values: BTreeMap<&str, Tensor> = BTreeMap::new();
        for (input, given) in self.inputs.iter().zip(row) {
            values.insert(&input.name, tensor(input, given)?);
        }
        for step in &self.nodes {
            let of = |name: &String| values.get(name.as_str()).or_else(|| self.constants.get(name));
            // A name left out is an input that is not given; at the end of the list it is as if it were not there.
            let inputs: Vec<Option<&Tensor>> = step.node.input.iter().map(of).collect();
            let outputs = run(step, &inputs)?;
            for (name, output) in step.node.output.iter().zip(outputs) {
                values.insert(name, output);
            }
        }
        let labels = values.get(self.output.as_str()).or_else(|| self.constants.get(&self.output));
        let labels = labels.map(Tensor::as_texts).unwrap_or_default();
        labels.into_iter().next().ok_or_else(|| ModelError::Shape(format!("there is no `{}`", self.output)))
    }
}

fn input(info: &proto::ValueInfo) -> Result<Input, ModelError> {
    let tensor = info.kind.as_ref().and_then(|kind| kind.tensor.as_ref());
    let tensor = tensor.ok_or_else(|| ModelError::Shape(format!("input `{}` is no tensor", info.name)))?;
    let kind = match tensor.elem_type {
        kind::FLOAT => InputKind::Float,
        kind::DOUBLE => InputKind::Double,
        kind::INT32 | kind::INT64 | kind::TRUTH => InputKind::Int,
        kind::TEXT => InputKind::Text,
        other => return Err(ModelError::Type(other)),
    };
    let width =
        tensor.shape.as_ref().and_then(|shape| shape.dim.get(1)).and_then(|side| usize::try_from(side.dim_value).ok());
    Ok(Input { name: info.name.clone(), kind, width: width.filter(|width| *width > 0) })
}

fn tensor(input: &Input, given: &[Value]) -> Result<Tensor, ModelError> {
    if let Some(wanted) = input.width.filter(|width| *width != given.len()) {
        return Err(ModelError::Inputs { given: given.len(), wanted });
    }
    let numbers = || -> Result<Vec<f64>, ModelError> {
        let number = |value: &Value| match value {
            Value::Number(x) => Ok(*x),
            Value::Text(_) => Err(ModelError::Texts),
        };
        given.iter().map(number).collect()
    };
    let data = match input.kind {
        InputKind::Float => Data::Float(numbers()?.iter().map(|x| *x as f32).collect()),
        InputKind::Double => Data::Double(numbers()?),
        InputKind::Int => Data::Int(numbers()?.iter().map(|x| *x as i64).collect()),
        InputKind::Text => Data::Text(
            given
                .iter()
                .map(|value| match value {
                    Value::Number(x) => x.to_string(),
                    Value::Text(text) => text.clone(),
                })
                .collect(),
        ),
    };
    Tensor::new(vec![1, given.len()], data)
}

const BINARY: &[&str] =
    &["Add", "Sub", "Mul", "Div", "Pow", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or"];
const UNARY: &[&str] =
    &["Relu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Neg", "Floor", "Ceil", "Reciprocal", "Not"];
const REDUCE: &[&str] = &["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceLogSumExp"];
const OTHER: &[&str] = &[
    "ArgMax",
    "Cast",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Dropout",
    "Flatten",
    "Gather",
    "Gemm",
    "Identity",
    "MatMul",
    "Max",
    "Min",
    "Reshape",
    "Shape",
    "Softmax",
    "Squeeze",
    "Sum",
    "Transpose",
    "Unsqueeze",
    "Where",
];
const ML: &[&str] = &[
    "ArrayFeatureExtractor",
    "FeatureVectorizer",
    "Imputer",
    "LabelEncoder",
    "LinearClassifier",
    "LinearRegressor",
    "Normalizer",
    "OneHotEncoder",
    "Scaler",
    "TreeEnsembleClassifier",
    "TreeEnsembleRegressor",
];

fn known(node: &Node) -> bool {
    let name = node.op_type.as_str();
    match node.domain.as_str() {
        "" | "ai.onnx" => [BINARY, UNARY, REDUCE, OTHER].iter().any(|names| names.contains(&name)),
        "ai.onnx.ml" => ML.contains(&name),
        _ => false,
    }
}

fn run(step: &Step, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>, ModelError> {
    let node = &step.node;
    let attributes = Attributes::of(node);
    let maybe = |at: usize| inputs.get(at).copied().flatten();
    let one = |at: usize| maybe(at).ok_or_else(|| ModelError::Shape(format!("`{}` lacks an input", node.op_type)));
    let ints = |at: usize| maybe(at).map(Tensor::as_ints).transpose();
    let all: Vec<&Tensor> = inputs.iter().copied().flatten().collect();
    let name = node.op_type.as_str();
    let out = match name {
        "TreeEnsembleClassifier" | "TreeEnsembleRegressor" => {
            let trees = step.trees.as_ref().ok_or_else(|| ModelError::Operator(name.to_owned()))?;
            return trees.run(one(0)?);
        }
        "LinearClassifier" | "LinearRegressor" => return ml::linear(node, one(0)?),
        "Scaler" => ml::scaler(node, one(0)?)?,
        "Normalizer" => ml::normalizer(node, one(0)?)?,
        "Imputer" => ml::imputer(node, one(0)?)?,
        "ArrayFeatureExtractor" => ml::extract(one(0)?, one(1)?)?,
        "OneHotEncoder" => ml::one_hot(node, one(0)?)?,
        "LabelEncoder" => ml::label_encoder(node, one(0)?)?,
        "FeatureVectorizer" => core_ops::concat(&Node::default(), &all)?,
        "Cast" => core_ops::cast(node, one(0)?)?,
        "Identity" | "Dropout" => one(0)?.clone(),
        "Concat" => core_ops::concat(node, &all)?,
        "Gather" => core_ops::gather(node, one(0)?, one(1)?)?,
        "MatMul" => core_ops::product(one(0)?, one(1)?)?,
        "Gemm" => core_ops::gemm(node, one(0)?, one(1)?, maybe(2))?,
        "Transpose" => core_ops::transpose(one(0)?)?,
        "Softmax" => core_ops::softmax(node, one(0)?)?,
        "ArgMax" => core_ops::arg_max(node, one(0)?)?,
        "Where" => core_ops::choose(one(0)?, one(1)?, one(2)?)?,
        "Reshape" => core_ops::reshape(one(0)?, &one(1)?.as_ints()?)?,
        "Flatten" => core_ops::reshape(one(0)?, &[0, -1])?,
        "Squeeze" => {
            let input = one(0)?;
            let axes = ints(1)?.unwrap_or_else(|| attributes.ints("axes"));
            let axes: Vec<usize> = axes.iter().map(|axis| input.axis(*axis)).collect::<Result<_, _>>()?;
            let kept = |(at, side): (usize, &usize)| {
                if axes.contains(&at) || (axes.is_empty() && *side == 1) { None } else { Some(*side) }
            };
            Tensor::new(input.shape.iter().enumerate().filter_map(kept).collect(), input.data.clone())?
        }
        "Unsqueeze" => {
            let input = one(0)?;
            let mut axes = ints(1)?.unwrap_or_else(|| attributes.ints("axes"));
            axes.sort_unstable();
            let mut to = input.shape.clone();
            axes.iter().for_each(|axis| to.insert(usize::try_from(*axis).unwrap_or(to.len()).min(to.len()), 1));
            Tensor::new(to, input.data.clone())?
        }
        "Shape" => {
            let sides: Vec<i64> = one(0)?.shape.iter().map(|side| *side as i64).collect();
            Tensor::ints(vec![sides.len()], sides)?
        }
        "Constant" => constant(&attributes)?,
        "ConstantOfShape" => {
            let shape: Vec<usize> = one(0)?.as_ints()?.iter().filter_map(|side| usize::try_from(*side).ok()).collect();
            let value = attributes.tensor("value").map(Tensor::read).transpose()?;
            let value = value.map_or_else(|| Tensor::floats(vec![1], vec![0.0]), Ok)?;
            let size =
                shape.iter().try_fold(1usize, |size, side| size.checked_mul(*side)).filter(|size| *size <= 1 << 20);
            let size = size.ok_or_else(|| ModelError::Shape(format!("a constant of {shape:?}")))?;
            Tensor::new(
                shape,
                value.data.pick(&vec![0; size]).ok_or_else(|| ModelError::Shape("an empty constant".to_owned()))?,
            )?
        }
        "Sum" | "Max" | "Min" => {
            let (first, rest) = all.split_first().ok_or_else(|| ModelError::Shape(format!("`{name}` of nothing")))?;
            rest.iter().try_fold((*first).clone(), |sum, next| core_ops::binary(name, &sum, next))?
        }
        _ if BINARY.contains(&name) => core_ops::binary(name, one(0)?, one(1)?)?,
        _ if UNARY.contains(&name) => core_ops::unary(name, one(0)?)?,
        _ if REDUCE.contains(&name) => core_ops::reduce(node, one(0)?, ints(1)?)?,
        other => return Err(ModelError::Operator(other.to_owned())),
    };
    Ok(vec![out])
}

fn constant(attributes: &Attributes<'_>) -> Result<Tensor, ModelError> {
    if let Some(tensor) = attributes.tensor("value") {
        return Tensor::read(tensor);
    }
    let (floats, ints) = (attributes.floats("value_floats"), attributes.ints("value_ints"));
    match () {
        () if attributes.has("value_float") => Tensor::floats(vec![], vec![attributes.float("value_float", 0.0)]),
        () if attributes.has("value_int") => Tensor::ints(vec![], vec![attributes.int("value_int", 0)]),
        () if !floats.is_empty() => Tensor::floats(vec![floats.len()], floats),
        () if !ints.is_empty() => Tensor::ints(vec![ints.len()], ints),
        () => Err(ModelError::Operator("Constant of another kind".to_owned())),
    }
}
