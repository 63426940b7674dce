//! Secrets are taken out before anything is written to the log, and before anybody is told who does not decide. Who decides sees everything:
//! a pattern that takes something out for the log would let an agent hide it from the person.

mod address;
mod argv;
mod code;
mod keys;
mod pairs;
mod parts;
mod tokens;
mod value;

use std::borrow::Cow;
use std::ops::Range;

use regex::{Regex, RegexSet};

use crate::approval::Key;
use crate::config::RedactTable;
use crate::read::{Member, Node, Value, plain, write_string};
use crate::record::Record;
use keys::{Holds, Keys};

/// What stands in place of what was taken out where the monitor reads: the same word for every secret.
pub(crate) const GONE: &str = "[redacted]";

/// Texts that are secrets wherever they stand.
const PATTERNS: &[&str] = &[
    r"(?s)PuTTY-User-Key-File-\d.*?(?:Private-MAC: \S+|\z)",
    r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{12,}=*",
    // Base64 of a name and a password has a digit, a sign or a capital in it, which few words have.
    r"\b[Bb]asic\s+[A-Za-z0-9+/]*(?:[0-9+/=]|[a-z][A-Z])[A-Za-z0-9+/]*=*",
    r#"(?i)\bdigest\s+[a-z]+\s*=[^\r\n]*"#,
    r"\bDigest\s+[A-Za-z0-9+/_-]{2,}(?:[a-z][A-Z][A-Za-z]*[0-9]|[a-z][0-9][A-Z]|[0-9][a-z]+[A-Z])[A-Za-z0-9+/_-]{3,}=*",
    // Settings that a command has, as two words.
    r#"(?i)\b(?:setx|setenv|putenv|fastcgi_param|(?:git|npm|yarn|pnpm|pip|aws|gcloud|poetry)\s+config(?:ure)?(?:\s+-[-a-z]+)*(?:\s+set)?|set\s+-[a-z]+)\s+["']?[\w./:-]*(?:pass|secret|token|api_?key|access_?key|pwd|credential)[\w.-]*["']?\s+(?:"[^"\n]*"|'[^'\n]*'|\S+)"#,
    // .netrc, SQL.
    r#"(?im)\bmachine\s+\S+\s+(?:(?:login|account)\s+\S+\s+)*password\s+\S+|(?:^|["']|\\n)\s*(?:default\s+)?login\s+\S+\s+(?:account\s+\S+\s+)?password\s+\S+"#,
    // In prose something is identified by people, too: a password is in quotes there, or has a digit or a sign.
    r#"(?i)\bidentified\s+by\s+(?:password\s+)?(?:"[^"]*"|'(?:[^']|'')*'|[^\s"';,]*[0-9!-&*+/<-@^_|~][^\s"';,]*)|(?:\b(?i:user|role)\s+\S+\s+(?i:identified\s+by)|(?-i:\bIDENTIFIED\s+BY))\s+\S+"#,
    r#"(?m)(?:^|["']|\\n)\s*ENV\s+[A-Za-z0-9_]*(?:PASS|SECRET|TOKEN|KEY|PWD|CREDENTIAL|AUTH)[A-Za-z0-9_]*\s+.+|\b(?:requirepass|masterauth)\s+\S+"#,
    MARK,
];

/// Bytes of what describes a field, at most.
const DESCRIPTION: usize = 128;

/// What looks like the mark of something that was taken out: an agent's own words are not taken for the guard's.
const MARK: &str = r"\[redacted(?:: [^\]\n]{0,64})?\]";

/// Fields of records in which agents, servers, webhooks and the operator's files are quoted.
const SAID: &[&str] = &[
    "reason",
    "method",
    "by",
    "host",
    "program",
    "text",
    "because",
    "toward",
    "ambiguous",
    "held",
    "unseen",
    "why",
    "refused",
    // Errors of policies quote what they were about.
    "trial",
];

/// What stands in place of what was taken out.
#[derive(Clone, Copy)]
enum Mark<'k> {
    /// [`GONE`].
    Gone,
    /// How many bytes it has, and what names it under this key: who has both texts can tell whether they are the same.
    Named(&'k Key),
}

/// How keys are written.
#[derive(Clone, Copy)]
enum Names<'k> {
    /// Without what in them is a secret.
    Marked(Mark<'k>),
    /// Whole: two keys of one object are never the same.
    Whole,
}

impl Mark<'_> {
    fn of(self, taken: &str) -> String {
        match self {
            Mark::Gone => GONE.to_owned(),
            Mark::Named(key) => format!("[redacted: {} bytes, {}]", taken.len(), key.names(taken)),
        }
    }
}

