//! From text to a study: syntax, then shape, then meaning.

use serde_spanned::Spanned;
use toml::de::DeTable;

use crate::any::AnyStudy;
use crate::decision_file::DecisionFile;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::file::StudyFile;
use crate::span::Span;
use crate::study::Study;
use crate::{canonical, check, schema, shape};

/// Syntax errors that are told; those after the first few mostly follow from them.
const SYNTAX_ERRORS: usize = 5;

impl AnyStudy {
    /// Reads a study of any kind. `source_name` is how diagnostics call the file.
    ///
    /// # Errors
    /// Everything that is wrong with the file, as far as it can be told at once: a file that is no TOML is only told its syntax errors, and one
    /// of the wrong shape (a missing section, a word for a number) only that.
    pub fn parse(source_name: &str, text: &str) -> Result<AnyStudy, Diagnostics> {
        parse(text).map_err(|list| Diagnostics::new(source_name, text, list))
    }
}

impl Study {
    /// Reads a study of a grid world. `source_name` is how diagnostics call the file.
    ///
    /// # Errors
    /// As [`AnyStudy::parse`], or the study is of another kind.
    pub fn parse(source_name: &str, text: &str) -> Result<Study, Diagnostics> {
        match AnyStudy::parse(source_name, text)? {
            AnyStudy::Grid(study) => Ok(*study),
            AnyStudy::Decision(_) => {
                let message = "this is a study of decisions, and a grid is needed here";
                let at = DeTable::parse(text).ok().and_then(|document| kind(&document)).map_or(0..0, |(_, at)| at);
                let diagnostic = Diagnostic::new("another-kind", at, message).label("its kind");
                Err(Diagnostics::new(source_name, text, vec![diagnostic]))
            }
        }
    }

    /// Reads a study of a grid world from bytes, which may turn out to be no text.
    ///
    /// # Errors
    /// As [`Study::parse`].
    pub fn parse_bytes(source_name: &str, bytes: &[u8]) -> Result<Study, Diagnostics> {
        std::str::from_utf8(bytes).map_or_else(
            |error| {
                let text = String::from_utf8_lossy(bytes);
                let at = error.valid_up_to();
                let message = format!("the file is not text in UTF-8: byte {at} does not belong");
                let help = "save it as UTF-8; a study file is plain text";
                let diagnostic = Diagnostic::new("not-utf-8", at..at + 1, message).help(help);
                Err(Diagnostics::new(source_name, &text, vec![diagnostic]))
            },
            |text| Study::parse(source_name, text),
        )
    }
}

/// The word for the study's kind, and where it stands.
fn kind(document: &Spanned<DeTable<'_>>) -> Option<(String, Span)> {
    let kind = document.get_ref().get("world")?.get_ref().as_table()?.get("kind")?;
    Some((kind.get_ref().as_str()?.to_owned(), kind.span()))
}

fn parse(text: &str) -> Result<AnyStudy, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().take(SYNTAX_ERRORS).map(|error| syntax(text, error)).collect());
    }
    // Without a kind that there is, the file is read as a grid's, and told of the kinds.
    let decision = kind(&document).is_some_and(|(kind, _)| kind == "decision");
    let mut found = shape::check(&document, if decision { schema::decision() } else { schema::grid() });
    // In a file of an unknown kind nothing else can be told to be wrong.
    if let Some((kind, at)) = kind(&document)
        && found.iter().any(|diagnostic| diagnostic.span == at && diagnostic.code == "unknown-word")
    {
        found.retain(|diagnostic| diagnostic.span == at && diagnostic.message.contains(&kind));
        return Err(found);
    }
    let hash = canonical::hash(&document);
    let read = if decision {
        toml::from_str::<DecisionFile>(text).map(|file| {
            let (study, meaning) = check::decision::check(&file, text, hash);
            (study.map(|study| AnyStudy::Decision(Box::new(study))), meaning)
        })
    } else {
        toml::from_str::<StudyFile>(text).map(|file| {
            let (study, meaning) = check::check(&file, text, hash);
            (study.map(|study| AnyStudy::Grid(Box::new(study))), meaning)
        })
    };
    let study = match read {
        Ok((study, meaning)) => {
            // What the shape has said of a value need not be said again in other words.
            let told: Vec<_> = found.iter().map(|diagnostic| diagnostic.span.clone()).collect();
            found.extend(meaning.into_iter().filter(|diagnostic| !told.contains(&diagnostic.span)));
            study
        }
        // The shape has already said what is wrong, with better words; this is for what the schema cannot express.
        Err(error) if found.is_empty() => {
            return Err(vec![Diagnostic::new("wrong-type", error.span().unwrap_or(0..0), error.message())]);
        }
        Err(_) => None,
    };
    study.filter(|_| found.is_empty()).ok_or(found)
}

fn syntax(text: &str, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    if error.message().starts_with("duplicate key") {
        let name = text.get(span.clone()).unwrap_or_default().to_owned();
        let line = text.get(..span.start).and_then(|before| before.lines().last()).unwrap_or_default();
        let (code, message) =
            match line.trim_start().strip_prefix('[').map(|path| path.trim_start_matches('[').trim_end_matches('.')) {
                Some("arms") => ("arm-named-twice", format!("two arms are called `{name}`")),
                Some("goals") => ("duplicate-key", format!("two goals are called `{name}`")),
                Some("shifts") => ("duplicate-key", format!("two shifts are called `{name}`")),
                _ => ("duplicate-key", format!("`{name}` is given twice")),
            };
        return Diagnostic::new(code, span, message).label("the second one").help("keep one, or give one another name");
    }
    Diagnostic::new("syntax", span, format!("this is not TOML: {}", error.message()))
}
