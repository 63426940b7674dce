//! Who looks after the log's size and age while a guard runs: a thread of its own with its own connection, so that no call waits for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use misgoal_guard::retain::{Keep, Rotate};

use crate::desk::{Tell, lock};
use crate::files::Files;
use crate::log::Log;
use crate::{GatewayError, Note};

/// Between two looks: a log grows by some megabytes in it at most.
const LOOK: Duration = Duration::from_secs(5);

/// Looks between two looks at what is kept, which opens the archives.
const KEEP_EVERY: u32 = 12;

/// Ends its thread when it is dropped. A rotation that is going on may be cut off by the process's end; the next one goes on with it.
pub(crate) struct Keeper {
    _until_dropped: mpsc::Sender<()>,
}

/// What `[log]` says of rotation and retention.
struct Orders {
    rotate: Option<Rotate>,
    keep: Option<Keep>,
    window: u64,
    profile: Option<String>,
}

impl Keeper {
    /// Begins to look after the log at `path`, as `files` say at the time.
    pub fn start(path: PathBuf, files: Arc<Mutex<Files>>, tell: Tell) -> Keeper {
        let (sender, dropped) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut log, mut told, mut round) = (None, String::new(), 0);
            // The first look is at once: many sessions are short.
            let mut wait = Duration::ZERO;
            while dropped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = LOOK;
                // An error that stays is told once.
                let all = round % KEEP_EVERY == 0;
                round += 1;
                match look(&path, &files, &mut log, all, &tell) {
                    Ok(()) => told.clear(),
                    Err(error) if error.to_string() == told => {}
                    Err(error) => {
                        told = error.to_string();
                        tell(Note::Failed(format!("the log could not be rotated: {error}")));
                    }
                }
            }
        });
        Keeper { _until_dropped: sender }
    }
}

fn orders(files: &Mutex<Files>) -> Result<Orders, GatewayError> {
    let files = lock(files)?;
    let table = &files.config.log;
    Ok(Orders {
        rotate: table.rotate,
        keep: table.keep.as_ref().map(|keep| *keep.get_ref()),
        window: files.config.longest_window().0,
        profile: files.profile.as_ref().map(|profile| profile.digest.clone()),
    })
}

fn look(
    path: &Path,
    files: &Mutex<Files>,
    log: &mut Option<Log>,
    mut all: bool,
    tell: &Tell,
) -> Result<(), GatewayError> {
    let orders = orders(files)?;
    if orders.rotate.is_none() && orders.keep.is_none() {
        return Ok(());
    }
    let log = match log {
        Some(log) => log,
        none => none.insert(Log::open(path)?),
    };
    if let Some(rotate) = orders.rotate
        && log.is_due(&rotate)?
        && let Some(closed) = log.rotate(&mut |_| {})?
    {
        all = true;
        tell(Note::Archived { path: closed.path, first: closed.first, last: closed.last });
    }
    if let Some(keep) = orders.keep.filter(|_| all)
        && let Some(removed) = log.retain(&keep, orders.window, orders.profile.as_deref(), &mut |_| {})?
    {
        tell(Note::Removed(removed.last));
    }
    Ok(())
}
