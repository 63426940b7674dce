//! A stream of the server's messages on its way to the agent, each judged.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use misgoal_guard::read::{Id, Refusal, Side};
use misgoal_guard::{Move, Record, Step};

use super::body::Stream;
use super::exchange::{At, Desk, Sender, channel, too_large};
use super::hall::{Busy, Bytes};
use super::sse::{self, Broken, Event, KEEP_ALIVE, Reader};
use crate::line::trimmed;

/// One stream.
pub(super) struct Pump {
    desk: Arc<Desk>,
    at: At,
    /// The request that the stream answers; none where the agent opened it for the server to speak on.
    id: Option<Id>,
    /// Whether the agent cancels the request by closing the stream.
    cancels_by_closing: bool,
    to: Sender,
    _busy: Busy,
}

impl Pump {
    pub fn new(desk: Arc<Desk>, at: At, id: Option<Id>, cancels_by_closing: bool, busy: Busy) -> (Pump, Stream) {
        let (to, stream) = channel();
        if id.is_none()
            && let Ok(mut known) = at.session.stream.lock()
        {
            *known = Some(to.clone());
        }
        (Pump { desk, at, id, cancels_by_closing, to, _busy: busy }, stream)
    }

    /// Takes the server's stream to its end, or until the agent has gone or the guard ends.
    pub async fn run(self, mut from: Incoming) {
        let most = crate::desk::lock(&self.desk.hall.desk.files).map_or(0, |files| files.config.limits.message_bytes);
        let mut reader = Reader::new(most);
        let mut closing = self.desk.closing.clone();
        let mut resumable = false;
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
            for event in events {
                resumable |= event.id.is_some();
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
        if let (Some(kind), false) = (&other, data.is_empty()) {
            let reason = format!("an event `{}` is no message", kind.escape_debug());
            let record = refused("unknown-event", &reason);
            self.desk.hall.step(&self.at.session, self.at.lane, Side::Server, |_| Some(record)).await;
            data.clear();
        }
        if !data.is_empty() {
            event.data =
                match self.desk.hall.judge_answer(&self.at.session, self.at.lane, self.id.as_ref(), &data).await {
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
        if let Some(answer) = self.desk.refused(&self.at, self.id.as_ref(), &refusal).await {
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
            self.desk.leave(&self.at, self.id.as_ref(), true).await;
            return self.desk.close_if(self.at.passing, &self.at).await;
        }
        if resumable && self.at.lane == 0 && !self.at.passing && !*self.desk.closing.borrow() {
            return;
        }
        if let Some(lost) = self.desk.lose(&self.at, self.id.as_ref()).await {
            self.say(&lost).await;
        }
        self.desk.close_if(self.at.passing, &self.at).await;
    }
}

fn refused(code: &str, reason: &str) -> Step {
    Step::with(Move::Drop, Record::new("refused").text("from", "server").text("code", code).text("reason", reason))
}
