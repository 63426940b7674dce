//! One session: its guard, and what of it waits for a person.

use std::collections::BTreeMap;

use misgoal_guard::approval::{Asked, Kind, Word};
use misgoal_guard::{Guard, Held, Move, Record, Step};

use crate::desk::Tell;
use crate::log::{Log, State};
use crate::{GatewayError, Note, now};

/// A held request.
#[derive(Clone, Debug)]
struct Wait {
    call: u64,
    asked: Asked,
    expires: u64,
    word: Option<Word>,
}

/// A request that was turned down because nobody had said anything in time; a yes that comes later is good for the same one, made again.
#[derive(Clone, Debug)]
struct Late {
    call: u64,
    asked: Asked,
    /// Until when a word is waited for.
    until: u64,
    word: Option<Word>,
}

/// Requests of one session for which a word may come late, at most: what they ask stands on the disk.
const LATE: usize = 256;

/// An alarm that holds the session's calls.
#[derive(Clone, Debug)]
struct Alarm {
    id: String,
    asked: Asked,
    word: Option<Word>,
}

/// A session. What it has asked a person it knows itself, and what they have said it reads from the log's chain: so a word is for this session, for what was
/// asked, and once, whatever stands in tables or files.
pub(crate) struct Seat {
    pub guard: Guard,
    /// Its name in the log.
    pub name: String,
    /// Names the profile that it is held against.
    profile: String,
    /// Held requests by what they are called by.
    held: BTreeMap<String, Wait>,
    late: BTreeMap<String, Late>,
    /// Every alarm that waits for a word: the session goes on when there is a good one on each.
    alarms: Vec<Alarm>,
    /// The last record of the log that was looked at for a word.
    heard: i64,
    /// Whether its agent has gone: nothing waits any more.
    is_left: bool,
    /// Whether agents share it whom nobody can tell apart. A request that one makes again may be another one's then: no word comes late.
    pub is_common: bool,
}

impl Seat {
    pub fn new(guard: Guard, name: String, profile: String) -> Seat {
        let (held, late) = (BTreeMap::new(), BTreeMap::new());
        Seat { guard, name, profile, held, late, alarms: Vec::new(), heard: 0, is_left: false, is_common: false }
    }

    /// Uses an approval that came late for the same request, or puts the request before a person. Gives what is to be done now, if anything.
    pub fn hold(&mut self, log: &mut Log, held: Held, tell: &Tell) -> Option<Step> {
        if self.is_left {
            return Some(self.guard.abandon(held.call, "agent"));
        }
        // Cancelled before it came to this.
        if !self.guard.waits_for(held.call) {
            return Some(Step::new(Move::Drop));
        }
        match self.put(log, &held) {
            Ok(Some((id, by))) => Some(self.guard.release(held.call, &id, &by, now())),
            Ok(None) => {
                let id = self.held.iter().find(|(_, wait)| wait.call == held.call).map(|(id, _)| id.clone());
                id.into_iter().for_each(|id| tell(Note::Held { id, tool: held.tool.clone() }));
                None
            }
            Err(error) => {
                tell(Note::Failed(error.to_string()));
                Some(self.guard.turn_down(held.call, "guard", "the guard cannot ask for it now"))
            }
        }
    }

    /// Who has approved the same request too late, and under which id; else the request waits from now on.
    fn put(&mut self, log: &mut Log, held: &Held) -> Result<Option<(String, String)>, GatewayError> {
        self.listen(log)?;
        let asked = Asked {
            kind: Kind::Call,
            session: self.name.clone(),
            digest: held.digest.clone(),
            version: held.version.clone(),
        };
        let fits = |word: &Word| word.approves && word.fits(&asked, self.guard.version(), now()).is_ok();
        let good = self.late.iter().find_map(|(id, late)| {
            let word = late.word.as_ref().filter(|word| late.asked == asked && fits(word))?;
            Some((id.clone(), word.by.clone()))
        });
        if let Some((id, by)) = good {
            self.forget(&id);
            if log.use_up(&id)? {
                return Ok(Some((id, by)));
            }
            // Somebody has taken it back just now.
        }
        let expires = now().saturating_add(self.guard.config().approvals.wait.0);
        let id = log.hold(&self.name, held, expires)?;
        self.held.insert(id, Wait { call: held.call, asked, expires, word: None });
        Ok(None)
    }

    /// Tells of the alarms among records that have just been written, and puts each that holds calls before a person, beside what waits
    /// already: nobody lets a session go on without having seen all of them.
    pub fn tell_alarms(&mut self, log: &mut Log, records: &[Record], tell: &Tell) {
        for record in records.iter().filter(|record| record.kind == "alarm") {
            let body: serde_json::Value = serde_json::from_str(&record.body).unwrap_or_default();
            let says = |key: &str| body.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let then = says("then");
            if then.is_empty() {
                continue;
            }
            let mut id = None;
            if then == "hold" && !self.is_left {
                match self.put_alarm(log, record) {
                    Ok(put) => id = Some(put),
                    // Its calls wait all the same, each by itself.
                    Err(error) => tell(Note::Failed(error.to_string())),
                }
            }
            tell(Note::Alarm { session: self.name.clone(), text: says("text"), then, id });
        }
    }

