//! What a running guard tells its operator, on stderr.

use misgoal_gateway::Note;

use crate::output::{Console, clean};

/// Tells each piece of news in words.
pub fn teller(console: &Console) -> impl Fn(Note) + Send + Sync + 'static {
    let console = console.clone();
    move |note| tell(&console, note)
}

fn tell(console: &Console, note: Note) {
    match note {
        Note::Began { session, version } => {
            console.note(format_args!("misgoal guard: session {session}, policies {version}"));
        }
        Note::Held { id, tool } => console.warn(format_args!(
            "`{}` waits for a person: `misgoal guard pending --id {id}` shows it, then `misgoal guard approve {id}` or `misgoal guard deny {id}`",
            clean(&tool)
        )),
        Note::Alarm { session, text, then, id } => {
            let what = match (then.as_str(), id) {
                ("hold", Some(id)) => format!(
                    "its calls wait: `misgoal guard approve {id}` lets the session go on, `misgoal guard deny {id}` stops it"
                ),
                ("hold", None) => "its calls wait for a person".to_owned(),
                ("stop", _) => "it is stopped".to_owned(),
                ("would-hold", _) => "it goes on, since the mode is to log; enforced, its calls would wait".to_owned(),
                ("would-stop", _) => "it goes on, since the mode is to log; enforced, it would be stopped".to_owned(),
                _ => "it goes on".to_owned(),
            };
            // The evidence has lines of its own; nobody else's words make one.
            let text: Vec<String> = text.lines().map(clean).collect();
            console.warn(format_args!("alarm in session {session}: {}\n{what}", text.join("\n")));
        }
        Note::Reloaded(Ok(version)) => console.note(format_args!("misgoal guard: policies {version} are in force")),
        Note::Reloaded(Err(error)) => {
            console.warn(format_args!("the changed files were refused, the old ones stay in force:\n{error}"));
        }
        Note::Profile(Some(profile)) => {
            console.note(format_args!("misgoal guard: sessions that begin now are held against profile {profile}"));
        }
        Note::Profile(None) => console.note("misgoal guard: sessions that begin now are held against no profile"),
        Note::Archived { path, first, last } => {
            console.note(format_args!("misgoal guard: records {first} to {last} are archived as `{}`", path.display()));
        }
        Note::Removed(last) => {
            console.note(format_args!("misgoal guard: the log's records up to {last} were removed, as `keep` says"));
        }
        Note::Failed(error) => console.warn(error),
    }
}
