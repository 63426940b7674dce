//! Which keys say that what stands under them is a secret: by the words in them, since everybody puts others before and behind.

use std::collections::BTreeSet;

use crate::read::fold;

/// Names of secrets, each without what joins its words. They are found as words of a key, side by side: `api` and `key` in `X-Goog-Api-Key`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "contrasena",
    "motdepasse",
    "senha",
    "secret",
    "token",
    "jwt",
    "bearer",
    "apikey",
    "authkey",
    "accesskey",
    "accountkey",
    "encryptionkey",
    "functionskey",
    "masterkey",
    "privatekey",
    "secretkey",
    "sharedkey",
    "sshkey",
    "deploykey",
    "hostkey",
    "rsakey",
    "pgpkey",
    "gpgkey",
    "sessionkey",
    "signingkey",
    "subscriptionkey",
    "authorization",
    "cookie",
    "credential",
    "sessionid",
    "sessid",
    "jsessionid",
    "phpsessid",
    "cardnumber",
    "creditcard",
    "securitycode",
    "verificationcode",
    "recoverycode",
    "backupcode",
    "recoveryphrase",
    "seedphrase",
    "mnemonic",
    "clientkey",
    "presharedkey",
    "appkey",
    "пароль",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
];

/// Short words, which stand for secrets where they end a key: `card_pin`, and not `pin_to_top`.
const LAST: &[&str] = &["pin", "cvv", "cvc", "ssn", "otp", "totp", "auth", "oauth", "pass", "pw", "psk"];

/// Words that end like one of them, and are none: of all others `pass` at the end is one (`sshpass`, `storepass`).
const PASSING: &[&str] =
    &["compass", "bypass", "trespass", "overpass", "underpass", "encompass", "surpass", "gyrocompass"];

/// What is a secret in one word with others too: `dbpassword`.
const WITHIN: &[&str] = &["password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "credential"];

/// Words that make a count of tokens: `max_tokens`.
const COUNTING: &[&str] = &[
    "max",
    "min",
    "total",
    "num",
    "number",
    "count",
    "limit",
    "prompt",
    "completion",
    "input",
    "output",
    "cached",
    "reasoning",
    "used",
    "remaining",
];

/// Whether a secret stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    No,
    Yes,
    /// Unless it is a number: `tokens` is a count, or a list of secrets.
    UnlessNumber,
}

/// MCP's own names, under which none stands.
const HARMLESS: &[&str] = &["progressToken"];

/// Headers whose values tell nobody's secrets; servers ask for keys under names of their own, so that of all others the value is one.
const HARMLESS_HEADERS: &[&str] = &[
    "accept",
    "accept-language",
    "content-type",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "traceparent",
    "user-agent",
];

/// Whether a header of this name, in lower case, holds no secret.
pub(super) fn is_harmless_header(name: &str) -> bool {
    HARMLESS_HEADERS.contains(&name)
}

/// The names of one configuration.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    names: BTreeSet<String>,
    longest: usize,
}

impl Keys {
    /// The built-in names and these.
    pub(super) fn new<'k>(own: impl Iterator<Item = &'k str>) -> Keys {
        let names: BTreeSet<String> = NAMES.iter().copied().map(plain).chain(own.map(plain)).collect();
        let longest = names.iter().map(String::len).max().unwrap_or(0);
        Keys { names, longest }
    }

    /// Whether these words, joined, are a name by themselves: `api key`.
    pub(super) fn are_name(&self, joined: &str) -> bool {
        self.names.contains(&*fold(joined))
            || joined.strip_suffix('s').is_some_and(|one| self.names.contains(&*fold(one)))
    }

    /// Whether a secret stands under this key, whatever it is.
    pub(super) fn hold(&self, key: &str) -> bool {
        self.holding(key) == Holds::Yes
    }

    /// Whether a secret stands under this key.
    pub(super) fn holding(&self, key: &str) -> Holds {
        if HARMLESS.contains(&key) {
            return Holds::No;
        }
        let words = words(key);
        match self.has_name(&words) {
            true => Holds::Yes,
            false if counts(&words) => Holds::UnlessNumber,
            false => Holds::No,
        }
    }

    fn has_name(&self, words: &[String]) -> bool {
        // A number behind a name makes no other name of it.
        let numbers = words.iter().rev().take_while(|word| word.chars().all(|c| c.is_ascii_digit())).count();
        let last = words.len().saturating_sub(numbers + 1);
        let ends = |word: &String| {
            LAST.contains(&word.as_str()) || word.ends_with("pass") && !PASSING.contains(&word.as_str())
        };
        if words.get(last).is_some_and(ends) {
            return true;
        }
        if words.iter().any(|word| word.ends_with("token") || WITHIN.iter().any(|name| word.contains(name))) {
            return true;
        }
        (0..words.len()).any(|from| {
            let mut joined = String::new();
            for (at, word) in words.iter().enumerate().skip(from) {
                joined.push_str(word);
                if joined.len() > self.longest + 1 {
                    return false;
                }
                // Several of them, where they end the key: `api_keys`, and not `cookies_eaten`.
                let several = || joined.strip_suffix('s').is_some_and(|one| one != "token" && self.names.contains(one));
                if self.names.contains(&joined) || at == last && several() {
                    return true;
                }
            }
            false
        })
    }
}

