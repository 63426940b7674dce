//! Messages that are not read: nobody is to wait for ever for what was refused.

use super::{Flight, Guard, Move, Sent, Step, refused, reply};
use crate::read::{Glimpse, Id, Refusal, Side};

impl Guard {
    /// A message of which more came than is kept, and what was made out of it on the way.
    pub fn too_large(&mut self, side: Side, glimpses: &[Glimpse], now: u64) -> Step {
        let most = self.limits.bytes;
        let message = format!("a message has more than {most} bytes (`message-bytes` in guard.toml)");
        self.unread(side, glimpses, &Refusal::new("too-large", message), now)
    }

    /// The answer to a request cannot be shown; whoever asked gets an error in its place.
    pub fn refuse_answer(&mut self, to: Option<&Sent>, refusal: &Refusal, now: u64) -> Step {
        let id = to.filter(|sent| self.is_awaited(sent)).map(|sent| sent.id.clone());
        self.unread(Side::Server, &[Glimpse { id, asks: false }], refusal, now)
    }

    /// A text goes nowhere. The error is for its writer where it asks for something, and where it is an answer for whoever asked; of several messages in it, for each.
    pub(super) fn unread(&mut self, side: Side, glimpses: &[Glimpse], refusal: &Refusal, now: u64) -> Step {
        let mut step = Step::with(Move::Drop, refused(side, refusal.code, &refusal.message));
        let mut answers = Vec::new();
        for Glimpse { id, asks } in glimpses {
            let Some(id) = id else { continue };
            match side {
                Side::Agent if !asks && self.asked_by_server(id) => {
                    self.server_flights.remove(&id.text);
                    answers.push((Side::Server, error(Some(id), "the agent's answer", refusal)));
                }
                // Answering for an id in flight would settle the wrong request.
                Side::Agent if !self.in_flight(id) => {
                    answers.push((Side::Agent, error(Some(id), "the message", refusal)));
                }
                Side::Server if *asks && !self.server_flights.contains_key(&id.text) => {
                    answers.push((Side::Server, error(Some(id), "the message", refusal)));
                }
                Side::Server if !asks => {
                    if let Some(flight) = self.landing(id) {
                        answers.push((Side::Agent, error(Some(&flight.id), "the server's answer", refusal)));
                        self.close(&flight.asked, &refusal.message, now, &mut step);
                    }
                }
                Side::Agent | Side::Server => {}
            }
        }
        answers.dedup();
        step.then = match (answers.len(), answers.pop()) {
            (_, None) if side == Side::Agent => Move::Send(Side::Agent, error(None, "the message", refusal)),
            (_, None) => Move::Drop,
            (1, Some((to, answer))) => Move::Send(to, answer),
            (_, Some(last)) => {
                answers.push(last);
                Move::Answer(answers)
            }
        };
        step
    }

    /// An answer that has come and is not shown.
    pub(super) fn not_shown(&mut self, flight: &Flight, refusal: &Refusal, now: u64) -> Step {
        let answer = error(Some(&flight.id), "the server's answer", refusal);
        let record = refused(Side::Server, refusal.code, &refusal.message);
        let mut step = Step::with(Move::Send(Side::Agent, answer), record);
        self.close(&flight.asked, &refusal.message, now, &mut step);
        step
    }

    /// What is cancelled must be named as it is: to some servers `1` and `"1"` are one request, and to others they are not. What waits is looked for in all lanes, as
    /// [`Guard::cancel_held`] does.
    pub(super) fn other_kind(&self, id: &Id) -> Option<Refusal> {
        let held = self.waiting.values().map(|one| &one.id).filter(|one| one.text == id.text);
        let mut asked = held.chain(self.flights.get(&self.key(&id.text)).map(|flight| &flight.id)).peekable();
        let first = *asked.peek()?;
        let message = format!("the request to cancel is {first}, and not {id}");
        (!asked.any(|one| one == id)).then(|| Refusal::new("bad-id", message))
    }

    /// Whether the server waits for the agent's answer to this request.
    fn asked_by_server(&self, id: &Id) -> bool {
        self.server_flights.get(&id.text).is_some_and(|asked| asked.id == *id)
    }
}

fn error(id: Option<&Id>, what: &str, refusal: &Refusal) -> Vec<u8> {
    let words = format!("{what} was refused: {}", refusal.message);
    reply::error(id, reply::INVALID, &words, &[refusal.code.to_owned()])
}
