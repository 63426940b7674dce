//! The behavioural monitor of a live session: what it sees, and what its alarms lead to.
//!
//! It sees arguments and answers without their secrets, in the words of [`misgoal_monitor::trace::mcp`], so that a recorded session
//! and a live one look the same to it; names of tools and arguments are whole, since a name that is left out is no name. What is written of them, into the log or a recording,
//! has lost its secrets. Calls that are denied are seen as well, as calls without an answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use misgoal_monitor::trace::{mcp, plain};
use misgoal_monitor::{Alarm, Call, Channel, Event, Live, Monitor, Outcome};

use super::agent::READ;
use super::{Guard, Move, Step};
use crate::config::{MonitorTable, OnAlarm};
use crate::policy::{Judgement, Verdict};
use crate::read::{Node, Refusal};
use crate::record::Record;

/// What a session is held against, and how it stands.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// The monitor as it was when the session began; without one, the session is only recorded.
    monitor: Option<(Monitor, Live)>,
    /// Events so far.
    events: usize,
    /// The event of each attempt that has no answer yet.
    open: BTreeMap<u64, usize>,
    /// Answers that the agent has been shown and the monitor has yet to hear, with their attempts and tools.
    unheard: Vec<(u64, String, Event)>,
    /// What an alarm has led to.
    halt: Option<Halt>,
}

/// A call as a recording of sessions may hold it.
pub(super) struct Recorded {
    pub tool: String,
    /// A JSON object.
    pub arguments: String,
    /// Whose answers held which argument.
    pub origins: plain::Origins,
}

/// What stands in the way of the session's next calls.
#[derive(Clone, Debug)]
struct Halt {
    what: OnAlarm,
    channel: Channel,
    /// The alarm in one line.
    words: String,
}

/// What the agent is told; the evidence is for the operator.
const STOPPED: &str =
    "the behavioural monitor has stopped this session; a person must look at it (`misgoal guard log`)";

impl Guard {
    /// Begins a session, which `session` names in the log and in traces, and watches it against a monitor; without one it is only recorded.
    pub fn watch(&mut self, session: &str, monitor: Option<Monitor>) {
        session.clone_into(&mut self.session);
        let Some(table) = &self.config.monitor else { return };
        let monitor = monitor.map(|monitor| {
            let monitor = match &table.promise {
                Some(promise) => monitor.promising(*promise.get_ref()),
                None => monitor,
            };
            let live = monitor.begin(&[], table.task.as_deref());
            (monitor, live)
        });
        self.watch = Some(Watch { monitor, events: 0, open: BTreeMap::new(), unheard: Vec::new(), halt: None });
    }

    /// Lets the monitor hear the answers that it has not heard yet: to be called when the agent has them, so that it need not wait for that, and at the
    /// session's end. The next call is judged after they were heard in any case.
    pub fn catch_up(&mut self) -> Step {
        let mut step = Step::new(Move::Drop);
        self.hear(&mut step);
        step
    }

    fn hear(&mut self, step: &mut Step) {
        let unheard = self.watch.as_mut().map(|watch| std::mem::take(&mut watch.unheard));
        for (call, tool, event) in unheard.unwrap_or_default() {
            if self.records() {
                step.seen.push(plain::line_of(&self.session, call, &event, None));
            }
            self.see(call, &tool, &event, step);
        }
    }

    /// The scores of the session so far in both channels, and the record of them for its end; `None` where no monitor has seen a call.
    pub fn watched(&self) -> Option<([f64; 2], Record)> {
        let watch = self.watch.as_ref().filter(|watch| watch.events > 0)?;
        let (_, live) = watch.monitor.as_ref()?;
        let scores = live.scores();
        let record = Record::new("watched").json("scores", &format!("[{:e},{:e}]", scores[0], scores[1]));
        Some((scores, record))
    }

    /// A person has looked at the session's alarm: its calls go on, or nothing more is done.
    pub fn after_alarm(&mut self, goes_on: bool, by: &str) -> Record {
        if let Some(watch) = &mut self.watch {
            match (&mut watch.halt, goes_on) {
                (halt, true) => _ = halt.take_if(|halt| halt.what == OnAlarm::Hold),
                (Some(halt), false) => halt.what = OnAlarm::Stop,
                (None, false) => {}
            }
        }
        Record::new("alarm").text("decision", if goes_on { "goes on" } else { "stopped" }).text("by", by)
    }

