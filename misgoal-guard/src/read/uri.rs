//! Addresses of resources. Readers of URLs (WHATWG) strip, decode and complete what is written before they look at it, and readers of texts do not: a URI that
//! the two take for different addresses is refused.

use url::Url;

use super::Refusal;

/// Refuses a URI that two readers take for different addresses: one with a scheme that a reader of URLs writes in another way.
///
/// # Errors
/// When they do.
pub(crate) fn check_uri(uri: &str) -> Result<(), Refusal> {
    check(uri, uri)
}

/// The same for a template of URIs: what stands in braces counts as if it were its own value.
///
/// # Errors
/// When two readers differ about it.
pub(crate) fn check_template(template: &str) -> Result<(), Refusal> {
    check(&template.replace(['{', '}'], ""), template)
}

fn check(uri: &str, shown: &str) -> Result<(), Refusal> {
    let wrong = |what: &str| {
        let shown = super::scan::short(shown).escape_debug().to_string();
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
    let path = hierarchy.strip_prefix("//").map_or(hierarchy, |rest| rest.split_once('/').map_or("", |(_, path)| path));
    let is_dots = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if path.split('/').any(is_dots) {
        return wrong("some go up at `..` and leave `.` out; write the path without them");
    }
    if scheme.is_empty() {
        return Ok(());
    }
    // Readers of URLs have encoded it since 2024, and did not before.
    if hierarchy.contains('^') {
        return wrong("some encode `^`; write it as `%5E`");
    }
    // `url` leaves it where WHATWG has it for the colon of a drive.
    if scheme == "file" && hierarchy.contains('|') {
        return wrong("some take `c|` for the drive `c:`; write it as `%7C`");
    }
    match Url::parse(uri) {
        Ok(url) if url.as_str() == uri => Ok(()),
        Ok(url) => {
            wrong(&format!("some make `{}` of it; write it so", super::scan::short(url.as_str()).escape_debug()))
        }
        Err(error) => wrong(&format!("some cannot read it as a URL ({error})")),
    }
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
            "repo://an%20owner/path",
            "urn:isbn:0451450523",
            "a:b",
            "tag:a,2020:b",
            "data:application/json;base64,e30=",
            "demo://resource/static/document/features.md",
            "demo://resource/dynamic/text/1",
            "test://static-text",
            "memo://insights",
            "ui://widget/x.html",
            "users://123/profile",
            "postgres://u:p@host/db/schema",
            "memo://%C3%BCmlaut/%C3%A9",
            "http://xn--ls8h/",
            "notes://[::1]/",
            "http://intranet/?q=%27a%27",
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
            // A reader of URLs writes each of these in another way.
            "http://intranet",
            "http://intranet:/",
            "http://intranet:80/",
            "http://intranet:0080/",
            "http://@intranet/",
            "http://:@intranet/",
            "http://10.1/",
            "http://012.0.0.1/",
            "http://167772161/",
            "http://[0:0::1]/",
            "http://intranet/?q='a'",
            "http://intranet/{a}",
            "http://intranet/a`b",
            "http://intranet/<a>",
            "http://intranet/a^b",
            "ftp://intranet:21/",
            "file://",
            "file:///c|/secret",
            "file:///C|",
            "file:////srv/secret",
            "file://c:/secret",
            "notes://vault:/x",
            "notes://vault:0080/x",
            "notes://@vault/x",
            "notes://[0::1]/",
            "notes://vault/salaries-ä",
            "notes://ümlaut/a",
            "notes://vault/{keys}",
            "notes://vault/\"a\"",
            "notes://vault/?<",
            "notes://vault/#`",
            "urn:ä",
            // Or reads none of it.
            "http://1.2.3.256/",
            "http://host:99999/",
            "notes://a^b/",
            "notes://group:project/x",
        ] {
            assert_eq!(check_uri(uri).map_err(|refusal| refusal.code), Err("uri"), "{uri:?}");
        }
    }
    #[test]
    fn a_template_is_read_without_its_braces() {
        for template in
            ["demo://resource/dynamic/text/{id}", "file:///{path}", "repo://{owner}/{repo}{?a,b}", "notes://v{/path*}"]
        {
            assert_eq!(check_template(template), Ok(()), "{template}");
        }
        for template in ["http://intranet", "FILE:///{path}", "notes://{a}/../b", "notes://vault/ä{x}", "x:///{ a}"] {
            assert_eq!(check_template(template).map_err(|refusal| refusal.code), Err("uri"), "{template}");
        }
    }
}
