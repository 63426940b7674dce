//! Values in several parts, lists of what programs are given, tokens of providers: texts in which every secret is marked, and honest ones of the same looks.

use misgoal_guard::read::{Limits, Side, value};

use super::{check, left, marked, redactor};

#[test]
fn values_in_several_parts() {
    check(&[
        "password=f\"⟦s3cretA x⟧\"",
        "password = b\"⟦s3cretA x⟧\"",
        "password = rb'⟦s3cretA x⟧'",
        "password=r'⟦s3cretA x⟧'",
        "password=u\"⟦s3cretA x⟧\"",
        "password = $\"⟦s3cretA x⟧\"",
        "password=$'⟦s3cretA x⟧'",
        "password = @\"⟦s3cretA x⟧\"",
        "password = $@\"⟦s3cretA x⟧\"",
        "password = N'⟦s3cretA x⟧'",
        "password = E'⟦s3cretA x⟧'",
        "let password = r#\"⟦s3cretA \"x⟧\"#;",
        "password: f\"⟦s3cretA x⟧\"",
        "{\"password\": f\"⟦s3cretA x⟧\"}",
        "password=f\"\"\"⟦s3cretA\nx⟧\"\"\"",
        "x --password f\"⟦s3cretA x⟧\"",
        "password = %q(⟦s3cretA x⟧)",
        "password = \"⟦s3cretA x⟧\" + \"⟦s3cretB y⟧\"",
        "password=\"⟦s3cretA x⟧\"+\"⟦s3cretB y⟧\"",
        "password = \"⟦s3cretA x⟧\" \"⟦s3cretB y⟧\"",
        "password = '⟦s3cretA x⟧' '⟦s3cretB y⟧' '⟦s3cretC z⟧'",
        "password='⟦s3cretA x⟧''⟦s3cretB y⟧'",
        "password = \"⟦s3cretA x⟧\" . \"⟦s3cretB y⟧\"",
        "password = '⟦s3cretA x⟧' || '⟦s3cretB y⟧'",
        "password = \"⟦s3cretA x⟧\" & \"⟦s3cretB y⟧\"",
        "password = \"⟦s3cretA x⟧\" .. \"⟦s3cretB y⟧\"",
        "password = \"⟦s3cretA x⟧\" \\\n  \"⟦s3cretB y⟧\"",
        "password = \"⟦s3cretA x⟧\" +\n  \"⟦s3cretB y⟧\"",
        "password = \"⟦s3cretA x⟧\"\n  + \"⟦s3cretB y⟧\"",
        "char *password = \"⟦s3cretA x⟧\"\n  \"⟦s3cretB y⟧\";",
        "password = \"⟦s3cretA x⟧\" + name + \"⟦s3cretB y⟧\"",
        "password = prefix + \"⟦s3cretB y⟧\"",
        "password = f\"⟦s3cretA x⟧\" + r'⟦s3cretB y⟧'",
        "password=(a) ⟦s3cretA⟧",
        "password = (String) \"⟦s3cretA x⟧\"",
        "let x; password=a&b ⟦s3cretA⟧",
        "PASSWORD=<<EOF\n⟦s3cretA x⟧\n⟦s3cretB y⟧\nEOF\n",
        "PASSWORD=<<-'END'\n⟦s3cretA x⟧\nEND",
    ]);
}

