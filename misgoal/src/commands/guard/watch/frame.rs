//! The view as lines of text. Whatever is put on a line is made clean there, but for what stands on a page, which is clean: agents and servers choose the names and the words.

use std::fmt::Write as _;

use misgoal_gateway::log::Matter;

use super::super::log::clock;
use super::super::shown;
use super::model::Session;
use super::view::{Confirm, Page, Pane, View, left};
use crate::output::{Tone, clean, fit, most_columns, pieces};

/// Rows below which there is room for one pane only.
const ONE_PANE: usize = 14;
/// Columns below which sessions are called by the beginning of their names.
const NARROW: usize = 90;

/// A line of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<(Tone, String)>);

impl Line {
    fn of(tone: Tone, text: &str) -> Line {
        Line::default().put(tone, text)
    }

    fn put(mut self, tone: Tone, text: &str) -> Line {
        self.0.push((tone, clean(text)));
        self
    }

    /// Put, in a column of this width and a space.
    fn cell(self, tone: Tone, text: &str, width: usize) -> Line {
        let text = fit(&clean(text), width);
        // Where a terminal gives a letter more, the columns behind it move, and the line is cut as if it did.
        let wide = unicode_width::UnicodeWidthStr::width(text.as_str());
        let gap = " ".repeat(width.saturating_sub(wide) + 1);
        self.clean(tone, text).clean(Tone::Plain, gap)
    }

    /// Put as it is.
    fn clean(mut self, tone: Tone, text: String) -> Line {
        self.0.push((tone, text));
        self
    }

    /// Columns that it takes at most.
    fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| most_columns(text)).sum()
    }

    /// Cut to so many columns.
    fn cut(self, width: usize) -> Line {
        let mut left = width;
        let mut cut = Vec::new();
        for (tone, text) in self.0 {
            let text = fit(&text, left);
            left -= most_columns(&text).min(left);
            cut.push((tone, text));
        }
        Line(cut)
    }

    /// With colours.
    pub fn painted(&self) -> String {
        self.0.iter().fold(String::new(), |mut out, (tone, text)| {
            // A string takes everything.
            let _ = if *tone == Tone::Plain { write!(out, "{text}") } else { write!(out, "{}", tone.paint(text)) };
            out
        })
    }
}

/// The whole screen: exactly so many lines at most, none wider.
pub fn frame(view: &mut View, width: usize, height: usize) -> Vec<Line> {
    view.choose_first();
    let mut lines = vec![header(view)];
    // Below a page is one line.
    let page = view.page.as_mut().map(|page| of_page(page, width, height.saturating_sub(2)));
    let foot: Vec<Line> = match &view.page {
        None if !view.trouble.is_empty() => vec![Line::of(Tone::Bad, &view.trouble), help(HELP)],
        None if view.news.is_empty() => vec![help(HELP)],
        None => vec![Line::of(Tone::Unsure, &view.news), help(HELP)],
        Some(Page { confirm: Some(Confirm { approve: false, .. }), .. }) => {
            vec![help("y deny   n back   up/down scroll")]
        }
        Some(Page { confirm: Some(Confirm { is_whole: false, .. }), .. }) => {
            vec![help("nobody waits for it any more   n back   up/down scroll")]
        }
        Some(Page { is_cut: true, confirm: Some(_), .. }) => {
            vec![help("too narrow to show all of it   n back")]
        }
        Some(Page { is_read: false, confirm: Some(_), .. }) => {
            vec![help("to its end, then y approve   n back   up/down scroll")]
        }
        Some(Page { confirm: Some(_), .. }) => vec![help("y approve   n back   up/down scroll")],
        Some(_) => vec![help("enter back   up/down scroll")],
    };
    let room = height.saturating_sub(lines.len() + foot.len());
    lines.extend(page.unwrap_or_else(|| panes(view, width, room)));
    lines.truncate(height.saturating_sub(foot.len()).max(1));
    lines.extend(foot);
    lines.truncate(height);
    lines.into_iter().map(|line| line.cut(width)).collect()
}

const HELP: &str = "up/down choose   tab pane   enter details   a approve   d deny   q quit";

fn help(words: &str) -> Line {
    Line::of(Tone::Quiet, words)
}

fn header(view: &View) -> Line {
    let live = view.model.sessions.values().filter(|session| !session.ended).count();
    let (waiting, missed) = (view.model.waiting.len(), view.model.missed);
    let time = clock(i64::try_from(view.now).unwrap_or(0));
    let line = Line::of(Tone::Heading, "misgoal guard watch");
    let line = if waiting > 0 { line.put(Tone::Unsure, &format!("  {waiting} waiting")) } else { line };
    let line = line.put(Tone::Plain, &format!("  {}, mode {}  {live} live  {time} UTC", view.server, view.mode));
    if missed > 0 { line.put(Tone::Quiet, &format!("  {missed} records too fast to show")) } else { line }
}

