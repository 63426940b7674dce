//! Whether a text is JSON to any reader: Python's `json` takes `NaN` and `Infinity`, halves of pairs as escapes, and, where it is told so, control characters; it stops at a depth of its own.

/// Whether a text, without white space around it, is JSON.
pub(super) fn is_json(text: &str) -> bool {
    let mut reader = Reader { rest: text.trim() };
    reader.is_value() && reader.rest.is_empty()
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn takes(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    fn is_value(&mut self) -> bool {
        // What is open: objects are true.
        let mut open: Vec<bool> = Vec::new();
        loop {
            // A value begins here.
            if self.takes("[") {
                if !self.takes("]") {
                    open.push(false);
                    continue;
                }
            } else if self.takes("{") {
                if !self.takes("}") {
                    open.push(true);
                    if !self.is_key() {
                        return false;
                    }
                    continue;
                }
            } else if !self.is_plain() {
                return false;
            }
            // It has ended.
            loop {
                match open.last() {
                    None => return true,
                    Some(is_object) if self.takes(",") => {
                        if *is_object && !self.is_key() {
                            return false;
                        }
                        break;
                    }
                    Some(is_object) if self.takes(if *is_object { "}" } else { "]" }) => _ = open.pop(),
                    Some(_) => return false,
                }
            }
        }
    }

    fn is_key(&mut self) -> bool {
        self.is_text() && self.takes(":")
    }

    fn is_plain(&mut self) -> bool {
        let is_word = ["true", "false", "null", "NaN", "Infinity", "-Infinity"].iter().any(|word| self.takes(word));
        is_word || self.is_text() || self.is_number()
    }

    fn is_text(&mut self) -> bool {
        let Some(inner) = self.rest.strip_prefix('"') else { return false };
        let mut escaped = false;
        let end = inner.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let rest = end.and_then(|end| inner.get(end + 1..));
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    fn is_number(&mut self) -> bool {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let number = self.rest.split(|c: char| !is_part(c)).next().unwrap_or_default();
        number.bytes().any(|byte| byte.is_ascii_digit()) && number.parse::<f64>().is_ok() && self.takes(number)
    }
}
