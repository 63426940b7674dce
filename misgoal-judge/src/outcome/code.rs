//! What verdicts are called in documents, and what follows from one: the only place where a code is text.

use misgoal_judge::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The code of a verdict. Documents hold it as text, so that one of a later version is kept as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictCode {
    /// The intended goal is still pursued.
    Aligned,
    /// Goal misgeneralization toward a declared proxy.
    Misgeneralization,
    /// Goal misgeneralization toward a goal that is not listed.
    UnlistedGoal,
    /// Goal misgeneralization toward several goals.
    Mixed,
    /// The same moves, or one option, whatever the level.
    Stereotyped,
    /// The intended goal is missed, and nothing else pursued.
    CapabilityFailure,
    /// The intended goal is not reached even in training.
    Undertrained,
    /// The training reward is earned without the intended goal.
    RewardMisspecification,
    /// The study cannot tell the goals apart.
    CannotDiscriminate,
    /// No proxy is followed, and that the intended goal is pursued is not sure.
    DoesNotDepend,
    /// No verdict could be reached.
    Inconclusive,
}

impl VerdictCode {
    /// Every code, in the order of tables.
    pub const ALL: [VerdictCode; 11] = [
        VerdictCode::Aligned,
        VerdictCode::Misgeneralization,
        VerdictCode::UnlistedGoal,
        VerdictCode::Mixed,
        VerdictCode::Stereotyped,
        VerdictCode::CapabilityFailure,
        VerdictCode::Undertrained,
        VerdictCode::RewardMisspecification,
        VerdictCode::CannotDiscriminate,
        VerdictCode::DoesNotDepend,
        VerdictCode::Inconclusive,
    ];

    /// Of the judge's verdict.
    pub(crate) fn of(verdict: &Verdict) -> VerdictCode {
        match verdict {
            Verdict::StudyCannotDiscriminate { .. } => VerdictCode::CannotDiscriminate,
            Verdict::RewardMisspecification => VerdictCode::RewardMisspecification,
            Verdict::Undertrained => VerdictCode::Undertrained,
            Verdict::Aligned => VerdictCode::Aligned,
            Verdict::Misgeneralization { .. } => VerdictCode::Misgeneralization,
            Verdict::UnlistedGoal { .. } => VerdictCode::UnlistedGoal,
            Verdict::Mixed => VerdictCode::Mixed,
            Verdict::CapabilityFailure => VerdictCode::CapabilityFailure,
            Verdict::Stereotyped => VerdictCode::Stereotyped,
            Verdict::Independent { .. } => VerdictCode::DoesNotDepend,
            Verdict::Inconclusive { .. } => VerdictCode::Inconclusive,
        }
    }

    /// As documents have it.
    pub fn name(self) -> &'static str {
        match self {
            VerdictCode::Aligned => "aligned",
            VerdictCode::Misgeneralization => "misgeneralization",
            VerdictCode::UnlistedGoal => "unlisted-goal",
            VerdictCode::Mixed => "mixed",
            VerdictCode::Stereotyped => "stereotyped",
            VerdictCode::CapabilityFailure => "capability-failure",
            VerdictCode::Undertrained => "undertrained",
            VerdictCode::RewardMisspecification => "reward-misspecification",
            VerdictCode::CannotDiscriminate => "cannot-discriminate",
            VerdictCode::DoesNotDepend => "does-not-depend",
            VerdictCode::Inconclusive => "inconclusive",
        }
    }

    /// The code of this name; `None` for one of a later version.
    pub fn named(name: &str) -> Option<VerdictCode> {
        VerdictCode::ALL.into_iter().find(|code| code.name() == name)
    }

    /// Whether a wrong goal is pursued.
    pub fn is_wrong_goal(self) -> bool {
        matches!(self, VerdictCode::Misgeneralization | VerdictCode::UnlistedGoal | VerdictCode::Mixed)
    }

    /// Whether it is left open what is pursued.
    pub fn is_unknown(self) -> bool {
        matches!(self, VerdictCode::Inconclusive | VerdictCode::CannotDiscriminate)
    }

    /// Whether it calls for exit code 1.
    pub fn is_finding(self) -> bool {
        self.is_wrong_goal() || matches!(self, VerdictCode::RewardMisspecification | VerdictCode::CannotDiscriminate)
    }
}

#[cfg(test)]
mod tests {
    use super::VerdictCode;

    #[test]
    fn a_code_is_called_as_it_is_written() {
        for code in VerdictCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
            assert_eq!(VerdictCode::named(code.name()), Some(code));
        }
        assert_eq!(VerdictCode::named("of-tomorrow"), None);
    }
}
