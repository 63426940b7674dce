//! Secrets within a text that name themselves: `password=x`, `token: x`, `"password":"x"` in JSON that is a text, `?access_token=x` in an address.

use std::ops::Range;

use super::keys::Keys;

/// Letters of a key at most.
const KEY: usize = 64;
/// Letters of a value behind a colon that stands in no quotes: prose has colons too.
const PROSE: usize = 4;

/// Where a key that holds a secret stands with its value. They follow each other and do not overlap.
pub(super) fn find(text: &str, keys: &Keys) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
    while let Some(sign) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'=' | b':'))) {
        let sign = at + sign;
        at = sign + 1;
        let from = found.last().map_or(0, |last| last.end);
        if let Some(range) = pair(text, from, sign, keys) {
            at = range.end.max(at);
            found.push(range);
        }
    }
    found
}

/// The key before a sign, from `from` on, and the value behind it.
fn pair(text: &str, from: usize, sign: usize, keys: &Keys) -> Option<Range<usize>> {
    let before = text.get(from..sign)?.trim_end();
    let bare = before.trim_end_matches(['"', '\'', '`', '\\']);
    let is_quoted = bare.len() < before.len();
    let is_of_key = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let letters = bare.chars().rev().take(KEY).take_while(|c| is_of_key(*c)).map(char::len_utf8).sum::<usize>();
    let start = bare.len() - letters;
    let key = bare.get(start..).filter(|key| !key.is_empty() && keys.hold(key))?;
    let behind = text.get(sign + 1..)?;
    // `=>`, `:=`, `==`.
    let value = behind.trim_start_matches(['=', '>']).trim_start();
    let value_at = text.len() - value.len();
    let is_equal = text.get(sign..value_at).is_some_and(|signs| signs.contains('='));
    let length = match value.chars().next()? {
        '"' | '\'' | '`' | '\\' if opened(value).is_some() => in_quotes(value, opened(value)?),
        '{' | '[' if is_quoted => in_brackets(value),
        _ => {
            let length = in_open(value, key, is_quoted);
            if length == 0 || !is_equal && !is_quoted && value.get(..length)?.chars().count() < PROSE {
                return None;
            }
            length
        }
    };
    Some(from + start..value_at + length)
}

/// The quote that a value begins with, and how many backslashes are before it: JSON within JSON has more.
fn opened(value: &str) -> Option<(usize, char)> {
    let slashes = value.len() - value.trim_start_matches('\\').len();
    let quote = value.get(slashes..)?.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    Some((slashes, quote))
}

/// Up to the quote that ends it, with no more backslashes before it than before the first; to the end where there is none.
fn in_quotes(value: &str, (slashes, quote): (usize, char)) -> usize {
    let mut before = 0;
    for (at, byte) in value.bytes().enumerate().skip(slashes + 1) {
        if byte == quote as u8 && before <= slashes {
            return at - before;
        }
        before = if byte == b'\\' { before + 1 } else { 0 };
    }
    value.len()
}

/// An object or an array, to the bracket that ends it.
fn in_brackets(value: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    value.len()
}

/// A value without quotes: a word, or with a header that has more than one, the line.
fn in_open(value: &str, key: &str, is_quoted: bool) -> usize {
    let key = key.to_ascii_lowercase();
    let is_line = key.ends_with("authorization") || key.ends_with("cookie");
    let ends = |c: char| match is_line {
        true => matches!(c, '\n' | '\r' | '"' | '\'' | '`'),
        false => c.is_whitespace() || matches!(c, ',' | ';' | '&') || is_quoted && matches!(c, '}' | ']') || c == '`',
    };
    value.find(ends).unwrap_or(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = find(text, &Keys::new([].into_iter()));
        let found: Vec<&str> = found.into_iter().map(|range| text.get(range).unwrap()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_value_is_found_to_its_end() {
        check("a password=x, and token: hunter22", &["password=x", "token: hunter22"]);
        check("https://h/?access_token=abc&x=1&sig=2", &["access_token=abc"]);
        check(r#"password = "a b c" and more"#, &[r#"password = "a b c"#]);
        check(r#"{"password":"x\"y","n":1}"#, &[r#"password":"x\"y"#]);
        check(r#"{\"password\":\"a\\\"b\",\"n\":1}"#, &[r#"password\":\"a\\\"b"#]);
        check(r#"{"token":12,"apiKey":null}"#, &["token\":12", "apiKey\":null"]);
        check(r#"{"credentials":{"user":"u","list":[1]},"n":1}"#, &[r#"credentials":{"user":"u","list":[1]}"#]);
        check("curl -H 'Authorization: Basic abc def' x", &["Authorization: Basic abc def"]);
        check("secret => 'q w'; db_password := z", &["secret => 'q w", "db_password := z"]);
        check("the key `password=x` stands twice", &["password=x"]);
        check("token='never ends", &["token='never ends"]);
        check("ｐａｓｓｗｏｒｄ=é", &["ｐａｓｓｗｏｒｄ=é"]);
    }

    #[test]
    fn nothing_else_is() {
        check("a token: it is, token:", &[]);
        check(r#"{"to":"bob"} at 12:30, a=b, ::==, password"#, &[]);
        check("", &[]);
    }

    #[test]
    fn long_texts_take_no_time() {
        for text in
            ["token:{".repeat(100_000), "token=\"".repeat(100_000), "=:".repeat(500_000), "a".repeat(500_000) + "="]
        {
            find(&text, &Keys::new([].into_iter()));
        }
    }
}
