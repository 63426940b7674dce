//! A new study from another: the text as it is, comments and all, under a new name.

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::check::name_is_plain;

/// Why a study cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyError {
    /// The new name is not one that a study can have.
    Name(String),
    /// The text is no TOML or has no `name` in a `[study]` section.
    NoName,
}

impl std::fmt::Display for CopyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CopyError::Name(name) => write!(
                f,
                "`{name}` cannot be the name of a study: use lower-case letters, digits, `-` and `_`, a letter first, at most 40 in all"
            ),
            CopyError::NoName => f.write_str("the study to copy has no `name` in a `[study]` section: give it one"),
        }
    }
}

impl std::error::Error for CopyError {}

/// The text of `study` with its name replaced by `name`.
///
/// # Errors
/// The name is not one that a study can have, or there is none to replace.
pub fn new_from(study: &str, name: &str) -> Result<String, CopyError> {
    if !name_is_plain(name) {
        return Err(CopyError::Name(name.to_owned()));
    }
    let span = name_span(study).ok_or(CopyError::NoName)?;
    let (before, after) = (study.get(..span.start), study.get(span.end..));
    match (before, after) {
        (Some(before), Some(after)) => Ok(format!("{before}\"{name}\"{after}")),
        _ => Err(CopyError::NoName),
    }
}

fn name_span(study: &str) -> Option<std::ops::Range<usize>> {
    let document = DeTable::parse(study).ok()?;
    let head = document.get_ref().get("study")?.get_ref().as_table()?;
    let name = head.get("name")?;
    matches!(name.get_ref(), DeValue::String(_)).then(|| Spanned::span(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_changes() {
        let study = "# mine\n[study]\nname = 'old' # so called\ntitle = \"old\"\n";
        assert_eq!(new_from(study, "new").unwrap(), "# mine\n[study]\nname = \"new\" # so called\ntitle = \"old\"\n");
    }

    #[test]
    fn a_copy_of_every_builtin_is_a_study() {
        for builtin in crate::builtins() {
            let text = new_from(builtin.source, "my-own").unwrap();
            assert_eq!(crate::AnyStudy::parse("my-own.toml", &text).unwrap().get().name(), "my-own");
        }
    }

    #[test]
    fn what_cannot_be_copied() {
        assert_eq!(new_from("[study]\nname = \"a\"", "No Name").unwrap_err(), CopyError::Name("No Name".to_owned()));
        assert_eq!(new_from("[study]\nname = 3", "a").unwrap_err(), CopyError::NoName);
        assert_eq!(new_from("[[", "a").unwrap_err(), CopyError::NoName);
    }
}
