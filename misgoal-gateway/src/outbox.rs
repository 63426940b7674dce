//! The way to an agent's side of a stdio server. An agent that does not read must not keep the guard from hearing it, nor from looking after what waits for a person.
//!
//! Who passes on what the server says waits until all is written: then the server is read only as fast as its agent reads. What the guard says itself is put in a queue for
//! a thread of its own, and only who hears the agent waits where that is too long.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::queue::{MOST, Queue, lock};

/// Sends messages to an agent.
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
    pipe: Mutex<Box<dyn Write + Send>>,
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
        let mut queue = self.wait_until(|queue| queue.is_broken || queue.is_idle());
        queue.check()?;
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
        queue.check()?;
        queue.push(line);
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
                |queue: &Queue| queue.is_broken || !queue.is_writing && (queue.is_closed || !queue.is_empty());
            let mut queue = self.wait_until(is_ready);
            let Some(line) = queue.pop() else { return };
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
            queue.give_up();
        }
        self.changed.notify_all();
        written
    }

    fn wait_until(&self, is_so: impl Fn(&Queue) -> bool) -> MutexGuard<'_, Queue> {
        let waits = |queue: &mut Queue| !is_so(queue);
        self.changed.wait_while(lock(&self.queue), waits).unwrap_or_else(PoisonError::into_inner)
    }
}
