//! Values that flow through a graph.

use crate::ModelError;
use crate::proto::TensorProto;

/// Elements, by type. Truth values and whole numbers of every width are `Int`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Float(Vec<f32>),
    Double(Vec<f64>),
    Int(Vec<i64>),
    Text(Vec<String>),
}

/// A tensor: rows first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub shape: Vec<usize>,
    pub data: Data,
}

/// `onnx.proto`'s numbers of the types of elements.
pub(crate) mod kind {
    pub(crate) const FLOAT: i32 = 1;
    pub(crate) const INT32: i32 = 6;
    pub(crate) const INT64: i32 = 7;
    pub(crate) const TEXT: i32 = 8;
    pub(crate) const TRUTH: i32 = 9;
    pub(crate) const DOUBLE: i32 = 11;
}

/// Elements of a tensor, at most: a classifier of table rows has no larger ones.
const MOST: usize = 1 << 26;

impl Data {
    pub(crate) fn len(&self) -> usize {
        match self {
            Data::Float(data) => data.len(),
            Data::Double(data) => data.len(),
            Data::Int(data) => data.len(),
            Data::Text(data) => data.len(),
        }
    }

    /// The elements at these places, in their order.
    pub(crate) fn pick(&self, places: &[usize]) -> Option<Data> {
        fn of<T: Clone>(data: &[T], places: &[usize]) -> Option<Vec<T>> {
            places.iter().map(|at| data.get(*at).cloned()).collect()
        }
        Some(match self {
            Data::Float(data) => Data::Float(of(data, places)?),
            Data::Double(data) => Data::Double(of(data, places)?),
            Data::Int(data) => Data::Int(of(data, places)?),
            Data::Text(data) => Data::Text(of(data, places)?),
        })
    }
}

impl Tensor {
    pub(crate) fn new(shape: Vec<usize>, data: Data) -> Result<Tensor, ModelError> {
        let size = shape.iter().try_fold(1usize, |size, side| size.checked_mul(*side)).filter(|size| *size <= MOST);
        if size != Some(data.len()) {
            return Err(ModelError::Shape(format!("{} elements do not fill {shape:?}", data.len())));
        }
        Ok(Tensor { shape, data })
    }

    pub(crate) fn floats(shape: Vec<usize>, data: Vec<f32>) -> Result<Tensor, ModelError> {
        Tensor::new(shape, Data::Float(data))
    }

    pub(crate) fn ints(shape: Vec<usize>, data: Vec<i64>) -> Result<Tensor, ModelError> {
        Tensor::new(shape, Data::Int(data))
    }

    /// Reads a constant.
    pub(crate) fn read(proto: &TensorProto) -> Result<Tensor, ModelError> {
        let side = |dim: &i64| usize::try_from(*dim).map_err(|_| ModelError::Shape(format!("a side of {dim}")));
        let shape: Vec<usize> = proto.dims.iter().map(side).collect::<Result<_, _>>()?;
        let raw = &proto.raw_data;
        let data = match proto.data_type {
            kind::FLOAT if raw.is_empty() => Data::Float(proto.float_data.clone()),
            kind::FLOAT => Data::Float(words(raw, f32::from_le_bytes)),
            kind::DOUBLE if raw.is_empty() => Data::Double(proto.double_data.clone()),
            kind::DOUBLE => Data::Double(words(raw, f64::from_le_bytes)),
            kind::INT64 if raw.is_empty() => Data::Int(proto.int64_data.clone()),
            kind::INT64 => Data::Int(words(raw, i64::from_le_bytes)),
            kind::INT32 | kind::TRUTH if raw.is_empty() => {
                Data::Int(proto.int32_data.iter().map(|whole| i64::from(*whole)).collect())
            }
            kind::INT32 => Data::Int(words(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))),
            kind::TRUTH => Data::Int(raw.iter().map(|byte| i64::from(*byte != 0)).collect()),
            kind::TEXT => {
                let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
                Data::Text(proto.string_data.iter().map(text).collect())
            }
            other => return Err(ModelError::Type(other)),
        };
        Tensor::new(shape, data)
    }

    /// As 32-bit numbers.
    pub(crate) fn as_floats(&self) -> Result<Vec<f32>, ModelError> {
        match &self.data {
            Data::Float(data) => Ok(data.clone()),
            Data::Double(data) => Ok(data.iter().map(|x| *x as f32).collect()),
            Data::Int(data) => Ok(data.iter().map(|x| *x as f32).collect()),
            Data::Text(_) => Err(ModelError::Texts),
        }
    }

    /// As 64-bit numbers.
    pub(crate) fn as_doubles(&self) -> Result<Vec<f64>, ModelError> {
        match &self.data {
            Data::Float(data) => Ok(data.iter().map(|x| f64::from(*x)).collect()),
            Data::Double(data) => Ok(data.clone()),
            Data::Int(data) => Ok(data.iter().map(|x| *x as f64).collect()),
            Data::Text(_) => Err(ModelError::Texts),
        }
    }

    /// As whole numbers.
    pub(crate) fn as_ints(&self) -> Result<Vec<i64>, ModelError> {
        match &self.data {
            Data::Float(data) => Ok(data.iter().map(|x| *x as i64).collect()),
            Data::Double(data) => Ok(data.iter().map(|x| *x as i64).collect()),
            Data::Int(data) => Ok(data.clone()),
            Data::Text(_) => Err(ModelError::Texts),
        }
    }

    /// As texts.
    pub(crate) fn as_texts(&self) -> Vec<String> {
        match &self.data {
            Data::Float(data) => data.iter().map(f32::to_string).collect(),
            Data::Double(data) => data.iter().map(f64::to_string).collect(),
            Data::Int(data) => data.iter().map(i64::to_string).collect(),
            Data::Text(data) => data.clone(),
        }
    }

    /// Rows and columns: a vector is one row.
    pub(crate) fn rows(&self) -> (usize, usize) {
        match self.shape.as_slice() {
            [] => (1, 1),
            [columns] => (1, *columns),
            [rows, rest @ ..] => (*rows, rest.iter().product()),
        }
    }

    /// An axis counted from the back where it is negative.
    pub(crate) fn axis(&self, axis: i64) -> Result<usize, ModelError> {
        let sides = self.shape.len() as i64;
        let at = if axis < 0 { axis + sides } else { axis };
        usize::try_from(at)
            .ok()
            .filter(|at| *at < self.shape.len().max(1))
            .ok_or_else(|| ModelError::Shape(format!("there is no axis {axis} in {:?}", self.shape)))
    }
}

fn words<const N: usize, T>(raw: &[u8], word: impl Fn([u8; N]) -> T) -> Vec<T> {
    raw.chunks_exact(N).filter_map(|bytes| bytes.try_into().ok()).map(word).collect()
}
