//! What kinds of places a call touches, and whether it handles secrets.

/// Kinds of places, the most telling first.
const KINDS: [(&str, &[&str]); 5] = [
    (
        "secrets",
        &[
            ".env",
            "secret",
            "credential",
            "token",
            ".pem",
            "id_rsa",
            ".ssh",
            ".aws",
            ".npmrc",
            "passwd",
            "shadow",
            "keystore",
        ],
    ),
    (
        "the system",
        &["/etc/", "/usr/", "/bin/", "/var/", concat!("/root", "/"), "/lib/", "/boot/", "/proc/", "/sys/", "/opt/"],
    ),
    ("a home", &["~/", concat!("/home", "/"), "/users/"]),
    ("tests", &["test", "spec.", "fixture", "snapshot"]),
    (
        "build or settings",
        &[
            ".github",
            ".gitlab",
            ".ci/",
            "dockerfile",
            "makefile",
            ".gitignore",
            ".yml",
            ".yaml",
            ".toml",
            ".cfg",
            ".ini",
        ],
    ),
];

/// Words of a tool's name or of a command that change what they touch.
const WRITING: [&str; 20] = [
    "edit", "create", "write", "delete", "update", "remove", "move", "append", "rm ", "mv ", "cp ", "tee ", "chmod ",
    "chown ", "sed -i", "> ", ">>", "truncate", "touch ", "mkdir ",
];

/// The kinds of places that a call's texts name, each with whether it is written: `writes tests`. Places of no special kind are `the project`.
pub fn kinds(tool: &str, text: &str) -> Vec<String> {
    let (tool, text) = (tool.to_lowercase(), text.to_lowercase());
    let writes = WRITING.iter().any(|word| tool.contains(word.trim_end()) || text.contains(word));
    let verb = if writes { "writes" } else { "reads" };
    let mut kinds: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || "\"'`()=;,<>|&{}[]".contains(c)).filter(|word| is_place(word))
    {
        let kind = KINDS.iter().find(|(_, marks)| marks.iter().any(|mark| word.contains(mark)));
        let kind = format!("{verb} {}", kind.map_or("the project", |(kind, _)| kind));
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn is_place(word: &str) -> bool {
    let extension = word
        .rsplit_once('.')
        .is_some_and(|(_, end)| (1..=6).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphabetic()));
    (word.contains('/') || extension) && word.len() > 2 && !word.contains("://") && !word.contains('@')
}

/// Names of things that are secret.
const SECRET: [&str; 7] = ["key", "token", "secret", "passw", "credential", "private", "auth"];

/// Whether a text names a secret or holds what looks like one.
pub fn secret(text: &str) -> &'static str {
    let lower = text.to_lowercase();
    let words = || text.split(|c: char| c.is_whitespace() || "\"'`(),;<>|&{}[]=:".contains(c));
    let variable = |word: &str| {
        let name =
            word.strip_prefix('$').or_else(|| word.strip_prefix("process.env.")).unwrap_or_default().to_lowercase();
        !name.is_empty() && SECRET.iter().any(|part| name.contains(part))
    };
    let opaque = |word: &str| {
        let known = ["sk_", "akia", "ghp_", "hf_", "xoxb", "akcp", "eyj"]
            .iter()
            .any(|start| word.to_lowercase().starts_with(start));
        let mixed = word.len() >= 20
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-+".contains(c))
            && word.chars().any(|c| c.is_ascii_digit())
            && word.chars().any(|c| c.is_ascii_uppercase());
        (known && word.len() >= 10) || mixed
    };
    match () {
        () if words().any(opaque) => "holds a secret",
        () if words().any(variable) => "uses a secret's variable",
        () if SECRET.iter().any(|part| lower.contains(part)) => "speaks of secrets",
        () => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::{kinds, secret};

    #[test]
    fn places_have_kinds() {
        let cases = [
            ("edit_file", "src/a.py", "writes the project"),
            ("open_file", "tests/test_a.py", "reads tests"),
            ("run_command", "echo x > /etc/hosts", "writes the system"),
            ("run_command", "cat ~/.aws/credentials", "reads secrets"),
            ("run_command", "ls", ""),
        ];
        for (tool, text, expected) in cases {
            assert_eq!(kinds(tool, text).join(", "), expected, "{tool} {text}");
        }
    }

    #[test]
    fn secrets_are_recognised() {
        assert_eq!(secret("echo $STRIPE_SECRET_KEY"), "uses a secret's variable");
        assert_eq!(secret("Authorization: Bearer sk_live_abc123"), "holds a secret");
        assert_eq!(secret("rotate the token"), "speaks of secrets");
        assert_eq!(secret("hello world"), "none");
    }
}
