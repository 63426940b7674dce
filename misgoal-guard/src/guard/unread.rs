//! Messages that are not read: nobody is to wait for ever for what was refused.

use super::{Flight, Guard, Move, Step, refused, reply};
use crate::read::{Glimpse, Id, Node, Refusal, Side};

impl Guard {
    /// A message of which more came than is kept, and what was made out of it on the way.
    pub fn too_large(&mut self, side: Side, glimpse: Glimpse, now: u64) -> Step {
        let most = self.limits.bytes;
        let message = format!("a message has more than {most} bytes (`message-bytes` in guard.toml)");
        self.unread(side, glimpse, &Refusal::new("too-large", message), now)
    }

    /// The answer to a request cannot be shown; whoever asked gets an error in its place.
    pub fn refuse_answer(&mut self, id: Option<&Id>, refusal: &Refusal, now: u64) -> Step {
        self.unread(Side::Server, Glimpse { id: id.cloned(), asks: false }, refusal, now)
    }

    /// A message goes nowhere. The error is for its writer where it asks for something, and where it is an answer for whoever asked.
    pub(super) fn unread(&mut self, side: Side, glimpse: Glimpse, refusal: &Refusal, now: u64) -> Step {
        let record = refused(side, refusal.code, &refusal.message);
        let Glimpse { id, asks } = glimpse;
        match side {
            Side::Agent => {
                let asked = id.as_ref().filter(|id| !asks && self.asked_by_server(id)).cloned();
                if let Some(id) = asked {
                    self.server_flights.remove(&id.text);
                    return Step::with(
                        Move::Send(Side::Server, error(Some(&id), "the agent's answer", refusal)),
                        record,
                    );
                }
                // Answering for an id in flight would settle the wrong request.
                let id = id.filter(|id| !self.in_flight(id));
                Step::with(Move::Send(Side::Agent, error(id.as_ref(), "the message", refusal)), record)
            }
            Side::Server if asks => {
                let id = id.filter(|id| !self.server_flights.contains_key(&id.text));
                let answer = |id: &Id| Move::Send(Side::Server, error(Some(id), "the message", refusal));
                Step::with(id.as_ref().map_or(Move::Drop, answer), record)
            }
            Side::Server => match id.and_then(|id| self.landing(&id)) {
                Some(flight) => self.not_shown(&flight, refusal, now),
                None => Step::with(Move::Drop, record),
            },
        }
    }

    /// An answer that has come and is not shown.
    pub(super) fn not_shown(&mut self, flight: &Flight, refusal: &Refusal, now: u64) -> Step {
        let answer = error(Some(&flight.id), "the server's answer", refusal);
        let record = refused(Side::Server, refusal.code, &refusal.message);
        let mut step = Step::with(Move::Send(Side::Agent, answer), record);
        self.close(&flight.asked, now, &mut step);
        step
    }

    /// What is cancelled must be named as it is: to some servers `1` and `"1"` are one request, and to others they are not.
    pub(super) fn other_kind(&self, id: &Node<'_>) -> Option<Refusal> {
        let text = id.text().map_or_else(|| id.canonical(), str::to_owned);
        let lane = self.lane;
        let held = self.waiting.values().find(|one| one.lane == lane && one.id.text == text).map(|one| &one.id);
        let asked = held.or_else(|| self.flights.get(&self.key(&text)).map(|flight| &flight.id))?;
        let message = format!("the request to cancel is {asked}, and not {}", id.canonical());
        (asked.is_string != id.text().is_some()).then(|| Refusal::new("bad-id", message))
    }

    /// Whether the server waits for the agent's answer to this request.
    fn asked_by_server(&self, id: &Id) -> bool {
        self.server_flights.get(&id.text).is_some_and(|(asked, _)| asked == id)
    }
}

fn error(id: Option<&Id>, what: &str, refusal: &Refusal) -> Vec<u8> {
    let words = format!("{what} was refused: {}", refusal.message);
    reply::error(id, reply::INVALID, &words, &[refusal.code.to_owned()])
}
