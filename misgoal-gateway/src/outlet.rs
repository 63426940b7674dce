//! The way to a server's stdin that keeps nobody waiting: a server that does not read must not keep the guard from hearing its agent, who may cancel meanwhile.
//!
//! What fits into the pipe is written at once, by whoever sends it. The rest waits in a queue for a thread of its own, which asks of each message whether it is
//! still to be sent. Nobody who sends ever waits: who takes messages in asks before how much room there is.

use std::io::{self, Write};
use std::process::ChildStdin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use misgoal_guard::Room;

use crate::queue::{MOST, Queue, lock};

/// A pipe that says it can be written to takes as much at once (`PIPE_BUF`: 4096 on Linux, at least 512 by POSIX).
#[cfg(unix)]
const AT_ONCE: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    pipe: Mutex<Option<ChildStdin>>,
}

/// Sends messages to a server's stdin.
#[derive(Clone)]
pub(crate) struct Outlet(Arc<Shared>);

impl Outlet {
    /// A server's stdin.
    pub fn new(pipe: ChildStdin) -> Outlet {
        let (queue, changed) = (Mutex::default(), Condvar::new());
        Outlet(Arc::new(Shared { queue, changed, pipe: Mutex::new(Some(pipe)) }))
    }

    /// How much room there is for what the server does not read yet.
    pub fn room(&self) -> Room {
        match lock(&self.0.queue).bytes {
            0..=MOST => Room::Enough,
            bytes if bytes <= 2 * MOST => Room::NoRequest,
            _ => Room::None,
        }
    }

    /// Sends a line, or puts it where it waits.
    ///
    /// # Errors
    /// When the server takes nothing any more.
    pub fn send(&self, line: Vec<u8>) -> io::Result<()> {
        let mut queue = lock(&self.0.queue);
        if queue.is_closed {
            return Ok(());
        }
        queue.check()?;
        if queue.is_idle() {
            let mut pipe = lock(&self.0.pipe);
            match pipe.as_mut() {
                None => return Ok(()),
                Some(pipe) if takes(pipe, line.len()) => return pipe.write_all(&line).and_then(|()| pipe.flush()),
                Some(_) => {}
            }
        }
        queue.push(line);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Writes what waits, until the outlet is closed and nothing waits any more; `is_wanted`: whether a message that has waited is still to be sent.
    pub fn run(&self, is_wanted: impl Fn(&[u8]) -> bool) {
        loop {
            let mut queue = lock(&self.0.queue);
            queue.is_writing = false;
            let line = loop {
                if let Some(line) = queue.pop() {
                    break line;
                }
                if queue.is_closed || queue.is_broken {
                    // The server sees the end of its input.
                    lock(&self.0.pipe).take();
                    return;
                }
                queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            };
            drop(queue);
            self.0.changed.notify_all();
            if !is_wanted(&line) {
                continue;
            }
            let written = match lock(&self.0.pipe).as_mut() {
                Some(pipe) => pipe.write_all(&line).and_then(|()| pipe.flush()),
                None => Ok(()),
            };
            if written.is_err() {
                lock(&self.0.queue).give_up();
            }
        }
    }

    /// The agent says nothing any more.
    pub fn close(&self) {
        lock(&self.0.queue).is_closed = true;
        self.0.changed.notify_all();
    }
}

/// Whether the pipe takes so many bytes without waiting.
#[cfg(unix)]
fn takes(pipe: &ChildStdin, bytes: usize) -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut asked = [PollFd::new(pipe, PollFlags::OUT)];
    bytes <= AT_ONCE && poll(&mut asked, Some(&now)).is_ok_and(|ready| ready == 1)
}

/// Elsewhere nobody can tell.
#[cfg(not(unix))]
fn takes(_: &ChildStdin, _: usize) -> bool {
    false
}
