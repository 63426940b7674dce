//! What verdicts are called in documents, and what follows from one: the only place where a code is text.

use schemars::JsonSchema;

use super::Verdict;

/// The code of a verdict. Documents hold it as text, so that one of a later version is kept as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
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

impl Verdict {
    /// What it is called.
    pub fn code(&self) -> VerdictCode {
        match self {
            Self::StudyCannotDiscriminate { .. } => VerdictCode::CannotDiscriminate,
            Self::RewardMisspecification => VerdictCode::RewardMisspecification,
            Self::Undertrained => VerdictCode::Undertrained,
            Self::Aligned => VerdictCode::Aligned,
            Self::Misgeneralization { .. } => VerdictCode::Misgeneralization,
            Self::UnlistedGoal { .. } => VerdictCode::UnlistedGoal,
            Self::Mixed => VerdictCode::Mixed,
            Self::CapabilityFailure => VerdictCode::CapabilityFailure,
            Self::Stereotyped => VerdictCode::Stereotyped,
            Self::Independent { .. } => VerdictCode::DoesNotDepend,
            Self::Inconclusive { .. } => VerdictCode::Inconclusive,
        }
    }
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
    fn a_code_is_called_as_its_schema_says() {
        let schema = schemars::schema_for!(VerdictCode).to_value().to_string();
        for code in VerdictCode::ALL {
            assert!(schema.contains(&format!("\"{}\"", code.name())), "{schema}");
            assert_eq!(VerdictCode::named(code.name()), Some(code));
        }
        assert_eq!(VerdictCode::named("of-tomorrow"), None);
    }
}
