//! The one-file report: the figures that go into it, then the template.

mod along;
mod arms;
mod cases;
mod episodes;
mod figures;
mod headline;
mod method;
mod search;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use crate::svg::escape;
use crate::{ReportError, ReportInput};

pub use search::{PicturedChange, SearchInput, search_html};

/// No report is larger, in bytes.
pub const SIZE_LIMIT: usize = 300_000;

/// How much is drawn. A run of ordinary size gets all of it; a very large one loses detail step by step, and the page says so.
#[derive(Clone, Copy, Debug)]
struct Detail {
    /// Points of all learning curves together.
    curve_points: usize,
    /// Split-screen episodes.
    episodes: usize,
    /// Rows of the tables per seed.
    seed_rows: usize,
    /// Splays.
    splays: usize,
    /// Charts along the training, and tables of wrong turns.
    along: usize,
}

const DETAILS: [Detail; 4] = [
    Detail { curve_points: 8_000, episodes: 10, seed_rows: 400, splays: 6, along: 8 },
    Detail { curve_points: 5_000, episodes: 5, seed_rows: 200, splays: 2, along: 3 },
    Detail { curve_points: 2_000, episodes: 2, seed_rows: 60, splays: 1, along: 1 },
    Detail { curve_points: 0, episodes: 0, seed_rows: 0, splays: 0, along: 0 },
];

#[derive(Debug, Serialize)]
struct Page {
    style: &'static str,
    script: &'static str,
    headline: headline::Headline,
    case: Vec<headline::Passage>,
    goals: Vec<headline::GoalLine>,
    shifts: Vec<arms::ShiftBlock>,
    sweeps: Vec<figures::Figure>,
    curves: Vec<figures::Figure>,
    along: Vec<figures::Figure>,
    turns: Vec<along::Turns>,
    curve_lines: Vec<figures::Key>,
    splays: Vec<figures::Figure>,
    splay_keys: Vec<figures::Key>,
    episodes: Vec<episodes::Pair>,
    cases: Vec<cases::Cases>,
    seeds: Vec<arms::SeedBlock>,
    letters: Vec<figures::Key>,
    lint: Vec<method::LintLine>,
    method: method::Method,
    left_out: Vec<String>,
}

/// The whole report as one HTML document of at most [`SIZE_LIMIT`] bytes: no script is needed to read it, nothing is loaded.
///
/// # Errors
/// [`ReportError::Template`] if the template does not render, which is a mistake in this crate.
pub fn html(input: &ReportInput<'_>) -> Result<String, ReportError> {
    let mut environment = environment()?;
    environment.add_template("report.html.j2", include_str!("report.html.j2"))?;
    let template = environment.get_template("report.html.j2")?;
    let mut document = String::new();
    for detail in DETAILS {
        document = template.render(Value::from(Serde(page(input, detail))))?;
        if document.len() <= SIZE_LIMIT {
            break;
        }
    }
    Ok(document)
}

/// What templates are rendered in.
fn environment() -> Result<Environment<'static>, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("code", |text: &str| Value::from_safe_string(code(text)));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    Ok(environment)
}

/// Text with its `names` set as code: the sentences of the record name goals, shifts and commands in backticks.
fn code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::with_capacity(text.len() + 16);
    for (place, part) in parts.iter().enumerate() {
        // A backtick without its partner stays what it is.
        let (quoted, closed) = (place % 2 == 1, place + 1 < parts.len());
        let escaped = escape(part);
        match (quoted, closed) {
            (true, true) => out.extend(["<code>", &escaped, "</code>"]),
            (true, false) => out.extend(["`", &escaped]),
            (false, _) => out.push_str(&escaped),
        }
    }
    out
}

fn page(input: &ReportInput<'_>, detail: Detail) -> Page {
    let mut left_out = Vec::new();
    let record = input.record;
    Page {
        style: include_str!("style.css"),
        script: include_str!("script.js"),
        headline: headline::headline(input),
        case: headline::case(&record.study),
        goals: headline::goals(&record.study),
        shifts: arms::shifts(record),
        sweeps: figures::sweeps(record),
        curves: figures::curves(input, detail.curve_points, &mut left_out),
        along: along::along(record, detail.along, &mut left_out),
        turns: along::turns(record, detail.along),
        curve_lines: figures::curve_lines(&record.study),
        splays: figures::splays(input.splays, detail.splays, &mut left_out),
        splay_keys: figures::splay_keys(),
        episodes: episodes::pairs(input, detail.episodes, &mut left_out),
        cases: cases::cases(input, detail.episodes, &mut left_out),
        seeds: arms::seeds(record, detail.seed_rows, &mut left_out),
        letters: arms::letters(record),
        lint: method::lint(record),
        method: method::method(input),
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_backticks_become_code() {
        insta::assert_snapshot!(code("toward `wall` & not `<coin>`"), @"toward <code>wall</code> &amp; not <code>&lt;coin&gt;</code>");
        insta::assert_snapshot!(code("a ` alone"), @"a ` alone");
        insta::assert_snapshot!(code("`"), @"`");
    }
}
