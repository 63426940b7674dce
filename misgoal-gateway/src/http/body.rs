//! Bodies of answers: whole, or a stream of parts.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Frame;
use tokio::sync::mpsc;

use super::hall::Bytes;

/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Parts as they come. The sender waits while the agent does not read.
pub(super) struct Stream(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}

/// A stream in which so many parts may wait.
pub(super) fn channel(parts: usize) -> (mpsc::Sender<Bytes>, Stream) {
    let (sender, receiver) = mpsc::channel(parts);
    (sender, Stream(receiver))
}

/// A body that is there as a whole.
pub(super) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).boxed_unsync()
}

/// An answer that comes in parts.
pub(super) fn streamed(stream: Stream) -> Response<Body> {
    Response::new(stream.boxed_unsync())
}
