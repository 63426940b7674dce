//! When two names look the same to a person or to a lenient reader.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// The name without what tells lookalikes apart: compatibility forms (NFKC: wide, circled, ligatures), letter case, and characters that
/// are not seen. Two names are lookalikes when they differ and their folds do not.
pub fn fold(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        let plain = !name.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_control() || byte == b' ');
        if plain {
            return Cow::Borrowed(name);
        }
        return name
            .chars()
            .filter(|c| !c.is_ascii_control() && *c != ' ')
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
            .into();
    }
    // Letters that are one in capitals (the Greek sigmas, the dotless i) are one here; the dotted capital I is what Turkish readers make of an i.
    let cased = |c: char| {
        let c = if c == 'İ' { 'i' } else { c };
        c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
    };
    let compatible = name.nfkc().filter(|c| !is_unseen(*c)).flat_map(cased);
    // Another case can bring new compositions.
    compatible.nfkc().filter(|c| !is_unseen(*c)).collect::<String>().into()
}

/// White space, control characters, and the default-ignorable code points of Unicode (format characters, variation selectors, fillers, tags).
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str, expected: bool) {
        assert_eq!(fold(a) == fold(b), expected, "`{}` and `{}`", a.escape_unicode(), b.escape_unicode());
    }

    #[test]
    fn case_width_and_the_unseen_make_no_difference() {
        same("read_file", "Read_File", true);
        same("read_file", "ｒｅａｄ_file", true);
        same("read_file", "read\u{200b}_file", true);
        same("read_file", "read_file\u{e0041}", true);
        same("read_file", "read_file ", true);
        same("re\u{301}sume\u{301}", "résumé", true);
        same("ﬁle", "file", true);
        same("ΟΔΟΣ", "οδος", true);
        same("ΟΔΟΣ", "οδοσ", true);
        // Readers of Go, of Java and of Turkish machines.
        same("param\u{17f}", "params", true);
        same("to\u{212a}en", "token", true);
        same("\u{131}d", "id", true);
        same("\u{130}d", "id", true);
        same("I\u{307}d", "id", true);
        same("straße", "STRASSE", true);
        same("straẞe", "strasse", true);
    }

    #[test]
    fn other_names_stay_apart() {
        same("read_file", "read-file", false);
        same("read_file", "read_files", false);
        same("löschen", "loschen", false);
    }
}
