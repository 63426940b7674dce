//! Tool lists: what is new is pinned, what has changed is held, and what the agent may not see is cut out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::source::Sources;
use super::{Flight, Guard, Move, Step, reply};
use crate::config::NewTools;
use crate::policy::{Ask, Policies, Subject, Verdict};
use crate::read::{Node, Refusal, Side, Value, fold};
use crate::record::Record;
use crate::tools::{Pin, Tool};

/// Why a tool is not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hidden {
    /// Its name is another tool's or only looks like it: refused in every mode.
    Ambiguous,
    /// It is not what was pinned, or is new and new ones wait.
    Held,
    /// No policy lets the agent see it.
    Policy,
}

impl Guard {
    pub(super) fn filter_list(&mut self, line: &[u8], flight: &Flight, body: &Node<'_>, now: u64) -> Step {
        let Some(list) = body.get("tools") else { return Step::new(Move::Forward) };
        if !matches!(list.value, Value::Array(_)) {
            let refusal = Refusal::new("bad-tool-list", "the `tools` of a tool list are no array");
            return self.not_shown(flight, &refusal, now);
        }
        let mut folds: BTreeMap<String, usize> = BTreeMap::new();
        let tools: Vec<Option<Tool>> = list.items().iter().map(|node| Tool::from_definition(node).ok()).collect();
        for tool in tools.iter().flatten() {
            *folds.entry(fold(&tool.name).into_owned()).or_default() += 1;
        }
        self.double(tools.iter().flatten(), &folds);
        let mut records = Vec::new();
        let mut hidden: Vec<Option<Hidden>> = Vec::new();
        let mut pinned = Vec::new();
        for tool in &tools {
            hidden.push(match tool {
                None => Some(Hidden::Ambiguous),
                Some(tool) if folds.get(fold(&tool.name).as_ref()).is_some_and(|count| *count > 1) => {
                    Some(Hidden::Ambiguous)
                }
                Some(tool) => self.pin(tool, &mut pinned, &mut records),
            });
        }
        let fresh: Vec<String> = pinned.iter().map(|tool: &Tool| tool.name.clone()).collect();
        if !pinned.is_empty()
            && let Err(words) = self.repin(pinned, &mut records)
        {
            // The list cannot be judged: nothing of it is shown.
            let answer = reply::error(Some(&flight.id), reply::DENIED, &words, &[]);
            return Step::with(Move::Send(Side::Agent, answer), Record::new("tools").text("reason", &words));
        }
        for (tool, hidden) in tools.iter().zip(&mut hidden) {
            let (Some(tool), None) = (tool, *hidden) else { continue };
            let ask = Ask { subject: Subject::See(&tool.name), history: &self.history, now, approved: false };
            if self.policies.decide(&ask).verdict != Verdict::Allow {
                *hidden = Some(Hidden::Policy);
            }
        }
        let names = |why: Hidden| {
            let both = tools.iter().zip(&hidden).filter(move |(_, hidden)| **hidden == Some(why));
            both.map(|(tool, _)| tool.as_ref().map_or("?", |tool| tool.name.as_str()))
        };
        let record = Record::new("tools").number("listed", tools.len() as u64);
        let record = record.texts("ambiguous", names(Hidden::Ambiguous)).texts("held", names(Hidden::Held));
        records.push(record.texts("unseen", names(Hidden::Policy)));
        let enforces = self.enforces();
        let cut = |hidden: Option<Hidden>| match hidden {
            Some(Hidden::Ambiguous) => true,
            Some(_) => enforces,
            None => false,
        };
        // What is pinned has been accepted. A definition that nobody has accepted yet is the server's word.
        let unread = tools.iter().zip(&hidden).zip(list.items()).filter(|((tool, hidden), _)| {
            let is_fresh = tool.as_ref().is_some_and(|tool| fresh.contains(&tool.name));
            !cut(**hidden) && (is_fresh || **hidden == Some(Hidden::Held))
        });
        let unread: Vec<&Node<'_>> = unread.map(|(_, node)| node).collect();
        if !unread.is_empty() {
            records.extend(self.take_in(&Sources::one("tools/list"), "tools/list", &unread, false, now));
        }
        if !hidden.iter().any(|hidden| cut(*hidden)) {
            return Step { records, ..Step::new(Move::Forward) };
        }
        let kept = list.items().iter().zip(&hidden).filter(|(_, hidden)| !cut(**hidden));
        let kept: Vec<&[u8]> = kept.filter_map(|(node, _)| line.get(node.start..node.end)).collect();
        let (before, after) = (line.get(..list.start), line.get(list.end..));
        let mut out = before.unwrap_or_default().to_vec();
        out.push(b'[');
        out.extend(kept.join(&b','));
        out.push(b']');
        out.extend(after.unwrap_or_default());
        Step { records, ..Step::new(Move::Send(Side::Agent, out)) }
    }

    /// Notes which pinned tools are listed beside another of their name; a list that has a tool once takes the doubt away.
    fn double<'t>(&mut self, listed: impl Iterator<Item = &'t Tool>, folds: &BTreeMap<String, usize>) {
        for tool in listed {
            let folded = fold(&tool.name);
            let pinned = self.tools.iter().find(|pinned| fold(&pinned.name) == folded);
            let Some((name, is_same)) = pinned.map(|pinned| (pinned.name.clone(), pinned.digest == tool.digest)) else {
                continue;
            };
            match folds.get(folded.as_ref()) {
                Some(1) if name == tool.name => _ = self.doubled.remove(&name),
                _ if !is_same => _ = self.doubled.insert(name),
                _ => {}
            }
        }
    }

    /// Compares a tool with what is pinned.
    fn pin(&mut self, tool: &Tool, pinned: &mut Vec<Tool>, records: &mut Vec<Record>) -> Option<Hidden> {
        let what = match self.tools.compare(tool) {
            Pin::Same => {
                self.held_tools.remove(&tool.name);
                return None;
            }
            Pin::Lookalike(_) => return Some(Hidden::Ambiguous),
            Pin::New if self.config.new_tools == NewTools::Pin => {
                pinned.push(tool.clone());
                return None;
            }
            Pin::New => "new",
            Pin::Changed => "changed",
        };
        let known = self.held_tools.insert(tool.name.clone(), tool.clone());
        if known.is_none_or(|known| known.digest != tool.digest) {
            records.push(
                Record::new("held-tool").tool(&tool.name).public(true).text("what", what).text("blake3", &tool.digest),
            );
        }
        Some(Hidden::Held)
    }

    /// Pins new tools: the policies' schema grows by them.
    fn repin(&mut self, pinned: Vec<Tool>, records: &mut Vec<Record>) -> Result<(), String> {
        let mut tools = self.tools.clone();
        for tool in pinned {
            records.push(Record::new("pinned").tool(&tool.name).public(true).text("blake3", &tool.digest));
            tools.pin(tool);
        }
        let policies = Policies::compile(&self.policy_name, &self.policy_text, &tools, &self.config)
            .map_err(|wrong| format!("the policies do not fit the server's new tools: {wrong}"))?;
        (self.tools, self.policies) = (tools, Arc::new(policies));
        Ok(())
    }
}
