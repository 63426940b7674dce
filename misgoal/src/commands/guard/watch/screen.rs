//! The view on a terminal: drawn where it has changed, a few times a second, and after each key.

use std::io::{Write as _, stdout};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossterm::cursor::MoveTo;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, size};
use crossterm::{execute, queue};

use super::feed::Feed;
use super::frame::{Line, frame};
use super::mode;
use super::view::{Key, View, Wish};
use crate::commands::guard::files::{self, Where};
use crate::commands::guard::pending;
use crate::exit::Failure;
use crate::output::{Raw, event};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Shows the view until it is left or the process is told to end.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn show(place: &Where, feed: &mut Feed, view: &mut View) -> Result<(), Failure> {
    let stop = files::stop_when_told()?;
    let raw = Raw::enter()?;
    let mut drawn: (Vec<Line>, (u16, u16)) = (Vec::new(), (0, 0));
    while !stop.load(Ordering::SeqCst) {
        match feed.look(view) {
            Ok(changed) => {
                view.trouble.clear();
                if changed && let Ok(files) = files::load(place) {
                    mode(&files).clone_into(&mut view.mode);
                }
            }
            Err(error) => view.trouble = error.to_string(),
        }
        let sizes = size().unwrap_or((80, 24));
        let lines = frame(view, usize::from(sizes.0), usize::from(sizes.1));
        if sizes != drawn.1 {
            drawn.0.clear();
        }
        draw(&lines, &drawn.0)?;
        drawn = (lines, sizes);
        match event(EVERY)? {
            Some(Event::Key(event)) => {
                let Some(key) = key(event) else { continue };
                let wish = view.press(key);
                if wish == Wish::Quit {
                    break;
                }
                grant(wish, place, feed, view);
            }
            Some(Event::Resize(..)) => drawn.0.clear(),
            _ => {}
        }
    }
    drop(raw);
    Ok(())
}

/// Does what is not the view's to do; what it cannot do, the view says.
fn grant(wish: Wish, place: &Where, feed: &mut Feed, view: &mut View) {
    let news = match wish {
        Wish::Nothing | Wish::Quit => return,
        Wish::Record(seq) => match feed.glance().and_then(|glance| glance.record(seq)) {
            Ok(Some(record)) => return view.show_record(&record),
            Ok(None) => "this record is in an archive by now".to_owned(),
            Err(error) => error.to_string(),
        },
        Wish::Matter { id, approve } => match feed.glance().and_then(|glance| glance.matter(&id)) {
            Ok(Some(matter)) => return view.show_matter(&matter, approve),
            Ok(None) => format!("nothing is held under `{id}` any more"),
            Err(error) => error.to_string(),
        },
        Wish::Decide { id, approve, digest } => {
            let decided = files::load(place).and_then(|files| match approve {
                true => pending::say_yes(&files, &id, None, Some(&digest)),
                false => pending::say_no(&files, &id),
            });
            decided.map(|said| said.words).unwrap_or_else(|failure| match failure {
                Failure::Message { message, .. } => message,
                Failure::Rendered { text, .. } => text,
                Failure::ClosedPipe => String::new(),
            })
        }
    };
    view.news = news;
}

/// Draws the rows that are not as they were; all of them where nothing is said of what was.
fn draw(lines: &[Line], before: &[Line]) -> std::io::Result<()> {
    if lines == before {
        return Ok(());
    }
    let mut out = stdout().lock();
    let coloured = anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never;
    queue!(out, BeginSynchronizedUpdate)?;
    if before.is_empty() {
        queue!(out, Clear(ClearType::All))?;
    }
    let nothing = Line::default();
    for row in 0..lines.len().max(before.len()) {
        let line = lines.get(row).unwrap_or(&nothing);
        if before.get(row) == Some(line) {
            continue;
        }
        let row = u16::try_from(row).unwrap_or(u16::MAX);
        let text = line.painted();
        let text = if coloured { text } else { anstream::adapter::strip_str(&text).to_string() };
        // What is left of the row is cleared before: in the last column there would be nothing left to clear from.
        queue!(out, MoveTo(0, row), Clear(ClearType::CurrentLine))?;
        out.write_all(text.as_bytes())?;
    }
    execute!(out, EndSynchronizedUpdate)
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    Some(match event.code {
        // Raw mode gives it as a key.
        KeyCode::Char('c') if event.modifiers.contains(KeyModifiers::CONTROL) => Key::Interrupt,
        KeyCode::Char(_) if event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => return None,
        KeyCode::Char(letter) => Key::Letter(letter),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::First,
        KeyCode::End => Key::Last,
        KeyCode::Tab => Key::Next,
        KeyCode::BackTab => Key::Before,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        _ => return None,
    })
}
