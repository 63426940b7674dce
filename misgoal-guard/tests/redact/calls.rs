//! Secrets behind options that are written as one, beside other programs' names, and as the second of two that something is called with.

use super::{check, left, marked, redactor};
use misgoal_guard::read::{Limits, Side, value};

#[test]
fn options_written_as_one() {
    check(&[
        "curl -su a:⟦s3cretA⟧ x",
        "curl -fsSLu a:⟦s3cretA⟧ x",
        "zip -rP ⟦s3cretA⟧ a b",
        "ldapsearch -xw ⟦s3cretA⟧",
        "redis-cli -a⟦s3cretA⟧",
        "openssl dgst -hmac ⟦s3cretA⟧",
        "command: mysql\nargs:\n- -p⟦s3cretA⟧",
        "default login a password ⟦s3cretA⟧",
        "password = \\\n  \"⟦s3cretA x⟧\"",
        "password += \"⟦s3cretA x⟧\"",
        "password ||= \"⟦s3cretA x⟧\"",
        "std::string password{\"⟦s3cretA x⟧\"};",
        "//u:⟦s3cretA⟧@h/x",
        "**password**: ⟦s3cretA⟧",
        "password：⟦s3cretA⟧",
        "пароль: ⟦s3cretA⟧",
        "SSHPASS=⟦s3cretA⟧",
        "aws configure set aws_secret_access_key ⟦s3cretA⟧",
        "define('DB_PASSWORD', '⟦s3cretA x⟧');",
        "os.Setenv(\"DB_PASSWORD\", \"⟦s3cretA x⟧\")",
        "page.fill(\"#password\", \"⟦s3cretA x⟧\")",
    ]);
}

#[test]
fn objects() {
    let mut wrong = Vec::new();
    for json in [
        r#"{"path":"/srv","command":"mysql","args":["-p⟦s3cretA⟧"]}"#,
        r#"{"command":"mysql","args":"-u root -p⟦s3cretA⟧"}"#,
        r#"{"command":["mysql"],"args":["-p⟦s3cretA⟧"]}"#,
        r##"{"selector":"#password","value":"⟦s3cretA⟧"}"##,
        r#"{"element":"Password textbox","ref":"e12","text":"⟦s3cretA⟧"}"#,
        r#"{"ParameterKey":"DbPassword","ParameterValue":"⟦s3cretA⟧"}"#,
    ] {
        let (text, secrets) = marked(json);
        let node = value(text.as_bytes(), Side::Agent, &Limits::default()).unwrap();
        wrong.extend(left(&redactor().json(&node), &secrets, &text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
