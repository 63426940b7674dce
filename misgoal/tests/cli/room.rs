//! A directory of one's own to type commands in, and what came of them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An empty directory in which commands are run.
pub struct Room(tempfile::TempDir);

/// What a command wrote and how it ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Room {
    pub fn new() -> Room {
        Room(tempfile::tempdir().expect("a temporary directory"))
    }

    /// A directory with a study in it that trains in a second: `lamp.toml`.
    pub fn with_a_study() -> Room {
        let room = Room::new();
        room.write("lamp.toml", include_str!("lamp.toml"));
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file can be written");
    }

    /// Runs `misgoal` with these words.
    pub fn misgoal(&self, words: &str) -> Ended {
        self.misgoal_with(words, "", &[])
    }

    /// `misgoal` with these words, ready to start.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_misgoal"));
        command.args(words.split_whitespace()).current_dir(self.0.path());
        command.env_clear().env("COLUMNS", "100").stdin(Stdio::null());
        command
    }

    /// Runs `misgoal` with these words, this on stdin and these variables set.
    pub fn misgoal_with(&self, words: &str, stdin: &str, variables: &[(&str, &str)]) -> Ended {
        let mut command = self.command(words);
        command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        // A command that does not read stdin may be gone already.
        let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
        Ended::from(child.wait_with_output().expect("it ends"))
    }

    /// Runs `misgoal` with these words and presses Ctrl-C when a line of stderr begins like this.
    pub fn interrupted(&self, words: &str, line: &str) -> Ended {
        let mut command = self.command(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let said = lines.by_ref().map_while(Result::ok).find(|said| said.starts_with(line));
        let pressed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("`kill` starts");
        assert!(pressed.success() && said.is_some(), "no line began with `{line}`");
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        let mut ended = Ended::from(child.wait_with_output().expect("it ends"));
        ended.stderr = rest.join("\n");
        ended
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Ended {
        let text = |bytes| String::from_utf8(bytes).expect("output is text");
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ended {
    /// Everything, for a snapshot: what differs from run to run is blanked out.
    pub fn shown(&self) -> String {
        let code = self.code.map_or("a signal".to_owned(), |code| code.to_string());
        let part = |name: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("-- {name}\n{}\n", text.trim_end()) }
        };
        redacted(&format!("-- exit code {code}\n{}{}", part("stdout", &self.stdout), part("stderr", &self.stderr)))
    }

    /// Fails unless the command ended like this.
    #[track_caller]
    pub fn code(self, expected: i32) -> Ended {
        assert_eq!(self.code, Some(expected), "{}", self.shown());
        self
    }
}

/// Blanks out ids of runs and durations.
fn redacted(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n', '/', '`', ',', ';', ')']).map(|word| {
        let end = word.len() - word.chars().next_back().map_or(0, char::len_utf8);
        let (name, rest) = if word.ends_with(|c: char| !c.is_alphanumeric()) { word.split_at(end) } else { (word, "") };
        let parts: Vec<&str> = name.split('-').collect();
        let digits = |part: &&str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let id = parts.len() >= 4 && digits(&parts[0], 8) && digits(&parts[1], 6);
        if id { format!("[RUN]{rest}") } else { word.to_owned() }
    });
    words.collect()
}

/// Whether a file is there and holds something.
pub fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.len() > 0)
}
