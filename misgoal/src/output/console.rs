//! The two streams, their colours and their width.

use std::fmt::Display;
#[cfg(feature = "study")]
use std::io::IsTerminal as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use crate::exit::Failure;

/// What a piece of text means; colour only repeats what the words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    Good,
    Bad,
    Unsure,
    Quiet,
    Hint,
}

impl Tone {
    /// The style on a terminal that shows colours.
    pub const fn style(self) -> Style {
        let plain = Style::new();
        match self {
            Tone::Plain => plain,
            Tone::Heading => plain.bold(),
            Tone::Good => AnsiColor::Green.on_default().bold(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Unsure => AnsiColor::Yellow.on_default().bold(),
            Tone::Quiet => plain.dimmed(),
            Tone::Hint => AnsiColor::Cyan.on_default().bold(),
        }
    }

    /// The text in this tone's style.
    pub fn paint(self, text: impl Display) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

/// Stdout and stderr; both drop colours when they are not wanted ([`anstream`] reads `NO_COLOR`, `CLICOLOR_FORCE` and the terminal).
#[derive(Clone, Debug, Default)]
pub struct Console {
    /// No progress, no hints: errors and data only.
    pub quiet: bool,
}

/// Columns where nothing says otherwise.
const WIDTH: usize = 100;

impl Console {
    /// Writes data: one line to stdout.
    ///
    /// # Errors
    /// [`Failure::ClosedPipe`] when nobody reads it any more.
    pub fn line(&self, text: impl Display) -> Result<(), Failure> {
        Ok(writeln!(anstream::stdout(), "{text}")?)
    }

    /// Writes data to stdout as it is.
    ///
    /// # Errors
    /// As [`Console::line`].
    pub fn data(&self, text: impl Display) -> Result<(), Failure> {
        let mut out = anstream::stdout();
        write!(out, "{text}")?;
        Ok(out.flush()?)
    }

    /// Writes a remark to stderr, unless `--quiet`.
    pub fn note(&self, text: impl Display) {
        if !self.quiet {
            // A closed stderr is no reason to stop working.
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Writes a warning to stderr, even with `--quiet`.
    pub fn warn(&self, text: impl Display) {
        let _ = writeln!(anstream::stderr(), "{}: {text}", Tone::Unsure.paint("warning"));
    }

    /// The last line of a command: what to do next.
    pub fn hint(&self, text: impl Display) {
        self.note(format_args!("{}: {text}", Tone::Hint.paint("hint")));
    }

    /// Writes why the command failed to stderr.
    pub fn failure(&self, failure: &Failure) {
        let mut err = anstream::stderr();
        let _ = match failure {
            Failure::Message { message, hint, .. } => {
                let hint = hint.as_ref().map(|hint| format!("\n{}: {hint}", Tone::Hint.paint("hint")));
                writeln!(err, "{}: {message}{}", Tone::Bad.paint("error"), hint.unwrap_or_default())
            }
            Failure::Rendered { text, .. } => writeln!(err, "{}", text.trim_end()),
            Failure::ClosedPipe => Ok(()),
        };
    }

    /// Whether progress may be drawn over itself.
    #[cfg(feature = "study")]
    pub fn draws(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Writes JSON to stdout, on which nothing is obeyed or hidden that others wrote: the only way in which JSON of the guard leaves.
    ///
    /// # Errors
    /// As [`Console::line`].
    #[cfg(feature = "guard")]
    pub fn json(&self, json: &str) -> Result<(), Failure> {
        self.line(super::clean_json(json))
    }

    /// Columns in which a line must fit so that the terminal does not break it; none where nothing else is known.
    #[cfg(feature = "guard")]
    pub fn room(&self) -> Option<usize> {
        let declared = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let seen = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        declared.into_iter().chain(seen).min()
    }

    /// Columns to fill: `COLUMNS`, else the terminal's, else 100.
    pub fn width(&self) -> usize {
        let declared = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        declared.or_else(seen).unwrap_or(WIDTH).clamp(30, 160)
    }
}
