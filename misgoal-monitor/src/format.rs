//! A monitor as bytes: JSON with a version number. Core types are not `Serialize`; what is on disk is declared here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use misgoal_stats::conformal::{Bag, Detector};
use serde::{Deserialize, Serialize};

use crate::alternative::{Alternative, Declared, Learned};
use crate::detect::{Model, Scale};
use crate::monitor::Monitor;
use crate::observe::Channel;
use crate::profile::{Profile, Tree};

/// The version that is written.
pub const VERSION: u32 = 1;
const FORMAT: &str = "misgoal-monitor";

/// Why bytes are no monitor.
#[derive(Debug)]
pub enum FormatError {
    /// They are not JSON of this shape.
    Shape(serde_json::Error),
    /// They are of another format or version: what was found.
    Version(String),
    /// They name a channel that there is not.
    Channel(String),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Shape(error) => write!(f, "not a behaviour profile: {error}"),
            FormatError::Version(found) => {
                write!(
                    f,
                    "not a behaviour profile that this version reads: expected `{FORMAT}` version {VERSION}, found {found}"
                )
            }
            FormatError::Channel(name) => write!(f, "there is no channel `{name}`"),
        }
    }
}

impl std::error::Error for FormatError {}

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    version: u32,
    sessions: usize,
    behaviour: DetectorPart,
    capability: DetectorPart,
    scales: Vec<(f64, f64)>,
    alternatives: Vec<AlternativePart>,
    channels: BTreeMap<String, Vec<NodePart>>,
    tasks: BTreeMap<String, Vec<NodePart>>,
}

#[derive(Serialize, Deserialize)]
struct DetectorPart {
    promise: f64,
    r: f64,
    row: usize,
    scores: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind")]
enum AlternativePart {
    #[serde(rename = "declared")]
    Declared { name: String, toward: BTreeMap<String, BTreeMap<String, f64>>, free: BTreeMap<String, f64> },
    #[serde(rename = "learned")]
    Learned { name: String, channels: BTreeMap<String, Vec<NodePart>> },
}

#[derive(Serialize, Deserialize)]
struct NodePart {
    context: Vec<String>,
    counts: BTreeMap<String, u32>,
}

/// Writes a monitor.
///
/// # Errors
/// When a number in it is not finite, which a learned monitor never has.
pub fn write(monitor: &Monitor) -> Result<Vec<u8>, FormatError> {
    let model = &monitor.model;
    let by_name = |channels: &BTreeMap<Channel, Tree>| {
        channels.iter().map(|(channel, tree)| (channel.name().to_owned(), nodes(tree))).collect()
    };
    let channels = Channel::ALL.into_iter().filter_map(|channel| Some((channel, model.profile.tree(channel)?.clone())));
    let alternative = |alternative: &Alternative| match alternative {
        Alternative::Declared(Declared { name, toward, free }) => AlternativePart::Declared {
            name: name.clone(),
            toward: toward.iter().map(|(channel, weights)| (channel.name().to_owned(), weights.clone())).collect(),
            free: free.iter().map(|(channel, share)| (channel.name().to_owned(), *share)).collect(),
        },
        Alternative::Learned(learned) => {
            AlternativePart::Learned { name: alternative.name().to_owned(), channels: by_name(learned.trees()) }
        }
    };
    let file = File {
        format: FORMAT.to_owned(),
        version: VERSION,
        sessions: model.profile.sessions(),
        behaviour: detector(&monitor.behaviour),
        capability: detector(&monitor.capability),
        scales: model.scales.iter().map(|scale| (scale.middle, scale.spread)).collect(),
        alternatives: model.alternatives.iter().map(alternative).collect(),
        channels: by_name(&channels.collect()),
        tasks: model.profile.tasks().iter().map(|(task, tree)| (task.clone(), nodes(tree))).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(FormatError::Shape)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a monitor.
///
/// # Errors
/// When the bytes are not what [`write()`] writes, or are of another version.
pub fn read(bytes: &[u8]) -> Result<Monitor, FormatError> {
    let head: Head = serde_json::from_slice(bytes).map_err(FormatError::Shape)?;
    if head.format != FORMAT || head.version != VERSION {
        return Err(FormatError::Version(format!("`{}` version {}", head.format, head.version)));
    }
    let file: File = serde_json::from_slice(bytes).map_err(FormatError::Shape)?;
    let tasks = file.tasks.into_iter().map(|(task, nodes)| (task, tree(nodes))).collect();
    let profile = Profile::from_parts(trees(file.channels)?, tasks, file.sessions);
    let alternatives = file.alternatives.into_iter().map(|part| match part {
        AlternativePart::Declared { name, toward, free } => {
            let toward = named(toward)?;
            Ok(Alternative::Declared(Declared { name, toward, free: named(free)? }))
        }
        AlternativePart::Learned { name, channels } => {
            Ok(Alternative::Learned(Learned::from_parts(name, trees(channels)?)))
        }
    });
    let alternatives = alternatives.collect::<Result<Vec<_>, _>>()?;
    let scales = file.scales.into_iter().map(|(middle, spread)| Scale { middle, spread }).collect();
    let resume = |part: DetectorPart| Detector::resume(Bag::new(&part.scores), part.promise, part.r, part.row);
    Ok(Monitor {
        model: Arc::new(Model { profile, alternatives, scales }),
        behaviour: resume(file.behaviour),
        capability: resume(file.capability),
    })
}

fn detector(detector: &Detector) -> DetectorPart {
    let (r, row) = detector.row();
    DetectorPart { promise: detector.promise(), r, row, scores: detector.bag().scores().to_vec() }
}

fn nodes(tree: &Tree) -> Vec<NodePart> {
    tree.nodes().map(|(context, node)| NodePart { context: context.to_vec(), counts: node.counts.clone() }).collect()
}

fn tree(nodes: Vec<NodePart>) -> Tree {
    Tree::from_nodes(nodes.into_iter().map(|node| (node.context, node.counts)))
}

fn named<T>(parts: BTreeMap<String, T>) -> Result<BTreeMap<Channel, T>, FormatError> {
    let channel = |name: &str| Channel::named(name).ok_or_else(|| FormatError::Channel(name.to_owned()));
    parts.into_iter().map(|(name, part)| Ok((channel(&name)?, part))).collect()
}

fn trees(parts: BTreeMap<String, Vec<NodePart>>) -> Result<BTreeMap<Channel, Tree>, FormatError> {
    Ok(named(parts)?.into_iter().map(|(channel, nodes)| (channel, tree(nodes))).collect())
}