/// Whether the key speaks of tokens, and not of how many there may be.
fn counts(words: &[String]) -> bool {
    words.last().is_some_and(|word| word.ends_with("tokens"))
        && !words.iter().any(|word| COUNTING.contains(&word.as_str()))
}

/// The key as one word.
fn plain(key: &str) -> String {
    words(key).concat()
}

/// The words of a key in one case: they end at what is no letter, at a number, and where capitals begin or end.
fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = key.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let is_after = letters.peek().is_some_and(|next| next.is_lowercase());
        // `apiKey`, and the `K` of `APIKey`.
        let begins = letter.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && is_after)
            || letter.is_ascii_digit() != before.is_ascii_digit();
        if (begins || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(fold(&std::mem::take(&mut word)).into_owned());
        }
        if letter.is_alphanumeric() {
            word.push(letter);
        }
        before = letter;
    }
    if !word.is_empty() {
        words.push(fold(&word).into_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: bool, keys: &[&str]) {
        let all = Keys::new(["iban", "account-number"].into_iter());
        for key in keys {
            assert_eq!(all.hold(key), expected, "{key}: {:?}", words(key));
        }
    }

    #[test]
    fn a_secret_is_told_by_a_word_of_its_key() {
        check(
            true,
            &[
                "password",
                "PASSWORD",
                "db_password",
                "dbPassword2",
                "dbpassword",
                "ｐａｓｓｗｏｒｄ",
                "pass\u{200b}word",
                "X-Api-Key",
                "X-Goog-Api-Key",
                "APIKey",
                "x.api.key",
                "apikey",
                "Private-Token",
                "X-Vault-Token",
                "X-Amz-Security-Token",
                "X-CSRF-Token",
                "aws_secret_access_key",
                "AWSSecretAccessKey",
                "github_token",
                "Proxy-Authorization",
                "Set-Cookie",
                "session_id",
                "card_pin",
                "pin",
                "basicAuth",
                "authtoken",
                "csrftoken",
                "api_keys",
                "apikeys",
                "private-keys",
                "ssh_key",
                "sshKey2",
                "session_keys",
                "passphrase",
                "pwd",
                "db_pw",
                "secrets",
                "credentials",
                "cookies",
                "JSESSIONID",
                "recovery_codes",
                "customer_iban",
                "accountNumber",
            ],
        );
        check(
            false,
            &[
                "max_tokens",
                "path",
                "to",
                "progressToken",
                "pin_to_top",
                "author",
                "compass",
                "secretary",
                "monkey",
                "key",
                "apis_keyed",
                "spinning",
                "passenger",
                "cookies_eaten",
                "",
                "_",
                "account",
                "number",
            ],
        );
    }

    #[test]
    fn tokens_are_secrets_or_a_number_of_them() {
        let all = Keys::new([].into_iter());
        for (key, expected) in [
            ("tokens", Holds::UnlessNumber),
            ("access_tokens", Holds::UnlessNumber),
            ("authtokens", Holds::UnlessNumber),
            ("max_tokens", Holds::No),
            ("total_tokens", Holds::No),
            ("tokenizer", Holds::No),
            ("token", Holds::Yes),
        ] {
            assert_eq!(all.holding(key), expected, "{key}");
        }
    }

    #[test]
    fn a_long_key_takes_no_time() {
        let all = Keys::new([].into_iter());
        assert!(!all.hold(&"a_".repeat(500_000)));
    }
}