    fn put_alarm(&mut self, log: &mut Log, record: &Record) -> Result<String, GatewayError> {
        self.listen(log)?;
        let (id, asked) = log.hold_alarm(&self.name, record)?;
        self.alarms.push(Alarm { id: id.clone(), asked, word: None });
        Ok(id)
    }

    /// Whether anything waits for a person, or for a word that comes late.
    pub fn waits(&self) -> bool {
        !self.held.is_empty() || !self.late.is_empty() || !self.alarms.is_empty()
    }

    /// Takes in what people have said. Of two words on one matter the first counts.
    fn listen(&mut self, log: &Log) -> Result<(), GatewayError> {
        if !self.waits() {
            // What was said before is about nothing that is asked from now on.
            self.heard = log.head()?.0;
            return Ok(());
        }
        for (id, word) in log.words(&mut self.heard)? {
            let alarm = self.alarms.iter_mut().find(|alarm| alarm.id == id).map(|alarm| &mut alarm.word);
            let held = self.held.get_mut(&id).map(|wait| &mut wait.word);
            let late = self.late.get_mut(&id).map(|late| &mut late.word);
            if let Some(known) = held.or(late).or(alarm) {
                // A yes that is not used yet can be taken back; the log takes no other second word.
                match known {
                    Some(yes) if yes.approves && !word.approves => *yes = word,
                    known => _ = known.get_or_insert(word),
                }
            }
        }
        Ok(())
    }

    /// What has become of the matters that wait: to be done now, each with the attempt that it is about.
    pub fn look_after(&mut self, log: &mut Log) -> Result<Vec<(Option<u64>, Step)>, GatewayError> {
        self.listen(log)?;
        let mut steps = self.look_after_alarms(log)?;
        steps.extend(self.given_up(log)?.into_iter().map(|call| (Some(call), Step::new(Move::Drop))));
        let waiting: Vec<_> = self.held.iter().map(|(id, wait)| (id.clone(), wait.clone())).collect();
        for (id, Wait { call, asked, expires, word }) in waiting {
            let (state, step) = match word {
                None if now() < expires => continue,
                None if self.is_common => {
                    (State::Expired, self.guard.turn_down(call, "time", "nobody has said anything in time"))
                }
                None => {
                    let why = format!(
                        "nobody has said anything in time. `misgoal guard approve {id}` approves it still; then make the same call again"
                    );
                    let until = expires.saturating_add(self.guard.config().approvals.valid.0);
                    self.late.insert(id.clone(), Late { call, asked, until, word: None });
                    (State::TimedOut, self.guard.time_out(call, &why))
                }
                Some(word) if !word.approves => {
                    (State::Denied, self.guard.turn_down(call, &word.by, "a person has denied it"))
                }
                Some(word) => match word.fits(&asked, self.guard.version(), now()) {
                    Ok(()) if !log.use_up(&id)? => {
                        (State::Denied, self.guard.turn_down(call, "operator", "a person has taken the approval back"))
                    }
                    Ok(()) => (State::Used, self.guard.release(call, &id, &word.by, now())),
                    Err(unfit) => (State::Denied, self.guard.turn_down(call, &word.by, unfit.words())),
                },
            };
            self.held.remove(&id);
            log.settle(&id, state)?;
            steps.push((Some(call), step));
        }
        self.look_after_late(log)?;
        Ok(steps)
    }

    /// Lets go what no word can move any more, and of too many those that have waited longest.
    fn look_after_late(&mut self, log: &mut Log) -> Result<(), GatewayError> {
        while self.late.len() > LATE {
            let oldest = self.late.iter().min_by_key(|(_, late)| late.until).map(|(id, _)| id.clone());
            let Some(id) = oldest else { break };
            self.forget(&id);
            log.settle(&id, State::Expired)?;
        }
        let now = now();
        let is_over = |late: &Late| match &late.word {
            Some(word) => !word.approves || now >= word.until,
            None => now >= late.until,
        };
        let over: Vec<String> = self.late.iter().filter(|(_, late)| is_over(late)).map(|(id, _)| id.clone()).collect();
        for id in over {
            self.forget(&id);
            log.settle(&id, State::Expired)?;
        }
        Ok(())
    }

    /// No word comes late any more for this one.
    fn forget(&mut self, id: &str) {
        if let Some(late) = self.late.remove(id) {
            self.guard.forget(late.call);
        }
    }

