//! Addresses of resources. Readers of URLs (WHATWG) strip, decode and complete what is written before they look at it, and readers of texts do not: a URI that
//! the two take for different addresses is refused.

use super::Refusal;

/// Schemes whose addresses a reader of URLs rewrites.
const SPECIAL: &[&str] = &["file", "ftp", "http", "https", "ws", "wss"];

/// Refuses a URI, or a template of one, that two readers take for different addresses.
///
/// # Errors
/// When they do.
pub(crate) fn check_uri(uri: &str) -> Result<(), Refusal> {
    let wrong = |what: &str| {
        let shown = super::scan::short(uri).escape_debug().to_string();
        Err(Refusal::new("uri", format!("readers differ about the URI `{shown}`: {what}")))
    };
    if uri.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\u{feff}') {
        return wrong("it has a space or a control character in it; write it with a percent sign, as `%20`");
    }
    if uri.is_empty() {
        return wrong("it names nothing");
    }
    // A name without a scheme is a text to most servers; a policy that looks at its scheme fails (`policy/context.rs`).
    let (scheme, rest) = uri.split_once(':').unwrap_or(("", uri));
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    if uri.contains(':') && !is_scheme {
        return wrong("its scheme is one of small letters of ASCII, such as `file:`");
    }
    // What stands behind is text to all.
    let hierarchy = rest.split(['?', '#']).next().unwrap_or_default();
    if hierarchy.contains('\\') {
        return wrong("a backslash is a slash to some; write it as `%5C`");
    }
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(rest) => rest.split_once('/').map_or((Some(rest), ""), |(authority, path)| (Some(authority), path)),
        None => (None, hierarchy),
    };
    let is_dots = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if path.split('/').any(is_dots) {
        return wrong("some go up at `..` and leave `.` out; write the path without them");
    }
    if !SPECIAL.contains(&scheme) {
        return Ok(());
    }
    let Some(authority) = authority else { return wrong("its scheme is followed by `//`") };
    if authority.is_empty() && scheme != "file" {
        return wrong("it names no host");
    }
    if scheme == "file" && authority == "localhost" {
        return wrong("`file://localhost/` is `file:///` to some");
    }
    if authority.contains(|c: char| c.is_ascii_uppercase() || c == '%' || !c.is_ascii()) {
        return wrong("its host is one of small letters of ASCII, without percent signs");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_to_all() {
        for uri in [
            "file:///srv/a.txt",
            "file:///srv/a%20b..c/.hidden?x=\\..",
            "file://host/share",
            "https://example.com:8080/a?b=c#d",
            "ui://Widget/Main",
            "repo://an%20owner/{path}",
            "urn:isbn:0451450523",
            "a:b",
            "file:///{path}",
            "memo://ümlaut/é",
            "secret.txt",
            "/srv/secret",
        ] {
            assert_eq!(check_uri(uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn addresses_that_readers_of_urls_rewrite_are_refused() {
        for uri in [
            " file:///srv/secret",
            "\u{1}file:///srv/secret",
            "\u{a0}file:///srv/secret",
            "\u{feff}file:///srv/secret",
            "fi\tle:///srv/secret",
            "file\t:///srv/secret",
            "file:\n///srv/secret",
            "memo:///a b",
            "memo:///a ",
            "memo:///a\u{7f}",
            "memo:///a\u{85}",
            "FILE:///srv/secret",
            "File:///srv/secret",
            "fil%65:///srv/secret",
            "ﬁle:///srv/secret",
            "",
            "/srv/../secret",
            ":a",
            "file:/srv/secret",
            "file:srv/secret",
            "file:\\\\\\srv\\secret",
            "file://localhost/srv/secret",
            "file:///srv\\secret",
            "file:///srv/public/../secret",
            "file:///srv/public/%2E%2e/secret",
            "file:///srv/public/.%2e/secret",
            "file:///srv/./secret",
            "memo://a/..",
            "https:/example.com/",
            "https:example.com",
            "https:///example.com",
            "https://EXAMPLE.com/",
            "https://ex%61mple.com/",
            "https://ｅxample.com/",
            "https://good.example\\@evil.example/",
        ] {
            assert_eq!(check_uri(uri).map_err(|refusal| refusal.code), Err("uri"), "{uri:?}");
        }
    }
}
