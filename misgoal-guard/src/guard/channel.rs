//! Where an answer of the server may stand: one rule for all transports and all of their streams.
//!
//! Over HTTP clients differ about the answers on a stream: some go by the id, others take whatever answer comes for that to the request whose stream it is (PyPI's
//! `mcp` writes that request's id into it). So on the stream of a request its own answer can come and no other, and on a stream that is no request's there is none.

use std::collections::BTreeMap;

use super::{Asked, Flight, Guard, Key, Move, Step, refused, reply};
use crate::ending::Ending;
use crate::read::{Id, Message, Node, Refusal, Side, read};

/// Where a message of the server comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The one channel of a server over stdio: answers are told apart by their ids.
    Shared,
    /// The answer to the request of this number ([`Sent`]), which cannot be asked for again.
    Answer(u64),
    /// A stream in which the answer to it comes, and which can be taken up again where it breaks off.
    Stream(u64),
    /// That stream, taken up again. The answer that was read of it before may have been lost on its way: it can come once more, if it is the same to the byte.
    Again(u64),
    /// A stream that answers no request: that of a notification or of an answer, or the one on which the server speaks unasked.
    Other,
}

impl Channel {
    /// The request whose answer can come here.
    pub(super) fn number(self) -> Option<u64> {
        match self {
            Channel::Answer(number) | Channel::Stream(number) | Channel::Again(number) => Some(number),
            Channel::Shared | Channel::Other => None,
        }
    }
}

/// A request of the agent that has gone to the server: its id, which a later one may bear too, and a number that is its own in its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// As the agent calls it.
    pub id: Id,
    /// From 1 on.
    pub number: u64,
}

/// Answers that are remembered in case they are lost on their way, at most.
const ANSWERED: usize = 256;

/// An answer that was read of a stream.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    sent: Sent,
    digest: blake3::Hash,
    shown: Shown,
    /// Whether its records are in the log.
    is_logged: bool,
}

/// What the agent was shown of it.
#[derive(Clone, Debug)]
enum Shown {
    AsItCame,
    Instead(Vec<u8>),
    /// A tool list, of which it may see what the policies say now.
    List,
}

impl Guard {
    /// The request of this id that waits for the server's answer, or has been cancelled.
    pub fn sent(&self, id: &Id) -> Option<Sent> {
        let key = self.key(&id.text);
        let flight = self.flights.get(&key).or_else(|| self.cancelled.get(&key))?;
        (flight.id == *id).then(|| Sent { id: id.clone(), number: flight.number })
    }

    /// The request of this number, as long as anything can come on its stream.
    pub fn sent_as(&self, number: u64) -> Option<Sent> {
        let of = |all: &BTreeMap<Key, Flight>| {
            let found = all.iter().find(|((lane, _), flight)| *lane == self.lane && flight.number == number);
            found.map(|(_, flight)| Sent { id: flight.id.clone(), number })
        };
        let read = || self.answered.iter().find(|one| one.sent.number == number).map(|one| one.sent.clone());
        of(&self.flights).or_else(|| of(&self.cancelled)).or_else(read)
    }

    /// Whether this very request waits for its answer.
    pub(super) fn is_awaited(&self, sent: &Sent) -> bool {
        self.flights.get(&self.key(&sent.id.text)).is_some_and(|one| (&one.id, one.number) == (&sent.id, sent.number))
    }

    /// Whether the request of this id waits for its answer, and that can come here.
    pub(super) fn awaits_here(&self, channel: Channel, id: &Id) -> bool {
        match (channel, channel.number()) {
            (Channel::Shared, _) => true,
            (_, Some(number)) => self.is_awaited(&Sent { id: id.clone(), number }),
            (_, None) => false,
        }
    }

    /// Whether an answer that has just been read, and whose record could not be written, is that to a request of this channel.
    pub(super) fn has_come_to(&self, channel: Channel) -> bool {
        match (channel, channel.number()) {
            (Channel::Shared, _) => true,
            (_, Some(number)) => !self.flights.values().any(|flight| flight.number == number),
            (_, None) => false,
        }
    }

    /// An answer of the server.
    pub(super) fn answered(
        &mut self,
        channel: Channel,
        line: &[u8],
        id: Option<&Id>,
        result: &Result<Node<'_>, Node<'_>>,
        now: u64,
    ) -> Step {
        let Some(id) = id else { return self.unnamed(channel, result, now) };
        match channel {
            Channel::Shared => match self.landing(id) {
                Some(flight) => self.landed(line, &flight, result, now),
                None => self.misnamed(id, now).unwrap_or_else(|| self.unasked(id)),
            },
            Channel::Other => stray(&format!("an answer to {id} stands on a stream that is no request's")),
            Channel::Answer(number) | Channel::Stream(number) | Channel::Again(number) => {
                let key = self.key(&id.text);
                let is_own = |flight: &Flight| flight.number == number;
                if self.flights.get(&key).is_some_and(is_own) {
                    let Some(flight) = self.landing(id) else {
                        return self.misnamed(id, now).unwrap_or_else(|| self.unasked(id));
                    };
                    return self.landed(line, &flight, result, now);
                }
                if self.cancelled.get(&key).is_some_and(is_own) {
                    return self.unasked(id);
                }
                stray(&format!("an answer to {id} stands where that to another request is awaited, or none any more"))
            }
        }
    }

