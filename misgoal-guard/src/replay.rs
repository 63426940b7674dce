//! What policies would have done to a recorded session.

use misgoal_monitor::{Call, Event, Session};
use serde_json::Value as Json;

use crate::config::Config;
use crate::ending::Ending;
use crate::policy::{Ask, Judgement, Policies, Subject, Verdict};
use crate::read::{self, Limits, Node, Side};
use crate::session::History;
use crate::tools::Tools;

/// A call that the policies do not permit as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The call, counted from 1.
    pub step: usize,
    /// The tool.
    pub tool: String,
    /// `denied`, or `held` for a person.
    pub verdict: &'static str,
    /// The policies that made it so; none where nothing permits it.
    pub rules: Vec<String>,
    /// Why, in words.
    pub reason: String,
}

/// Between two events of a recording, which has no clock: counts in windows see its events as seconds apart.
const TICK: u64 = 1000;

/// The calls of a session that would not have been made, each judged as if those before it had been: the recording goes on as it did.
pub fn denied(session: &Session, policies: &Policies, tools: &Tools, config: &Config) -> Vec<Denied> {
    let (mut found, mut step) = (Vec::new(), 0);
    walk(session, History::new(config), |_, call, history, now| {
        step += 1;
        let judged = judge(call, policies, tools, history, now);
        found.extend(judged.map(|(verdict, rules, reason)| Denied {
            step,
            tool: call.tool.clone(),
            verdict,
            rules,
            reason,
        }));
    });
    found
}

/// Goes through a recorded session and shows each call, with its event, as the guard would have met it: with the history so far and the time.
pub(crate) fn walk(session: &Session, mut history: History, mut see: impl FnMut(usize, &Call, &History, u64)) {
    for (index, event) in session.events.iter().enumerate() {
        let now = (1 << 50) + TICK * index as u64;
        match event {
            Event::Call(call) => {
                see(index, call, &history, now);
                history.made(&call.tool, now);
            }
            Event::Result(outcome) => {
                let Some(call) = outcome.call.and_then(|call| session.call(call)) else { continue };
                history.ended(&call.tool, now, now, if outcome.failed { Ending::Failed } else { Ending::Good });
                let labels = history.taste(&[&call.tool], &[&Node::of_text(&outcome.text)]);
                history.labels.extend(labels);
            }
            Event::User(_) | Event::Agent(_) => {}
        }
    }
}

/// Why a call is not allowed; `None` where it is.
fn judge(
    call: &Call,
    policies: &Policies,
    tools: &Tools,
    history: &History,
    now: u64,
) -> Option<(&'static str, Vec<String>, String)> {
    let json = call.arguments.to_string();
    let arguments = match node(&json) {
        Ok(arguments) => arguments,
        Err(reason) => return Some(("denied", Vec::new(), reason)),
    };
    let uri = call.arguments.get("uri").and_then(Json::as_str);
    let subject = match (call.tool.as_str(), uri, tools.get(&call.tool)) {
        ("resources/read", Some(uri), _) => Subject::Read(uri),
        (_, _, Some(tool)) => Subject::Call(tool, Some(&arguments)),
        (name, _, None) => return Some(("denied", Vec::new(), format!("there is no pinned tool `{name}`"))),
    };
    let Judgement { verdict, rules, reason, .. } = policies.decide(&Ask { subject, history, now, approved: false });
    match verdict {
        Verdict::Allow => None,
        Verdict::Deny => Some(("denied", rules, reason)),
        Verdict::Hold => Some(("held", rules, reason)),
    }
}

pub(crate) fn node(json: &str) -> Result<Node<'_>, String> {
    let limits = Limits { lines: false, ..Limits::default() };
    read::value(json.as_bytes(), Side::Agent, &limits).map_err(|refusal| refusal.to_string())
}
