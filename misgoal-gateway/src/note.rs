//! What an operator is told at once; the log has everything.

use misgoal_guard::redact::Redactor;

/// A piece of news.
#[derive(Clone, Debug)]
pub enum Note {
    /// A session has begun, under this version of the policies.
    Began {
        /// Its name in the log.
        session: String,
        /// The version.
        version: String,
    },
    /// A call waits for a person.
    Held {
        /// What it is called by.
        id: String,
        /// Of which tool.
        tool: String,
    },
    /// The monitor has raised an alarm.
    Alarm {
        /// Which session.
        session: String,
        /// Since when, toward what and why, in lines.
        text: String,
        /// What it leads to: `log`, `hold`, `stop`, or `would-hold` and `would-stop` where nothing is enforced.
        then: String,
        /// What a person calls it by, where calls wait.
        id: Option<String>,
    },
    /// New files are in force, or were refused and the old ones stay.
    Reloaded(Result<String, String>),
    /// Sessions that begin from now on are held against another profile, or against none.
    Profile(Option<String>),
    /// The log was rotated: an archive holds the records from the one to the other.
    Archived {
        /// The archive.
        path: std::path::PathBuf,
        /// The number of its first record.
        first: i64,
        /// And of its last one.
        last: i64,
    },
    /// Archives were removed under retention: all records up to this one.
    Removed(i64),
    /// Something could not be logged: what it is about was not done.
    Failed(String),
}

impl Note {
    /// The same without the secrets that agents, servers and files may have put into it.
    pub(crate) fn without_secrets(self, redactor: &Redactor) -> Note {
        let bare = |text: String| redactor.bare_text(&text).into_owned();
        match self {
            Note::Alarm { session, text, then, id } => Note::Alarm { session, text: bare(text), then, id },
            Note::Reloaded(Err(error)) => Note::Reloaded(Err(bare(error))),
            Note::Failed(error) => Note::Failed(bare(error)),
            // What waits for a person is a tool that the server has listed, or a method.
            note @ (Note::Began { .. }
            | Note::Held { .. }
            | Note::Reloaded(Ok(_))
            | Note::Profile(_)
            | Note::Archived { .. }
            | Note::Removed(_)) => note,
        }
    }
}
