//! The proxy of Streamable HTTP servers: agents talk to us, we talk to the server, and every message is judged in between, each session by itself.

mod answer;
mod beside;
mod body;
mod door;
mod event_id;
mod exchange;
mod hall;
mod headers;
pub mod probe;
mod pump;
mod scribe;
mod sse;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::Uri;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::desk::Desk;
use crate::files::Place;
use crate::tls::{self, Connector};
use crate::{GatewayError, Note};
use door::Door;
use hall::Hall;
use scribe::Scribe;

/// How a server is fronted.
#[derive(Clone, Debug)]
pub struct Front {
    /// Where agents reach the guard.
    pub listen: SocketAddr,
    /// The server's endpoint, such as `http://127.0.0.1:3000/mcp` or `https://mcp.example/mcp`.
    pub upstream: String,
    /// Certificates in PEM, one of whose authorities must have signed the server's; those that this machine trusts, where nothing is said.
    pub ca: Option<PathBuf>,
    /// Origins of web pages that may call, beside pages of this machine.
    pub origins: Vec<String>,
    /// Connections at once, at most.
    pub connections: usize,
    /// How long a session may be unused before it ends.
    pub idle: Duration,
}

/// How often held calls are looked after.
const LOOK: Duration = Duration::from_millis(100);
/// Looks between two looks at the files and at idle sessions.
const FILES_EVERY: u32 = 10;
/// How long an agent may take for the head of a request.
const HEAD: Duration = Duration::from_secs(15);
/// How long a connection to the server may lie idle and be used again. Common servers close theirs after five seconds, and a call that meets the end of
/// its connection is lost.
const REUSE: Duration = Duration::from_secs(3);
/// How long exchanges may go on after the guard was told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait after a connection could not be taken, for instance because there are too many files open.
const PAUSE: Duration = Duration::from_millis(50);

/// Fronts a server until `stop` is set; `ready` is told where the guard listens.
///
/// # Errors
/// When the files are wrong, the log cannot be opened, the server's address is none, or nothing can listen there.
pub fn serve(
    place: &Place,
    front: &Front,
    stop: &AtomicBool,
    ready: impl FnOnce(SocketAddr),
    tell: impl Fn(Note) + Send + Sync + 'static,
) -> Result<(), GatewayError> {
    let (desk, log) = Desk::open(place, false, tell)?;
    let upstream = tls::address(&front.upstream)?;
    let mut connector = tls::connector(&upstream, front.ca.as_deref())?;
    let io = |what: &str| {
        let what = what.to_owned();
        move |error| GatewayError::Io { what, error }
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(io("cannot start threads"))?;
    let (scribe, writing) = Scribe::start(log);
    let idle = u64::try_from(front.idle.as_millis()).unwrap_or(u64::MAX);
    let server = tls::authority(&upstream);
    let hall = Arc::new(Hall::new(desk, scribe, server, SESSIONS, idle));
    let served = runtime.block_on(async {
        // Whom nobody vouches for is not fronted.
        tls::check(&mut connector, &upstream).await?;
        let listener = TcpListener::bind(front.listen).await;
        let listener = listener.map_err(io(&format!("cannot listen at {}", front.listen)))?;
        ready(listener.local_addr().map_err(io("cannot tell where the guard listens"))?);
        take(&hall, front, upstream, connector, listener, stop).await
    });
    // Tasks that are left hold nothing that is not in the log.
    runtime.shutdown_timeout(Duration::from_secs(1));
    hall.close();
    // A scribe that has failed has told everyone who waited.
    let _ = writing.join();
    served
}

/// Sessions at once, at most.
const SESSIONS: usize = 10_000;

/// Takes connections until it is time to stop, and ends the sessions.
async fn take(
    hall: &Arc<Hall>,
    front: &Front,
    upstream: Uri,
    connector: Connector,
    listener: TcpListener,
    stop: &AtomicBool,
) -> Result<(), GatewayError> {
    let mut client = Client::builder(TokioExecutor::new());
    client.pool_timer(TokioTimer::new()).pool_idle_timeout(REUSE);
    let client = client.build(connector);
    let (close, closing) = watch::channel(false);
    let door = Door { origins: front.origins.clone(), loopback: front.listen.ip().is_loopback() };
    let desk = Arc::new(exchange::Desk { hall: Arc::clone(hall), door, client, upstream, closing });
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(front.connections));
    let mut minding = tokio::time::interval(LOOK);
    minding.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut stamp, mut round) = (hall.desk.opened.clone(), 0);
    while !stop.load(Ordering::SeqCst) {
        let taken = tokio::select! {
            taken = listener.accept(), if room.available_permits() > 0 => taken,
            _ = minding.tick() => {
                round += 1;
                mind(hall, &mut stamp, round % FILES_EVERY == 0).await;
                continue;
            }
        };
        let Ok((connection, _)) = taken else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else { continue };
        // A connection without it is slower, and works.
        let _ = connection.set_nodelay(true);
        let desk = Arc::clone(&desk);
        let service = service_fn(move |request| exchange::answer(Arc::clone(&desk), request));
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(64 << 10);
        let served = graceful.watch(server.serve_connection(TokioIo::new(connection), service));
        tokio::spawn(async move {
            // What an agent breaks off is no error of ours.
            let _ = served.await;
            drop(place);
        });
    }
    drop(listener);
    // Streams end now; whatever else is going on has a little time.
    let _ = close.send(true);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    hall.sweep(true).await
}

/// Looks after held calls, and now and then after files and idle sessions.
async fn mind(hall: &Arc<Hall>, stamp: &mut crate::desk::Stamp, files: bool) {
    let mut minded = hall.look_after();
    if files && minded.is_ok() {
        minded = hall.look_at_files(stamp).await;
        if minded.is_ok() {
            minded = hall.sweep(false).await;
        }
    }
    if let Err(error) = minded {
        (hall.desk.tell)(Note::Failed(error.to_string()));
    }
}
