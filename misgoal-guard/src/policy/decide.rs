//! One decision: may this agent do this, now?

use cedar_policy::{Authorizer, Context, Decision, Request, Response};

use super::compile::{Policies, Slice, uid};
use super::context;
use crate::read::{Node, Refusal};
use crate::session::History;
use crate::tools::Tool;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// To call a tool with these arguments.
    Call(&'a Tool, Option<&'a Node<'a>>),
    /// To see a tool in the list.
    See(&'a str),
    /// To read a resource.
    Read(&'a str),
}

/// The question with its circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What is asked.
    pub subject: Subject<'a>,
    /// What the session has seen and done.
    pub history: &'a History,
    /// Now, in milliseconds of any clock that does not change its epoch.
    pub now: u64,
    /// Whether a person has approved exactly this.
    pub approved: bool,
}

/// What the policies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Allow,
    /// Not allowed.
    Deny,
    /// Allowed once a person approves it.
    Hold,
}

/// A verdict and its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What the enforced policies say.
    pub verdict: Verdict,
    /// The policies that made it so, by name; none where nothing permits it.
    pub rules: Vec<String>,
    /// Why, in a sentence for the agent.
    pub reason: String,
    /// What policies in trial would say, if they would say something else.
    pub trial: Vec<String>,
}

impl Policies {
    /// Whether any policy asks for a person's approval.
    pub(crate) fn ask_a_person(&self) -> bool {
        self.slices.values().any(|slice| slice.needs.approved)
    }

    /// Decides. An error in a policy or in building its context is a denial.
    pub fn decide(&self, ask: &Ask<'_>) -> Judgement {
        let (action, resource) = match ask.subject {
            Subject::Call(tool, _) => (tool.name.as_str(), uid("Tool", &tool.name)),
            Subject::See(tool) => ("tools/list", uid("Tool", tool)),
            Subject::Read(uri) => ("resources/read", uid("Resource", uri)),
        };
        let Some(slice) = self.slices.get(action) else {
            return denied(format!("no policy knows the tool `{}`", action.escape_debug()));
        };
        let request = |approved: bool| -> Result<Request, Refusal> {
            let context = self.context(slice, ask, approved)?;
            Request::new(self.agent.clone(), uid("Action", action), resource.clone(), context, None)
                .map_err(|error| Refusal::new("request", error.to_string()))
        };
        let first = match request(ask.approved) {
            Ok(first) => first,
            Err(refusal) => return denied(refusal.to_string()),
        };
        let authorizer = Authorizer::new();
        let response = authorizer.is_authorized(&first, &slice.enforced, &self.entities);
        let mut judgement = self.judgement(&response, action);
        if judgement.verdict == Verdict::Deny && !ask.approved && slice.needs.approved {
            let then = request(true).map(|request| authorizer.is_authorized(&request, &slice.enforced, &self.entities));
            let then =
                then.map(|then| self.judgement(&then, action)).ok().filter(|then| then.verdict == Verdict::Allow);
            if let Some(then) = then {
                judgement = self.held(judgement, then);
            }
        }
        if slice.trial.num_of_policies() > 0 {
            judgement.trial = self.trial(&authorizer.is_authorized(&first, &slice.trial, &self.entities), &judgement);
        }
        judgement
    }

    fn context(&self, slice: &Slice, ask: &Ask<'_>, approved: bool) -> Result<Context, Refusal> {
        let mut pairs = context::common(&slice.needs, ask.history, ask.now, approved);
        match ask.subject {
            Subject::Call(tool, arguments) => {
                pairs.extend(context::of_call(&slice.needs, tool, arguments, ask.history)?);
            }
            Subject::Read(uri) => pairs.extend(context::of_read(&slice.needs, uri)?),
            Subject::See(_) => {}
        }
        context::finish(pairs)
    }

    fn judgement(&self, response: &Response, action: &str) -> Judgement {
        // A policy that fails has not spoken, and a `forbid` among them would be skipped: nothing goes on then.
        if let Some(error) = response.diagnostics().errors().next() {
            return denied(format!("a policy failed: {error}"));
        }
        let mut deciding: Vec<_> = response.diagnostics().reason().filter_map(|id| self.rules.get(id)).collect();
        deciding.sort_by(|a, b| a.name.cmp(&b.name));
        let rules: Vec<String> = deciding.iter().map(|rule| rule.name.clone()).collect();
        let verdict = if response.decision() == Decision::Allow { Verdict::Allow } else { Verdict::Deny };
        let said = deciding.iter().find_map(|rule| rule.reason.clone());
        let reason = match (verdict, said, rules.is_empty()) {
            (Verdict::Allow, ..) => String::new(),
            (_, _, true) => format!("no policy permits `{action}` here"),
            (_, Some(said), _) => said,
            (_, None, _) => format!("policy `{}` forbids it", rules.join("`, `")),
        };
        Judgement { verdict, rules, reason, trial: Vec::new() }
    }

    /// Denied as it stands, allowed once a person approves: held, in the words of whoever makes it so.
    fn held(&self, denied: Judgement, allowed: Judgement) -> Judgement {
        let forbidden = !denied.rules.is_empty();
        let rules = if forbidden { denied.rules } else { allowed.rules };
        let mut by_name = self.rules.values().filter(|rule| rules.contains(&rule.name));
        let reason = by_name.find_map(|rule| rule.reason.clone()).unwrap_or_else(|| {
            let (names, does) = (rules.join("`, `"), if forbidden { "forbids it until" } else { "permits it once" });
            format!("policy `{names}` {does} a person has approved it")
        });
        Judgement { verdict: Verdict::Hold, rules, reason, trial: Vec::new() }
    }

    /// The policies in trial that would have changed something.
    fn trial(&self, response: &Response, judgement: &Judgement) -> Vec<String> {
        let applied = response.diagnostics().reason().filter_map(|id| self.rules.get(id));
        let changes = |permits: bool| permits != (judgement.verdict == Verdict::Allow);
        let mut names: Vec<String> =
            applied.filter(|rule| changes(rule.permits)).map(|rule| rule.name.clone()).collect();
        names.extend(response.diagnostics().errors().map(|error| format!("error: {error}")));
        names.sort();
        names
    }
}

fn denied(reason: String) -> Judgement {
    Judgement { verdict: Verdict::Deny, rules: Vec::new(), reason, trial: Vec::new() }
}
