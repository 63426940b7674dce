//! "Did you mean": the nearest known name.

#[cfg(feature = "study")]
use misgoal_study::{Shift, Study, StudyRef};

use crate::exit::Failure;

/// A failure about an unknown name: suggests the nearest one, or says where the known ones are listed.
pub fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>, where_listed: &str) -> Failure {
    let failure = Failure::usage(format!("there is no {kind} `{name}`"));
    match nearest(name, known) {
        Some(near) => failure.hint(format!("did you mean `{near}`? {where_listed}")),
        None => failure.hint(where_listed),
    }
}

/// The shift of this name.
///
/// # Errors
/// When the study has none, with the nearest name.
#[cfg(feature = "study")]
pub fn shift<'s>(study: &'s Study, name: &str) -> Result<&'s Shift, Failure> {
    shift_name(study.into(), name)?;
    study.shift(name).ok_or_else(|| Failure::usage(format!("there is no shift `{name}`")))
}

/// Whether the study has this shift.
///
/// # Errors
/// When it has not, with the nearest name.
#[cfg(feature = "study")]
pub fn shift_name(study: StudyRef<'_>, name: &str) -> Result<(), Failure> {
    let known: Vec<&str> = study.shifts().iter().map(|shift| shift.name).collect();
    if known.contains(&name) {
        return Ok(());
    }
    let listed: Vec<String> = known.iter().map(|shift| format!("`{shift}`")).collect();
    Err(unknown("shift", name, known, &format!("study `{}` has {}", study.name(), listed.join(", "))))
}

/// Whether the study has all of these arms.
///
/// # Errors
/// Names the first that it has not, with the nearest name.
#[cfg(feature = "study")]
pub fn arms(study: StudyRef<'_>, names: &[String]) -> Result<(), Failure> {
    let known = || study.arms().iter().map(|arm| arm.name.as_str());
    match names.iter().find(|name| study.arm(name).is_none()) {
        None => Ok(()),
        Some(name) => {
            let listed: Vec<String> = known().map(|arm| format!("`{arm}`")).collect();
            Err(unknown("arm", name, known(), &format!("study `{}` has {}", study.name(), listed.join(", "))))
        }
    }
}

/// The known name that is nearest to `name`, if one is near: a typing error away, or one the beginning of the other.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let score = |candidate: &str| {
        let prefix = lower.len() >= 2 && (candidate.starts_with(&lower) || lower.starts_with(candidate));
        if prefix { 0.95 } else { strsim::jaro_winkler(&lower, candidate) }
    };
    let scored = known.into_iter().map(|candidate| (score(&candidate.to_lowercase()), candidate));
    scored.filter(|(score, _)| *score >= 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(nearest(name, ["coinrun", "gem-exit", "corner", "keys-chests"]), expected, "{name}");
    }

    #[test]
    fn typing_errors_and_beginnings_are_near() {
        check("coinrnu", Some("coinrun"));
        check("Coinrun", Some("coinrun"));
        check("gem", Some("gem-exit"));
        check("gem_exit", Some("gem-exit"));
        check("chests", None);
        check("monster", None);
    }
}
