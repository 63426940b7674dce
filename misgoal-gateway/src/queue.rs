//! Lines that wait for a side that does not read, and who writes them: of the way to a server and of the way to an agent.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that may wait for a side that does not read: then requests are refused, with the double of it everything is.
pub(crate) const MOST: usize = 64 << 20;

/// What waits.
#[derive(Default)]
pub(crate) struct Queue {
    all: VecDeque<Vec<u8>>,
    /// Bytes of all of them.
    pub bytes: usize,
    /// Whether somebody writes a line that is not among them any more.
    pub is_writing: bool,
    /// Whether nothing is added any more.
    pub is_closed: bool,
    /// Whether the other side takes nothing any more.
    pub is_broken: bool,
}

impl Queue {
    /// Whether none waits and none is being written.
    pub fn is_idle(&self) -> bool {
        self.all.is_empty() && !self.is_writing
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds a line.
    pub fn push(&mut self, line: Vec<u8>) {
        self.bytes += line.len();
        self.all.push_back(line);
    }

    /// Takes the first, to be written.
    pub fn pop(&mut self) -> Option<Vec<u8>> {
        let line = self.all.pop_front()?;
        self.bytes -= line.len();
        self.is_writing = true;
        Some(line)
    }

    /// The other side takes nothing any more: nothing waits for it.
    pub fn give_up(&mut self) {
        (self.is_broken, self.bytes) = (true, 0);
        self.all.clear();
    }

    /// # Errors
    /// When the other side takes nothing any more.
    pub fn check(&self) -> io::Result<()> {
        if self.is_broken { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

/// What a panic left behind is sent all the same.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
