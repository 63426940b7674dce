//! What all sessions of a guard share: its files, the monitor as far as the log has taken it, the recording, and whom to tell.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use misgoal_guard::redact::Redactor;
use misgoal_guard::{Guard, Record, Tools};
use misgoal_monitor::Monitor;

use crate::files::{Files, Place};
use crate::keeper::Keeper;
use crate::log::Log;
use crate::seat::Seat;
use crate::webhook::{self, Herald};
use crate::{GatewayError, Note, now, private, random};

/// Whom to tell what an operator may want to know at once.
pub(crate) type Tell = Arc<dyn Fn(Note) + Send + Sync>;

/// What tells whether files have changed.
pub(crate) type Stamp = Vec<Option<(SystemTime, u64)>>;

/// A lock that a panic has poisoned belongs to a proxy that is ending: what it protects is not used for another decision.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, GatewayError> {
    mutex.lock().map_err(|_: PoisonError<_>| GatewayError::Data("a part of the guard has failed".to_owned()))
}

/// A monitor that has taken note of the sessions in the log up to a record.
struct Watched {
    profile: String,
    monitor: Monitor,
    last: i64,
}

/// The desk of one guard.
pub(crate) struct Desk {
    place: Place,
    pub files: Arc<Mutex<Files>>,
    /// What takes secrets out of all that is written and told, as guard.toml says at the time.
    redactor: Arc<Mutex<Redactor>>,
    /// A session that nothing has happened in yet: new ones are cloned from it, so that policies are compiled once, and calls are counted for all.
    fresh: Mutex<Guard>,
    watched: Mutex<Option<Watched>>,
    recording: Mutex<Option<(PathBuf, File)>>,
    /// How the files were when they were read.
    pub opened: Stamp,
    /// The last record of the log when calls of earlier sessions were counted.
    pub recalled: i64,
    pub tell: Tell,
    herald: Arc<Herald>,
    _keeper: Keeper,
}

impl Desk {
    /// Reads and checks the files: nothing begins with wrong ones.
    pub fn open(
        place: &Place,
        lines: bool,
        tell: impl Fn(Note) + Send + Sync + 'static,
    ) -> Result<(Desk, Log), GatewayError> {
        // What is read is not older than what is said to have been read: a change in between is seen later.
        let opened = place.load()?.stamp(place);
        let files = place.load()?;
        webhook::check(&files)?;
        let fresh = Guard::new(files.config.clone(), &files.policy_name(), &files.policy, files.tools.clone(), lines)?;
        let mut log = Log::open(&files.log_path)?;
        let mut fresh = fresh.keyed(log.key()?.clone());
        let redactor = Arc::new(Mutex::new(Redactor::new(&files.config.redact, log.key()?.clone())));
        log.redacts_with(Arc::clone(&redactor));
        log.sweep()?;
        let window = files.config.longest_window().0;
        // Nobody comes between what is recalled and the record up to which it is.
        let recalled = log.alone(false, |log| {
            if window > 0 {
                log.recall(fresh.history_mut(), now().saturating_sub(window))?;
            }
            Ok(log.head()?.0)
        })?;
        let (fresh, watched, recording) = (Mutex::new(fresh), Mutex::new(None), Mutex::new(None));
        let path = files.log_path.clone();
        let files = Arc::new(Mutex::new(files));
        let telling = Arc::clone(&redactor);
        // Nobody is told anything but in this way.
        let tell: Tell = Arc::new(move |note: Note| {
            // A thread that has panicked has changed nothing in it by half.
            let redactor = telling.lock().unwrap_or_else(PoisonError::into_inner).clone();
            tell(note.without_secrets(&redactor));
        });
        let keeper = Keeper::start(path.clone(), Arc::clone(&files), Arc::clone(&tell));
        let herald = Arc::new(Herald::new(path, Arc::clone(&files), Arc::clone(&redactor), Arc::clone(&tell)));
        herald.want(&*lock(&files)?);
        let hearing = Arc::clone(&herald);
        let tell: Tell = Arc::new(move |note| {
            hearing.hear(&note);
            tell(note);
        });
        Ok((
            Desk {
                place: place.clone(),
                files,
                redactor,
                fresh,
                watched,
                recording,
                opened,
                recalled,
                tell,
                herald,
                _keeper: keeper,
            },
            log,
        ))
    }

    /// A new session with what the log remembers, and its first record; `from` says what is fronted.
    pub fn begin(&self, log: &Log, from: &str) -> Result<(Seat, Record), GatewayError> {
        let files = lock(&self.files)?;
        let mut guard = lock(&self.fresh)?.clone();
        // No other session of this log bears it.
        let name = random::hex::<5>()?;
        guard.watch(&name, self.monitor(log, &files)?);
        let record = Record::new("session").text("what", "began").text("server", &files.config.server);
        let record = record.text("program", from).text("version", guard.version()).text("mode", mode(&files));
        let profile = files.profile.as_ref().map(|profile| profile.digest.clone());
        let record = record.text("profile", profile.as_deref().unwrap_or_default());
        (self.tell)(Note::Began { session: name.clone(), version: guard.version().to_owned() });
        Ok((Seat::new(guard, name, profile.unwrap_or_default()), record))
    }

