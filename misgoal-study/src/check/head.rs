//! `[study]` and `[case]`.

use super::{empty, plain_name, some_words};
use crate::diagnostic::Diagnostic;
use crate::file::{CaseFile, HeadFile};
use crate::study::CaseStudy;

pub(super) fn check(study: &HeadFile, file: &CaseFile, found: &mut Vec<Diagnostic>) {
    plain_name("study", &study.name, found);
    some_words("title", &study.title, found);
    let words = [
        &file.system,
        &file.aligned_goal,
        &file.proxy_goal,
        &file.shift,
        &file.training_change,
        &file.evaluation_change,
    ];
    let case = case(file);
    for ((key, text), at) in case.parts().into_iter().zip(words) {
        if text.is_empty() {
            found.push(empty(key, at.span()));
        }
    }
}

pub(super) fn case(file: &CaseFile) -> CaseStudy {
    CaseStudy {
        system: file.system.trim().to_owned(),
        aligned_goal: file.aligned_goal.trim().to_owned(),
        proxy_goal: file.proxy_goal.trim().to_owned(),
        shift: file.shift.trim().to_owned(),
        training_change: file.training_change.trim().to_owned(),
        evaluation_change: file.evaluation_change.trim().to_owned(),
    }
}
