//! Exit codes and failures: the one place that decides how misgoal ends.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to report.
    Fine,
    /// The command worked and found what it looks for: misgeneralization, a study that cannot discriminate.
    Finding,
    /// The command line or the study file is wrong.
    Usage,
    /// A file, run or policy is missing, damaged or of another format.
    Data,
    /// A bug in misgoal.
    Bug,
    /// Stopped by Ctrl-C, as shells count it.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Finding => 1,
            Exit::Usage => 2,
            Exit::Data => 3,
            Exit::Bug => 70,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Why a command could not do its work.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// A sentence, printed after `error:`, and what to do about it.
    Message {
        /// [`Exit::Usage`], [`Exit::Data`] or [`Exit::Bug`].
        exit: Exit,
        /// Lower case, the user's input in backticks.
        message: String,
        /// Printed after `hint:`.
        hint: Option<String>,
    },
    /// A diagnostic that points into a file, already rendered.
    Rendered {
        /// [`Exit::Usage`] or [`Exit::Data`].
        exit: Exit,
        /// The whole text.
        text: String,
    },
    /// Whoever read stdout went away (`misgoal list | head -1`): not worth a word.
    ClosedPipe,
}

impl Failure {
    /// The command line or the study is wrong.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::Message { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// Something on disk is missing, damaged or of another format.
    pub fn data(message: impl Into<String>) -> Failure {
        Failure::Message { exit: Exit::Data, message: message.into(), hint: None }
    }

    /// Something that cannot happen happened.
    #[cfg(feature = "study")]
    pub fn bug(message: impl Into<String>) -> Failure {
        let hint = Some("this is a bug in misgoal: please report it with the command and the study file".to_owned());
        Failure::Message { exit: Exit::Bug, message: message.into(), hint }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, words: impl Into<String>) -> Failure {
        if let Failure::Message { hint, .. } = &mut self {
            *hint = Some(words.into());
        }
        self
    }

    /// The exit code that this failure calls for.
    pub const fn exit(&self) -> Exit {
        match self {
            Failure::Message { exit, .. } | Failure::Rendered { exit, .. } => *exit,
            Failure::ClosedPipe => Exit::Fine,
        }
    }
}

/// Only writing to stdout or stderr fails with a bare I/O error; file errors name their file and become [`Failure::data`].
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::data(format!("cannot write the output: {error}")),
        }
    }
}

/// The run crate says whose fault it was; a bug ends as a bug.
#[cfg(feature = "study")]
impl From<misgoal_run::RunError> for Failure {
    fn from(error: misgoal_run::RunError) -> Failure {
        let exit = match error.fault() {
            misgoal_run::Fault::Usage => Exit::Usage,
            misgoal_run::Fault::Data => Exit::Data,
            misgoal_run::Fault::Bug => Exit::Bug,
        };
        Failure::Message { exit, message: error.to_string(), hint: None }
    }
}

/// Makes a panic say that it is a bug and how to report it; [`crate::main`] then ends with [`Exit::Bug`].
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        use std::io::Write as _;
        let what = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        let line = std::env::args().collect::<Vec<_>>().join(" ");
        // Stderr may be closed: there is no one left to tell.
        let _ = writeln!(
            std::io::stderr(),
            "error: this is a bug in misgoal, not in your study: {what}\n  at {place} (misgoal {})\n  command: {line}\n\
             hint: please report it with these lines and the study file",
            env!("CARGO_PKG_VERSION"),
        );
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let codes = [Exit::Fine, Exit::Finding, Exit::Usage, Exit::Data, Exit::Bug, Exit::Interrupted].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 70, 130]);
    }

    #[test]
    fn a_closed_pipe_is_not_a_failure() {
        let failure = Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit(), failure), (Exit::Fine, Failure::ClosedPipe));
    }
}
