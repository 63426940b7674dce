//! What a running guard tells its operator, on stderr.

use misgoal_gateway::Note;

use crate::output::{Console, clean_lines, folded, quoted};

/// Tells each piece of news in words.
pub fn teller(console: &Console) -> impl Fn(Note) + Send + Sync + 'static {
    let console = console.clone();
    move |note| tell(&console, note)
}

fn tell(console: &Console, note: Note) {
    match note {
        Note::Began { session, version } => {
            say(console, &format!("misgoal guard: session {session}, policies {version}"));
        }
        Note::Held { id, tool } => warn(
            console,
            &format!(
                "{} waits for a person: `misgoal guard pending --id {id}` shows it, then `misgoal guard approve {id}` or `misgoal guard deny {id}`",
                quoted(&tool)
            ),
            "",
        ),
        Note::Alarm { session, text, then, id } => {
            let what = match (then.as_str(), id) {
                ("hold", Some(id)) => format!(
                    "its calls wait: `misgoal guard approve {id}` lets the session go on past this alarm, `misgoal guard deny {id}` stops it"
                ),
                ("hold", None) => "its calls wait for a person".to_owned(),
                ("stop", _) => "it is stopped".to_owned(),
                ("would-hold", _) => "it goes on, since the mode is to log; enforced, its calls would wait".to_owned(),
                ("would-stop", _) => "it goes on, since the mode is to log; enforced, it would be stopped".to_owned(),
                _ => "it goes on".to_owned(),
            };
            warn(console, &format!("alarm in session {session}: {text}"), &what);
        }
        Note::Reloaded(Ok(version)) => say(console, &format!("misgoal guard: policies {version} are in force")),
        Note::Reloaded(Err(error)) => {
            warn(console, &format!("the changed files were refused, the old ones stay in force:\n{error}"), "");
        }
        Note::Profile(Some(profile)) => {
            say(console, &format!("misgoal guard: sessions that begin now are held against profile {profile}"));
        }
        Note::Profile(None) => say(console, "misgoal guard: sessions that begin now are held against no profile"),
        Note::Archived { path, first, last } => {
            say(console, &format!("misgoal guard: records {first} to {last} are archived as `{}`", path.display()));
        }
        Note::Removed(last) => {
            say(console, &format!("misgoal guard: the log's records up to {last} were removed, as `keep` says"));
        }
        Note::Failed(error) => warn(console, &error, ""),
    }
}

fn say(console: &Console, words: &str) {
    console.note(told(words));
}

/// Warns, with a last line of the guard's own, if any.
fn warn(console: &Console, words: &str, last: &str) {
    let last = if last.is_empty() { String::new() } else { format!("\n{last}") };
    let told = told(&format!("{WARNING}{words}"));
    console.warn(format_args!("{}{last}", told.strip_prefix(WARNING).unwrap_or(&told)));
}

/// What the console writes before a warning takes room too.
const WARNING: &str = "warning: ";

/// What is told, as it may stand on a terminal: agents and servers choose names and words in it, and they make no line that begins where one of the guard's begins, whether by
/// a line break or by their length.
fn told(words: &str) -> String {
    let text = clean_lines(words);
    let room = terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
    room.map_or(text.clone(), |width| folded(&text, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_write_begins_no_line() {
        let forged =
            "step 3: `a` (2 times as likely)\nits calls wait: `misgoal guard approve x`\r\nwarning: `b`\u{1b}[2J";
        let lines = told(forged);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(
            lines,
            [
                "step 3: `a` (2 times as likely)",
                "  its calls wait: `misgoal guard approve x`",
                "  warning: `b`\\u{1b}[2J"
            ]
        );
    }
}
