//! `guard test`: decisions that the policies must make, in a file beside them.

use serde::Deserialize;
use serde_spanned::Spanned;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::duration::Millis;
use crate::ending::Ending;
use crate::policy::{Ask, Policies, Subject, Verdict};
use crate::read::{Limits, Node, Side, Value};
use crate::session::History;
use crate::tools::Tools;

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    /// The version of this format: 1.
    pub format: u32,
    /// The decisions.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// One expected decision; exactly one of `tool`, `see` and `read` says about what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// A call of this tool.
    pub tool: Option<Spanned<String>>,
    /// This tool in the list.
    pub see: Option<Spanned<String>>,
    /// Reading this resource.
    pub read: Option<String>,
    /// The call's arguments.
    #[serde(default)]
    pub arguments: toml::Table,
    /// Whether a person has approved it.
    #[serde(default)]
    pub approved: bool,
    /// What happened in the session before.
    #[serde(default)]
    pub after: Vec<Before>,
    /// `allow`, `deny` or `hold`.
    pub expect: Spanned<Expected>,
    /// A policy that must be among those that decide.
    pub rule: Option<String>,
}

/// A call that was made before.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Of this tool, or `resources/read`.
    pub tool: String,
    /// The text of its result.
    #[serde(default)]
    pub result: String,
    /// Whether it ended in an error.
    #[serde(default)]
    pub failed: bool,
    /// How long ago.
    pub ago: Option<Millis>,
}

/// A verdict, as the file writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// [`Verdict::Allow`].
    Allow,
    /// [`Verdict::Deny`].
    Deny,
    /// [`Verdict::Hold`].
    Hold,
}

impl From<Verdict> for Expected {
    fn from(verdict: Verdict) -> Expected {
        match verdict {
            Verdict::Allow => Expected::Allow,
            Verdict::Deny => Expected::Deny,
            Verdict::Hold => Expected::Hold,
        }
    }
}

impl Expected {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Expected::Allow => "allow",
            Expected::Deny => "deny",
            Expected::Hold => "hold",
        }
    }
}

/// The epoch of a case; whatever happened before is later than zero.
const NOW: u64 = 1 << 50;

/// Reads the file and holds the policies to it: a diagnostic for each case that they do not meet, and the number of cases.
///
/// # Errors
/// When the file is not such a file.
pub fn run(
    source_name: &str,
    source: &str,
    policies: &Policies,
    tools: &Tools,
    config: &Config,
) -> Result<(usize, Diagnostics), Diagnostics> {
    let wrong = |list| Diagnostics::new(source_name, source, list);
    let file: Expectations = toml::from_str(source)
        .map_err(|error| wrong(vec![Diagnostic::error("test-file", error.span(), error.message())]))?;
    if file.format != 1 {
        return Err(wrong(vec![Diagnostic::error("format", None, "this misgoal reads test files of format 1")]));
    }
    let missed = file.cases.iter().filter_map(|case| judge(case, policies, tools, config).err()).collect();
    Ok((file.cases.len(), wrong(missed)))
}

fn judge(case: &Case, policies: &Policies, tools: &Tools, config: &Config) -> Result<(), Diagnostic> {
    let mut history = History::new(config);
    for before in &case.after {
        live(&mut history, before);
    }
    let json = serde_json::to_string(&case.arguments).unwrap_or_default();
    let arguments = node(&json)?;
    let unknown = |name: &Spanned<String>| {
        Diagnostic::error("unknown-tool", Some(name.span()), format!("there is no pinned tool `{}`", name.get_ref()))
    };
    let subject = match (&case.tool, &case.see, &case.read) {
        (Some(tool), None, None) => {
            Subject::Call(tools.get(tool.get_ref()).ok_or_else(|| unknown(tool))?, Some(&arguments))
        }
        (None, Some(tool), None) => Subject::See(&tools.get(tool.get_ref()).ok_or_else(|| unknown(tool))?.name),
        (None, None, Some(uri)) => Subject::Read(uri),
        _ => {
            let message = format!("case `{}` must have exactly one of `tool`, `see` and `read`", case.name);
            return Err(Diagnostic::error("test-file", Some(case.expect.span()), message));
        }
    };
    let judgement = policies.decide(&Ask { subject, history: &history, now: NOW, approved: case.approved });
    let (got, expected) = (Expected::from(judgement.verdict), *case.expect.get_ref());
    let by = if judgement.rules.is_empty() {
        "by default".to_owned()
    } else {
        format!("by `{}`", judgement.rules.join("`, `"))
    };
    let missed = |message: String| Diagnostic::error("missed", Some(case.expect.span()), message);
    if got != expected {
        let message = format!("case `{}`: expected {}, got {}", case.name, expected.word(), got.word());
        return Err(missed(message).label(format!("{} {by}", got.word())).help(judgement.reason));
    }
    match &case.rule {
        Some(rule) if !judgement.rules.contains(rule) => {
            Err(missed(format!("case `{}`: `{rule}` did not decide it", case.name))
                .label(format!("{} {by}", got.word())))
        }
        _ => Ok(()),
    }
}

/// A call of before, as a session would have lived it.
fn live(history: &mut History, before: &Before) {
    let at = NOW - before.ago.map_or(1000, |ago| ago.0.min(NOW));
    history.made(&before.tool, at);
    history.ended(&before.tool, at, at, if before.failed { Ending::Failed } else { Ending::Good });
    let labels = history.taste(&[&before.tool], &[&Node::of_text(&before.result)]);
    history.labels.extend(labels);
}

fn node(json: &str) -> Result<Node<'_>, Diagnostic> {
    if json.is_empty() {
        return Ok(Node { start: 0, end: 0, value: Value::Null });
    }
    let limits = Limits { lines: false, ..Limits::default() };
    crate::read::value(json.as_bytes(), Side::Agent, &limits)
        .map_err(|refusal| Diagnostic::error("test-file", None, refusal.to_string()))
}
