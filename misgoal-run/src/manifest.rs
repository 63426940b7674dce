//! `manifest.json`: what a run is, fixed when it begins; and `sessions.json`: when it was worked on.

use misgoal_study::{AnyStudy, Arm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ceiling::{self, CeilingFigure};

/// `manifest.json`: what a run is. Written once, before anything else, and never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// [`crate::record::FORMAT`].
    pub format: u32,
    /// The version of misgoal that began the run.
    pub misgoal: String,
    /// The run's id, also the directory's name.
    pub id: String,
    /// When it began, RFC 3339 in UTC.
    pub created: String,
    /// The command that repeats it.
    pub command: String,
    /// The study; its file is `study.toml` beside the manifest, byte for byte.
    pub study: StudyRef,
    /// The arms that this run trains, in order.
    pub arms: Vec<String>,
    /// The seeds that it trains each arm with, in order.
    pub seeds: Vec<u64>,
    /// Environment steps to train each agent for.
    pub steps: u64,
    /// Levels to judge on, where the request said another number than the study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<u32>,
    /// Where the seeds of the levels begin that agents are judged on; 0 where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels_seed: Option<u32>,
    /// The only shift to judge on, where the request named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<String>,
    /// The shifts whose ceilings this run trains, an arm `ceiling.SHIFT` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ceiling_arms: Vec<String>,
    /// Ceilings that were known when it began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ceilings: Vec<CeilingFigure>,
    /// Points of each training at which the agent is judged too, where the request asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub along: Option<u32>,
    /// For a run that judges a given policy and trains none: `file` or `scripted:NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// For a run that judges a given file: the BLAKE3 hash of the file, in hexadecimal; missing in runs from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// For a run that judges a given file: the arm of the study that the file says it was trained as; its hold-out is drawn from what that arm is trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_as: Option<String>,
    /// The version of what every unit of this run says of itself; missing in runs from before units did. From 2 on a unit's hold-out is drawn from what its arm
    /// is trained on, before from training levels alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// Which study a run is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StudyRef {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The BLAKE3 hash of its file, in hexadecimal.
    pub hash: String,
}

/// `sessions.json`: one entry each time that a process worked on the run. Rewritten as the session goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sessions {
    /// [`crate::record::FORMAT`].
    pub format: u32,
    /// The sessions, first to last.
    pub sessions: Vec<Session>,
}

/// One process's work on a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall-clock seconds until its last checkpoint or its end.
    pub seconds: f64,
    /// Units that it worked on side by side.
    pub threads: u32,
    /// The kernel of the network's arithmetic: weights repeat to the last bit under the same kernel only.
    pub kernel: String,
    /// The version of misgoal.
    pub misgoal: String,
}

/// So far apart are the levels of two seeds: they have none in common.
const APART: u64 = 1_000_000;

impl Manifest {
    /// The seed of the first level to judge on.
    pub(crate) fn first_level(&self) -> u64 {
        u64::from(self.levels_seed.unwrap_or(0)) * APART
    }

    /// The study with what the request said instead, and with the ceilings that it asked for among the arms.
    pub(crate) fn adjusted(&self, study: misgoal_study::StudyRef<'_>) -> AnyStudy {
        let levels = self.levels.map(|levels| levels as usize);
        let missing = |arm: &Arm| study.arm(&arm.name).is_none();
        let ceilings: Vec<Arm> = ceiling::arms(study, &self.ceiling_arms).into_iter().filter(missing).collect();
        match study {
            misgoal_study::StudyRef::Grid(study) => {
                let mut study = study.clone();
                study.evaluation.options.levels = levels.unwrap_or(study.evaluation.options.levels);
                study.agent.steps = self.steps;
                study.arms.extend(ceilings);
                AnyStudy::Grid(Box::new(study))
            }
            misgoal_study::StudyRef::Decision(study) => {
                let mut study = study.clone();
                study.evaluation.options.levels = levels.unwrap_or(study.evaluation.options.levels);
                study.agent.steps = self.steps;
                study.arms.extend(ceilings);
                AnyStudy::Decision(Box::new(study))
            }
        }
    }
}

impl Sessions {
    /// Wall-clock seconds over all sessions.
    pub fn seconds(&self) -> f64 {
        self.sessions.iter().map(|session| session.seconds).sum()
    }
}
