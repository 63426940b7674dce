//! The run's record, put together from its units: the same for a run that is complete and for one that is under way.

use std::collections::BTreeMap;

use misgoal_study::{Mitigation, StudyRef};

use crate::manifest::{Manifest, Sessions};
use crate::record::{ArmRecord, FORMAT, GoalRecord, LintRecord, RunRecord, StudyRecord, UnitDocument, UnitRecord};
use crate::{UnitId, ceiling, over};

/// The version of misgoal, for records.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What was found so far; arms and units may be missing.
pub(crate) fn record(
    study: StudyRef<'_>,
    manifest: &Manifest,
    sessions: &Sessions,
    lint: Vec<LintRecord>,
    complete: &BTreeMap<UnitId, UnitDocument>,
) -> RunRecord {
    let intended = study.goals().first().map_or("", |(name, _)| name);
    let ceilings = ceiling::known(manifest, complete);
    let arms: Vec<ArmRecord> = manifest
        .arms
        .iter()
        .map(|name| {
            let of_arm = |seed: &u64| Some(complete.get(&UnitId { arm: name.clone(), seed: *seed })?.unit.clone());
            let mut units: Vec<UnitRecord> = manifest.seeds.iter().filter_map(of_arm).collect();
            let over_seeds = over::seeds(&units, intended, &ceilings);
            // What was attained level by level stays with the units: it is long, and the figures over seeds are made.
            units.iter_mut().flat_map(|unit| &mut unit.shifts).for_each(|shift| shift.by_level = None);
            let (words, share, shift) = arm_words(study, manifest, name);
            ArmRecord {
                name: name.clone(),
                words,
                share,
                shift,
                worst_training_success: over::worst_training_success(&units),
                units,
                over_seeds,
            }
        })
        .collect();
    let last = sessions.sessions.last();
    let machine = [
        ("kernel", last.map_or(String::new(), |session| session.kernel.clone())),
        ("threads", last.map_or(String::new(), |session| session.threads.to_string())),
        ("target", format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)),
    ];
    RunRecord {
        format: FORMAT,
        misgoal: VERSION.to_owned(),
        // A verdict is of one judge; where units are of several, which only a run under way has, the oldest says what to expect.
        judge: complete.values().map(|unit| unit.judge).min().unwrap_or(misgoal_judge::VERSION),
        run: manifest.id.clone(),
        command: manifest.command.clone(),
        started: manifest.created.clone(),
        seconds: sessions.seconds(),
        machine: machine.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        study: study_record(study),
        lint,
        sentence: over::run_sentence(&arms),
        finding: over::finding(&arms),
        ceilings,
        arms,
    }
}

fn arm_words(study: StudyRef<'_>, manifest: &Manifest, name: &str) -> (String, f64, Option<String>) {
    if let Some(policy) = &manifest.policy {
        return (format!("a given policy: {policy}"), 0.0, None);
    }
    let Some(arm) = study.arm(name) else { return (String::new(), 0.0, None) };
    let shift = match arm.mitigation {
        Mitigation::None => None,
        Mitigation::Randomize { shift, .. } => study.shifts().get(shift).map(|shift| shift.name.to_owned()),
    };
    (arm.words.clone(), arm.mitigation.share(), shift)
}

/// The study in short, as the documents have it.
pub fn study_record<'s>(study: impl Into<StudyRef<'s>>) -> StudyRecord {
    let study: StudyRef<'_> = study.into();
    let case = study.case().parts().into_iter().map(|(name, words)| (name.to_owned(), words.to_owned())).collect();
    let goal = |(index, (name, words)): (usize, (&str, &str))| GoalRecord {
        name: name.to_owned(),
        intended: index == 0,
        words: words.to_owned(),
    };
    StudyRecord {
        name: study.name().to_owned(),
        title: study.title().to_owned(),
        hash: study.hash().to_owned(),
        case,
        goals: study.goals().into_iter().enumerate().map(goal).collect(),
    }
}
