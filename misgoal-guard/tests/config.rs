//! `guard.toml`: what is wrong with one is said where it stands.

use misgoal_guard::Config;
use misgoal_guard::duration::Millis;
use misgoal_guard::retain::{Keep, Rotate};

/// What is said of a file with these lines, or `fine`.
fn said(lines: &str) -> String {
    let text = format!("format = 1\nserver = \"bank\"\n{lines}");
    Config::parse("guard.toml", &text).map_or_else(|wrong| wrong.to_string(), |_| "fine".to_owned())
}

#[test]
fn bounds_of_the_log_are_read() {
    let rotate = |text: &str| text.parse::<Rotate>().ok().map(|rotate| (rotate.bytes, rotate.age));
    for (text, expected) in [
        ("100 MiB", Some((Some(100 << 20), None))),
        ("1GB", Some((Some(1_000_000_000), None))),
        ("7d", Some((None, Some(Millis(7 * 86_400_000))))),
        ("64 KiB or 1m", Some((Some(64 << 10), Some(Millis(60_000))))),
        ("1h or 1 MiB", Some((Some(1 << 20), Some(Millis(3_600_000))))),
        ("1 MiB or 2 MiB", None),
        ("100", None),
        ("-1 MiB", None),
        ("99999999999999999999 MiB", None),
        ("18446744073709551615 GiB", None),
        ("", None),
    ] {
        assert_eq!(rotate(text), expected, "{text}");
    }
    let keep = |text: &str| text.parse::<Keep>().ok();
    assert_eq!(keep("90d"), Some(Keep::For(Millis(90 * 86_400_000))));
    assert_eq!((keep("20 archives"), keep("1 archive")), (Some(Keep::Archives(20)), Some(Keep::Archives(1))));
    assert_eq!((keep("20"), keep("1 GiB"), keep("for ever")), (None, None, None));
}

#[test]
fn what_is_wrong_is_pointed_at() {
    let log = |lines: &str| said(&format!("[log]\n{lines}\n"));
    assert_eq!(log("rotate = \"100 MiB or 7d\"\nkeep = \"90d\""), "fine");
    insta::assert_snapshot!("rotate", log("rotate = \"100\""));
    insta::assert_snapshot!("rotate_small", log("rotate = \"1 KiB\""));
    insta::assert_snapshot!("rotate_short", log("rotate = \"100 MiB or 5s\""));
    insta::assert_snapshot!("keep", log("keep = \"20\""));
    insta::assert_snapshot!("rotate_unknown", log("rotate-at = \"7d\""));
    let hook = |lines: &str| said(&format!("[approvals.webhook]\n{lines}\n"));
    assert_eq!(hook("url = \"https://hooks.example/guard\"\nsecret-env = \"GUARD_HOOK\"\nca = \"ca.pem\""), "fine");
    assert_eq!(hook("url = \"http://hooks.example/guard\"\ndecides = false"), "fine");
    assert_eq!(hook("url = \"http://[::1]:80/guard\"\ndecides = true"), "fine");
    assert_ne!(hook("url = \"http://127.0.0.1@hooks.example/guard\"\ndecides = true"), "fine");
    insta::assert_snapshot!("webhook_decides", hook("url = \"http://hooks.example/guard\"\ndecides = true"));
    insta::assert_snapshot!("webhook", hook("url = \"hooks.example/guard\""));
    insta::assert_snapshot!("webhook_secrets", hook("url = \"https://a\"\nsecret-env = \"A\"\nsecret-file = \"b\""));
    insta::assert_snapshot!("webhook_secret", hook("url = \"https://a\"\nsecret = \"s3cret\""));
    let count = "[[count]]\nname = \"paid\"\ntools = [\"pay\"]\nwithin = \"30d\"\n";
    insta::assert_snapshot!("keep_and_counts", said(&format!("[log]\nkeep = \"7d\"\n{count}")));
    let label = "[[label]]\nname = \"seen\"\ntools = [\"fetch\"]\nlasts = \"30d\"\n";
    insta::assert_snapshot!("keep_and_labels", said(&format!("[log]\nkeep = \"7d\"\n{label}")));
    assert_eq!(
        said(&format!("[log]\nkeep = \"1 archive\"\n{count}")),
        "fine",
        "the log keeps what counts reach back to"
    );
}
