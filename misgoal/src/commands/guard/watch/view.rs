//! What is looked at, and what keys do: pure, so that a test can press them.

use misgoal_gateway::Stored;
use misgoal_gateway::log::{Matter, State};
use misgoal_guard::approval::Kind;

use super::super::log::clock;
use super::super::shown;
use super::model::{Body, Model, Session};
use crate::output::clean;

/// What can be moved in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    Waiting,
    Sessions,
    #[default]
    Decisions,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Next,
    Before,
    Enter,
    Escape,
    /// Ctrl-C: ends it, whatever is shown.
    Interrupt,
    Letter(char),
}

/// What a key asks for that is not the view's to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Nothing,
    Quit,
    /// Show a record, whole.
    Record(i64),
    /// Show a matter, whole; with a word, ask whether it is meant.
    Matter {
        id: String,
        approve: Option<bool>,
    },
    /// A person's word, confirmed.
    Decide {
        id: String,
        approve: bool,
        /// Names what was shown.
        digest: String,
    },
}

/// A page over the panes.
#[derive(Clone, Debug)]
pub struct Page {
    pub title: String,
    /// Heading and text, both clean.
    pub parts: Vec<(String, String)>,
    /// Lines that were scrolled past.
    pub top: usize,
    /// What `y` says.
    pub confirm: Option<Confirm>,
    /// Whether the end was on the screen.
    pub is_read: bool,
    /// Whether the screen is too narrow to show every letter.
    pub is_cut: bool,
}

/// A word that is to be confirmed.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// On which matter.
    pub id: String,
    pub approve: bool,
    /// Names what is shown.
    pub digest: String,
    /// Whether all of it is there to be approved.
    pub is_whole: bool,
}

/// Everything on the screen.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub model: Model,
    pub server: String,
    pub mode: String,
    /// Milliseconds since 1970.
    pub now: u64,
    /// What was done last, or could not be.
    pub news: String,
    /// Why the log cannot be read at the moment.
    pub trouble: String,
    pub pane: Pane,
    /// What is chosen in each pane, by name: lists move, what is chosen stays. Of what waits: as it was drawn.
    pub matter: Option<String>,
    pub session: Option<String>,
    /// None: the last one, whichever it is.
    pub entry: Option<i64>,
    pub page: Option<Page>,
}

/// A page's step.
const PAGE: isize = 10;

impl View {
    /// The matter that is chosen, as long as it waits; its place too.
    pub fn chosen_matter(&self) -> Option<(usize, &Matter)> {
        let chosen = self.matter.as_ref()?;
        self.model.waiting.iter().enumerate().find(|(_, one)| one.pending.id == *chosen)
    }

    /// Chooses the first matter where none was chosen, as a screen is drawn. One that waits no longer gives its place to no other: whoever presses a key then has not
    /// seen what it would be about.
    pub fn choose_first(&mut self) {
        if self.matter.is_none() || self.model.waiting.is_empty() {
            self.matter = self.model.waiting.first().map(|one| one.pending.id.clone());
        }
    }

    /// The session that is chosen, else the one whose alarm came last, else the one that began last.
    pub fn chosen_session(&self) -> Option<(usize, &str, &Session)> {
        let all = self.model.by_beginning();
        let alarmed = || {
            let alarms = all.iter().enumerate().filter_map(|(at, (_, one))| Some((one.alarm.as_ref()?.at, at)));
            alarms.max().map_or(0, |(_, at)| at)
        };
        let chosen = all.iter().position(|(name, _)| Some(*name) == self.session.as_deref()).unwrap_or_else(alarmed);
        all.get(chosen).map(|(name, session)| (chosen, *name, *session))
    }

    /// The place of the decision that is chosen, else of the last.
    pub fn chosen_entry(&self) -> Option<usize> {
        let entries = &self.model.entries;
        let chosen = self.entry.map(|seq| entries.partition_point(|entry| entry.seq < seq));
        Some(chosen.unwrap_or(usize::MAX).min(entries.len().checked_sub(1)?))
    }