fn title(view: &View, pane: Pane, words: &str) -> Line {
    let chosen = view.pane == pane;
    Line::of(if chosen { Tone::Heading } else { Tone::Quiet }, &format!("{} {words}", if chosen { "=" } else { "-" }))
}

/// Which part of a list is seen: as much as fits, with the chosen place in it.
fn window(len: usize, chosen: usize, room: usize) -> std::ops::Range<usize> {
    let first = (chosen + 1).saturating_sub(room).min(len);
    // At the end of a list nothing is left empty below.
    first..(first + room).min(len)
}

fn panes(view: &View, width: usize, room: usize) -> Vec<Line> {
    if room < ONE_PANE {
        return match view.pane {
            Pane::Waiting => waiting(view, room),
            Pane::Sessions => sessions(view, width, room),
            Pane::Decisions => decisions(view, width, room),
        };
    }
    let mut lines = waiting(view, view.model.waiting.len().clamp(1, room / 5) + 1);
    lines.extend(sessions(view, width, view.model.sessions.len().clamp(1, room / 4) + 2));
    let evidence = evidence(view, width, room / 4);
    let left = room.saturating_sub(lines.len() + evidence.len());
    let mut stream = decisions(view, width, left);
    stream.resize(left, Line::default());
    lines.extend(stream);
    lines.extend(evidence);
    lines
}

fn mark(chosen: bool) -> (Tone, &'static str) {
    if chosen { (Tone::Hint, "> ") } else { (Tone::Plain, "  ") }
}

fn waiting(view: &View, room: usize) -> Vec<Line> {
    let all = &view.model.waiting;
    let mut lines = vec![title(view, Pane::Waiting, &format!("waiting for a person ({})", all.len()))];
    let chosen = view.chosen_matter().map(|(at, _)| at);
    for at in window(all.len(), chosen.unwrap_or(0), room.saturating_sub(1)) {
        let Some(matter) = all.get(at) else { continue };
        let one = &matter.pending;
        let (tone, sign) = mark(Some(at) == chosen);
        let line = Line::of(tone, sign).cell(Tone::Plain, &one.id, 16);
        let left = left(matter, view.now);
        let line = line.cell(if left == "over" { Tone::Quiet } else { Tone::Unsure }, &left, 6);
        let line = line.cell(Tone::Plain, one.kind.word(), 5).cell(Tone::Plain, &one.tool, 20);
        let digest = one.digest.get(..8).unwrap_or(&one.digest);
        let size = format!("{} bytes {digest}", matter.bytes);
        lines.push(
            line.cell(Tone::Quiet, &size, size.len())
                .put(Tone::Plain, &format!("{} ", beginning(matter)))
                .put(Tone::Quiet, &one.reason),
        );
    }
    if all.is_empty() {
        lines.push(Line::of(Tone::Quiet, "  nothing"));
    }
    lines.truncate(room);
    lines
}

/// What a list shows of a matter; the page shows all of it.
fn beginning(matter: &Matter) -> String {
    let content = matter.shown.as_deref().unwrap_or_default();
    match content.len() as u64 == matter.bytes {
        true => shown::line(matter.pending.kind, content),
        false => format!("{content}\u{2026}"),
    }
}

fn sessions(view: &View, width: usize, room: usize) -> Vec<Line> {
    let all = view.model.by_beginning();
    let mut lines = vec![title(view, Pane::Sessions, &format!("sessions ({})", all.len()))];
    let name = if width < NARROW { 4 } else { 10 };
    let cells = |line: Line, tone: Tone, texts: [&str; 7]| {
        let widths = [name, 5, 5, 7, 7, 6, 7];
        texts.into_iter().zip(widths).fold(line, |line, (text, width)| line.cell(tone, text, width))
    };
    let head = [if width < NARROW { "name" } else { "session" }, "", "last", "calls", "denied", "held", "failed"];
    lines.push(cells(Line::of(Tone::Quiet, "  "), Tone::Quiet, head).put(Tone::Quiet, "alarm, labels"));
    let chosen = view.chosen_session().map_or(0, |(at, ..)| at);
    for at in window(all.len(), chosen, room.saturating_sub(2)) {
        let Some((called, session)) = all.get(at) else { continue };
        let (tone, sign) = mark(at == chosen);
        let count = |count: u64| format!("{count}{}", if session.whole { "" } else { "+" });
        let counts = [session.calls, session.denied, session.held, session.failed].map(count);
        let [calls, denied, held, failed] = counts.each_ref().map(String::as_str);
        let (state, last) = (if session.ended { "ended" } else { "live" }, ago(view.now, session.at));
        let texts = [first_letters(called, name), state, &last, calls, denied, held, failed];
        let tone_of_row = if session.ended { Tone::Quiet } else { Tone::Plain };
        let line = cells(Line::of(tone, sign), tone_of_row, texts);
        lines.push(alarm_and_labels(line, session));
    }
    lines.truncate(room);
    lines
}

