//! The one who writes the log for all sessions: a thread of its own, since SQLite blocks. Records that wait at the same time are committed together, so
//! that forcing them to the disk costs one wait and not one each.

use std::thread::JoinHandle;

use misgoal_guard::Record;
use tokio::sync::{mpsc, oneshot};

use crate::log::Log;

/// Records that are committed together at most.
const TOGETHER: usize = 512;

/// Something to be done with the log, in the order in which it was asked for.
pub(super) enum Job {
    /// Append records of a session; the answer says whether they are committed.
    Append { session: String, records: Vec<Record>, forced: bool, done: oneshot::Sender<Result<(), String>> },
    /// Whatever needs the log itself.
    Do(Box<dyn FnOnce(&mut Log) + Send>),
    /// Nothing comes after this.
    Close,
}

/// A handle on the thread.
pub(super) struct Scribe {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Scribe {
    /// Begins to write. The queue is bounded by the exchanges that wait for it, each of which has one job there at a time.
    pub fn start(log: Log) -> (Scribe, JoinHandle<()>) {
        let (jobs, queue) = mpsc::unbounded_channel();
        (Scribe { jobs }, std::thread::spawn(move || write(log, queue)))
    }

    /// Asks for a job. One that comes after the end is dropped, and whoever waits for it hears that.
    pub fn ask(&self, job: Job) {
        // The sender of an answer goes with the job: its receiver is told.
        let _ = self.jobs.send(job);
    }
}

fn write(mut log: Log, mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut next = None;
    loop {
        let Some(job) = next.take().or_else(|| queue.blocking_recv()) else { return };
        let first = match job {
            Job::Close => return,
            Job::Do(job) => {
                job(&mut log);
                continue;
            }
            append @ Job::Append { .. } => append,
        };
        let mut batch = vec![first];
        while batch.len() < TOGETHER {
            match queue.try_recv() {
                Ok(append @ Job::Append { .. }) => batch.push(append),
                Ok(other) => {
                    next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        commit(&mut log, batch);
    }
}

fn commit(log: &mut Log, batch: Vec<Job>) {
    let part = |job: &Job| matches!(job, Job::Append { forced: true, .. });
    let forced = batch.iter().any(part);
    let all = batch.iter().filter_map(|job| match job {
        Job::Append { session, records, .. } => Some((session.as_str(), records.as_slice())),
        _ => None,
    });
    let written = log.append_all(all, forced).map_err(|error| error.to_string());
    for job in batch {
        if let Job::Append { done, .. } = job {
            // Whoever asked may have gone.
            let _ = done.send(written.clone());
        }
    }
}
