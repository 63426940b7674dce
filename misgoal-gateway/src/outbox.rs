//! The way to an agent's side of a stdio server. An agent that does not read must not keep the guard from hearing it, nor from looking after what waits for a person.
//!
//! Who passes on what the server says waits until all is written: then the server is read only as fast as its agent reads. What the guard says itself is put in a queue for
//! a thread of its own, and only who hears the agent waits where that is too long.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::outlet::MOST;

#[derive(Default)]
struct Queue {
    all: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Whether somebody writes.
    is_writing: bool,
    /// Whether nothing is added any more.
    is_closed: bool,
    /// Whether the agent takes nothing any more.
    is_broken: bool,
}

/// Sends messages to an agent.
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
    pipe: Mutex<Box<dyn Write + Send>>,
}

/// What a panic left behind is sent all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    pub fn new(pipe: impl Write + Send + 'static) -> Outbox {
        Outbox { queue: Mutex::default(), changed: Condvar::new(), pipe: Mutex::new(Box::new(pipe)) }
    }

    /// Writes a line behind all that waits, and returns when the agent's side has it.
    ///
    /// # Errors
    /// When the agent takes nothing any more.
    pub fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut queue = self.wait_until(|queue| queue.is_broken || queue.all.is_empty() && !queue.is_writing);
        if queue.is_broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        queue.is_writing = true;
        drop(queue);
        self.written(line)
    }

    /// Puts a line where it waits.
    ///
    /// # Errors
    /// When the agent takes nothing any more.
    pub fn put(&self, line: Vec<u8>) -> io::Result<()> {
        let mut queue = lock(&self.queue);
        if queue.is_broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        queue.bytes += line.len();
        queue.all.push_back(line);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits until there is room for what may come of another message: an agent that never reads is heard no further.
    pub fn wait_for_room(&self) {
        drop(self.wait_until(|queue| queue.bytes <= MOST));
    }

    /// Writes what waits, until the outbox is closed and nothing waits any more.
    pub fn run(&self) {
        loop {
            let is_ready =
                |queue: &Queue| queue.is_broken || !queue.is_writing && (queue.is_closed || !queue.all.is_empty());
            let mut queue = self.wait_until(is_ready);
            let Some(line) = queue.all.pop_front() else { return };
            queue.bytes -= line.len();
            queue.is_writing = true;
            drop(queue);
            // Who sends next is told.
            let _ = self.written(&line);
        }
    }

    /// Nothing is said any more.
    pub fn close(&self) {
        lock(&self.queue).is_closed = true;
        self.changed.notify_all();
    }

    /// Writes a line, as the only one who does.
    fn written(&self, line: &[u8]) -> io::Result<()> {
        let mut pipe = lock(&self.pipe);
        let written = pipe.write_all(line).and_then(|()| pipe.flush());
        drop(pipe);
        let mut queue = lock(&self.queue);
        queue.is_writing = false;
        if written.is_err() {
            (queue.is_broken, queue.bytes) = (true, 0);
            queue.all.clear();
        }
        self.changed.notify_all();
        written
    }

    fn wait_until(&self, is_so: impl Fn(&Queue) -> bool) -> MutexGuard<'_, Queue> {
        let waits = |queue: &mut Queue| !is_so(queue);
        self.changed.wait_while(lock(&self.queue), waits).unwrap_or_else(PoisonError::into_inner)
    }
}
