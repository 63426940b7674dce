//! One session: its guard, and what of it waits for a person.

use std::collections::BTreeMap;

use misgoal_guard::{Guard, Held, Move, Record, Step};

use crate::desk::Tell;
use crate::log::{Log, State};
use crate::{GatewayError, Note, now};

/// A held call.
#[derive(Clone, Debug)]
struct Wait {
    call: u64,
    tool: String,
    expires: u64,
}

/// A session.
pub(crate) struct Seat {
    pub guard: Guard,
    /// Its name in the log.
    pub name: String,
    /// Names the profile that it is held against.
    profile: String,
    /// Held calls by what they are called by.
    held: BTreeMap<String, Wait>,
    /// What the alarm is called by that holds the session's calls.
    alarm: Option<String>,
}

impl Seat {
    pub fn new(guard: Guard, name: String, profile: String) -> Seat {
        Seat { guard, name, profile, held: BTreeMap::new(), alarm: None }
    }

    /// Uses an approval that was given already, or puts the call before a person. Gives what is to be done now, if anything.
    pub fn hold(&mut self, log: &mut Log, held: Held, tell: &Tell) -> Option<Step> {
        let asked = match log.redeem(&held.digest, &held.version) {
            Ok(Some(by)) => return Some(self.guard.release(held.call, &by, now())),
            Ok(None) => {
                let expires = now().saturating_add(self.guard.config().approvals.wait.0);
                log.hold(&self.name, &held, expires).map(|id| (id, expires))
            }
            Err(error) => Err(error),
        };
        match asked {
            Ok((id, expires)) => {
                self.held.insert(id.clone(), Wait { call: held.call, tool: held.tool.clone(), expires });
                tell(Note::Held { id, tool: held.tool });
                None
            }
            Err(error) => {
                tell(Note::Failed(error.to_string()));
                Some(self.guard.turn_down(held.call, &held.tool, "guard", "the guard cannot ask for it now"))
            }
        }
    }

    /// Tells of the alarms among records that have just been written, and puts one that holds calls before a person.
    pub fn alarms(&mut self, log: &mut Log, records: &[Record], tell: &Tell) {
        for record in records.iter().filter(|record| record.kind == "alarm") {
            let body: serde_json::Value = serde_json::from_str(&record.body).unwrap_or_default();
            let says = |key: &str| body.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let then = says("then");
            if then.is_empty() {
                continue;
            }
            if then == "hold" && self.alarm.is_none() {
                match log.hold_alarm(&self.name, record) {
                    Ok(id) => self.alarm = Some(id),
                    // Its calls wait all the same, each by itself.
                    Err(error) => tell(Note::Failed(error.to_string())),
                }
            }
            let id = self.alarm.clone().filter(|_| then == "hold");
            tell(Note::Alarm { session: self.name.clone(), text: says("text"), then, id });
        }
    }

    /// Whether anything waits for a person.
    pub fn waits(&self) -> bool {
        !self.held.is_empty() || self.alarm.is_some()
    }

    /// What has become of the matters that wait: to be done now, each with the attempt that it is about.
    pub fn look_after(&mut self, log: &mut Log) -> Result<Vec<(Option<u64>, Step)>, GatewayError> {
        let mut steps = self.look_after_alarm(log)?;
        let waiting: Vec<_> = self.held.iter().map(|(id, wait)| (id.clone(), wait.clone())).collect();
        for (id, Wait { call, tool, expires }) in waiting {
            let state = log.state(&id)?;
            let by = state.as_ref().and_then(|one| one.by.clone()).unwrap_or_default();
            let step = match state.map_or(State::Denied, |one| one.state) {
                State::Approved if log.settle(&id, State::Approved, State::Used)? => {
                    self.guard.release(call, &by, now())
                }
                State::Waiting if now() < expires => continue,
                State::Waiting => {
                    log.settle(&id, State::Waiting, State::TimedOut)?;
                    let why = format!(
                        "nobody has said anything in time. `misgoal guard approve {id}` approves it still; then make the same call again"
                    );
                    self.guard.turn_down(call, &tool, "time", &why)
                }
                _ => self.guard.turn_down(call, &tool, &by, "a person has denied it"),
            };
            self.held.remove(&id);
            steps.push((Some(call), step));
        }
        Ok(steps)
    }

    /// A person's word on the session as a whole, after an alarm.
    fn look_after_alarm(&mut self, log: &mut Log) -> Result<Vec<(Option<u64>, Step)>, GatewayError> {
        let Some(id) = self.alarm.clone() else { return Ok(Vec::new()) };
        let Some(matter) = log.state(&id)? else { return Ok(Vec::new()) };
        let by = matter.by.unwrap_or_default();
        let goes_on = match matter.state {
            State::Waiting => return Ok(Vec::new()),
            State::Approved => log.settle(&id, State::Approved, State::Used)?,
            _ => false,
        };
        self.alarm = None;
        let mut steps = vec![(None, Step::with(Move::Drop, self.guard.after_alarm(goes_on, &by)))];
        let waiting: Vec<_> = self.held.iter().map(|(id, wait)| (id.clone(), wait.clone())).collect();
        for (id, Wait { call, tool, .. }) in waiting {
            let step = match goes_on {
                true => self.guard.resume(call, &by, now()),
                false => self.guard.turn_down(call, &tool, &by, "a person has stopped the session"),
            };
            // What a policy holds waits on.
            if step.records.is_empty() {
                continue;
            }
            log.settle(&id, State::Waiting, if goes_on { State::Used } else { State::Denied })?;
            self.held.remove(&id);
            steps.push((Some(call), step));
        }
        Ok(steps)
    }

    /// What is left to say when the session ends.
    pub fn end(&mut self, log: &mut Log) -> Vec<Step> {
        let mut steps = self.guard.orphans();
        let heard = self.guard.catch_up();
        let mut records = Vec::new();
        if let Some((_, watched)) = self.guard.watched() {
            records.push(watched.text("profile", &self.profile));
        }
        records.push(Record::new("session").text("what", "ended"));
        steps.push(heard.and(Step { records, ..Step::new(Move::Drop) }));
        if let Some(id) = self.alarm.take() {
            // There is nothing left to decide; that it cannot be written down is seen in the log's own errors.
            let _ = log.settle(&id, State::Waiting, State::Denied);
        }
        steps
    }
}