fn alarm_and_labels(line: Line, session: &Session) -> Line {
    let labels: Vec<&str> = session.labels.iter().map(String::as_str).collect();
    let line = match &session.alarm {
        Some(alarm) => line.put(Tone::Bad, "alarm").put(Tone::Plain, &format!(": {} ", alarm.then)),
        None => line,
    };
    line.put(Tone::Plain, &labels.join(", "))
}

fn decisions(view: &View, width: usize, room: usize) -> Vec<Line> {
    let all = &view.model.entries;
    let mut lines =
        vec![title(view, Pane::Decisions, if view.entry.is_some() { "decisions" } else { "decisions, following" })];
    let chosen = view.chosen_entry().unwrap_or(0);
    let name = if width < NARROW { 4 } else { 10 };
    for at in window(all.len(), chosen, room.saturating_sub(1)) {
        let Some(entry) = all.get(at) else { continue };
        let (tone, sign) = mark(at == chosen);
        let call = entry.call.map(|call| format!("#{call}")).unwrap_or_default();
        let time = clock(entry.at);
        let line = Line::of(tone, sign).cell(Tone::Quiet, time.get(11..).unwrap_or(&time), 8);
        let line = line.cell(Tone::Plain, first_letters(&entry.session, name), name).cell(Tone::Plain, &call, 5);
        let line =
            line.cell(entry.tone, &entry.word, 10).cell(Tone::Plain, &entry.tool, if width < NARROW { 16 } else { 24 });
        let end = if entry.end.is_empty() { String::new() } else { format!("{} ", entry.end) };
        lines.push(line.put(Tone::Quiet, &end).put(Tone::Plain, &entry.why));
    }
    if all.is_empty() {
        lines.push(Line::of(Tone::Quiet, "  nothing yet"));
    }
    lines.truncate(room);
    lines
}

fn evidence(view: &View, width: usize, room: usize) -> Vec<Line> {
    let Some((_, name, session)) = view.chosen_session() else { return Vec::new() };
    let mut lines = vec![Line::of(Tone::Quiet, &format!("- evidence of session {name}"))];
    match &session.alarm {
        Some(alarm) => {
            let head = format!("{}: {}", clock(alarm.at), alarm.then);
            lines.push(Line::of(Tone::Bad, "  alarm ").put(Tone::Plain, &head));
            for line in &alarm.lines {
                let pieces = pieces(&clean(line), width.saturating_sub(2));
                lines.extend(pieces.into_iter().map(|line| Line::default().clean(Tone::Plain, format!("  {line}"))));
            }
        }
        None => lines.push(Line::of(Tone::Quiet, "  no alarm in the records that were read")),
    }
    lines.truncate(room.max(2));
    lines
}

fn of_page(page: &mut Page, width: usize, room: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let names: Vec<&String> = page.parts.iter().map(|(name, _)| name).collect();
    let wide = names.iter().map(|name| most_columns(name)).max().unwrap_or(0).min(width / 3);
    for (name, (_, text)) in names.iter().zip(&page.parts) {
        let (names, texts) = (name_pieces(name, wide), pieces(text, width.saturating_sub(wide + 2)));
        let rows = names.len().max(texts.len());
        let (mut names, mut texts) = (names.into_iter(), texts.into_iter());
        for _ in 0..rows {
            let name = names.next().unwrap_or_default();
            let gap = (wide + 2).saturating_sub(most_columns(&name));
            let line = Line::default().clean(Tone::Quiet, name).clean(Tone::Plain, " ".repeat(gap));
            lines.push(line.clean(Tone::Plain, texts.next().unwrap_or_default()));
        }
    }
    let below = room.saturating_sub(1);
    page.top = page.top.min(lines.len().saturating_sub(below));
    let top = page.top;
    // Where a column has no room for a letter, part of it is cut.
    page.is_cut = lines.iter().any(|line| line.width() > width);
    page.is_read |= top + below >= lines.len() && below > 0 && !page.is_cut;
    let more = lines.len().saturating_sub(top + below);
    let tone = if page.confirm.is_some() { Tone::Unsure } else { Tone::Heading };
    let head = Line::of(tone, &page.title);
    let head = if more > 0 { head.put(Tone::Bad, &format!("  {more} more lines below")) } else { head };
    let mut out = vec![head];
    out.extend(lines.into_iter().skip(top).take(below));
    out.resize(room.max(1), Line::default());
    out
}

/// A name in pieces of so many columns, like a value; what goes on is indented, so that a part of a name is not taken for a name.
fn name_pieces(name: &str, width: usize) -> Vec<String> {
    if most_columns(name) <= width {
        return vec![name.to_owned()];
    }
    let indented = |(number, piece): (usize, String)| if number == 0 { piece } else { format!("  {piece}") };
    pieces(name, width.saturating_sub(2)).into_iter().enumerate().map(indented).collect()
}

fn first_letters(name: &str, count: usize) -> &str {
    name.char_indices().nth(count).and_then(|(at, _)| name.get(..at)).unwrap_or(name)
}

/// How long ago, in a few letters.
fn ago(now: u64, at: i64) -> String {
    let seconds = now.saturating_sub(u64::try_from(at).unwrap_or(0)) / 1000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