    /// An error about a message whose id the server could not make out. On a request's stream some clients take it for that request's answer.
    fn unnamed(&mut self, channel: Channel, result: &Result<Node<'_>, Node<'_>>, now: u64) -> Step {
        let Some(number) = channel.number() else {
            return match (channel, result) {
                (Channel::Shared, Ok(said) | Err(said)) => {
                    let record = self.take_in(&self.unclaimed("error"), "error", &[said], false, now);
                    Step { records: Vec::from_iter(record), ..Step::new(Move::Forward) }
                }
                _ => stray("an answer without an id stands on a stream that is no request's"),
            };
        };
        let key = self.flights.iter().find(|((lane, _), one)| *lane == self.lane && one.number == number);
        match key.map(|(key, _)| key.clone()).and_then(|key| self.flights.remove(&key)) {
            Some(flight) => {
                let words = "the server has answered that it cannot read the request: its answer has no id";
                self.not_shown(&flight, &Refusal::new("no-answer", words), now)
            }
            None => stray("an answer without an id stands where none is awaited any more"),
        }
    }

    /// The request that waits for its answer on a stream that can be taken up again, and whether it asks for tools.
    pub(super) fn awaited_on(&self, channel: Channel) -> Option<(Sent, bool)> {
        let (Channel::Stream(number) | Channel::Again(number)) = channel else { return None };
        let flight = self.flights.iter().find(|((lane, _), one)| *lane == self.lane && one.number == number);
        flight.map(|(_, one)| (Sent { id: one.id.clone(), number }, matches!(one.asked, Asked::List)))
    }

    /// What has just come to a request.
    pub(super) fn remember(&mut self, sent: Sent, is_list: bool, line: &[u8], then: &Move) {
        let shown = match then {
            _ if is_list => Shown::List,
            Move::Forward => Shown::AsItCame,
            Move::Send(Side::Agent, bytes) => Shown::Instead(bytes.clone()),
            // Several messages in one, or nothing that the agent has heard of.
            Move::Send(Side::Server, _) | Move::Answer(_) | Move::Drop | Move::Hold(_) => return,
        };
        if self.answered.len() >= ANSWERED {
            self.answered.pop_front();
        }
        self.answered.push_back(Answered { sent, digest: blake3::hash(line), shown, is_logged: false });
    }

    /// The records of this answer to a request are in the log: it may be shown again.
    pub fn logged(&mut self, number: u64, line: &[u8]) {
        let mut all = self.answered.iter_mut().filter(|one| one.sent.number == number && !one.is_logged);
        if let Some(one) = all.find(|one| one.digest == blake3::hash(line)) {
            one.is_logged = true;
        }
    }

    /// Whether the answer to this request has been read, and its records are on their way into the log.
    pub fn is_being_logged(&self, number: u64) -> bool {
        self.answered.iter().any(|one| one.sent.number == number && !one.is_logged)
    }

    /// What could not be written down is not shown a second time either. Gives the id of whoever has waited for it.
    pub(super) fn forget_unlogged(&mut self, channel: Channel) -> Option<Id> {
        let is_it = |one: &Answered| Some(one.sent.number) == channel.number() && !one.is_logged;
        let at = self.answered.iter().position(is_it)?;
        self.answered.remove(at).map(|one| one.sent.id)
    }

    /// What was read before, and has not reached the agent for all that the server knows. It is on record, and counted: nothing is added to that.
    pub(super) fn once_more(&mut self, channel: Channel, line: &[u8], now: u64) -> Option<Step> {
        let Channel::Again(number) = channel else { return None };
        let known = self.answered.iter().find(|one| one.sent.number == number && one.is_logged)?;
        if known.digest != blake3::hash(line) {
            return None;
        }
        Some(match &known.shown {
            Shown::AsItCame => Step::new(Move::Forward),
            Shown::Instead(bytes) => Step::new(Move::Send(Side::Agent, bytes.clone())),
            Shown::List => {
                let flight = Flight { id: known.sent.id.clone(), asked: Asked::List, number, token: None };
                match read(line, Side::Server, &self.limits) {
                    Ok(Message::Response { result, .. }) => self.landed(line, &flight, &result, now),
                    Ok(_) => return None,
                    Err(refusal) => self.not_shown(&flight, &refusal, now),
                }
            }
        })
    }

    /// The server will not answer this request: an error for it, if it has had no answer.
    pub fn lose(&mut self, sent: &Sent) -> Option<Step> {
        if !self.is_awaited(sent) {
            return None;
        }
        let flight = self.flights.remove(&self.key(&sent.id.text))?;
        Some(self.lost(flight))
    }

    /// The agent has closed the stream of this request, which cancels it in revision 2026-07-28.
    pub fn cancel_sent(&mut self, sent: &Sent) -> Option<Step> {
        if self.is_awaited(sent) { self.cancel(&sent.id.text) } else { None }
    }

    pub(super) fn lost(&mut self, flight: Flight) -> Step {
        let answer = reply::error(Some(&flight.id), reply::INVALID, "the server ended before it answered", &[]);
        let mut step = Step::new(Move::Send(Side::Agent, answer));
        if let Some((call, tool, _)) = flight.asked.judged() {
            step.records.push(self.outcome(call, tool, Ending::Lost));
        }
        step
    }
}

fn stray(message: &str) -> Step {
    Step::with(Move::Drop, refused(Side::Server, "unasked-answer", message))
}