    /// The monitor with every session that has ended so far, of whatever process.
    fn monitor(&self, log: &Log, files: &Files) -> Result<Option<Monitor>, GatewayError> {
        let Some(profile) = &files.profile else { return Ok(None) };
        let mut watched = lock(&self.watched)?;
        let known = watched.take().filter(|known| known.profile == profile.digest);
        let mut now = known.unwrap_or_else(|| Watched {
            profile: profile.digest.clone(),
            monitor: profile.monitor.clone(),
            last: 0,
        });
        let (scores, last) = log.watched(&now.profile, now.last)?;
        scores.into_iter().for_each(|scores| _ = now.monitor.note(scores));
        now.last = last;
        let monitor = now.monitor.clone();
        *watched = Some(now);
        Ok(Some(monitor))
    }

    /// Adds what the monitor saw to the recording. One that cannot be written is told and stops nothing: no decision rests on it.
    pub fn record(&self, seen: &[String]) {
        if !seen.is_empty()
            && let Err(error) = self.write(&seen.concat())
        {
            (self.tell)(Note::Failed(error.to_string()));
        }
    }

    fn write(&self, lines: &str) -> Result<(), GatewayError> {
        let Some(path) = lock(&self.files)?.record_path.clone() else { return Ok(()) };
        let mut recording = lock(&self.recording)?;
        let failed = |error| GatewayError::io("cannot write", &path, error);
        let mut file = match recording.take().filter(|(known, _)| *known == path) {
            Some((_, file)) => file,
            None => private::append(&path).map_err(failed)?,
        };
        file.write_all(lines.as_bytes()).map_err(failed)?;
        *recording = Some((path, file));
        Ok(())
    }

    fn renewed(&self, files: &Files) -> Result<Guard, GatewayError> {
        Ok(lock(&self.fresh)?.renewed(files.config.clone(), &files.policy, files.tools.clone())?)
    }

    /// The record of files that were not taken over. What is wrong with them is shown with the line in which it stands; the log takes the secrets
    /// out of it as out of all that is quoted.
    pub fn refusal(error: &GatewayError) -> Record {
        Record::new("policy").text("refused", &error.to_string())
    }

    /// Names the policies in force.
    pub fn version(&self) -> Result<String, GatewayError> {
        Ok(lock(&self.fresh)?.version().to_owned())
    }

    /// What tells later whether the files have changed.
    fn stamp(&self) -> Stamp {
        lock(&self.files).map(|files| files.stamp(&self.place)).unwrap_or_default()
    }

    /// Takes over changed files; gives a fresh session with them, or `None` where they are as they were, but for tools that the guard itself has pinned.
    /// Wrong ones never replace good ones; a changed profile is for the sessions that begin from then on.
    pub fn changed(&self, stamp: &mut Stamp, pinned: &Tools) -> Result<Option<Guard>, GatewayError> {
        let now = self.stamp();
        if now == *stamp {
            return Ok(None);
        }
        *stamp = now;
        let new = self.place.load()?;
        webhook::check(&new)?;
        let mut files = lock(&self.files)?;
        let same = new.tools == *pinned && files.policy == new.policy && files.config.written() == new.config.written();
        let renewed = if same { None } else { Some(self.renewed(&new)?) };
        if let Some(renewed) = &renewed {
            *lock(&self.fresh)? = renewed.clone();
        }
        let profile = |files: &Files| files.profile.as_ref().map(|profile| profile.digest.clone());
        if profile(&files) != profile(&new) {
            (self.tell)(Note::Profile(profile(&new)));
        }
        self.herald.want(&new);
        let key = lock(&self.redactor)?.key().clone();
        *lock(&self.redactor)? = Redactor::new(&new.config.redact, key);
        *files = new;
        *stamp = files.stamp(&self.place);
        Ok(renewed)
    }

    /// Writes newly pinned tools to their file, and puts changed ones before a person.
    pub fn keep_tools(&self, seat: &Seat, log: &mut Log) -> Result<(), GatewayError> {
        let mut files = lock(&self.files)?;
        // Other sessions may have pinned tools that this one has not seen.
        let mut tools = files.tools.clone();
        for tool in seat.guard.tools().iter().filter(|tool| files.tools.get(&tool.name).is_none()) {
            tools.pin(tool.clone());
        }
        if tools != files.tools {
            files.write_tools(&tools)?;
            files.tools = tools;
            let fresh = self.renewed(&files)?;
            *lock(&self.fresh)? = fresh;
        }
        for tool in seat.guard.held_tools() {
            let pinned = files.tools.get(&tool.name);
            // Another process may have been told already that it is good.
            if pinned.is_some_and(|pinned| pinned.digest == tool.digest) {
                continue;
            }
            let reason = if pinned.is_some() { "its definition is not what was pinned" } else { "it is new" };
            if let Some(id) = log.hold_tool(&seat.name, tool, pinned, reason)? {
                (self.tell)(Note::Held { id, tool: tool.name.clone() });
            }
        }
        Ok(())
    }
}

fn mode(files: &Files) -> &'static str {
    if files.config.mode == misgoal_guard::Mode::Enforce { "enforce" } else { "log" }
}
