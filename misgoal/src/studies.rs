//! A study by its built-in name or by the path of its file.

use std::path::Path;

use misgoal_study::{AnyStudy, Study, builtin, builtins};

use crate::exit::{Exit, Failure};
use crate::suggest;

/// A study's text before it is checked.
pub struct Source {
    /// What a diagnostic calls it: the path, or `built-in NAME`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Finds a study's text: a built-in name first, else a file.
///
/// # Errors
/// When there is neither, with the nearest name; when the file cannot be read.
pub fn source(study: &str) -> Result<Source, Failure> {
    if let Some(text) = builtin(study) {
        return Ok(Source { name: format!("built-in {study}"), text: text.to_owned() });
    }
    if study == misgoal_run::atlas::NAME {
        return Err(Failure::usage(format!("`{study}` is an atlas and no study"))
            .hint(format!("`misgoal atlas {study}` makes it, `misgoal atlas {study} --quick` a small one")));
    }
    let path = Path::new(study);
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Source { name: study.to_owned(), text }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !looks_like_a_path(study) => Err(
            suggest::unknown("study", study, names(), "`misgoal list` shows the built-in studies; a path works too"),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure::usage(format!("there is no file `{study}`"))
                .hint("`misgoal new NAME --from coinrun` makes a study file"))
        }
        Err(error) => Err(Failure::data(format!("cannot read `{study}`: {error}"))),
    }
}

/// Finds a study of any kind and checks it.
///
/// # Errors
/// As [`source`], and everything that is wrong with the file, pointing into it.
pub fn load(study: &str) -> Result<AnyStudy, Failure> {
    let source = source(study)?;
    parse(&source.name, &source.text)
}

/// Finds a study of a grid world and checks it; `verb` is the command that can do nothing with another kind.
///
/// # Errors
/// As [`load`], or the study is of another kind.
pub fn grid(study: &str, verb: &str) -> Result<Study, Failure> {
    match load(study)? {
        AnyStudy::Grid(study) => Ok(*study),
        AnyStudy::Decision(own) => Err(Failure::usage(format!(
            "`misgoal {verb}` needs levels to walk through, and study `{}` is one of decisions: its cases are features, not levels",
            own.name
        ))
        .hint(format!("`misgoal lint {study}`, `misgoal run {study}` and `misgoal judge {study}` work on decisions"))),
    }
}

/// Checks a study's text.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(name: &str, text: &str) -> Result<AnyStudy, Failure> {
    // Colours are dropped again where they are not wanted.
    AnyStudy::parse(name, text).map_err(|wrong| Failure::Rendered { exit: Exit::Usage, text: wrong.render(true) })
}

/// The built-in studies' names.
pub fn names() -> impl Iterator<Item = &'static str> {
    builtins().iter().map(|builtin| builtin.name)
}

fn looks_like_a_path(study: &str) -> bool {
    study.contains(['/', '\\']) || study.ends_with(".toml")
}