    /// Does what a key asks for, as far as it is the view's to do.
    pub fn press(&mut self, key: Key) -> Wish {
        if key == Key::Interrupt {
            return Wish::Quit;
        }
        if let Some(page) = &mut self.page {
            let wish = page.press(key);
            match &wish {
                Some(Wish::Nothing) => return Wish::Nothing,
                _ => self.page = None,
            }
            return wish.unwrap_or(Wish::Nothing);
        }
        self.news.clear();
        match key {
            Key::Letter('q') | Key::Escape => return Wish::Quit,
            Key::Next => self.pane = self.other(1),
            Key::Before => self.pane = self.other(2),
            Key::Up | Key::Letter('k') => self.step(-1),
            Key::Down | Key::Letter('j') => self.step(1),
            Key::PageUp => self.step(-PAGE),
            Key::PageDown => self.step(PAGE),
            Key::First | Key::Letter('g') => self.step(isize::MIN / 2),
            Key::Last | Key::Letter('G') => self.step(isize::MAX / 2),
            Key::Letter(word @ ('a' | 'd')) => match self.chosen_matter() {
                Some((_, one)) => {
                    return Wish::Matter { id: one.pending.id.clone(), approve: Some(word == 'a') };
                }
                None if self.model.waiting.is_empty() => "nothing waits for a person".clone_into(&mut self.news),
                None => "what was chosen waits no longer: choose with tab, up and down".clone_into(&mut self.news),
            },
            Key::Enter => return self.enter(),
            Key::Letter(_) | Key::Interrupt => {}
        }
        Wish::Nothing
    }

    fn other(&self, by: usize) -> Pane {
        let panes = [Pane::Waiting, Pane::Sessions, Pane::Decisions];
        let at = panes.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        panes.into_iter().cycle().nth(at + by).unwrap_or_default()
    }

    fn step(&mut self, by: isize) {
        let moved = |at: usize, len: usize| at.saturating_add_signed(by).min(len.saturating_sub(1));
        match self.pane {
            Pane::Waiting => {
                let at = self.chosen_matter().map_or(0, |(at, _)| moved(at, self.model.waiting.len()));
                self.matter = self.model.waiting.get(at).map(|one| one.pending.id.clone());
            }
            Pane::Sessions => {
                let all = self.model.by_beginning();
                let at = moved(self.chosen_session().map_or(0, |(at, ..)| at), all.len());
                self.session = all.get(at).map(|(name, _)| (*name).to_owned());
            }
            Pane::Decisions => {
                let len = self.model.entries.len();
                let at = moved(self.chosen_entry().unwrap_or(0), len);
                // At the end new ones are followed.
                self.entry = self.model.entries.get(at).filter(|_| at + 1 < len).map(|entry| entry.seq);
            }
        }
    }

    fn enter(&mut self) -> Wish {
        match self.pane {
            Pane::Waiting => match self.chosen_matter() {
                Some((_, one)) => Wish::Matter { id: one.pending.id.clone(), approve: None },
                None => Wish::Nothing,
            },
            Pane::Sessions => {
                self.page = self.chosen_session().map(|(_, name, session)| of_session(name, session));
                Wish::Nothing
            }
            Pane::Decisions => {
                let entry = self.chosen_entry().and_then(|at| self.model.entries.get(at));
                entry.map_or(Wish::Nothing, |entry| Wish::Record(entry.seq))
            }
        }
    }

    /// Puts a record on a page.
    pub fn show_record(&mut self, record: &Stored) {
        let call = record.call.map(|call| format!(" #{call}")).unwrap_or_default();
        let mut parts = vec![
            ("when".to_owned(), format!("{} UTC, record {}", clock(record.at), record.seq)),
            ("session".to_owned(), format!("{}{call}", record.session)),
        ];
        parts.extend(record.tool.iter().map(|tool| ("tool".to_owned(), tool.clone())));
        let ended = self.model.entries.iter().find(|entry| entry.seq == record.seq && !entry.end.is_empty());
        parts.extend(ended.map(|entry| ("outcome".to_owned(), entry.end.clone())));
        parts.extend(Body::of(record).fields());
        parts.push(("hash".to_owned(), record.hash.clone()));
        let (title, parts) = (record.kind.clone(), cleaned(parts));
        self.page = Some(Page { title, parts, top: 0, confirm: None, is_read: false, is_cut: false });
    }

