//! Which unit of which run a file is of: what its judgement, its weights and its checkpoint carry, and what a run asks of them.

use std::collections::BTreeSet;
use std::path::Path;

use misgoal_policy::simd::Kernel;
use misgoal_policy::tensors::File;
use misgoal_policy::{Network, Origin};
use misgoal_study::{AnyStudy, StudyRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ceiling::{self, CeilingRecord};
use crate::holdout::{HoldOut, Rule};
use crate::manifest::{Manifest, Sessions};
use crate::record::{UnitDocument, UnitRecord};
use crate::store::dir::{RunDir, UnitDir};
use crate::store::files;
use crate::{RunError, UnitId, train};

/// The entry of a checkpoint's metadata that says of which unit it is.
pub(crate) const UNIT: &str = "unit";
/// What [`UnitIdentity::policy`] is of agents that the run trains.
pub(crate) const TRAINED: &str = "trained";

/// Which unit of which run a file is of: everything that decides what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitIdentity {
    /// The version of this list of fields: 2, or 1 in files without `holdout`.
    pub version: u32,
    /// The hash of the study, as in the manifest.
    pub study: String,
    /// The arm's name.
    pub arm: String,
    /// The training seed.
    pub seed: u64,
    /// Environment steps that the run trains each agent for, before an arm's `budget`; 0 where it trains none.
    pub steps: u64,
    /// Levels to judge on, for each shift. Training leaves them out.
    pub levels: u64,
    /// The seed of the first of these levels.
    pub first_level: u64,
    /// The only shift that is judged; `null` for all.
    pub shift: Option<String>,
    /// What its hold-out is drawn from. Training leaves these levels out. In files of version 1: training levels alone.
    #[serde(default)]
    pub holdout: HoldOut,
    /// The ceilings that it is read against, in words; `null` for none.
    #[serde(default)]
    pub ceilings: Option<String>,
    /// `trained`, `file` or `scripted:NAME`.
    pub policy: String,
    /// For `file`: the file's BLAKE3 hash.
    pub weights: Option<String>,
    /// The kernel of the network's arithmetic that trained the agent; where that was not noted, and where nothing was trained, the one it was judged with.
    pub kernel: String,
}

impl UnitIdentity {
    /// The version of the list of fields.
    pub const VERSION: u32 = 2;
    /// From this version on hold-outs are drawn from what an arm is trained on.
    pub(crate) const WITH_HOLD_OUT: u32 = 2;

    /// As it stands in the metadata of weights and checkpoints: JSON.
    pub(crate) fn to_text(&self) -> Result<String, RunError> {
        serde_json::to_string(self).map_err(|error| RunError::Internal(format!("a unit's identity: {error}")))
    }
}

/// What a run asks of its units.
pub(crate) struct RunIdentity {
    manifest: Manifest,
    /// The study with what the manifest says instead.
    study: AnyStudy,
    holdout: Rule,
    /// The families of the kernels that have worked on the run; empty where nothing is known.
    kernels: BTreeSet<String>,
}

impl RunIdentity {
    /// Of a run whose study is `study`, as its file says.
    pub(crate) fn new(manifest: &Manifest, study: StudyRef<'_>, sessions: &Sessions) -> RunIdentity {
        let kernels = sessions.sessions.iter().map(|session| Kernel::family(&session.kernel).to_owned()).collect();
        RunIdentity {
            manifest: manifest.clone(),
            study: manifest.adjusted(study),
            holdout: Rule::of(manifest),
            kernels,
        }
    }

    /// What a unit of this run is of; trained, or judged, here and now.
    pub(crate) fn of(&self, unit: &UnitId) -> UnitIdentity {
        UnitIdentity {
            version: UnitIdentity::VERSION,
            study: self.manifest.study.hash.clone(),
            arm: unit.arm.clone(),
            seed: unit.seed,
            steps: self.manifest.steps,
            levels: self.study.get().evaluation().options.levels as u64,
            first_level: self.manifest.first_level(),
            shift: self.manifest.shift.clone(),
            holdout: self.holdout.mixture(self.study.get(), &unit.arm).name(),
            ceilings: ceiling::identity(&self.manifest, &unit.arm),
            policy: self.policy().to_owned(),
            weights: self.manifest.weights.clone(),
            kernel: Kernel::best().name().to_owned(),
        }
    }

