//! Playing at a terminal: a key a step, the level drawn anew after each.

use std::io::{Write as _, stdout};

use crossterm::cursor::MoveTo;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::queue;
use crossterm::terminal::{Clear, ClearType};

use super::keys::{Wish, wish};
use crate::exit::Failure;
use crate::film::Film;
use crate::output::{Raw, next_event};

/// Plays until the episode ends or the player does.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn play(film: &mut Film<'_>, actions: &[&str], heading: &str, legend: &str) -> Result<(), Failure> {
    let raw = Raw::enter()?;
    while !film.state().done {
        draw(film, heading, legend)?;
        let Event::Key(key) = next_event()? else { continue };
        match name(key).and_then(|name| wish(&name, actions)) {
            Some(Wish::Act(action)) => film.step(action),
            Some(Wish::Quit) => break,
            None => {}
        }
    }
    drop(raw);
    Ok(())
}

fn draw(film: &Film<'_>, heading: &str, legend: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    queue!(out, MoveTo(0, 0), Clear(ClearType::All))?;
    let frame = format!("{heading}\n\n{}\n{legend}", film.frame());
    let coloured = anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never;
    let frame = if coloured { frame } else { anstream::adapter::strip_str(&frame).to_string() };
    // In raw mode a line feed does not return to the left edge.
    out.write_all(frame.replace('\n', "\r\n").as_bytes())?;
    out.flush()
}

/// A key as `keys` calls it.
fn name(key: KeyEvent) -> Option<String> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let name = match key.code {
        KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => "q",
        KeyCode::Char(' ') => "<space>",
        KeyCode::Char(letter) => return Some(letter.to_lowercase().to_string()),
        KeyCode::Left => "<left>",
        KeyCode::Right => "<right>",
        KeyCode::Up => "<up>",
        KeyCode::Down => "<down>",
        KeyCode::Esc => "<escape>",
        _ => return None,
    };
    Some(name.to_owned())
}