/// The rules of one configuration.
#[derive(Clone, Debug)]
pub struct Redactor {
    keys: Keys,
    /// Which of the patterns find something: those below, one kind behind the other.
    any: RegexSet,
    patterns: Vec<Regex>,
    tokens: Vec<Regex>,
    argv: Vec<Regex>,
    /// Finds one of [`SAID`] in a record's body. That costs a call less than reading each body.
    said: Option<Regex>,
    key: Key,
}

impl Redactor {
    /// The built-in rules and those of the configuration, which has been checked; `key` is that of the log.
    pub fn new(table: &RedactTable, key: Key) -> Redactor {
        let keys = Keys::new(table.keys.iter().map(String::as_str));
        let own = table.patterns.iter().map(|pattern| pattern.get_ref().as_str());
        let patterns = PATTERNS.iter().copied().chain(own).filter_map(|pattern| Regex::new(pattern).ok());
        let patterns: Vec<Regex> = patterns.collect();
        let compiled = |pattern: String| Regex::new(&pattern).ok();
        let tokens: Vec<Regex> = tokens::patterns().filter_map(compiled).collect();
        let argv: Vec<Regex> = argv::patterns().filter_map(compiled).collect();
        // They are expressions, each by itself; all of them can be too large to be one.
        let all = patterns.iter().chain(&tokens).chain(&argv).map(Regex::as_str);
        let any = RegexSet::new(all).unwrap_or_else(|_| RegexSet::empty());
        let said = Regex::new(&format!("\"(?:{})\":", SAID.join("|"))).ok();
        Redactor { keys, said, any, patterns, tokens, argv, key }
    }

    /// The key with which it names what it takes out.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// A value as canonical JSON for the log: a secret leaves its length and what names it.
    pub fn json(&self, node: &Node<'_>) -> String {
        let mut out = String::new();
        let mark = Mark::Named(&self.key);
        self.write(node, (Names::Marked(mark), mark), &mut out);
        out
    }

    /// A value as canonical JSON for a recording: to the monitor all secrets are the same, and keys stay apart.
    pub(crate) fn recorded_json(&self, node: &Node<'_>) -> String {
        let mut out = String::new();
        self.write(node, (Names::Marked(Mark::Named(&self.key)), Mark::Gone), &mut out);
        out
    }

    /// The same for the monitor of a live session, whose evidence names keys to who decides: these are whole.
    pub(crate) fn live_json(&self, node: &Node<'_>) -> String {
        let mut out = String::new();
        self.write(node, (Names::Whole, Mark::Gone), &mut out);
        out
    }