#[test]
fn lists_of_what_programs_are_given() {
    let lists = [
        r#"["curl","-u","me:⟦s3cretA x⟧","https://h"]"#,
        r#"["curl","-ume:⟦s3cretA⟧","https://h"]"#,
        r#"["curl","--user","me:⟦s3cretA⟧"]"#,
        r#"["curl","--proxy-user","me:⟦s3cretA⟧"]"#,
        r#"["mysql","-p⟦s3cretA x⟧"]"#,
        r#"["/usr/bin/mysqldump","-u","root","-p⟦s3cretA⟧","db"]"#,
        r#"["sshpass","-p","⟦s3cretA x⟧","ssh","h"]"#,
        r#"["sshpass","-p⟦s3cretA⟧","ssh","h"]"#,
        r#"["docker","login","-u","me","-p","⟦s3cretA⟧","h"]"#,
        r#"["redis-cli","-a","⟦s3cretA⟧"]"#,
        r#"["mongosh","-u","me","-p","⟦s3cretA⟧"]"#,
        r#"["ldapsearch","-D","cn=x","-w","⟦s3cretA⟧"]"#,
        r#"["7z","x","-p⟦s3cretA⟧","a.7z"]"#,
        r#"["smbclient","//h/x","-U","me%⟦s3cretA⟧"]"#,
        r#"["openssl","rsa","-passin","pass:⟦s3cretA⟧"]"#,
        r#"["--password=","⟦s3cretA x⟧"]"#,
        r#"["x","--token","⟦s3cretA x⟧"]"#,
    ];
    let redactor = redactor();
    let mut wrong = Vec::new();
    let mut texts = Vec::new();
    for list in lists {
        let (text, secrets) = marked(list);
        let limits = Limits { lines: false, ..Limits::default() };
        let items: Vec<String> = serde_json::from_str(&text).unwrap();
        // As a value, as what an object's program is given, and deeper.
        let (program, given) = items.split_first().unwrap();
        let objects = [
            text.clone(),
            format!(r#"{{"cmd":{text}}}"#),
            serde_json::json!({"command": program, "args": given}).to_string(),
            serde_json::json!({"x": [{"args": given, "command": program}]}).to_string(),
        ];
        for json in objects.iter().filter(|_| !program.starts_with('-')).chain([&text]) {
            let told = redactor.json(&value(json.as_bytes(), Side::Agent, &limits).unwrap());
            wrong.extend(left(&told, &secrets, json));
            assert!(json.len() < 40 || told.len() > 20, "{told}");
        }
        // As text, with the ways in which lists are written.
        let quoted: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
        texts.push((list.to_owned(), secrets.clone()));
        for (open, between, close) in [
            ("[", ", ", "]"),
            ("[\n  ", ",\n  ", "\n]"),
            ("args = [", ", ", "]"),
            ("args:\n- ", "\n- ", "\n"),
            ("(", ",", ")"),
        ] {
            texts.push((format!("{open}{}{close}", quoted.join(between)), secrets.clone()));
        }
        let single: Vec<String> = items.iter().map(|item| format!("'{item}'")).collect();
        texts.push((format!("[{}]", single.join(", ")), secrets.clone()));
        if items.iter().all(|item| !item.contains(' ')) {
            texts.push((format!("[{}]", items.join(", ")), secrets.clone()));
            texts.push((format!("args:\n  - {}\n", items.join("\n  - ")), secrets.clone()));
            if !program.starts_with('-') {
                texts.push((items.join(" "), secrets.clone()));
            }
        }
    }
    for (text, secrets) in texts {
        let text = text.replace(['⟦', '⟧'], "");
        let json = serde_json::Value::from(text.as_str()).to_string();
        for text in [&text, &json] {
            wrong.extend(left(&redactor.text(text), &secrets, text));
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}

/// Tokens as providers issue them, of letters that say nothing, put together here so that no scanner of this repository takes them for real ones.
#[test]
fn tokens_of_providers() {
    let redactor = redactor();
    let letters =
        |classes: &str, count: usize| -> String { classes.chars().cycle().skip(3).step_by(7).take(count).collect() };
    let (hex, lower, upper, all) = (
        "0123456789abcdef",
        "abcdefghijkmnpqrstuvwxyz0123456789",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8",
    );
    let table: &[(&str, &str, usize)] = &[
        ("pypi-AgEIcHlwaS5vcmc", all, 60),
        ("hvs.CAES", all, 90),
        ("hvb.AAAA", all, 90),
        ("GOCSPX-", all, 28),
        ("ya29.a0", all, 60),
        ("1//0", all, 40),
        ("123456789:AA", all, 33),
        ("xapp-1-A01-12345-", hex, 64),
        ("xoxe.xoxp-1-", all, 160),
        ("xoxe-1-", all, 146),
        ("xoxb-1234567890-1234567890-", all, 24),
        ("dop_v1_", hex, 64),
        ("doo_v1_", hex, 64),
        ("dor_v1_", hex, 64),
        ("shpat_", hex, 32),
        ("shpca_", hex, 32),
        ("shppa_", hex, 32),
        ("shpss_", hex, 32),
        ("ATATT3", all, 180),
        ("ATBB", all, 32),
        ("glrt-", all, 20),
        ("gldt-", all, 20),
        ("glptt-", hex, 40),
        ("glcbt-64_", all, 20),
        ("gloas-", all, 64),
        ("glsoat-", all, 20),
        ("glagent-", all, 50),
        ("GR1348941", all, 20),
        ("lin_api_", all, 40),
        ("gsk_", all, 52),
        ("xai-", all, 80),
        ("dckr_pat_", all, 27),
        ("rubygems_", hex, 48),
        ("npm_", all, 36),
        ("sk-ant-api03-", all, 93),
        ("sk-proj-", all, 74),
        ("sk-or-v1-", hex, 64),
        ("hf_", all, 34),
        ("r8_", all, 37),
        ("figd_", all, 40),
        ("ntn_12345678901", all, 35),
        ("secret_", all, 43),
        ("key-", hex, 32),
        ("AGE-SECRET-KEY-1", upper, 58),
        ("nvapi-", all, 64),
        ("pat-na1-1234abcd-12ab-12ab-12ab-", hex, 12),
        ("patAbCdEfGh123456.", hex, 64),
        ("sq0csp-", all, 43),
        ("sq0atp-", all, 22),
        ("EAAC", all, 120),
        ("EAAA", all, 60),
        ("AKIA", upper, 16),
        ("ASIA", upper, 16),
        ("ABIA", upper, 16),
        ("LTAI", all, 20),
        ("dapi", hex, 32),
        ("dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.", upper, 64),
        ("glc_", all, 64),
        ("glsa_", all, 41),
        ("pplx-", all, 48),
        ("PMAK-1234567890abcdef12345678-", hex, 34),
        ("pul-", hex, 40),
        ("pscale_tkn_", all, 43),
        ("sntryu_", hex, 64),
        ("sgp_", hex, 40),
        ("xkeysib-", hex, 64),
        ("tfp_", all, 44),
        ("whsec_", all, 32),
        ("sk_live_", all, 24),
        ("rk_test_", all, 24),
        ("shippo_live_", hex, 40),
        ("tskey-auth-", all, 32),
        ("dp.pt.", all, 43),
        ("PuTTY-User-Key-File-3: ", all, 30),
        ("https://hooks.slack.com/services/T00000000/B00000000/", all, 24),
        ("https://discord.com/api/webhooks/123456789012345678/", all, 68),
        ("https://h.blob.core.windows.net/c?sv=2022&sig=", all, 43),
        ("sig=", all, 43),
        ("SharedAccessSignature sr=h&sig=", all, 43),
        ("AccountKey=", all, 86),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.", all, 43),
        ("-----BEGIN ANY PRIVATE KEY-----\n", all, 64),
        ("-----BEGIN PGP MESSAGE-----\n\n", all, 64),
        ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", all, 64),
        ("-----BEGIN OPENVPN STATIC KEY V1-----\n", hex, 64),
        ("ghs_", all, 36),
        ("github_pat_11ABCDEFG0", all, 60),
        ("API-", upper, 26),
        ("pnu_", lower, 36),
    ];
    let mut wrong = Vec::new();
    for (prefix, classes, count) in table {
        let rest = letters(classes, *count);
        let token = format!("{prefix}{rest}");
        for text in [
            token.clone(),
            format!("see {token}, please"),
            format!("x=\"{token}\""),
            format!("é {token} é"),
            format!("[\"{token}\"]"),
            format!("<{token}>"),
        ] {
            if redactor.text(&text).contains(&rest) {
                wrong.push(text);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What has the looks of a secret and is none stays, whole.
#[test]
fn honest_texts_of_the_same_looks() {
    let redactor = redactor();
    let mut wrong = Vec::new();
    for text in [
        "docker run -u 1000:1000 -p 8080:80 x",
        r#"["docker","run","-u","1000:1000","-p","8080:80","x"]"#,
        "ls -p; cp -p a b; mkdir -p /srv/data/x",
        r#"["mkdir","-p","/srv/data/x"]"#,
        "ssh -p 22 h; nc -u h 53; sort -u a.txt",
        "kubectl get pods -l app=x -o json",
        "mysql is on my-pod, and mysql-pods are many",
        "unzip a.zip; zip -r a.zip b",
        "npm_config_registry and npm_package_version, hf_hub_download_with_progress_bar",
        "sk-learn-pipeline-for-classification-of-texts",
        "pat-a-cake, key-value, secret_santa, glass-door, pypi-mirror-of-the-company-in-the-north-of-the-land",
        "xai-explainability-methods-for-models, fc-barcelona-and-other-clubs",
        "SG.7 and SG.example.com, s.methodOfSomeObjectWithName",
        "commit 4f1c9a52e7b0d3a86f5e4c2b1a09d8e7f6c5b4a3 and sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "id 123e4567-e89b-12d3-a456-426614174000 at 12:30",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUabc\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----",
        "BEGIN transaction; -- BEGIN of it",
        "f\"{x}\" + b\"y\" and r'z'",
        "the token: it's there, and l'ami",
        "EAA is an association; EAAT too",
        "signal sig=15 of 3",
        "see https://hooks.slack.com/ and https://discord.com/api",
    ] {
        let told = redactor.text(text);
        if told != text {
            wrong.push(format!("{text}\n-> {told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A text from which secrets were taken is not looked through again: marks in it would be the agent's own, and are taken out.
#[test]
fn twice_is_not_once() {
    let redactor = redactor();
    let once = redactor.text("password=hunter22, x").into_owned();
    assert_ne!(redactor.text(&once), once);
    assert_eq!(redactor.text("nothing in it"), "nothing in it");
}
