//! From text to a study: syntax, then shape, then meaning.

use toml::de::DeTable;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::file::StudyFile;
use crate::study::Study;
use crate::{canonical, check, shape};

/// Syntax errors that are told; those after the first few mostly follow from them.
const SYNTAX_ERRORS: usize = 5;

impl Study {
    /// Reads a study. `source_name` is how diagnostics call the file.
    ///
    /// # Errors
    /// Everything that is wrong with the file, as far as it can be told at once: a file that is no TOML is only told its syntax errors, and one
    /// of the wrong shape (a missing section, a word for a number) only that.
    pub fn parse(source_name: &str, text: &str) -> Result<Study, Diagnostics> {
        parse(text).map_err(|list| Diagnostics::new(source_name, text, list))
    }

    /// Reads a study from bytes, which may turn out to be no text.
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

fn parse(text: &str) -> Result<Study, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().take(SYNTAX_ERRORS).map(|error| syntax(text, error)).collect());
    }
    let mut found = shape::check(&document);
    let study = match toml::from_str::<StudyFile>(text) {
        Ok(file) => {
            let (study, meaning) = check::check(&file, text, canonical::hash(&document));
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