    /// A name as the log may hold it, by which the log knows what bears it: a name in which anything looks like a secret is taken out as a whole, so that no two
    /// names become one.
    pub fn name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match self.text(name) {
            Cow::Borrowed(name) => Cow::Borrowed(name),
            Cow::Owned(_) => Cow::Owned(self.mark(name)),
        }
    }

    /// What the log may have in place of a name: the name itself, what a name that is taken out leaves, and what earlier versions left of it, which took out a part.
    pub fn forms(&self, name: &str) -> [String; 3] {
        [name.to_owned(), self.mark(name), self.text(name).into_owned()]
    }

    /// Whether the log has a mark in place of a name.
    pub fn is_taken_out(name: &str) -> bool {
        name.contains("[redacted: ")
    }

    fn mark(&self, name: &str) -> String {
        Mark::Named(&self.key).of(name)
    }

    /// A request with the headers beside it, as canonical JSON for the log and for whom it is only told to. A header's value is a secret, unless its name is known for none.
    pub(crate) fn request(&self, message: &Node<'_>) -> String {
        let mark = Mark::Named(&self.key);
        let how = (Names::Marked(mark), mark);
        let mut out = String::from("{");
        for (at, member) in message.members().iter().enumerate() {
            out.push_str(if at > 0 { "," } else { "" });
            write_string(&mut out, &self.marked(&member.key, mark));
            out.push(':');
            match &member.node.value {
                Value::Object(headers) if member.key == "headers" => self.write_headers(headers, how, &mut out),
                _ => self.write_member(member, how, &mut out),
            }
        }
        out.push('}');
        out
    }

    fn write_headers(&self, headers: &[Member<'_>], how: (Names<'_>, Mark<'_>), out: &mut String) {
        let mark = how.1;
        out.push('{');
        for (at, header) in headers.iter().enumerate() {
            out.push_str(if at > 0 { "," } else { "" });
            write_string(out, &self.marked(&header.key, mark));
            out.push(':');
            if keys::is_harmless_header(&header.key) {
                self.write(&header.node, how, out);
            } else {
                write_string(out, &mark.of(&text_of(&header.node)));
            }
        }
        out.push('}');
    }

    /// A record without the secrets in what others have said: names, reasons, addresses. Arguments have been written without theirs before, and the guard's own words have none.
    /// It is done once: in what comes out, a mark is not the agent's.
    pub fn record<'r>(&self, record: &'r Record) -> Cow<'r, Record> {
        let tool = record.tool.as_deref();
        let tool = tool.map(|tool| if record.is_public { Cow::Borrowed(tool) } else { self.name(tool) });
        let is_said = self.said.as_ref().is_none_or(|said| said.is_match(&record.body));
        if !is_said && !matches!(tool, Some(Cow::Owned(_))) {
            return Cow::Borrowed(record);
        }
        let mut told = Record::new(record.kind);
        (told.call, told.tool, told.is_public) = (record.call, tool.map(Cow::into_owned), true);
        for (key, raw) in Record::fields(&record.body) {
            let raw = raw.get();
            let said = SAID.contains(&key.as_str());
            told = match (serde_json::from_str::<String>(raw), serde_json::from_str::<Vec<String>>(raw)) {
                (Ok(text), _) if said => told.text(&key, &self.text(&text)),
                (_, Ok(texts)) if said => {
                    let texts: Vec<Cow<'_, str>> = texts.iter().map(|text| self.text(text)).collect();
                    told.texts(&key, texts.iter().map(AsRef::as_ref))
                }
                _ => told.json(&key, raw),
            };
        }
        Cow::Owned(told)
    }

    fn write(&self, node: &Node<'_>, how: (Names<'_>, Mark<'_>), out: &mut String) {
        match &node.value {
            // A pattern is about the letters of a number too.
            Value::Number(number) => match self.marked_number(number, how.1) {
                Cow::Borrowed(number) => out.push_str(number),
                Cow::Owned(marked) => write_string(out, &marked),
            },
            Value::String(text) => write_string(out, &self.marked(text, how.1)),
            Value::Array(items) => self.write_items(items, "", how, out),
            Value::Object(members) => {
                let names_a_secret = members.iter().any(|member| self.names_a_secret(member));
                let is_given = members.iter().any(|member| argv::is_given(&member.key));
                let programs = if is_given { argv::programs(members) } else { String::new() };
                out.push('{');
                for (at, member) in members.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.write_key(&member.key, how.0, out);
                    out.push(':');
                    if names_a_secret && pairs::is_value(&member.key) {
                        write_string(out, &how.1.of(&text_of(&member.node)));
                    } else if argv::is_given(&member.key) && self.keys.holding(&member.key) == Holds::No {
                        match &member.node.value {
                            Value::Array(items) => self.write_items(items, &programs, how, out),
                            Value::String(text) => {
                                let given = argv::given(&programs, text, &self.argv);
                                write_string(out, &self.marked_with(text, given, how.1));
                            }
                            _ => self.write_member(member, how, out),
                        }
                    } else {
                        self.write_member(member, how, out);
                    }
                }
                out.push('}');
            }
            _ => out.push_str(&node.canonical()),
        }
    }

    /// The items of an array, which may be what a program is given; behind `--password`, and behind `password` where there are two, the next one is a secret.
    fn write_items(&self, items: &[Node<'_>], programs: &str, how: (Names<'_>, Mark<'_>), out: &mut String) {
        let secrets = argv::items(programs, items, &self.argv);
        let names = |item: &Node<'_>| {
            let name = item.text().map(|text| text.strip_suffix('=').unwrap_or(text));
            let name = name.filter(|text| pairs::is_name(text)).filter(|text| self.keys.hold(text));
            name.is_some_and(|name| name.starts_with('-') || items.len() == 2)
        };
        let mut is_named = false;
        out.push('[');
        for (at, item) in items.iter().enumerate() {
            out.push_str(if at > 0 { "," } else { "" });
            match is_named || secrets.get(at).is_some_and(|is_secret| *is_secret) {
                true => write_string(out, &how.1.of(&text_of(item))),
                false => self.write(item, how, out),
            }
            is_named = !is_named && names(item);
        }
        out.push(']');
    }

    fn write_key(&self, key: &str, names: Names<'_>, out: &mut String) {
        match names {
            Names::Whole => write_string(out, key),
            Names::Marked(mark) => write_string(out, &self.marked(key, mark)),
        }
    }

    /// Whether a member says that one beside it is a secret: `"name": "password"`.
    fn names_a_secret(&self, member: &Member<'_>) -> bool {
        let describes = pairs::describes(&member.key);
        let names = |text: &str| {
            let name = text.trim_start_matches(['#', '.']);
            (describes && text.len() <= DESCRIPTION || pairs::is_name(name)) && self.keys.hold(name)
        };
        pairs::is_namer(&member.key) && member.node.text().is_some_and(names)
    }

    /// What stands under a key that may itself say that it is a secret.
    fn write_member(&self, member: &Member<'_>, how: (Names<'_>, Mark<'_>), out: &mut String) {
        let is_count = matches!(member.node.value, Value::Number(_) | Value::Bool(_) | Value::Null);
        match self.keys.holding(&member.key) {
            Holds::UnlessNumber if is_count => self.write(&member.node, how, out),
            Holds::Yes | Holds::UnlessNumber => write_string(out, &how.1.of(&text_of(&member.node))),
            Holds::No => self.write(&member.node, how, out),
        }
    }

    /// The value of one member as canonical JSON for the log.
    pub(crate) fn member(&self, member: &Member<'_>) -> String {
        let mut out = String::new();
        let mark = Mark::Named(&self.key);
        self.write_member(member, (Names::Marked(mark), mark), &mut out);
        out
    }

    /// A text for the log.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.marked(text, Mark::Named(&self.key))
    }

    /// A text for the monitor, and for the operator's screen.
    pub fn bare_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.marked(text, Mark::Gone)
    }

    /// A number in which a pattern is found as it was written, or as the one text of its value (`4111111111111111` for `4.111111111111111e15`).
    fn marked_number<'t>(&self, number: &'t str, mark: Mark<'_>) -> Cow<'t, str> {
        let written = self.marked(number, mark);
        let Cow::Owned(one) = plain(number) else { return written };
        match (written, self.marked(&one, mark)) {
            (Cow::Borrowed(_), Cow::Owned(marked)) => Cow::Owned(marked),
            (written, _) => written,
        }
    }

    /// Takes out what any pattern finds in the text as it was: what two find side by side or one in the other is taken out as one.
    fn marked<'t>(&self, text: &'t str, mark: Mark<'_>) -> Cow<'t, str> {
        self.marked_with(text, Vec::new(), mark)
    }

    /// The same, with what is known to be secrets.
    fn marked_with<'t>(&self, text: &'t str, mut found: Vec<Range<usize>>, mark: Mark<'_>) -> Cow<'t, str> {
        found.extend(pairs::find(text, &self.keys));
        address::find(text, &mut found);
        tokens::find_pem(text, &mut found);
        self.find_patterns(text, &mut found);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_by_key(|range| range.start);
        let (mut out, mut at) = (String::new(), 0);
        let mut rest = found.into_iter().peekable();
        while let Some(mut range) = rest.next() {
            while let Some(next) = rest.next_if(|next| next.start <= range.end) {
                range.end = range.end.max(next.end);
            }
            out.push_str(text.get(at..range.start).unwrap_or_default());
            at = range.end;
            out.push_str(&mark.of(text.get(range).unwrap_or_default()));
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }
}

