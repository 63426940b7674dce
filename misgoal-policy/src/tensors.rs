//! Writing and reading safetensors files with metadata.
//!
//! Files are read by the `safetensors` crate. They are written here, because the crate keeps metadata in a hash map: the order of its
//! entries, and with it the bytes of the file, would change from run to run.

use std::collections::BTreeMap;

use misgoal_world::Canonical;
use safetensors::{Dtype, SafeTensors};

/// A tensor's numbers.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "named as the types they hold")]
pub enum Data<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
    U64(&'a [u64]),
    U8(&'a [u8]),
}

impl Data<'_> {
    fn name(self) -> &'static str {
        match self {
            Data::F32(_) => "F32",
            Data::F64(_) => "F64",
            Data::U64(_) => "U64",
            Data::U8(_) => "U8",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Data::F32(x) => size_of_val(x),
            Data::F64(x) => size_of_val(x),
            Data::U64(x) => size_of_val(x),
            Data::U8(x) => x.len(),
        }
    }

    fn write(self, to: &mut Vec<u8>) {
        match self {
            Data::F32(xs) => xs.iter().for_each(|x| to.extend(x.to_le_bytes())),
            Data::F64(xs) => xs.iter().for_each(|x| to.extend(x.to_le_bytes())),
            Data::U64(xs) => xs.iter().for_each(|x| to.extend(x.to_le_bytes())),
            Data::U8(xs) => to.extend(xs),
        }
    }
}

/// A named tensor to write: its name, shape and numbers.
pub type Tensor<'a> = (&'a str, Vec<usize>, Data<'a>);

/// A safetensors file of these tensors, in this order. The same input gives the same bytes.
pub fn write(metadata: &BTreeMap<&str, String>, tensors: &[Tensor]) -> Vec<u8> {
    let mut header = String::from("{\"__metadata__\":{");
    for (i, (key, value)) in metadata.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        header += &format!("{comma}{}:{}", Canonical::text(key).as_str(), Canonical::text(value).as_str());
    }
    header.push('}');
    let mut end = 0;
    for (name, shape, data) in tensors {
        let (start, dtype) = (end, data.name());
        end += data.bytes();
        let (name, shape) = (Canonical::text(name), shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", "));
        let name = name.as_str();
        header += &format!(",{name}:{{\"dtype\":\"{dtype}\",\"shape\":[{shape}],\"data_offsets\":[{start},{end}]}}");
    }
    header.push('}');
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    let mut file = Vec::with_capacity(8 + header.len() + end);
    file.extend((header.len() as u64).to_le_bytes());
    file.extend(header.as_bytes());
    tensors.iter().for_each(|(_, _, data)| data.write(&mut file));
    file
}

/// A file that was read: its metadata and tensors.
#[derive(Debug)]
pub struct File<'a> {
    metadata: BTreeMap<String, String>,
    tensors: SafeTensors<'a>,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError(pub String);

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReadError {}

impl<'a> File<'a> {
    /// Reads the header and checks it against the length.
    ///
    /// # Errors
    /// The bytes are no safetensors file, or a damaged one.
    pub fn read(bytes: &'a [u8]) -> Result<File<'a>, ReadError> {
        let damaged = |error| ReadError(format!("not a safetensors file, or a damaged one: {error}"));
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let metadata = header.metadata().iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
        Ok(File { metadata, tensors })
    }

    /// A metadata entry.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn text(&self, key: &str) -> Result<&str, ReadError> {
        self.metadata.get(key).map(String::as_str).ok_or_else(|| ReadError(format!("the file has no `{key}`")))
    }

    /// A metadata entry that is a whole number.
    ///
    /// # Errors
    /// There is none of this name, or it is no number.
    pub fn number(&self, key: &str) -> Result<u64, ReadError> {
        let text = self.text(key)?;
        text.parse().map_err(|_| ReadError(format!("`{key}` is `{text}` where a whole number is expected")))
    }

    fn bytes(&self, name: &str, dtype: Dtype, len: usize) -> Result<&'a [u8], ReadError> {
        let tensor = self.tensors.tensor(name).map_err(|_| ReadError(format!("the file has no tensor `{name}`")))?;
        let found: Option<usize> = tensor.shape().iter().try_fold(1usize, |n, side| n.checked_mul(*side));
        if tensor.dtype() != dtype || found != Some(len) {
            let (found, shape) = (tensor.dtype(), tensor.shape());
            return Err(ReadError(format!(
                "tensor `{name}` is {found:?} {shape:?} where {len} numbers of {dtype:?} are expected"
            )));
        }
        Ok(tensor.data())
    }

    /// A tensor of `len` floats, of any shape.
    ///
    /// # Errors
    /// There is none of this name, or it is of another type or size.
    pub fn f32s(&self, name: &str, len: usize) -> Result<Vec<f32>, ReadError> {
        let (chunks, _) = self.bytes(name, Dtype::F32, len)?.as_chunks();
        Ok(chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// A tensor of `len` doubles, of any shape.
    ///
    /// # Errors
    /// There is none of this name, or it is of another type or size.
    pub fn f64s(&self, name: &str, len: usize) -> Result<Vec<f64>, ReadError> {
        let (chunks, _) = self.bytes(name, Dtype::F64, len)?.as_chunks();
        Ok(chunks.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
    }

    /// A tensor of `len` whole numbers, of any shape.
    ///
    /// # Errors
    /// There is none of this name, or it is of another type or size.
    pub fn u64s(&self, name: &str, len: usize) -> Result<Vec<u64>, ReadError> {
        let (chunks, _) = self.bytes(name, Dtype::U64, len)?.as_chunks();
        Ok(chunks.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect())
    }

    /// A tensor of `len` bytes, of any shape.
    ///
    /// # Errors
    /// There is none of this name, or it is of another type or size.
    pub fn u8s(&self, name: &str, len: usize) -> Result<&'a [u8], ReadError> {
        self.bytes(name, Dtype::U8, len)
    }
}
