//! One line of progress for work of seconds: drawn over itself on a terminal, every few seconds elsewhere.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Console;

/// Between two plain lines.
const EVERY: Duration = Duration::from_secs(3);

/// A line of progress.
pub struct Bar {
    console: Console,
    drawn: Option<ProgressBar>,
    last: Cell<Instant>,
}

impl Bar {
    /// A line that is still empty.
    pub fn new(console: &Console) -> Bar {
        let drawn = console.draws().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(12));
            bar.set_style(
                ProgressStyle::with_template("{spinner} {msg}, {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar
        });
        Bar { console: console.clone(), drawn, last: Cell::new(Instant::now()) }
    }

    /// Shows how far the work is; `words` are made only when they are shown.
    pub fn say(&self, words: impl FnOnce() -> String) {
        match &self.drawn {
            Some(bar) => {
                bar.set_message(words());
                bar.tick();
            }
            None if self.last.get().elapsed() >= EVERY => {
                self.last.set(Instant::now());
                self.console.note(words());
            }
            None => {}
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if let Some(bar) = &self.drawn {
            bar.finish_and_clear();
        }
    }
}
