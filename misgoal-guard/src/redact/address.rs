//! Secrets within addresses: names and passwords before an `@`.

use std::ops::Range;

/// Bytes of what stands alone before an `@` from which on it is taken for a token: a user's name is shorter.
const TOKEN: usize = 16;

/// Finds what stands between `://` and the last `@` of an address, also where the address is cut off in the middle of it. Each part of the text is looked at
/// once.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    if !text.contains("//") {
        return;
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
    let mut at = 0;
    for word in text.split(ends) {
        // A word is a part of the text.
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        debug_assert!(start >= at);
        at = start + word.len();
        let Some(last) = word.rfind('@').or_else(|| word.rfind("...")) else { continue };
        let mut from = 0;
        // Of an address without its scheme: a password, and no step of XPath (`//ns:a[@b]`).
        if let Some(user) = word.get(..last).and_then(|user| user.strip_prefix("//"))
            && user.contains(':')
            && !user.contains(['[', '/', '('])
            && word.get(last..).is_some_and(|rest| rest.starts_with('@'))
        {
            found.push(start..start + last + 1);
            continue;
        }
        while let Some(sign) = word.get(from..last).and_then(|rest| rest.find("://")).map(|sign| from + sign) {
            from = sign + 3;
            let Some(user) = word.get(from..last) else { break };
            if is_secret(user, word.get(last..).unwrap_or_default()) {
                let end = if word.get(last..).is_some_and(|rest| rest.starts_with('@')) { last + 1 } else { last + 3 };
                found.push(start + sign..start + end);
                break;
            }
        }
    }
}

/// Whether what stands before an `@` is a name with a password or a token; `https://h:80/a@b` has a port there, and a path.
fn is_secret(user: &str, rest: &str) -> bool {
    let (host, path) = user.split_once('/').map_or((user, None), |(host, path)| (host, Some(path)));
    let is_port = |(_, port): (&str, &str)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match host.split_once(':') {
        Some(both) => path.is_none() || !is_port(both),
        None => path.is_none() && rest.starts_with('@') && user.len() >= TOKEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_at_is_found() {
        let check = |text: &str, expected: &[&str]| {
            let mut found = Vec::new();
            find(text, &mut found);
            let found: Vec<&str> = found.into_iter().filter_map(|range| text.get(range)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("see ftp://u:p@h and https://h/x", &["://u:p@"]);
        check("postgres://u:p/w@x@h:5432/db", &["://u:p/w@x@"]);
        check("https://ghp12345678901234567@h/x", &["://ghp12345678901234567@"]);
        check("`http://u:secr...`", &["://u:secr..."]);
        check("a://b://u:p@h", &["://b://u:p@"]);
        check("https://h:8080/@scope/x https://h/@me ssh://git@h/x mailto:a@b http://h:80 ://", &[]);
        check(&"://".repeat(300_000), &[]);
    }
}