impl Redactor {
    /// Finds what the patterns do, of which few have something to find in one text.
    fn find_patterns(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let matches = self.any.matches(text);
        let finds = |at: usize| self.any.is_empty() || matches.matched(at);
        let (tokens, argv) = (self.patterns.len(), self.patterns.len() + self.tokens.len());
        for (_, pattern) in self.patterns.iter().enumerate().filter(|(at, _)| finds(*at)) {
            found.extend(pattern.find_iter(text).map(|found| found.range()).filter(|range| !range.is_empty()));
        }
        for (_, pattern) in self.tokens.iter().enumerate().filter(|(at, _)| finds(tokens + at)) {
            tokens::find(text, pattern, found);
        }
        for (_, pattern) in self.argv.iter().enumerate().filter(|(at, _)| finds(argv + at)) {
            argv::find(text, pattern, found);
        }
    }
}

/// What stands there, as a text.
fn text_of<'n>(node: &'n Node<'_>) -> Cow<'n, str> {
    node.text().map_or_else(|| Cow::Owned(node.canonical()), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Limits, Side, value};

    fn check(json: &str, expected: &str) {
        let redactor = Redactor::new(&RedactTable::default(), Key::new([7; 32]));
        let limits = Limits { lines: false, ..Limits::default() };
        let node = value(json.as_bytes(), Side::Agent, &limits).unwrap();
        // The log's form has the same text about the marks, each of which says how long its secret is; in a recording keys have such marks.
        let marks = Regex::new(r"\[redacted: \d+ bytes, [0-9a-f]{16}\]").unwrap();
        for told in [redactor.json(&node), redactor.recorded_json(&node)] {
            assert_eq!(marks.replace_all(&told, GONE), expected, "{told}");
        }
    }

    #[test]
    fn secrets_are_taken_out_and_nothing_else() {
        check(r#"{"pin":1234,"to":"bob"}"#, r#"{"pin":"[redacted]","to":"bob"}"#);
        check(r#""token=ghp_abcdefghijklmnopqrstuvwx and more""#, r#""[redacted] and more""#);
        check(r#""a password: hunter22, a key AKIAABCDEFGHIJKLMNOP""#, r#""a [redacted], a key [redacted]""#);
        check(r#"["plain",1e400,null]"#, r#"["plain",1e400,null]"#);
        check(
            r#"{"X-Api-Key":["a"],"githubToken":{"a":1},"path":"/x"}"#,
            r#"{"X-Api-Key":"[redacted]","githubToken":"[redacted]","path":"/x"}"#,
        );
        // JSON as a text, quotes, addresses.
        check(r#""{\"password\":\"x\",\"n\":1}""#, r#""{\"[redacted]\",\"n\":1}""#);
        check(r#""password = \"a b c\" d""#, r#""[redacted]\" d""#);
        check(
            r#""https://h/?access_token=abc&n=1 and ftp://u:p@h""#,
            r#""https://h/?[redacted]&n=1 and ftp[redacted]h""#,
        );
        // Such a key has the word in it as well.
        check(r#"{"password=x":1}"#, r#"{"[redacted]":"[redacted]"}"#);
    }

    #[test]
    fn a_pattern_is_about_numbers_too() {
        let table: RedactTable = toml::from_str(r"patterns = ['\b\d{16}\b']").unwrap();
        let redactor = Redactor::new(&table, Key::new([7; 32]));
        let node = value(br#"[4111111111111111,"4111111111111111",1]"#, Side::Agent, &Limits::default()).unwrap();
        assert_eq!(redactor.recorded_json(&node), r#"["[redacted]","[redacted]",1]"#);
    }

    #[test]
    fn headers_are_secrets_unless_they_are_known_for_none() {
        let redactor = Redactor::new(&RedactTable::default(), Key::new([7; 32]));
        let message = value(
            br#"{"method":"m","headers":{"accept":"a/b","x-own":["s3cret","s4cret"],"authorization":"s5cret"}}"#,
            Side::Agent,
            &Limits::default(),
        );
        let told = redactor.request(&message.unwrap());
        assert!(!told.contains("cret\"") && told.contains(r#""accept":"a/b","x-own":"[redacted: "#), "{told}");
    }

    #[test]
    fn what_others_say_in_a_record_loses_its_secrets_and_the_rest_stays() {
        let redactor = Redactor::new(&RedactTable::default(), Key::new([7; 32]));
        let record =
            Record::new("attempt").of(3, "pay").json("arguments", r#"{"n":1e400,"a":"token=x"}"#).text("digest", "d");
        assert!(matches!(redactor.record(&record), Cow::Borrowed(_)));
        let record = record.text("reason", "no `password=x`").texts("held", ["a", "token=y"]).tool("secret=z");
        let record = record.texts("trial", ["error: pin=7"]);
        let told = redactor.record(&record).into_owned();
        let bare =
            Regex::new(r"\[redacted: \d+ bytes, [0-9a-f]{16}\]").unwrap().replace_all(&told.body, GONE).into_owned();
        assert_eq!(
            bare,
            r#"{"arguments":{"n":1e400,"a":"token=x"},"digest":"d","reason":"no `[redacted]`","held":["a","[redacted]"],"trial":["error: [redacted]"]}"#
        );
        assert!(told.tool.is_some_and(|tool| tool.starts_with("[redacted: 8 bytes")) && told.call == Some(3));
        // A name that anybody may know stays.
        let public = Record::new("attempt").tool("secret=z").public(true);
        assert_eq!(redactor.record(&public).tool.as_deref(), Some("secret=z"));
    }

    #[test]
    fn a_mark_says_how_long_and_names_the_secret_under_the_logs_key() {
        let of =
            |key: u8, text: &str| Redactor::new(&RedactTable::default(), Key::new([key; 32])).text(text).into_owned();
        let mark = of(7, "password=hunter22");
        assert!(mark.starts_with("[redacted: 17 bytes, "), "{mark}");
        assert_eq!(mark, of(7, "password=hunter22"));
        assert_ne!(mark, of(7, "password=hunter23"));
        assert_ne!(mark, of(8, "password=hunter22"), "who has no key cannot try all passwords");
    }
}