    /// Whether the session's calls wait because of an alarm.
    pub fn alarmed(&self) -> bool {
        self.halted().is_some()
    }

    fn halted(&self) -> Option<&Halt> {
        self.watch.as_ref()?.halt.as_ref()
    }

    /// Whether nothing more is done in this session.
    pub(super) fn stopped(&self) -> Option<&'static str> {
        let stops = |halt: &Halt| halt.what == OnAlarm::Stop;
        (self.enforces() && self.halted().is_some_and(stops)).then_some(STOPPED)
    }

    /// Sees a call; its arguments are given without their secrets. Names are whole: its evidence is shown to who decides. Says how the monitor changes what was
    /// decided.
    pub(super) fn see_call(
        &mut self,
        call: u64,
        tool: &str,
        arguments: &str,
        recorded: Option<Recorded>,
        judgement: Judgement,
        step: &mut Step,
    ) -> Judgement {
        if self.watch.is_none() {
            return judgement;
        }
        self.hear(step);
        let read = |tool: &str, arguments: &str| -> Result<Event, serde_json::Error> {
            Ok(Event::Call(Call { id: None, tool: tool.to_owned(), arguments: serde_json::from_str(arguments)? }))
        };
        let line = recorded.map(|Recorded { tool, arguments, origins }| -> Result<String, serde_json::Error> {
            let origins = (tool != READ).then_some(&origins);
            Ok(plain::line_of(&self.session, call, &read(&tool, &arguments)?, origins))
        });
        match line.transpose().and_then(|line| Ok((line, read(tool, arguments)?))) {
            Ok((line, event)) => {
                step.seen.extend(line);
                self.see(call, tool, &event, step);
                if let Some(watch) = &mut self.watch {
                    watch.open.insert(call, watch.events - 1);
                }
            }
            Err(error) => {
                let reason = format!("the monitor cannot read the call: {error}");
                return Judgement {
                    verdict: Verdict::Deny,
                    rules: vec!["monitor".to_owned()],
                    reason,
                    trial: judgement.trial,
                };
            }
        }
        let Some(halt) = self.halted() else { return judgement };
        let rule = format!("monitor:{}", halt.channel.name());
        let (verdict, reason) = match (halt.what, judgement.verdict) {
            (OnAlarm::Log, _) | (_, Verdict::Deny) => return judgement,
            (OnAlarm::Hold, _) => (Verdict::Hold, halt.words.clone()),
            (OnAlarm::Stop, _) => (Verdict::Deny, STOPPED.to_owned()),
        };
        let rules =
            judgement.rules.iter().filter(|_| judgement.verdict == Verdict::Hold).cloned().chain([rule]).collect();
        Judgement { verdict, rules, reason, trial: judgement.trial }
    }

    /// Takes in the server's answer to a call, which is heard at [`Guard::catch_up`] or before the next call.
    ///
    /// # Errors
    /// Says why the monitor cannot read it.
    pub(super) fn see_answer(
        &mut self,
        call: u64,
        tool: &str,
        answer: Result<&Node<'_>, &Node<'_>>,
    ) -> Result<(), String> {
        if !self.awaits(call) {
            return Ok(());
        }
        let outcome = self.outcome_of(answer)?;
        if let Some(watch) = &mut self.watch {
            let event = Outcome { call: watch.open.remove(&call), ..outcome };
            watch.unheard.push((call, tool.to_owned(), Event::Result(event)));
        }
        Ok(())
    }

    /// Takes in what a server says later in place of its answer to a call. The call has been answered once, and what is said is a tool's all the same.
    ///
    /// # Errors
    /// As [`Guard::see_answer`].
    pub(super) fn see_more(
        &mut self,
        call: u64,
        tool: &str,
        answer: Result<&Node<'_>, &Node<'_>>,
    ) -> Result<(), String> {
        let outcome = self.outcome_of(answer)?;
        if let Some(watch) = &mut self.watch {
            watch.unheard.push((call, tool.to_owned(), Event::Result(Outcome { call: None, ..outcome })));
        }
        Ok(())
    }

    fn outcome_of(&self, answer: Result<&Node<'_>, &Node<'_>>) -> Result<Outcome, String> {
        let (Ok(node) | Err(node)) = answer;
        let value = self.heard(node)?;
        Ok(mcp::outcome(0, if answer.is_ok() { Ok(&value) } else { Err(&value) }))
    }

    fn heard(&self, said: &Node<'_>) -> Result<serde_json::Value, String> {
        let read = serde_json::from_str(&self.redactor.recorded_json(said));
        read.map_err(|error| format!("the monitor cannot read the answer: {error}"))
    }

    /// Refuses what is said about a task, where a monitor that cannot read it watches.
    pub(super) fn is_heard(&self, said: &Node<'_>) -> Result<(), Refusal> {
        if !self.watches() || !self.enforces() {
            return Ok(());
        }
        self.heard(said).map(drop).map_err(|words| Refusal::new("monitor", words))
    }

    /// A call was not made, or its answer did not reach the agent: there is no answer to see.
    pub(super) fn see_nothing(&mut self, call: u64) {
        if let Some(watch) = &mut self.watch {
            watch.open.remove(&call);
        }
    }

    fn awaits(&self, call: u64) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.open.contains_key(&call))
    }

    /// Whether anything is seen of the session.
    pub(super) fn watches(&self) -> bool {
        self.watch.is_some()
    }

    /// Whether sessions are recorded.
    pub(super) fn records(&self) -> bool {
        self.watch.is_some() && self.config.monitor.as_ref().is_some_and(|table| table.record.is_some())
    }

    fn see(&mut self, call: u64, tool: &str, event: &Event, step: &mut Step) {
        let is_public = self.is_public(tool);
        let Some(watch) = &mut self.watch else { return };
        let Some(table) = &self.config.monitor else { return };
        watch.events += 1;
        let Some((monitor, live)) = &mut watch.monitor else { return };
        let enforces = self.config.mode == crate::config::Mode::Enforce;
        for alarm in live.see(monitor, event) {
            let then = then(table, alarm.channel);
            let alarm = on_lines(&alarm);
            step.records.push(record(&alarm, then, enforces).of(call, tool).public(is_public));
            let stronger = watch.halt.as_ref().is_none_or(|halt| halt.what == OnAlarm::Hold && then == OnAlarm::Stop);
            if then != OnAlarm::Log && stronger {
                watch.halt = Some(Halt { what: then, channel: alarm.channel, words: words(&alarm) });
            }
        }
    }
}