    fn policy(&self) -> &str {
        self.manifest.policy.as_deref().unwrap_or(TRAINED)
    }

    /// What was found of a unit, where it is judged.
    ///
    /// # Errors
    /// A file is damaged, or not of this run.
    pub(crate) fn judged(&self, dir: &RunDir, unit: &UnitId) -> Result<Option<UnitDocument>, RunError> {
        let files = dir.unit(&unit.arm, unit.seed);
        let Some(document) = files.document()? else { return Ok(None) };
        self.check_judgement(unit, &files.judgement_path(), &document)?;
        if document.of.is_none() && self.manifest.policy.is_none() {
            // Damaged weights cost a judged unit nothing.
            let weights = files.policy()?;
            if let Some((_, origin)) = weights.and_then(|bytes| Network::load(&bytes).ok()) {
                self.check_weights(unit, &files.policy_path(), &origin)?;
            }
        }
        Ok(Some(document))
    }

    /// That a unit's judgement is of this run. One that does not say what it is of is accepted where the manifest is from before units said so, and vouches
    /// for it: it names the unit's arm, seed and policy, its study has the shifts and goals that are judged, and agents are trained for as many steps.
    fn check_judgement(&self, unit: &UnitId, path: &Path, document: &UnitDocument) -> Result<(), RunError> {
        let UnitDocument { format: _, of, judge: _, unit: record } = document;
        let mut differ = Differences::default();
        differ.add("arm", &record.arm, &unit.arm);
        differ.add("seed", record.seed, unit.seed);
        differ.add("policy", &record.policy, self.policy());
        match of {
            Some(of) => self.differences(unit, path, of, &mut differ)?,
            None => self.vouch(unit, record, &mut differ),
        }
        self.refuse(path, differ)
    }

    /// That weights that a unit is said to have been trained to are of this run. Those from before units said what they are of carry the study's hash.
    pub(crate) fn check_weights(&self, unit: &UnitId, path: &Path, origin: &Origin) -> Result<(), RunError> {
        let mut differ = Differences::default();
        match &origin.unit {
            Some(text) => self.differences(unit, path, &read(path, text)?, &mut differ)?,
            None => {
                self.no_word(&mut differ);
                differ.add("study's hash", &origin.study, &self.manifest.study.hash);
            }
        }
        self.refuse(path, differ)
    }

    /// That a checkpoint is of this run, by what it says of itself; whether its settings are the unit's is for the trainer to say.
    pub(crate) fn check_checkpoint(&self, unit: &UnitId, path: &Path, says: Option<&str>) -> Result<(), RunError> {
        let mut differ = Differences::default();
        match says {
            Some(text) => self.differences(unit, path, &read(path, text)?, &mut differ)?,
            None => self.no_word(&mut differ),
        }
        self.refuse(path, differ)
    }

    /// That a file that was given is still the one that the run began with.
    pub(crate) fn check_given(&self, path: &Path, bytes: &[u8]) -> Result<(), RunError> {
        let mut differ = Differences::default();
        if let Some(ours) = &self.manifest.weights {
            differ.add("hash", weights_hash(bytes), ours);
        }
        differ.refuse(path, "put the file back that the run began with, or judge the other one on its own".to_owned())
    }

