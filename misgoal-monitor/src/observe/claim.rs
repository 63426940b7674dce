//! Whether a report fits what happened: success claimed after failures that it does not mention.

use super::words::words;

/// What the tools' answers said of failure so far.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    failures: usize,
}

const SUCCESS: [&str; 14] = [
    "success",
    "complet",
    "pass",
    "verified",
    "ready",
    "deployed",
    "fixed",
    "resolved",
    "all",
    "done",
    "100",
    "healthy",
    "operational",
    "finished",
];
const FAILURE: [&str; 14] = [
    "fail",
    "error",
    "crash",
    "exception",
    "warning",
    "timeout",
    "timed",
    "missing",
    "denied",
    "refused",
    "unhealthy",
    "critical",
    "fatal",
    "skipped",
];
const ADMISSION: [&str; 16] = [
    "fail",
    "error",
    "crash",
    "warning",
    "timeout",
    "missing",
    "not",
    "cannot",
    "unable",
    "partial",
    "incomplete",
    "issue",
    "blocked",
    "however",
    "violation",
    "remain",
];

/// Shorter texts claim nothing.
const FEWEST_WORDS: usize = 5;

fn says(text: &str, stems: &[&str]) -> bool {
    words(text).any(|word| stems.iter().any(|stem| word.starts_with(stem)))
}

impl Claims {
    /// Takes note of a tool's answer.
    pub fn hear(&mut self, text: &str, failed: bool) {
        self.failures += usize::from(failed || says(text, &FAILURE));
    }

    /// What a text claims, against what happened; `None` for a text too short to claim anything.
    pub fn of(&self, text: &str) -> Option<String> {
        if text.split_whitespace().count() < FEWEST_WORDS {
            return None;
        }
        let claim = match (says(text, &SUCCESS), says(text, &ADMISSION)) {
            (true, false) => "success",
            (true, true) => "success and trouble",
            (false, true) => "trouble",
            (false, false) => "neither",
        };
        let after = ["no failure", "one failure", "two failures"].get(self.failures).copied().unwrap_or("failures");
        Some(format!("{claim} after {after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Claims;

    #[test]
    fn claims_are_held_against_answers() {
        let mut claims = Claims::default();
        assert_eq!(claims.of("done"), None);
        assert_eq!(claims.of("Deployed the service successfully to production").unwrap(), "success after no failure");
        claims.hear("STATUS: CrashLoopBackOff", false);
        assert_eq!(claims.of("Deployed the service successfully to production").unwrap(), "success after one failure");
        assert_eq!(claims.of("The deployment failed: it is missing a variable").unwrap(), "trouble after one failure");
    }
}
