//! Units side by side: a queue, a thread a core, events through a channel to the caller's thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::{Event, RunError, Sink};

/// Whether to stop: the caller's wish (Ctrl-C), or another unit's failure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop<'a> {
    wish: &'a AtomicBool,
    failure: &'a AtomicBool,
}

impl Stop<'_> {
    /// Whether to stop at the next point from which a resume can go on.
    pub(crate) fn now(&self) -> bool {
        self.wish.load(Ordering::Relaxed) || self.failure.load(Ordering::Relaxed)
    }
}

/// Sends events to the caller's thread.
#[derive(Clone, Debug)]
pub(crate) struct Emitter(mpsc::Sender<Event>);

impl Emitter {
    /// Sends one. Nobody listens any more only when the caller's thread is unwinding: then there is nobody to tell either.
    pub(crate) fn emit(&self, event: Event) {
        let _ = self.0.send(event);
    }
}

/// Works on `jobs` on `threads` threads, in order. Each result is put where its job was; `None` for jobs not begun when it was time to stop.
///
/// # Errors
/// The first job's failure, after the other running jobs have come to a point from which they can go on.
pub(crate) fn work<J: Sync, R: Send>(
    jobs: &[J],
    threads: usize,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
    job: impl Fn(&J, Stop<'_>, &Emitter) -> Result<R, RunError> + Sync,
) -> Result<Vec<Option<R>>, RunError> {
    let failure = AtomicBool::new(false);
    let stop = Stop { wish: stop, failure: &failure };
    let next = AtomicUsize::new(0);
    let (sender, events) = mpsc::channel();
    let mut results: Vec<Option<R>> = jobs.iter().map(|_| None).collect();
    let mut error = None;
    let worker = |emitter: Emitter| {
        let mut done = Vec::new();
        while !stop.now() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = jobs.get(number) else { break };
            match job(one, stop, &emitter) {
                Ok(result) => done.push((number, result)),
                Err(error) => {
                    failure.store(true, Ordering::Relaxed);
                    return (done, Some(error));
                }
            }
        }
        (done, None)
    };
    let worker = &worker;
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads.clamp(1, jobs.len().max(1)))
            .map(|_| {
                let emitter = Emitter(sender.clone());
                scope.spawn(move || worker(emitter))
            })
            .collect();
        drop(sender);
        // Ends when the last worker has let go of its sender.
        for event in events {
            sink.on(&event);
        }
        for handle in handles {
            match handle.join() {
                Ok((done, failed)) => {
                    for (number, result) in done {
                        if let Some(slot) = results.get_mut(number) {
                            *slot = Some(result);
                        }
                    }
                    error = error.take().or(failed);
                }
                Err(_) => error = Some(RunError::Internal("a worker thread panicked".to_owned())),
            }
        }
    });
    error.map_or(Ok(results), Err)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::work;
    use crate::{Event, RunError};

    fn check(
        threads: usize,
        fail_at: Option<u32>,
        stop_after: Option<u32>,
    ) -> (Result<Vec<Option<u32>>, String>, usize) {
        let stop = AtomicBool::new(false);
        let mut heard = 0;
        let jobs: Vec<u32> = (0..8).collect();
        let results = work(&jobs, threads, &stop, &mut |_: &Event| heard += 1, |job, _, emitter| {
            emitter.emit(Event::Warning { message: job.to_string() });
            if stop_after == Some(*job) {
                stop.store(true, Ordering::Relaxed);
            }
            if fail_at == Some(*job) { Err(RunError::Request("no".into())) } else { Ok(job * 10) }
        });
        (results.map_err(|error| error.to_string()), heard)
    }

    #[test]
    fn every_job_is_done_once_and_in_its_place() {
        for threads in [1, 2, 5, 50] {
            let (results, heard) = check(threads, None, None);
            assert_eq!(results.unwrap(), (0..8).map(|job| Some(job * 10)).collect::<Vec<_>>());
            assert_eq!(heard, 8);
        }
    }

    #[test]
    fn a_failure_or_a_wish_stops_the_rest() {
        assert_eq!(check(1, Some(2), None), (Err("no".into()), 3));
        let (results, heard) = check(1, None, Some(2));
        assert_eq!(results.unwrap()[..4], [Some(0), Some(10), Some(20), None]);
        assert_eq!(heard, 3);
    }
}
