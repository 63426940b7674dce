//! Weight files: safetensors with metadata that says what the weights are of.

use std::collections::BTreeMap;

use crate::simd::Aligned;
use crate::tensors::{self, Data, File, ReadError};
use crate::{Activation, Architecture, ArchitectureError, Network};

/// The version of weight files that this crate writes. It reads all up to this one; the tensors are the same in each.
///
/// - 1: `world` is a hash of what Rust's `Debug` printed of the world.
/// - 2: `world` is a versioned hash of canonical text; `unit` may say which agent of a run it is.
pub const FORMAT_VERSION: u64 = 2;
const FORMAT: &str = "misgoal-policy";

/// What a network was trained in: what a run says of it, carried as text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Origin {
    /// The world's hash: a network only fits the world whose observations it reads.
    pub world: String,
    /// The study's hash.
    pub study: String,
    /// Which agent of a run it is; for networks that no run has trained, and in files of version 1, nothing.
    pub unit: Option<String>,
}

/// Why bytes are not a weight file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// No safetensors file, a damaged one, or one that lacks something.
    File(ReadError),
    /// A file of something else, or of another version.
    Format(String),
    /// The shape is not one that the kernels can run.
    Architecture(ArchitectureError),
    /// A parameter is not a number.
    NotFinite(&'static str),
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadError::File(error) => write!(f, "{error}"),
            LoadError::Format(found) => {
                write!(f, "this is `{found}`, not a weight file of `{FORMAT}` version 1 to {FORMAT_VERSION}")
            }
            LoadError::Architecture(error) => write!(f, "{error}"),
            LoadError::NotFinite(name) => {
                write!(
                    f,
                    "tensor `{name}` holds infinities or not-a-numbers: the training diverged or the file is damaged"
                )
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl From<ReadError> for LoadError {
    fn from(error: ReadError) -> LoadError {
        LoadError::File(error)
    }
}

impl From<ArchitectureError> for LoadError {
    fn from(error: ArchitectureError) -> LoadError {
        LoadError::Architecture(error)
    }
}

impl Architecture {
    /// The shape as metadata entries.
    pub fn describe(&self, metadata: &mut BTreeMap<&str, String>) {
        metadata.insert("inputs", self.inputs.to_string());
        metadata.insert("hidden1", self.hidden[0].to_string());
        metadata.insert("hidden2", self.hidden[1].to_string());
        metadata.insert("actions", self.actions.to_string());
        metadata.insert("activation", self.activation.name().to_owned());
    }

    /// The shape from metadata entries.
    ///
    /// # Errors
    /// One is missing, or a size is out of range.
    pub fn read(file: &File) -> Result<Architecture, LoadError> {
        let size = |key: &str| file.number(key).map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let activation = file.text("activation")?;
        let activation = Activation::named(activation)
            .ok_or_else(|| ReadError(format!("activation `{activation}` is neither `relu` nor `tanh`")))?;
        let hidden = [size("hidden1")?, size("hidden2")?];
        let architecture = Architecture { inputs: size("inputs")?, hidden, actions: size("actions")?, activation };
        architecture.validate()?;
        Ok(architecture)
    }
}

impl Network {
    /// The weight file of this network.
    pub fn save(&self, origin: &Origin) -> Vec<u8> {
        let mut metadata = BTreeMap::from([
            ("format", FORMAT.to_owned()),
            ("version", FORMAT_VERSION.to_string()),
            ("world", origin.world.clone()),
            ("study", origin.study.clone()),
        ]);
        metadata.extend(origin.unit.clone().map(|unit| ("unit", unit)));
        self.architecture.describe(&mut metadata);
        let [h1, h2] = self.architecture.hidden;
        let (inputs, outputs, at) = (self.architecture.inputs, self.architecture.actions + 1, &self.layout);
        let part = |range: &std::ops::Range<usize>| Data::F32(self.params.get(range.clone()).unwrap_or_default());
        // Other tools read a plain matrix, not panels.
        let first: Vec<f32> = (0..inputs * h1)
            .filter_map(|i| self.params.get(self.architecture.first_weight(i / h1, i % h1)).copied())
            .collect();
        tensors::write(
            &metadata,
            &[
                ("layer1.weight", vec![inputs, h1], Data::F32(&first)),
                ("layer1.bias", vec![h1], part(&at.b1)),
                ("layer2.weight", vec![h1, h2], part(&at.w2)),
                ("layer2.bias", vec![h2], part(&at.b2)),
                ("heads.weight", vec![outputs, h2], part(&at.w3)),
                ("heads.bias", vec![outputs], part(&at.b3)),
            ],
        )
    }

    /// The network of a weight file, and what it was trained in.
    ///
    /// # Errors
    /// The bytes are not a weight file of this version, or their parameters are not finite.
    pub fn load(bytes: &[u8]) -> Result<(Network, Origin), LoadError> {
        let file = File::read(bytes)?;
        let (format, version) = (file.text("format")?, file.number("version")?);
        if format != FORMAT || !(1..=FORMAT_VERSION).contains(&version) {
            return Err(LoadError::Format(format!("{format} version {version}")));
        }
        let architecture = Architecture::read(&file)?;
        let layout = architecture.layout();
        let parts = [
            ("layer1.weight", layout.w1.clone()),
            ("layer1.bias", layout.b1.clone()),
            ("layer2.weight", layout.w2.clone()),
            ("layer2.bias", layout.b2.clone()),
            ("heads.weight", layout.w3.clone()),
            ("heads.bias", layout.b3.clone()),
        ];
        // Read all parts before memory for them is taken: a short file cannot ask for a large network.
        let mut read = Vec::with_capacity(parts.len());
        for (name, range) in parts {
            let values = file.f32s(name, range.len())?;
            if !values.iter().all(|x| x.is_finite()) {
                return Err(LoadError::NotFinite(name));
            }
            read.push((range, values));
        }
        let mut params = Aligned::zeros(layout.total);
        if let Some((range, values)) = read.first_mut() {
            let (h1, rows) = (architecture.hidden[0], std::mem::take(values));
            values.resize(range.len(), 0.0);
            for (i, x) in rows.into_iter().enumerate() {
                if let Some(to) = values.get_mut(architecture.first_weight(i / h1, i % h1)) {
                    *to = x;
                }
            }
        }
        for (range, values) in read {
            for (to, x) in params.get_mut(range).unwrap_or_default().iter_mut().zip(values) {
                *to = x;
            }
        }
        let origin = Origin {
            world: file.text("world")?.to_owned(),
            study: file.text("study")?.to_owned(),
            unit: file.text("unit").ok().map(str::to_owned),
        };
        Ok((Network::assemble(architecture, layout, params), origin))
    }
}