    /// A person's word on the session as a whole, after alarms: one that is bad stops it, and it goes on when there is a good one on each.
    fn look_after_alarms(&mut self, log: &mut Log) -> Result<Vec<(Option<u64>, Step)>, GatewayError> {
        let mut last = None;
        for Alarm { id, asked, word } in self.alarms.clone() {
            let Some(word) = word else { continue };
            let is_good = word.approves && word.fits(&asked, &asked.version, now()).is_ok();
            log.settle(&id, if is_good { State::Used } else { State::Denied })?;
            self.alarms.retain(|alarm| alarm.id != id);
            last = Some((is_good, word));
            if !is_good {
                break;
            }
        }
        let Some((goes_on, word)) = last.filter(|(is_good, _)| !is_good || self.alarms.is_empty()) else {
            return Ok(Vec::new());
        };
        for alarm in std::mem::take(&mut self.alarms) {
            log.settle(&alarm.id, State::Denied)?;
        }
        let mut steps = vec![(None, Step::with(Move::Drop, self.guard.after_alarm(goes_on, &word.by)))];
        let waiting: Vec<_> = self.held.iter().map(|(id, wait)| (id.clone(), wait.call)).collect();
        for (id, call) in waiting {
            let step = match goes_on {
                true => self.guard.resume(call, &word.by, now()),
                false => self.guard.turn_down(call, &word.by, "a person has stopped the session"),
            };
            // What a policy holds waits on.
            if step.records.is_empty() {
                continue;
            }
            self.held.remove(&id);
            log.settle(&id, if goes_on { State::Used } else { State::Denied })?;
            steps.push((Some(call), step));
        }
        Ok(steps)
    }

    /// Settles the requests that the agent has cancelled while they waited; gives their attempts.
    pub fn given_up(&mut self, log: &mut Log) -> Result<Vec<u64>, GatewayError> {
        let gone: Vec<(String, u64)> = self
            .held
            .iter()
            .filter(|(_, wait)| !self.guard.waits_for(wait.call))
            .map(|(id, wait)| (id.clone(), wait.call))
            .collect();
        for (id, _) in &gone {
            self.held.remove(id);
            log.settle(id, State::Cancelled)?;
        }
        // Its agent has cancelled it after its time was over: it wants it no more.
        let late: Vec<String> =
            self.late.iter().filter(|(_, late)| !self.guard.remembers(late.call)).map(|(id, _)| id.clone()).collect();
        for id in late {
            self.late.remove(&id);
            log.settle(&id, State::Cancelled)?;
        }
        Ok(gone.into_iter().map(|(_, call)| call).collect())
    }

    /// Who has made a request that waits has gone. None where it does not wait any more: its move is on its way.
    pub fn abandon(&mut self, log: &mut Log, call: u64) -> Result<Option<Step>, GatewayError> {
        if !self.guard.waits_for(call) {
            return Ok(None);
        }
        let step = self.guard.abandon(call, "agent");
        let id = self.held.iter().find(|(_, wait)| wait.call == call).map(|(id, _)| id.clone());
        if let Some(id) = id {
            self.held.remove(&id);
            log.settle(&id, State::Abandoned)?;
        }
        Ok(Some(step))
    }

    /// The agent has gone, or wants to end the session: nothing waits for a person any more, and no word moves anything.
    pub fn abandon_all(&mut self, log: &mut Log) -> Result<Step, GatewayError> {
        let step = self.guard.abandon_all("agent");
        let (held, late) = (std::mem::take(&mut self.held), std::mem::take(&mut self.late));
        late.values().for_each(|late| self.guard.forget(late.call));
        let alarms = std::mem::take(&mut self.alarms).into_iter().map(|alarm| alarm.id);
        for id in held.into_keys().chain(late.into_keys()).chain(alarms) {
            log.settle(&id, State::Abandoned)?;
        }
        Ok(step)
    }

    /// The agent has gone for good: from here on nothing is put before a person either.
    pub fn leave(&mut self, log: &mut Log) -> Result<Step, GatewayError> {
        self.is_left = true;
        self.abandon_all(log)
    }

    /// What is left to say when the session ends.
    pub fn end(&mut self, log: &mut Log) -> Vec<Step> {
        let mut steps = vec![self.leave(log).unwrap_or_else(|error| {
            // What is left in the table moves nothing; the next guard settles it.
            Step::with(
                Move::Drop,
                Record::new("session").text("what", "not settled").text("reason", &error.to_string()),
            )
        })];
        steps.extend(self.guard.orphans());
        let heard = self.guard.catch_up();
        let mut records = Vec::new();
        if let Some((_, watched)) = self.guard.watched() {
            records.push(watched.text("profile", &self.profile));
        }
        records.push(Record::new("session").text("what", "ended"));
        steps.push(heard.and(Step { records, ..Step::new(Move::Drop) }));
        steps
    }
}