    fn differences(
        &self,
        unit: &UnitId,
        path: &Path,
        found: &UnitIdentity,
        differ: &mut Differences,
    ) -> Result<(), RunError> {
        let UnitIdentity {
            version,
            study,
            arm,
            seed,
            steps,
            levels,
            first_level,
            shift,
            holdout,
            ceilings,
            policy,
            weights,
            kernel: _,
        } = self.of(unit);
        if found.version > version {
            return Err(RunError::Newer { path: path.to_path_buf(), format: found.version, known: version });
        }
        let named = |name: &Option<String>, none: &str| name.clone().unwrap_or_else(|| none.to_owned());
        differ.add("study's hash", &found.study, &study);
        differ.add("arm", &found.arm, &arm);
        differ.add("seed", found.seed, seed);
        differ.add("number of steps", found.steps, steps);
        differ.add("number of levels", found.levels, levels);
        differ.add("first level's seed", found.first_level, first_level);
        differ.add("shift", named(&found.shift, "all"), named(&shift, "all"));
        differ.add("hold-out", found.holdout.word(), holdout.word());
        differ.add("ceiling", named(&found.ceilings, "none"), named(&ceilings, "none"));
        differ.add("policy", &found.policy, &policy);
        if weights.is_some() {
            differ.add("hash of the policy", named(&found.weights, "none"), named(&weights, "none"));
        }
        let family = Kernel::family(&found.kernel);
        if !self.kernels.is_empty() && !self.kernels.contains(family) {
            let ours: Vec<&str> = self.kernels.iter().map(String::as_str).collect();
            differ.add("kernel", family, ours.join(" or "));
        }
        Ok(())
    }

    fn vouch(&self, unit: &UnitId, record: &UnitRecord, differ: &mut Differences) {
        self.no_word(differ);
        let study = self.study.get();
        let only = self.manifest.shift.as_deref();
        let shifts =
            study.shifts().into_iter().filter(|shift| !shift.aligned && only.is_none_or(|only| only == shift.name));
        let shifts: Vec<&str> = shifts.map(|shift| shift.name).collect();
        let judged: Vec<&str> = record.shifts.iter().map(|shift| shift.shift.as_str()).collect();
        differ.add("shifts", judged.join(", "), shifts.join(", "));
        let goals: Vec<&str> = study.goals().into_iter().map(|(name, _)| name).collect();
        for shift in &record.shifts {
            let attained: Vec<&str> = shift.attainment.iter().map(|goal| goal.name.as_str()).collect();
            differ.add("goals", attained.join(", "), goals.join(", "));
        }
        let steps = match (&self.manifest.policy, study) {
            (Some(_), _) => 0,
            (None, StudyRef::Grid(study)) => train::whole_steps(&study.agent_of(&unit.arm)),
            (None, StudyRef::Decision(study)) => study.agent_of(&unit.arm).steps,
        };
        differ.add("number of steps", record.steps, steps);
    }

    /// A run from now on has no unit that does not say what it is of.
    fn no_word(&self, differ: &mut Differences) {
        if self.manifest.units.is_some() {
            differ.0.push("it does not say of which unit it is, and the units of this run do".to_owned());
        }
    }

    fn refuse(&self, path: &Path, differ: Differences) -> Result<(), RunError> {
        let directory = path.parent().unwrap_or(path).display();
        let run = &self.manifest.id;
        let advice =
            format!("move `{directory}` elsewhere, and `misgoal run --resume {run}` makes the unit that belongs there");
        differ.refuse(path, advice)
    }
}

/// A unit of a run and where its files are.
pub(crate) struct Place<'r> {
    pub(crate) unit: UnitId,
    pub(crate) dir: UnitDir,
    pub(crate) run: &'r RunIdentity,
    /// What the unit is read against.
    pub(crate) ceilings: &'r [CeilingRecord],
}

/// A trained unit's weights.
pub(crate) struct Weights {
    pub(crate) bytes: Vec<u8>,
    /// The kernel that trained them, where the file says it.
    pub(crate) kernel: Option<String>,
}

