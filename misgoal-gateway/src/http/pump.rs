//! A stream of the server's messages on its way to the agent, each judged.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use misgoal_guard::read::{Node, Refusal, Side};
use misgoal_guard::{Channel, Move, Record, Step};

use super::answer::too_large;
use super::body::Stream;
use super::event_id;
use super::exchange::{At, Desk, Sender, What, channel};
use super::hall::{Busy, Bytes};
use super::sse::{self, Broken, Event, KEEP_ALIVE, Reader};
use crate::line::trimmed;

/// One stream.
pub(super) struct Pump {
    desk: Arc<Desk>,
    at: At,
    what: What,
    /// Whether the agent cancels the request by closing the stream.
    cancels_by_closing: bool,
    /// The session's name in the log, where streams of it can be taken up again. Agents without sessions are not told apart, so that none can come back for its own;
    /// revision 2026-07-28 has no such thing.
    resumes: Option<String>,
    to: Sender,
    _busy: Busy,
}

impl Pump {
    pub fn new(desk: Arc<Desk>, at: At, what: What, cancels_by_closing: bool, busy: Busy) -> (Pump, Stream) {
        let (to, stream) = channel();
        if what == What::Listening
            && let Ok(mut known) = at.session.stream.lock()
        {
            *known = Some(to.clone());
        }
        let may_resume = at.lane == 0 && !at.passing && !cancels_by_closing;
        let name = || at.session.seat.lock().ok().map(|seat| seat.name.clone());
        let resumes = if may_resume { name() } else { None };
        (Pump { desk, at, what, cancels_by_closing, resumes, to, _busy: busy }, stream)
    }

    /// Which answers can come.
    fn channel(&self) -> Channel {
        match &self.what {
            What::Request(sent) if self.resumes.is_some() => Channel::Stream(sent.number),
            What::Request(sent) => Channel::Answer(sent.number),
            What::Resuming(sent) => Channel::Again(sent.number),
            What::Listening | What::Other => Channel::Other,
        }
    }

    /// Takes the server's stream to its end, or until the agent has gone or the guard ends.
    pub async fn run(self, mut from: Incoming) {
        let most = crate::desk::lock(&self.desk.hall.desk.files).map_or(0, |files| files.config.limits.message_bytes);
        let mut reader = Reader::new(most);
        let mut closing = self.desk.closing.clone();
        // Who takes a stream up again can do so once more.
        let mut resumable = matches!(self.what, What::Resuming(_));
        loop {
            let gone = async {
                tokio::select! {
                    () = self.to.closed() => {}
                    // The sender of this lives as long as the guard.
                    _ = closing.wait_for(|closing| *closing) => {}
                }
            };
            let frame = tokio::select! {
                frame = from.frame() => frame,
                () = gone => break,
            };
            let Some(Ok(frame)) = frame else { break };
            let Some(part) = frame.data_ref() else { continue };
            let (mut events, mut comments) = (Vec::new(), 0);
            let read = reader.read(part, &mut events, &mut comments);
            if comments > 0 && self.to.send(Bytes::from_static(KEEP_ALIVE)).await.is_err() {
                break;
            }
            for mut event in events {
                event.id = self.resumes.as_ref().and_then(|session| {
                    let number = self.what.sent().map_or(event_id::NO_REQUEST, |sent| sent.number);
                    event.id.as_ref().map(|id| event_id::for_agent(session, number, id))
                });
                resumable |= event.id.as_ref().is_some_and(|id| !id.is_empty());
                if !self.pass(event).await {
                    return self.end(resumable).await;
                }
            }
            if let Err(broken) = read {
                self.refuse(broken, most).await;
                resumable = false;
                break;
            }
        }
        self.end(resumable).await;
    }

    /// Judges an event and sends what may go on; false where the agent has gone.
    async fn pass(&self, mut event: Event) -> bool {
        // MCP has messages alone; what else an event is called, some readers leave it out and some do not.
        let other = event.kind.take().filter(|kind| kind != "message" && !kind.is_empty());
        let mut data = event.data.take().unwrap_or_default();
        if let Some(retry) = &event.retry {
            self.desk.hear(&self.at, self.channel(), "retry", &[&Node::of_text(retry)]).await;
        }
        if let (Some(kind), false) = (&other, data.is_empty()) {
            let reason = format!("an event `{}` is no message", kind.escape_debug());
            let record = refused("unknown-event", &reason);
            self.desk.hall.step(&self.at.session, self.at.lane, Side::Server, |_| Some(record)).await;
            data.clear();
        }
        if !data.is_empty() {
            event.data = match self.desk.hall.judge_answer(&self.at.session, self.at.lane, self.channel(), &data).await
            {
                Move::Forward => Some(data),
                Move::Send(Side::Agent, bytes) => Some(trimmed(&bytes).to_vec()),
                Move::Answer(all) => {
                    for (to, answer) in all {
                        match to {
                            Side::Agent => self.say(&answer).await,
                            Side::Server => self.desk.reply(&self.at, answer).await,
                        }
                    }
                    None
                }
                Move::Send(Side::Server, line) => {
                    self.desk.reply(&self.at, line).await;
                    None
                }
                Move::Drop | Move::Hold(_) => None,
            };
        } else if event.id.is_some() {
            event.data = Some(Vec::new());
        }
        event == Event::default() || self.to.send(sse::write(&event).into()).await.is_ok()
    }

    /// What cannot be read is not passed, and nothing after it can be.
    async fn refuse(&self, broken: Broken, most: usize) {
        let refusal = match broken {
            Broken::TooLong => too_large(most),
            Broken::Ambiguous => Refusal::new(
                "ambiguous-stream",
                "an event can be split in two ways, or its id or kind is not visible ASCII",
            ),
        };
        if let Some(answer) = self.desk.refused(&self.at, self.what.sent(), &refusal).await {
            self.say(&answer).await;
        }
    }

    /// An answer of the guard's own. The agent may have gone.
    async fn say(&self, answer: &[u8]) {
        let event = Event { data: Some(trimmed(answer).to_vec()), ..Event::default() };
        let _ = self.to.send(sse::write(&event).into()).await;
    }

    /// A request whose answer can still come on another stream waits on; for any other there is an error.
    async fn end(&self, resumable: bool) {
        if let Ok(mut known) = self.at.session.stream.lock() {
            // The agent's answer ends when nobody can add to it any more.
            known.take_if(|known| known.same_channel(&self.to));
        }
        if self.cancels_by_closing && self.to.is_closed() {
            self.desk.leave(&self.at, self.what.sent(), true).await;
            return self.desk.close_if(self.at.passing, &self.at).await;
        }
        if resumable && !*self.desk.closing.borrow() {
            return;
        }
        if let Some(lost) = self.desk.lose(&self.at, self.what.sent()).await {
            self.say(&lost).await;
        }
        self.desk.close_if(self.at.passing, &self.at).await;
    }
}

fn refused(code: &str, reason: &str) -> Step {
    Step::with(Move::Drop, Record::new("refused").text("from", "server").text("code", code).text("reason", reason))
}
