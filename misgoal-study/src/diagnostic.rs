//! One diagnostic type, two renderings: text with the file's lines, and JSON.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::span::Span;

/// One thing that is wrong with a study file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name of the kind of error, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, naming the input in backticks.
    pub message: String,
    /// The bytes of the file that it is about.
    pub span: Span,
    /// What stands under the marked text; may be empty.
    pub label: String,
    /// Other places that belong to it, each with a word on why.
    pub notes: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn new(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), span, label: String::new(), notes: Vec::new(), help: None }
    }
    pub(crate) fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }
    pub(crate) fn note(mut self, span: Span, words: impl Into<String>) -> Diagnostic {
        self.notes.push((span, words.into()));
        self
    }
    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// Everything that is wrong with a study file, in the order of the file; never empty.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// The file's name, as it shall be shown.
    pub source_name: String,
    /// The file's text.
    pub source: String,
    /// The errors.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn new(source_name: &str, source: &str, mut list: Vec<Diagnostic>) -> Diagnostics {
        for diagnostic in &mut list {
            diagnostic.span = within(source, &diagnostic.span);
            for (span, _) in &mut diagnostic.notes {
                *span = within(source, span);
            }
        }
        list.sort_by_key(|diagnostic| diagnostic.span.start);
        // A shift inherits training's placements, and with them their errors: each is told once.
        let mut seen = std::collections::BTreeSet::new();
        list.retain(|diagnostic| seen.insert((diagnostic.span.start, diagnostic.message.clone())));
        Diagnostics { source_name: source_name.to_owned(), source: source.to_owned(), list }
    }

    /// The errors with the lines that they are about, for a terminal.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let reports: Vec<String> = self.list.iter().map(|diagnostic| self.render_one(&renderer, diagnostic)).collect();
        reports.join("\n\n")
    }

    fn render_one(&self, renderer: &Renderer, diagnostic: &Diagnostic) -> String {
        let mut primary = AnnotationKind::Primary.span(diagnostic.span.clone());
        if !diagnostic.label.is_empty() {
            primary = primary.label(diagnostic.label.as_str());
        }
        let notes = diagnostic
            .notes
            .iter()
            .map(|(span, words)| AnnotationKind::Context.span(span.clone()).label(words.as_str()));
        let snippet = Snippet::source(self.source.as_str())
            .path(self.source_name.as_str())
            .annotation(primary)
            .annotations(notes);
        let mut group = Level::ERROR.primary_title(diagnostic.message.as_str()).id(diagnostic.code).element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }

    /// The errors for programs: lines and columns count from 1, columns in characters, bytes from 0.
    pub fn to_json(&self) -> Value {
        let place = |span: &Span| {
            let (line, column) = self.line_column(span.start);
            let (end_line, end_column) = self.line_column(span.end);
            json!({
                "start": span.start, "end": span.end,
                "line": line, "column": column, "end_line": end_line, "end_column": end_column,
            })
        };
        let list: Vec<Value> = self
            .list
            .iter()
            .map(|diagnostic| {
                json!({
                    "code": diagnostic.code,
                    "message": diagnostic.message,
                    "label": diagnostic.label,
                    "help": diagnostic.help,
                    "place": place(&diagnostic.span),
                    "notes": diagnostic.notes.iter()
                        .map(|(span, words)| json!({ "label": words, "place": place(span) }))
                        .collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({ "format": 1, "file": self.source_name, "errors": list })
    }

    fn line_column(&self, byte: usize) -> (usize, usize) {
        let before = self.source.get(..byte).unwrap_or(&self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, column)
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// The span cut to the text and to whole characters.
fn within(source: &str, span: &Span) -> Span {
    let fit = |byte: usize| source.floor_char_boundary(byte.min(source.len()));
    let start = fit(span.start);
    start..fit(span.end).max(start)
}
