//! The terminal as a screen to draw on, and as it was again afterwards.

use std::io::stdout;
use std::sync::Once;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// The terminal while it is drawn on: as it was again when this is dropped, whatever happens.
pub struct Raw;

impl Raw {
    /// Takes the terminal. A panic gives it back before it says what went wrong, which would else be said to a screen that is gone.
    ///
    /// # Errors
    /// When there is none.
    pub fn enter() -> std::io::Result<Raw> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                before(panic);
            }));
        });
        enable_raw_mode()?;
        let raw = Raw;
        execute!(stdout(), EnterAlternateScreen, DisableLineWrap, Hide)?;
        Ok(raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    // Once given back, it is not left a second time. Nothing better can be done where even this fails.
    if crossterm::terminal::is_raw_mode_enabled().unwrap_or(true) {
        let _ = execute!(stdout(), Show, EnableLineWrap, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}
