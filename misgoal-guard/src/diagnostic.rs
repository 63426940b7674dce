//! What is wrong with a configuration or a policy, pointing into its text.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the file from being used.
    pub is_error: bool,
    /// A stable name such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, the input in backticks.
    pub message: String,
    /// The bytes that it is about, where it is about some.
    pub span: Option<Range<usize>>,
    /// What stands under the marked text; may be empty.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn error(code: &'static str, span: Option<Range<usize>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { is_error: true, code, message: message.into(), span, label: String::new(), help: None }
    }

    pub(crate) fn warning(code: &'static str, span: Option<Range<usize>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { is_error: false, ..Diagnostic::error(code, span, message) }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// What there is to say of one file.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// The file's name, as it shall be shown.
    pub source_name: String,
    /// The file's text.
    pub source: String,
    /// In the order of the file.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn new(source_name: &str, source: &str, mut list: Vec<Diagnostic>) -> Diagnostics {
        for diagnostic in &mut list {
            diagnostic.span = diagnostic.span.take().map(|span| within(source, &span));
        }
        list.sort_by_key(|diagnostic| diagnostic.span.as_ref().map_or(0, |span| span.start));
        Diagnostics { source_name: source_name.to_owned(), source: source.to_owned(), list }
    }

    /// Whether anything in it is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.is_error)
    }

    /// All of it with the lines that it is about, for a terminal.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let reports: Vec<String> = self.list.iter().map(|diagnostic| self.render_one(&renderer, diagnostic)).collect();
        reports.join("\n\n")
    }

    fn render_one(&self, renderer: &Renderer, diagnostic: &Diagnostic) -> String {
        let level = if diagnostic.is_error { Level::ERROR } else { Level::WARNING };
        let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
        let snippet = diagnostic.span.as_ref().map(|span| {
            let mut mark = AnnotationKind::Primary.span(span.clone());
            if !diagnostic.label.is_empty() {
                mark = mark.label(diagnostic.label.as_str());
            }
            Snippet::source(self.source.as_str()).path(self.source_name.as_str()).annotation(mark)
        });
        let help = diagnostic.help.as_ref().map(|help| Level::HELP.message(help.as_str()));
        let group = match (snippet, help) {
            (Some(snippet), Some(help)) => title.element(snippet).element(help),
            (Some(snippet), None) => title.element(snippet),
            (None, help) => title.elements(help),
        };
        renderer.render(&[group])
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// The span cut to the text and to whole characters.
fn within(source: &str, span: &Range<usize>) -> Range<usize> {
    let fit = |byte: usize| source.floor_char_boundary(byte.min(source.len()));
    let start = fit(span.start);
    start..fit(span.end).max(start)
}