fn then(table: &MonitorTable, channel: Channel) -> OnAlarm {
    match channel {
        Channel::Behaviour => table.on_alarm,
        Channel::Capability => table.on_failing,
    }
}

/// The alarm in one line.
fn words(alarm: &Alarm) -> String {
    format!("since step {} the session moves toward {}", alarm.since, alarm.toward)
}

/// The alarm with every line of its evidence on one line: names of arguments are the agent's, of tools the server's.
fn on_lines(alarm: &Alarm) -> Alarm {
    let because = alarm.because.iter().map(|words| one_line(words)).collect();
    Alarm { toward: one_line(&alarm.toward), because, ..alarm.clone() }
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
            line.extend(letter.escape_debug());
        } else {
            line.push(letter);
        }
    }
    line
}

/// The alarm with its evidence.
fn record(alarm: &Alarm, then: OnAlarm, enforces: bool) -> Record {
    let then = match (then, enforces) {
        (OnAlarm::Log, _) => "log",
        (OnAlarm::Hold, true) => "hold",
        (OnAlarm::Hold, false) => "would-hold",
        (OnAlarm::Stop, true) => "stop",
        (OnAlarm::Stop, false) => "would-stop",
    };
    let mut text = String::new();
    // A string takes everything.
    let _ = write!(text, "{alarm}");
    let record = Record::new("alarm").text("channel", alarm.channel.name()).text("then", then);
    let record = record.number("since", alarm.since as u64).number("at", alarm.at as u64).text("toward", &alarm.toward);
    let record = record.json("p", &format!("{:e}", alarm.p)).json("promise", &format!("{:e}", alarm.promise));
    let record = record.number("row", alarm.row as u64).texts("because", alarm.because.iter().map(String::as_str));
    record.text("text", &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_the_evidence_makes_no_line() {
        assert_eq!(
            one_line("step 1: `a`\nits calls wait\u{2028}\u{9b}2J"),
            r"step 1: `a`\nits calls wait\u{2028}\u{9b}2J"
        );
    }
}