    /// Puts a matter on a page; with a word, asks whether it is meant.
    pub fn show_matter(&mut self, matter: &Matter, approve: Option<bool>) {
        let one = &matter.pending;
        let what = match one.kind {
            Kind::Tool => "this definition of a tool",
            Kind::Alarm => "that this session goes on",
            Kind::Call => "this call, once",
        };
        let title = match approve {
            Some(true) => format!("Approve {what}?"),
            Some(false) if one.kind == Kind::Alarm => "Stop this session?".to_owned(),
            Some(false) => format!("Deny {}?", what.trim_end_matches(", once")),
            None => format!("{} {}", one.kind.word(), one.id),
        };
        let left = match one.state {
            State::Waiting => left(matter, self.now),
            State::TimedOut => {
                "nobody said anything in time: an approval is good for the same call made again".to_owned()
            }
            state => state.word().to_owned(),
        };
        let part = |name: &str, text: &str| (name.to_owned(), clean(text));
        let mut parts = vec![part("tool", &one.tool)];
        match &matter.shown {
            Some(content) => parts.extend(shown::noted(one.kind, content)),
            None => {
                parts.push(part("shown", "it is held no longer; the log has it without its secrets"));
                parts.extend(shown::noted(one.kind, &one.redacted));
            }
        }
        let reason = matter.shown.as_ref().map_or_else(|| one.reason.clone(), |content| one.reason_in(content));
        parts.push(part("why", &reason));
        parts.extend([part("session", &one.session), part("digest", &one.digest), part("policies", &one.version)]);
        parts.extend([
            part("id", &one.id),
            part("since", &clock(i64::try_from(one.created).unwrap_or(0))),
            part("waits", &left),
        ]);
        parts.retain(|(_, text)| !text.is_empty());
        let (id, digest, is_whole) = (one.id.clone(), one.digest.clone(), matter.shown.is_some());
        let confirm = approve.map(|approve| Confirm { id, approve, digest, is_whole });
        self.page = Some(Page { title, parts, top: 0, confirm, is_read: false, is_cut: false });
    }
}

impl Page {
    /// None closes the page.
    fn press(&mut self, key: Key) -> Option<Wish> {
        match (key, &self.confirm) {
            // What has not been on the screen to its end is not approved.
            (Key::Letter('y'), Some(Confirm { approve: true, is_whole, .. }))
                if !is_whole || !self.is_read || self.is_cut => {}
            (Key::Letter('y'), Some(Confirm { id, approve, digest, .. })) => {
                let (id, digest) = (id.clone(), digest.clone());
                return Some(Wish::Decide { id, approve: *approve, digest });
            }
            (Key::Up | Key::Letter('k'), _) => self.top = self.top.saturating_sub(1),
            (Key::Down | Key::Letter('j'), _) => self.top += 1,
            (Key::PageUp, _) => self.top = self.top.saturating_sub(PAGE.unsigned_abs()),
            (Key::PageDown, _) => self.top += PAGE.unsigned_abs(),
            (Key::First | Key::Letter('g'), _) => self.top = 0,
            (Key::Last | Key::Letter('G'), _) => self.top = usize::MAX / 2,
            // A question is answered, not left by the way.
            (Key::Letter('n' | 'q') | Key::Escape, _) | (Key::Enter, None) => return None,
            _ => {}
        }
        Some(Wish::Nothing)
    }
}

/// For how long a matter still waits.
pub fn left(matter: &Matter, now: u64) -> String {
    match (matter.pending.state, matter.expires) {
        (State::Waiting, None) => "-".to_owned(),
        (State::Waiting, Some(expires)) if expires > now => format!("{} s", (expires - now).div_ceil(1000)),
        _ => "over".to_owned(),
    }
}

fn cleaned(parts: Vec<(String, String)>) -> Vec<(String, String)> {
    parts.iter().map(|(name, text)| (clean(name), clean(text))).collect()
}

fn of_session(name: &str, session: &Session) -> Page {
    let count = |count: u64| if session.whole { count.to_string() } else { format!("{count} in the records read") };
    let part = |name: &str, text: String| (name.to_owned(), text);
    let mut parts = vec![
        part("state", if session.ended { "ended" } else { "live" }.to_owned()),
        part("last", format!("{} UTC", clock(session.at))),
        part("calls", count(session.calls)),
        part("denied", count(session.denied)),
        part("held", count(session.held)),
        part("failed", count(session.failed)),
        part("labels", session.labels.iter().cloned().collect::<Vec<_>>().join(", ")),
    ];
    if let Some(alarm) = &session.alarm {
        parts.push(part("alarm", format!("{} UTC: {}", clock(alarm.at), alarm.then)));
        parts.extend(alarm.lines.iter().map(|line| part("", line.clone())));
    }
    let (title, parts) = (format!("session {name}"), cleaned(parts));
    Page { title, parts, top: 0, confirm: None, is_read: false, is_cut: false }
}