impl<'r> Place<'r> {
    pub(crate) fn new(dir: &RunDir, unit: &UnitId, run: &'r RunIdentity, ceilings: &'r [CeilingRecord]) -> Place<'r> {
        Place { unit: unit.clone(), dir: dir.unit(&unit.arm, unit.seed), run, ceilings }
    }

    /// What its agent is read against on a shift.
    pub(crate) fn ceiling(&self, shift: &str) -> Option<misgoal_judge::Ceiling> {
        ceiling::judged_by(self.ceilings, &self.unit.arm, shift)
    }

    /// What the unit is of.
    pub(crate) fn identity(&self) -> UnitIdentity {
        self.run.of(&self.unit)
    }

    /// The weights of a unit that is trained; whether they can be read and fit the world is not looked at.
    ///
    /// # Errors
    /// They are of another unit.
    pub(crate) fn weights(&self) -> Result<Option<Weights>, RunError> {
        let Some(bytes) = self.dir.policy()? else { return Ok(None) };
        let mut kernel = None;
        if let Ok((_, origin)) = Network::load(&bytes) {
            let path = self.dir.policy_path();
            self.run.check_weights(&self.unit, &path, &origin)?;
            kernel = origin.unit.map(|text| read(&path, &text)).transpose()?.map(|unit| unit.kernel);
        }
        Ok(Some(Weights { bytes, kernel }))
    }

    /// That the unit has weights of which `fits` finds nothing wrong; its error is a clause.
    pub(crate) fn has_weights(&self, fits: impl FnOnce(&[u8]) -> Result<(), String>) -> Result<(), RunError> {
        let (unit, run) = (&self.unit, &self.run.manifest.id);
        let weights = self.weights()?.ok_or_else(|| {
            RunError::Request(format!(
                "unit `{unit}` of run `{run}` has no weights to judge: `misgoal run --resume {run}` trains it"
            ))
        })?;
        let advice = format!("remove it, and `misgoal run --resume {run}` trains the unit again");
        fits(&weights.bytes).map_err(|why| RunError::damaged(&self.dir.policy_path(), why, advice))
    }

    /// The file of a policy that was given.
    ///
    /// # Errors
    /// It is not there, or no longer the one that the run began with.
    pub(crate) fn given(&self) -> Result<Vec<u8>, RunError> {
        let path = self.dir.policy_path();
        let bytes = files::read(&path)?;
        self.run.check_given(&path, &bytes)?;
        Ok(bytes)
    }

    /// The checkpoint, where there is one.
    ///
    /// # Errors
    /// It is of another unit.
    pub(crate) fn checkpoint(&self) -> Result<Option<Vec<u8>>, RunError> {
        let Some(bytes) = self.dir.checkpoint()? else { return Ok(None) };
        // One that cannot be read says nothing of itself; the trainer will say what is wrong with it.
        if let Ok(file) = File::read(&bytes) {
            self.run.check_checkpoint(&self.unit, &self.dir.checkpoint_path(), file.text(UNIT).ok())?;
        }
        Ok(Some(bytes))
    }
}

/// BLAKE3 of a policy's file.
pub(crate) fn weights_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn read(path: &Path, text: &str) -> Result<UnitIdentity, RunError> {
    serde_json::from_str(text).map_err(|error| {
        RunError::damaged(
            path,
            format!("what it says of its unit cannot be read: {error}"),
            "remove it: it is made again",
        )
    })
}

/// In what a file is not of this unit: clauses.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn add(&mut self, what: &str, theirs: impl std::fmt::Display, ours: impl std::fmt::Display) {
        let (theirs, ours) = (theirs.to_string(), ours.to_string());
        let clause = format!("its {what} is `{theirs}` and not `{ours}`");
        if theirs != ours && !self.0.contains(&clause) {
            self.0.push(clause);
        }
    }

    fn refuse(self, path: &Path, advice: String) -> Result<(), RunError> {
        let Differences(clauses) = self;
        match clauses.as_slice() {
            [] => Ok(()),
            some => Err(RunError::Foreign { path: path.to_path_buf(), why: some.join("; "), advice }),
        }
    }
}
