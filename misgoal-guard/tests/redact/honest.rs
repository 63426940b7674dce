//! Code and prose with the words of secrets in them: what is taken out of it ends with its line, and code below stays in the log.

use super::redactor;

/// Of each text what is marked stays; the rest of its line may not.
#[track_caller]
fn stays(texts: &[&str]) {
    let mut wrong = Vec::new();
    for text in texts {
        let json = serde_json::Value::from(*text).to_string();
        for (text, kept) in [(*text, "EVIL"), (json.as_str(), "EVIL")] {
            let told = redactor().text(text);
            if told.matches(kept).count() != text.matches(kept).count() {
                wrong.push(format!("{text}\n-> {told}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bearers_of_bad_news_stay() {
    stays(&[
        "bearer of bad news EVIL, Bearer token EVIL, the bearer shall EVIL",
        "Bearer EVILDOER, bearer Evildoer EVIL, bearer tokens-EVIL",
        "the bearer delivers EVIL, Bearer EVIL, bearer (EVIL)",
    ]);
}

#[test]
fn code_below_a_line_stays() {
    stays(&[
        "def login(user, password):\n    EVIL()\n    EVIL(2)\n",
        "    def login(self, token):\n        EVIL()\n",
        "def f(a, secret) -> None:\n    EVIL()\n",
        "async def f(token):\n    EVIL()\n",
        "for token in tokens:\n    EVIL()\n    EVIL(2)\n",
        "for x in secrets:\n    EVIL()",
        "if not password:\n    EVIL()\n",
        "if x and token:\n    EVIL()\n",
        "} else if token:\n    EVIL()\n",
        "while token:\n    EVIL()\n",
        "with open(x) as secret:\n    EVIL()\n",
        "class Token:\n    EVIL = 1\n",
        "switch (x) {\n  case PASSWORD:\n    EVIL();\n}",
        "if (token === undefined) EVIL()",
        "if (token === undefined) {\n  EVIL()\n}",
        "if token == None:\n    EVIL()",
        "if password != other:\n    EVIL()",
        "tokens.map(token => {\n  EVIL()\n})",
        "const f = (password) => {\n  EVIL()\n}",
        "token => { EVIL() }",
        "[credentials]\nEVIL()\n",
        "[secrets]\na = 1\nrun EVIL\n",
        "token = (\n  EVIL()\n)",
        "tokens = [\n  EVIL(),\n]",
        "const token = {\n  run() { EVIL() }\n}",
        "setPassword(\"x\",\n  () => EVIL())",
    ]);
}

#[test]
fn prose_stays() {
    for text in [
        "if (token === undefined)",
        "if (password !== confirmation) return",
        "if token == None: pass",
        "the animal was identified by the team",
        "machine translation login page and password rules",
        "The secret: work hard.",
        "the token: something you may keep",
    ] {
        assert_eq!(redactor().text(text), text);
    }
}
