//! What happens at the terminal: keys, other sizes, and that it is gone.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{Event, poll, read};

/// Between two looks whether the terminal has another size, which comes by another way than keys.
const LOOK: Duration = Duration::from_millis(250);

/// The next event of the terminal; none where none comes within this time.
///
/// # Errors
/// When the terminal cannot be read or is gone. `crossterm` would read the end of its input for ever.
pub fn event(within: Duration) -> io::Result<Option<Event>> {
    let end = Instant::now() + within;
    loop {
        wait(Duration::ZERO)?;
        if poll(Duration::ZERO)? {
            return read().map(Some);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        wait(left.min(LOOK))?;
    }
}

/// The next event, however long it takes.
///
/// # Errors
/// As [`event`].
#[cfg(feature = "study")]
pub fn next_event() -> io::Result<Event> {
    loop {
        if let Some(event) = event(LOOK)? {
            return Ok(event);
        }
    }
}

/// Waits until there is something to read.
#[cfg(unix)]
fn wait(within: Duration) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdin = io::stdin();
    let mut terminal = [PollFd::new(&stdin, PollFlags::IN)];
    let timeout = Timespec { tv_sec: 0, tv_nsec: within.subsec_nanos().into() };
    match poll(&mut terminal, Some(&timeout)) {
        // A signal: its flag is looked at by whoever asked for events.
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    if terminal.iter().any(|terminal| terminal.revents().intersects(gone)) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal is gone"));
    }
    Ok(())
}

/// Elsewhere the console cannot be hung up.
#[cfg(not(unix))]
fn wait(within: Duration) -> io::Result<()> {
    poll(within).map(|_| ())
}
