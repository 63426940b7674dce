//! A study of any kind, and what all kinds declare.

use crate::decision::DecisionStudy;
use crate::study::{Arm, CaseStudy, Evaluation, Study};

/// A study of any kind.
#[derive(Clone, Debug)]
pub enum AnyStudy {
    /// A grid world.
    Grid(Box<Study>),
    /// Decisions.
    Decision(Box<DecisionStudy>),
}

/// A borrowed study of any kind, and what all kinds declare.
#[derive(Clone, Copy, Debug)]
pub enum StudyRef<'s> {
    /// A grid world.
    Grid(&'s Study),
    /// Decisions.
    Decision(&'s DecisionStudy),
}

impl AnyStudy {
    /// The study, borrowed.
    pub fn get(&self) -> StudyRef<'_> {
        match self {
            AnyStudy::Grid(study) => StudyRef::Grid(study),
            AnyStudy::Decision(study) => StudyRef::Decision(study),
        }
    }
}

impl<'s> From<&'s Study> for StudyRef<'s> {
    fn from(study: &'s Study) -> StudyRef<'s> {
        StudyRef::Grid(study)
    }
}

impl<'s> From<&'s DecisionStudy> for StudyRef<'s> {
    fn from(study: &'s DecisionStudy) -> StudyRef<'s> {
        StudyRef::Decision(study)
    }
}

impl<'s> From<&'s AnyStudy> for StudyRef<'s> {
    fn from(study: &'s AnyStudy) -> StudyRef<'s> {
        study.get()
    }
}

/// A shift in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftHead<'s> {
    /// Its name.
    pub name: &'s str,
    /// What changes.
    pub words: &'s str,
    /// Whether the goals still agree on it.
    pub aligned: bool,
}

/// Reads a field that studies of all kinds have.
macro_rules! both {
    ($self:ident, $study:ident => $field:expr) => {
        match $self {
            StudyRef::Grid($study) => $field,
            StudyRef::Decision($study) => $field,
        }
    };
}

impl<'s> StudyRef<'s> {
    /// The word of the file for its kind.
    pub fn kind(self) -> &'static str {
        match self {
            StudyRef::Grid(_) => "grid",
            StudyRef::Decision(_) => "decision",
        }
    }
    /// The short name.
    pub fn name(self) -> &'s str {
        both!(self, study => &study.name)
    }
    /// A line for lists and headings.
    pub fn title(self) -> &'s str {
        both!(self, study => &study.title)
    }
    /// The case study in words.
    pub fn case(self) -> &'s CaseStudy {
        both!(self, study => &study.case)
    }
    /// The goals with their words, the intended one first.
    pub fn goals(self) -> Vec<(&'s str, &'s str)> {
        both!(self, study => {
            let words = study.goal_words.iter().map(String::as_str);
            study.goals.iter().map(|goal| goal.name.as_str()).zip(words).collect()
        })
    }
    /// The shifts, in the order of the file.
    pub fn shifts(self) -> Vec<ShiftHead<'s>> {
        both!(self, study => study
            .shifts
            .iter()
            .map(|shift| ShiftHead { name: &shift.name, words: &shift.words, aligned: shift.aligned })
            .collect())
    }
    /// The arms, in the order of the file.
    pub fn arms(self) -> &'s [Arm] {
        both!(self, study => &study.arms)
    }
    /// The arm of this name.
    pub fn arm(self, name: &str) -> Option<&'s Arm> {
        self.arms().iter().find(|arm| arm.name == name)
    }
    /// How the agents are judged.
    pub fn evaluation(self) -> &'s Evaluation {
        both!(self, study => &study.evaluation)
    }
    /// What the agent is trained for: environment steps, or cases.
    pub fn steps(self) -> u64 {
        both!(self, study => study.agent.steps)
    }
    /// The file's text.
    pub fn source(self) -> &'s str {
        both!(self, study => &study.source)
    }
    /// The hash of what the file says.
    pub fn hash(self) -> &'s str {
        both!(self, study => &study.hash)
    }
}
