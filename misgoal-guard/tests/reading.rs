//! Values of arguments that a server's reader takes for other values than policies see: `pydantic` (2.0 to 2.14, and 1 where said), zod 4, ajv with `coerceTypes`, Go, Jackson, serde.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::policy::shape::{Field, Shape};
use misgoal_guard::policy::{Ask, Subject, Verdict};
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::session::History;
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Policies, Tools};

/// What several names stand for.
const COLOR: &str = r#"{"enum":[1,2],"type":"integer"}"#;

/// Whether an argument of this schema passes where a policy looks at it.
fn passes(schema: &str, argument: &str) -> bool {
    let root = format!(
        r##"{{"type":"object","properties":{{"v":{schema},"w":{schema}}},"$defs":{{"color":{COLOR},"Partial<Mode>":{COLOR},"a/b%":{COLOR}}}}}"##
    );
    let [seen, unseen] = calls_pass(&root, ["v", "w"].map(|name| format!(r#"{{"{name}":{argument}}}"#)));
    assert!(unseen, "what no policy looks at is the server's to refuse: {schema} {argument}");
    seen
}

/// A tool with this schema.
fn tool(root: &str) -> Tool {
    let definition = format!(r#"{{"name":"set","inputSchema":{root}}}"#);
    Tool::from_definition(&value(definition.as_bytes(), Side::Server, &Limits::default()).unwrap()).unwrap()
}

/// Whether a call of a tool with this schema passes where a policy looks at its argument `v`.
fn call_passes(root: &str, arguments: &str) -> bool {
    let [passes] = calls_pass(root, [arguments.to_owned()]);
    passes
}

/// The same of several calls.
fn calls_pass<const COUNT: usize>(root: &str, calls: [String; COUNT]) -> [bool; COUNT] {
    let mut tools = Tools::new("bank");
    tools.pin(tool(root));
    let config = Config::parse("guard.toml", "format = 1\nserver = \"bank\"").unwrap();
    let policy = r#"permit (principal, action == Action::"set", resource) when { context.input has v || !(context.input has v) };"#;
    let policies =
        Policies::compile("policy.cedar", policy, &tools, &config).map_err(|wrong| wrong.to_string()).unwrap();
    let history = History::new(&config);
    calls.map(|arguments| {
        let arguments = value(arguments.as_bytes(), Side::Agent, &Limits::default()).unwrap();
        let subject = Subject::Call(tools.get("set").unwrap(), Some(&arguments));
        policies.decide(&Ask { subject, history: &history, now: 0, approved: false }).verdict == Verdict::Allow
    })
}

/// Checks that of an argument of this schema, or of one in a list or an object, these values pass and those do not; both are separated by spaces.
#[track_caller]
fn check(schema: &str, right: &str, wrong: &str) {
    for (values, expected) in [(right, true), (wrong, false)] {
        for value in values.split_whitespace() {
            assert_eq!(passes(schema, value), expected, "{schema} {value}");
            let list = format!(r#"{{"type":"array","items":{schema}}}"#);
            assert_eq!(passes(&list, &format!("[{value}]")), expected, "{list} {value}");
            let object =
                format!(r#"{{"anyOf":[{{"type":"object","additionalProperties":{schema}}},{{"type":"null"}}]}}"#);
            assert_eq!(passes(&object, &format!(r#"{{"a":{value}}}"#)), expected, "{object} {value}");
        }
    }
}

const BOOL: &str = r#"{"type":"boolean"}"#;
const INT: &str = r#"{"type":"integer"}"#;
const FLOAT: &str = r#"{"type":"number"}"#;
const TEXT: &str = r#"{"type":"string"}"#;
const NULL: &str = r#"{"type":"null"}"#;
const ONLY_TRUE: &str = r#"{"const":true,"type":"boolean"}"#;
const ONE_OR_TWO: &str = r##"{"$ref":"#/$defs/color"}"##;
const MOMENT: &str = r#"{"format":"date-time","type":"string"}"#;
const DATE: &str = r#"{"format":"date","type":"string"}"#;
const DURATION: &str = r#"{"format":"duration","type":"string"}"#;

fn any_of(ways: &[&str]) -> String {
    format!(r#"{{"anyOf":[{}]}}"#, ways.join(","))
}

/// `pydantic` takes `1.0` for `true` at `bool | int`, and 1 for `true` at `Literal[True] | int` and `bool | Color`; ajv takes 1 for `true` where `true` may stand and
/// numbers are named later, and `true` for 1 where they are named first. Whatever is not 0 or 1 is a number to all.
#[test]
fn a_number_is_not_true_or_false_to_the_server() {
    check(&any_of(&[BOOL, INT]), "true false 5 -1 5.0 1e9 2", "0 1 0.0 1.0 1e0 10e-1 0e3 1.00 0.1e1 5.5");
    check(&any_of(&[INT, BOOL]), "0 1 5 5.0 -1", "true false 0.0 1.0 1e0");
    check(&any_of(&[BOOL, FLOAT]), "true false 5 5.0 0.5 1.5", "0 1 0.0 1.0 1e0");
    check(&any_of(&[FLOAT, BOOL]), "0 1 0.0 1.0 1e0 0.5", "true false");
    check(&any_of(&[BOOL, INT, NULL]), "true 5 null", "0 1 1.0");
    check(&any_of(&[BOOL, INT, TEXT]), r#"true 5 "a""#, r#"1 1.0 0.0 "1" "true""#);
    check(&any_of(&[BOOL, FLOAT, INT]), "true 5 5.5", "1 1.0");
    check(&any_of(&[INT, FLOAT, BOOL]), "1 1.0 0 0.0", "true");
    check(&any_of(&[&any_of(&[BOOL, NULL]), &any_of(&[INT, NULL])]), "true 5 null", "1 1.0");
    check(&any_of(&[BOOL, &any_of(&[INT, NULL]), BOOL]), "true 5", "1 1.0");
    check(r#"{"oneOf":[{"type":"boolean"},{"type":"integer"}]}"#, "true 5", "1 0 1.0");
    check(r#"{"allOf":[{"anyOf":[{"type":"boolean"},{"type":"integer"}]}]}"#, "true 5", "1 1.0");
    // A list of types is read by what fits; `1.0` fits the integers to some and not to others.
    check(r#"{"type":["boolean","integer"]}"#, "true false 0 1 5 5.0", "1.0 0.0 1e0");
    check(r#"{"type":["integer","boolean"]}"#, "true false 0 1 5", "1.0 0.0");
    check(r#"{"type":["number","boolean","null"]}"#, "true 0 1 1.0 0.0 null", "\"1\"");
    // Only `true`, or only some numbers.
    check(&any_of(&[ONLY_TRUE, INT]), "true 5 -1 2.0", "false 0 1 1.0 0.0");
    check(&any_of(&[INT, ONLY_TRUE]), "0 1 5", "false true 1.0 0.0");
    check(r#"{"enum":[true,1]}"#, "true", "false 1 1.0");
    check(r#"{"enum":[true,"auto"]}"#, r#"true "auto""#, "false 1 0 1.0");
    check(r#"{"enum":[0,"auto"]}"#, r#"0 0.0 "auto""#, "false true");
    check(r#"{"const":1}"#, "1 1.0", "true");
    check(&any_of(&[BOOL, ONE_OR_TWO]), "true false 2 2.0", "0 1 1.0");
    check(&any_of(&[ONE_OR_TWO, BOOL]), "2", "true false 0 1 1.0");
    check(&any_of(&[r#"{"enum":[2,3],"type":"integer"}"#, BOOL]), "true false 2 3", "0 1 1.0");
    check(&any_of(&[r#"{"enum":[2,3]}"#, BOOL]), "true false 2 3", "0 1 1.0");
    check(&any_of(&[r#"{"const":2}"#, r#"{"const":"all"}"#]), r#"2 "all""#, "true \"2\"");
    check(&any_of(&[r#"{"allOf":[{"type":"integer","minimum":2}]}"#, BOOL]), "true 2 3", "1");
    check(&any_of(&[r#"{"enum":[{"a":1}]}"#, BOOL, NULL]), r#"true {"a":1} null"#, "1");
    check(&any_of(&[BOOL, r#"{"type":"integer","exclusiveMinimum":0}"#]), "true 5", "0 1 1.0");
    check(&any_of(&[r#"{"type":"integer","minimum":1}"#, BOOL]), "5", "true 0");
    check(&any_of(&[r#"{"type":"integer","minimum":2}"#, BOOL]), "true false 5", "0 1 1.0");
    check(
        &any_of(&[r#"{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}"#, BOOL]),
        "0 1 5",
        "true 1.0",
    );
    // Nobody takes these for anything else.
    check(&any_of(&[INT, NULL]), "0 1 1.0 null", "true");
    check(&any_of(&[INT, FLOAT]), "0 1 1.0 1.5", "true");
    check(&any_of(&[INT, TEXT]), r#"0 1 1.0 "a""#, "true");
    check(&any_of(&[TEXT, BOOL]), r#"true "a" "1" "yes""#, r#"1 0 "true""#);
    check(
        "{}",
        r#"0 1 1.0 0.0 true false null "True" "NULL" "{{name}}" "{%if%}" "{0}" "[a,b]""#,
        r#""1" "true" "null" "[1]" "{}""#,
    );
    check(
        &any_of(&[TEXT, r#"{"type":"object"}"#, NULL]),
        r#""NULL" "{{name}}" "{a:b}""#,
        r#""null" "{\"a\":NaN}" "\u0020{}""#,
    );
    check(r#"{"description":"anything"}"#, "0 1 1.0 true", "\"\"");
}

/// `pydantic` takes a number for seconds since 1970, or seconds, where it takes no number as it is: `5.0` at `datetime | int`, all at `datetime | Decimal`.
#[test]
fn a_number_is_not_a_time_to_the_server() {
    for (time, good) in [
        (MOMENT, r#""2026-02-28T10:00:00Z""#),
        (DATE, r#""2026-02-28""#),
        (DURATION, r#""P1D""#),
        (r#"{"format":"time","type":"string"}"#, r#""10:00:00Z""#),
    ] {
        let check = |schema: &str, right: &str, wrong: &str| check(schema, &right.replace(r#""x""#, good), wrong);
        check(time, r#""x""#, r#"5 5.0 true "soon""#);
        // What goes by order takes every number for a time that stands first.
        check(&any_of(&[time, INT]), r#""x""#, r#"5 0 1700000000 5.0 1e9 86400.0 0.0 5.5 "5" true"#);
        check(&any_of(&[INT, time]), r#""x" 5 0 86400 1700000000"#, "5.0 1e9 5.5 86400.0 0.0");
        check(&any_of(&[time, FLOAT]), r#""x""#, "5 5.0 5.5 0 true");
        check(&any_of(&[FLOAT, time]), r#""x" 5 5.0 5.5 0"#, "true");
        check(&any_of(&[INT, time, FLOAT]), r#""x" 5"#, "5.5 5.0");
        check(&any_of(&[INT, FLOAT, time, NULL]), r#""x" 5 5.5 null"#, "true");
        check(&any_of(&[&any_of(&[time, NULL]), &any_of(&[INT, NULL])]), r#""x" null"#, "5 5.0");
        check(&any_of(&[&any_of(&[INT, NULL]), &any_of(&[time, NULL])]), r#""x" null 5"#, "5.0");
        check(&any_of(&[time, FLOAT, TEXT]), r#""x""#, r#"5 5.0 5.5 "5""#);
        check(&any_of(&[time, TEXT]), r#""x" "5""#, "5 5.0");
        check(&any_of(&[BOOL, time, INT]), r#"true "x""#, "5 1 1.0 5.0");
        check(&any_of(&[BOOL, INT, time]), r#"true "x" 5"#, "1 1.0 5.0");
    }
    check(
        &any_of(&[r#"{"format":"uuid","type":"string"}"#, INT]),
        r#""7d444840-9dc0-41d1-b245-5ffdce74fad2" 5 5.0"#,
        r#"true "x""#,
    );
}

/// Where `true` and `false` stand before texts, what goes by order takes `yes` for `true`.
#[test]
fn a_word_is_not_true_or_false_to_the_server() {
    let words = r#""yes" "NO" "on" "off" "y" "n" "T" "f" "1" "0""#;
    let texts = r#""a" "yes!" "one" "yesterday" "2" "None" "#;
    let choice = r#"{"enum":["on","auto"],"type":"string"}"#;
    check(&any_of(&[BOOL, TEXT]), &format!("true {texts}"), &format!(r#"1 0 "true" {words}"#));
    check(&any_of(&[BOOL, TEXT, NULL]), texts, words);
    check(&any_of(&[&any_of(&[BOOL, NULL]), &any_of(&[TEXT, NULL])]), r#""a" null true"#, words);
    check(&any_of(&[choice, BOOL, TEXT]), r#""a" "auto""#, r#""yes""#);
    check(&any_of(&[BOOL, choice]), r#"true "auto""#, r#""on""#);
    check(&any_of(&[BOOL, r#"{"type":"string","minLength":2}"#]), r#"true "all""#, r#""yes""#);
    // What stands first takes them as they are.
    for ways in [&[TEXT, BOOL][..], &[TEXT, BOOL, TEXT], &[TEXT, NULL, BOOL]] {
        check(&any_of(ways), &format!("true {texts} {words}"), r#""true" "false""#);
    }
    check(r#"{"type":["boolean","string"]}"#, &format!("true {words}"), r#""true""#);
    check(r#"{"enum":[true,false,"on"]}"#, r#"true "on""#, "1");
    check(TEXT, &format!(r#"{words} "true""#), "true");
    for ways in [&[TEXT, NULL][..], &[NULL, TEXT], &[r#"{"const":"a","type":"string"}"#, TEXT], &[choice, NULL, TEXT]] {
        check(&any_of(ways), &format!(r#"{words} "a""#), "5 true");
    }
    for ways in [[INT, TEXT], [TEXT, INT], [FLOAT, TEXT], [TEXT, FLOAT]] {
        check(&any_of(&ways), r#"5 0 1 "a" "yes" "2026-01-01""#, r#"true "5""#);
    }
}

/// A text that its own way surely does not take, or may not, goes to the one for `true` and `false`; a number out of its bounds to the one for times or addresses.
#[test]
fn what_its_own_way_does_not_take_goes_another() {
    let words = r#""on" "yes" "t" "Y" "1" "no" "off" "n" "f" "0""#;
    let auto = r#"{"const":"auto","type":"string"}"#;
    let file = r#"{"format":"path","type":"string"}"#;
    let bytes = r#"{"format":"binary","type":"string"}"#;
    let id = r#"{"format":"uuid","type":"string"}"#;
    let address = r#"{"format":"uri","minLength":1,"type":"string"}"#;
    let choice = r#"{"enum":["red","blue"],"type":"string"}"#;
    let decimal = r#"{"pattern":"^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$","type":"string"}"#;
    for (text, right) in [
        (auto, r#""auto""#),
        (file, r#""/tmp/a" "a""#),
        (bytes, r#""abc""#),
        (DATE, r#""2026-01-01""#),
        (id, r#""7d444840-9dc0-41d1-b245-5ffdce74fad2""#),
        (address, r#""https://example.com""#),
        (choice, r#""red""#),
        (r#"{"pattern":"^a+$","type":"string"}"#, r#""aa""#),
        (r#"{"minLength":9,"type":"string"}"#, r#""everything""#),
        (r#"{"contentEncoding":"base64","type":"string"}"#, r#""abc""#),
        (r#"{"allOf":[{"enum":["red"]},{"type":"string"}]}"#, r#""red""#),
    ] {
        for ways in [&[text, BOOL][..], &[BOOL, text], &[&any_of(&[text, NULL]), BOOL], &[text, NULL, BOOL]] {
            check(&any_of(ways), &format!("true false {right}"), words);
        }
        check(text, right, "5");
    }
    check(&any_of(&[decimal, BOOL]), r#"true "12.50" "1" "0""#, r#""on" "yes" "a" "T""#);
    check(&any_of(&[BOOL, decimal]), r#"true "12.50""#, r#""on" "1" "0""#);
    check(&any_of(&[r#"{"minLength":2,"type":"string"}"#, BOOL]), r#""yes" "on" true"#, r#""y" "1""#);
    check(&any_of(&[r#"{"enum":["on","auto"],"type":"string"}"#, BOOL]), r#""on" "auto" true"#, r#""off""#);
    check(r#"{"enum":[true,false,"on"]}"#, r#""on" true"#, r#""off""#);
    let small = r#"{"type":"integer","minimum":0,"maximum":3600}"#;
    for time in [MOMENT, DURATION, r#"{"format":"time","type":"string"}"#, r#"{"format":"ipv4","type":"string"}"#] {
        check(&any_of(&[small, time]), "0 60 3600", r#"1767225600 -5 3601 5.5 "x""#);
        check(&any_of(&[&any_of(&[small, NULL]), &any_of(&[time, NULL])]), "60 null", "1767225600 -5");
        check(&any_of(&[r#"{"type":"number","exclusiveMaximum":1000}"#, time]), "60 999.5 -5", "1000 16909060");
    }
    check(&any_of(&[small, TEXT]), r#"60 "a""#, r#""5" -5"#);
}

/// zod's `catch`, valibot's `fallback` and Python's enums take another value for what is not as declared, and say so in a default or nowhere.
#[test]
fn another_value_is_not_taken_for_what_is_not_declared() {
    for (schema, right, wrong) in [
        (r#"{"default":"write","enum":["read","write"],"type":"string"}"#, r#""read" "write""#, r#""zzz" "READ" """#),
        (r#"{"default":"a","const":"a"}"#, r#""a""#, r#""b""#),
        (r#"{"default":5,"type":"integer","minimum":1,"maximum":9}"#, "1 9", "0 10 -1 1e3"),
        (r#"{"default":0.5,"type":"number","multipleOf":0.1}"#, "0.3 0.7 5", "0.35"),
        (r#"{"default":"ab","type":"string","minLength":2,"maxLength":3}"#, r#""ab" "abc""#, r#""a" "abcd""#),
        (r#"{"default":"a","type":"string","pattern":"^[a-z]$"}"#, r#""b""#, r#""B" "bb""#),
        (r#"{"default":"2026-01-01","type":"string","format":"date"}"#, r#""2026-02-03""#, r#""soon""#),
        (r#"{"default":"a@b.c","type":"string","format":"email"}"#, r#""x@example.com" "ü@b.c""#, r#""nobody""#),
        (r#"{"default":"http://a","type":"string","format":"uri"}"#, r#""http://localhost:80/%20#a""#, r#""a""#),
        (r#"{"default":{"a":1},"type":"object","required":["a"]}"#, r#"{"a":2}"#, r#"{"b":2} {}"#),
        (r#"{"default":{"a":1},"type":"object","properties":{"a":{"maximum":3}}}"#, r#"{"a":2} {}"#, r#"{"a":4}"#),
        (r#"{"default":{},"type":"object","properties":{"a":{"default":1}},"required":["a"]}"#, r#"{"a":4} {}"#, "5"),
        (r#"{"default":["a"],"type":"array","items":{"enum":["a","b"]}}"#, r#"["a","b"] []"#, r#"["c"] ["a","c"]"#),
        (r#"{"default":["a"],"type":"array","minItems":1}"#, r#"["a"]"#, "[]"),
        (r#"{"anyOf":[{"enum":["a","b"]},{"type":"null"}],"default":null}"#, r#""a""#, r#""zzz""#),
        (r#"{"anyOf":[{"enum":["a"]},{"type":"null"}],"default":"a"}"#, r#""a""#, r#""zzz""#),
        (r#"{"anyOf":[{"enum":["a"],"default":"a"},{"maxLength":3,"type":"string"}]}"#, r#""a" "zzz""#, r#""zzzz""#),
        (r##"{"$ref":"#/$defs/color","default":1}"##, "1 2", "3"),
        (r##"{"allOf":[{"$ref":"#/$defs/color"}],"default":1}"##, "1 2", "3"),
        (r#"{"default":"a","type":"string","pattern":"^(?!b)"}"#, r#""c" "ab""#, r#""b" "bc" 5"#),
        (
            r#"{"default":"dev","type":"string","pattern":"^(?!prod)[a-z]+$"}"#,
            r#""dev""#,
            r#""prod" "production" "Dev""#,
        ),
        (r#"{"default":"1","type":"string","pattern":"^\\d+$"}"#, r#""12""#, r#""٣" "1２""#),
        (r#"{"default":"a","type":"string","pattern":"^\\w+$"}"#, r#""a_1""#, r#""é" "ſ" "\u212a""#),
        (r#"{"default":"a","type":"string","pattern":"^[a-z]{1,5000}$"}"#, r#""abc""#, r#""ABC""#),
        (r#"{"default":"a","type":"string","pattern":"^([a-z])\\1$"}"#, r#""aa""#, r#""ab""#),
        // What no JavaScript reads has no such default.
        (r#"{"type":"string","pattern":"(?P<a>x)(?P=a)"}"#, r#""xx" "yy""#, "5"),
        (r#"{"type":"string","pattern":"^(?i)abc$"}"#, r#""ABC""#, r#""abd""#),
        (r#"{"type":"string","pattern":"\\A[a-z]+\\z"}"#, r#""abc""#, r#""ABC""#),
        (r#"{"default":"a","type":"string"}"#, r#""b" "zzz""#, "5"),
        (
            r#"{"anyOf":[{"format":"ipv4","type":"string"},{"format":"ipv6","type":"string"}]}"#,
            r#""10.0.0.1" "::1" "fe80::1%eth0" "2001:db8::/32""#,
            r#""auto" "abc" "face""#,
        ),
        (
            r#"{"default":"YQ==","contentEncoding":"base64","type":"string"}"#,
            r#""YQ==" "a-_b" "YWJj\n""#,
            r#""a.b" "é" "<b>""#,
        ),
        (
            r#"{"type":"object","propertyNames":{"type":"string","pattern":"^a"}}"#,
            r#"{"a":1} {"ab":1,"a":2} {}"#,
            r#"{"b":1} {"a":1,"b":2}"#,
        ),
        (
            r#"{"type":"object","propertyNames":{"type":"string","enum":["a","b"]},"additionalProperties":{"type":"string"}}"#,
            r#"{"a":"x"}"#,
            r#"{"c":"x"}"#,
        ),
        (
            r#"{"type":"object","propertyNames":{"anyOf":[{"const":"a"},{"maxLength":2,"minLength":2}]}}"#,
            r#"{"a":1,"bb":2}"#,
            r#"{"c":1}"#,
        ),
        (
            r#"{"type":"object","propertyNames":{"allOf":[{"minLength":2},{"pattern":"^a"}]}}"#,
            r#"{"ab":1}"#,
            r#"{"a":1} {"bb":1}"#,
        ),
        (r##"{"type":"object","propertyNames":{"$ref":"#/$defs/color"}}"##, r#"{"1":1}"#, r#"{"3":1}"#),
        (r##"{"$ref":"#/$defs/Partial%3CMode%3E"}"##, "1 2", r#"3 "1""#),
        (r##"{"$ref":"#/%24defs/a~1b%25"}"##, "1 2", r#"3 "1""#),
        (r#"{"default":"write","enum":["read","write"],"type":"string"}"#, r#""read""#, r#""zzz" "READ" "read_""#),
        (r#"{"enum":[1,2,4],"type":"integer"}"#, "1 4", "3 7 -1"),
        (r#"{"items":{"enum":[1,2,4],"type":"integer"},"type":"array"}"#, "[1,2]", "[-1] [1,3]"),
    ] {
        check(schema, right, wrong);
        // With a default or without.
        let bare = schema.strip_prefix(r#"{"default":"#).and_then(|rest| rest.split_once(','));
        if let Some((_, bare)) = bare.filter(|(default, _)| !default.contains(['{', '['])) {
            check(&format!("{{{bare}"), right, wrong);
        }
    }
    // A model's mark has a default to `pydantic`, and says no more than which way is meant.
    let tagged = |kind: &str| {
        let tag = format!(r#"{{"const":"{kind}","default":"{kind}","type":"string"}}"#);
        model(&[("kind", &tag), ("x", INT)], 0)
    };
    check_whole(&[&tagged("a"), &tagged("b")], r#"{"kind":"a","x":5} {"kind":"b"} {"x":5}"#, r#"{"kind":"c"}"#);
}

/// A server may have other names for its members than its schema has (`alias_generator`, `AliasChoices` of `pydantic`): beside those that a policy sees there are none.
#[test]
fn a_member_has_no_other_name() {
    let pay = model(&[("toAccount", TEXT), ("dryRun", BOOL)], 0);
    let right = r#"{"toAccount":"me"} {"dryRun":true} {}"#;
    let wrong = r#"{"to_account":"me"} {"dry-run":true} {"recipient":"me"} {"toAccount":"me","to_account":"me"}"#;
    let list = format!(r#"{{"type":"array","items":{pay}}}"#);
    for (values, expected) in [(right, true), (wrong, false)] {
        for value in values.split(' ') {
            assert_eq!(passes(&pay, value), expected, "{value}");
            assert_eq!(passes(&any_of(&[&pay, NULL]), value), expected, "{value} or null");
            assert_eq!(passes(&list, &format!("[{value}]")), expected, "a list with {value}");
        }
    }
    let root = format!(r#"{{"type":"object","properties":{{"v":{TEXT},"dryRun":{BOOL}}}}}"#);
    assert!(call_passes(&root, r#"{"v":"a","dryRun":true,"other":1}"#));
    assert!(!call_passes(&root, r#"{"v":"a","dry_run":true}"#));
}

/// A reference in a part with an address of its own begins there to some readers: what it names is not known.
#[test]
fn a_reference_begins_at_the_address_of_its_part() {
    for (id, text_passes) in [(r#""$id":"x","#, false), (r##""$id":"#x","##, true), ("", true)] {
        let root = format!(
            r##"{{"type":"object","$id":"root","properties":{{"v":{{{id}"$defs":{{"a":{{"type":"integer"}}}},"anyOf":[{{"$ref":"#/$defs/a"}}]}}}},"$defs":{{"a":{{"type":"string"}}}}}}"##
        );
        assert_eq!(call_passes(&root, r#"{"v":"5"}"#), text_passes, "{root}");
        let shape = if text_passes { Shape::Text } else { Shape::Json };
        assert_eq!(tool(&root).fields.first().unwrap().shape, shape, "{root}");
    }
}

/// Checks that of an argument of this schema, or of one in a list, these values pass and those do not; both are separated by white space.
#[track_caller]
fn check_whole(ways: &[&str], right: &str, wrong: &str) {
    let all = any_of(ways);
    let first = right.split_whitespace().next().unwrap();
    for (values, expected) in [(right, true), (wrong, false)] {
        for value in values.split_whitespace() {
            assert_eq!(passes(&all, value), expected, "{all} {value}");
            let list = list(&format!(r#"{{"oneOf":[{NULL},{all}]}}"#));
            assert_eq!(passes(&list, &format!("[null,{first},{value}]")), expected, "{list} [null,{first},{value}]");
        }
    }
}

fn list(items: &str) -> String {
    format!(r#"{{"type":"array","items":{items}}}"#)
}

fn map(values: &str) -> String {
    format!(r#"{{"type":"object","additionalProperties":{values}}}"#)
}

fn tuple(items: &[&str]) -> String {
    let count = items.len();
    format!(r#"{{"type":"array","prefixItems":[{}],"minItems":{count},"maxItems":{count}}}"#, items.join(","))
}

/// A model; its required members first.
fn model(members: &[(&str, &str)], required: usize) -> String {
    let all: Vec<String> = members.iter().map(|(name, schema)| format!(r#""{name}":{schema}"#)).collect();
    let required: Vec<String> = members.iter().take(required).map(|(name, _)| format!(r#""{name}""#)).collect();
    format!(r#"{{"type":"object","properties":{{{}}},"required":[{}]}}"#, all.join(","), required.join(","))
}

/// `pydantic` makes `[5, 1]` of `[5, true]` at `list[bool] | list[int]`, since neither takes it as it is: one way has to take the whole value.
#[test]
fn a_value_with_parts_is_taken_whole_by_one_way() {
    let [bools, ints, texts, floats] = [BOOL, INT, TEXT, FLOAT].map(list);
    check_whole(
        &[&bools, &ints],
        "[5,7] [true,false] [] [2] [1,0,5] [5,1] [0,-1]",
        r#"[1,0] [0] [5,true] [true,5] [5,false,5] ["a",true] [1,5,true] [1,5.5]"#,
    );
    // Where 5 is taken as it is by another way than the rest may be, nothing is known.
    check_whole(&[&bools, &floats], "[1,0,5] [1,0.5]", "[1,0] [1,5,true]");
    check_whole(&[&bools, &ints, &texts], "[5,7]", r#"[1,0,5] [1,5,"a"]"#);
    check_whole(&[&bools, &list(r#"{"type":["integer","null"]}"#)], "[5,7]", "[1,0,5]");
    check_whole(&[&tuple(&[BOOL, BOOL]), &ints], "[5,7]", "[1,5]");
    check_whole(&[&texts, &ints], r#"["a","b"] [5,1] ["5a"]"#, r#"["a",5] [5,"a"]"#);
    check_whole(&[&texts, &bools], r#"["a","yes"] [true,false]"#, r#"["a",true] [true,"yes"]"#);
    check_whole(&[&floats, &texts], r#"[5,5.5] [5.0] ["a"]"#, r#"[5.5,"a"]"#);
    check_whole(&[&ints, &list(NULL)], "[5,7] [null]", "[5,null]");
    check_whole(&[TEXT, &texts], r#""a" ["a"] []"#, r#"[5] "[1]""#);
    check_whole(&[&list(&list(BOOL)), &list(&list(INT))], "[[true],[false]] [[5],[7]] [[],[5]]", "[[5],[true]]");
    let [bools, ints, texts] = [BOOL, INT, TEXT].map(map);
    check_whole(&[&bools, &ints], r#"{"a":true} {"a":5,"b":7} {} {"a":1,"b":5}"#, r#"{"a":5,"b":true} {"a":1,"b":0}"#);
    check_whole(&[&texts, &ints], r#"{"a":"x"} {"a":5,"b":1}"#, r#"{"a":5,"b":"x"}"#);
    let by_color =
        |values: &str| format!(r##"{{"type":"object","propertyNames":{ONE_OR_TWO},"additionalProperties":{values}}}"##);
    check_whole(&[&by_color(BOOL), &by_color(INT)], r#"{"1":true} {"2":5,"1":7}"#, r#"{"1":true,"2":5} {"01":5}"#);
    check_whole(&[&tuple(&[BOOL, INT]), &tuple(&[INT, INT, INT])], "[true,5] [5,6,7]", "[true,5,7]");
    check_whole(&[&tuple(&[TEXT, BOOL]), &tuple(&[INT, INT])], r#"["a",true] [5,7]"#, r#"[5,true]"#);
    // The same of models, each of which may lack what the value has, or have what it lacks.
    let flag = |second: &str, required| model(&[("flag", BOOL), ("n", second)], required);
    let number = model(&[("flag", INT)], 1);
    check_whole(&[&flag(INT, 2), &number], r#"{"flag":true,"n":5} {"flag":5}"#, r#"{"flag":true}"#);
    check_whole(&[&flag(INT, 1), &number], r#"{"flag":true,"n":5} {"flag":true} {"flag":5}"#, r#"{"flag":true,"x":5}"#);
    for (second, right, wrong) in [
        (r#"{"type":"integer","minimum":3}"#, "3", "2"),
        (r#"{"type":"integer","exclusiveMaximum":3}"#, "2", "3"),
        (r#"{"type":"integer","multipleOf":5}"#, "15", "12"),
        (r#"{"type":"string","maxLength":3}"#, r#""abc""#, r#""abcd""#),
        (r#"{"type":"string","pattern":"^[a-z]+$"}"#, r#""abc""#, r#""Abc""#),
        (r#"{"enum":["a","b"],"type":"string"}"#, r#""a""#, r#""c""#),
        (r#"{"type":"array","items":{"type":"string"},"minItems":2}"#, r#"["a","b"]"#, r#"["a"]"#),
        (r#"{"type":"array","items":{"type":"string"},"uniqueItems":true}"#, r#"["a","b"]"#, r#"["a","a"]"#),
        (r#"{"type":"object","propertyNames":{"enum":["a"]}}"#, r#"{"a":"x"}"#, r#"{"b":"x"}"#),
        (DATE, r#""2026-02-28""#, r#""2026-02-30""#),
        (MOMENT, r#""2026-02-28T10:00:00Z""#, r#""soon""#),
        (r#"{"format":"uuid","type":"string"}"#, r#""7d444840-9dc0-41d1-b245-5ffdce74fad2""#, r#""none""#),
        (r#"{"format":"email","type":"string"}"#, r#""ada.l@example.com""#, r#""ada""#),
        (r#"{"format":"uri","type":"string"}"#, r#""https://example.com/a?b=1""#, r#""a""#),
        (r#"{"type":"string","not":{"const":"b"}}"#, r#""a""#, r#""b""#),
    ] {
        let other = model(&[("flag", INT), ("n", "{}")], 1);
        let value = |flag: &str, n: &str| format!(r#"{{"flag":{flag},"n":{n}}}"#);
        // What other keywords say is not known.
        let surely =
            if ["not", "uniqueItems", "propertyNames"].iter().any(|key| second.contains(key)) { "5" } else { "true" };
        check_whole(&[&flag(second, 2), &other], &value(surely, right), &value("true", wrong));
    }
    // Where it is the only way, some servers take another value for what breaks it.
    check_whole(
        &[&flag(r#"{"type":"integer","minimum":3}"#, 2), TEXT],
        r#"{"flag":true,"n":5}"#,
        r#"{"flag":true,"n":2}"#,
    );
    // Ways that are put together of several schemas, or stand beside what they have in common.
    let base = model(&[("id", TEXT)], 1);
    let with = |flag: &str| format!(r#"{{"allOf":[{base},{}]}}"#, model(&[("flag", flag)], 1));
    let (right, wrong) = (r#"{"id":"a","flag":true} {"id":"a","flag":5}"#, r#"{"id":"a","flag":true,"x":5}"#);
    check_whole(&[&with(BOOL), &with(INT)], right, wrong);
    let common = format!(
        r#"{{"properties":{{"id":{TEXT}}},{}"#,
        any_of(&[&model(&[("flag", BOOL)], 1), &model(&[("flag", INT)], 1)]).trim_start_matches('{')
    );
    check_whole(&[&common, NULL], right, r#"{"id":5,"flag":true}"#);
    // A member that says which way is meant.
    let tagged =
        |kind: &str, x: &str| model(&[("kind", &format!(r#"{{"const":"{kind}","type":"string"}}"#)), ("x", x)], 2);
    check_whole(
        &[&tagged("a", BOOL), &tagged("b", INT)],
        r#"{"kind":"a","x":true} {"kind":"b","x":5} {"kind":"b","x":1}"#,
        r#"{"kind":"a","x":5} {"kind":"b","x":true}"#,
    );
    // What surely means the same stays: members of other types, left out, or more.
    let [event, task] = [
        model(&[("title", TEXT), ("when", MOMENT), ("day", BOOL), ("note", &any_of(&[TEXT, NULL]))], 2),
        model(&[("title", TEXT), ("priority", INT), ("due", DATE)], 2),
    ];
    check_whole(
        &[&event, &task],
        r#"{"title":"a","when":"2026-01-01"} {"title":"a","when":"2026-01-01T10:00:00Z","day":true,"note":null} {"title":"a","priority":1,"due":"2026-01-01"}"#,
        r#"{"title":5,"priority":1} {"title":"a"}"#,
    );
    // The arguments themselves.
    let properties = r#""type":"object","properties":{"v":{},"n":{}}"#;
    let ways = any_of(&[&model(&[("v", BOOL), ("n", INT)], 2), &model(&[("v", INT)], 1)]);
    let root = format!("{{{properties},{}", ways.trim_start_matches('{'));
    for (arguments, expected) in [
        (r#"{"v":true,"n":5}"#, true),
        (r#"{"v":5}"#, true),
        (r#"{"v":true}"#, false),
        (r#"{"v":true,"n":"x"}"#, false),
    ] {
        assert_eq!(call_passes(&root, arguments), expected, "{root} {arguments}");
    }
    let root = format!(r#"{{{properties},"anyOf":[{{"required":["v"]}},{{"required":["n"]}}]}}"#);
    assert!(call_passes(&root, r#"{"v":true}"#) && call_passes(&root, r#"{"v":5,"n":"x"}"#));
    // A schema that holds itself.
    let all = r##"{"anyOf":[{"type":"array","items":{"$ref":"#/properties/v"}},{"type":"object","additionalProperties":{"$ref":"#/properties/v"}},{"type":"string"},{"type":"boolean"},{"type":"number"},{"type":"null"}]}"##;
    for value in [r#"[5,"a",true,null,[{"a":[false,7]}]]"#, r#"{"a":{"b":[5,"x"]}}"#] {
        assert!(passes(all, value), "{value}");
    }
    let ways: Vec<String> = (0..40)
        .map(|at| format!(r##"{{"type":"array","items":{{"$ref":"#/properties/v"}},"minItems":{at}}}"##))
        .collect();
    let deep = any_of(&ways.iter().map(String::as_str).collect::<Vec<_>>());
    let value = format!("{}{}", "[".repeat(40), "]".repeat(40));
    assert!(passes(&deep, &value));
}

/// What a policy sees of an argument: no way of a union is forgotten but for null.
#[test]
fn a_union_has_one_shape_where_all_ways_but_null_have_it() {
    for (schema, shape, required) in [
        (r#"{"enum":[2,3]}"#, Shape::Whole, true),
        (r#"{"enum":[2,3.5]}"#, Shape::Json, false),
        (r#"{"enum":[0.5,2.5]}"#, Shape::Number, true),
        (r#"{"enum":["a","b"]}"#, Shape::Text, true),
        (r#"{"enum":["a",null]}"#, Shape::Text, false),
        (r#"{"enum":["a",2]}"#, Shape::Json, false),
        (r#"{"enum":[]}"#, Shape::Json, false),
        (r#"{"enum":[{"a":1}]}"#, Shape::Json, true),
        (r#"{"const":true}"#, Shape::Flag, true),
        (r#"{"const":null}"#, Shape::Json, false),
        (r#"{"type":"null"}"#, Shape::Json, false),
        (r#"{"type":["integer","null"]}"#, Shape::Whole, false),
        (r#"{"type":["integer","boolean"]}"#, Shape::Json, false),
        (r#"{"anyOf":[{"enum":[2,3]},{"type":"boolean"}]}"#, Shape::Json, false),
        (r#"{"anyOf":[{"enum":[2,3]},{"type":"integer"}]}"#, Shape::Whole, true),
        (r#"{"anyOf":[{"const":2},{"const":null}]}"#, Shape::Whole, false),
        (r#"{"anyOf":[{"anyOf":[{"type":"null"}]},{"type":"string"}]}"#, Shape::Text, false),
        (r#"{"anyOf":[{},{"type":"boolean"},{"type":"null"}]}"#, Shape::Json, false),
        (r#"{"anyOf":[{"allOf":[{"type":"integer"}]},{"type":"boolean"}]}"#, Shape::Json, false),
        (r#"{"anyOf":[{"type":"object"},{"type":"string"},{"type":"null"}]}"#, Shape::Json, false),
        (r#"{"allOf":[{"type":"integer"}],"default":5}"#, Shape::Whole, true),
        (r#"{"allOf":[{"type":"integer"},{"minimum":1}]}"#, Shape::Json, false),
    ] {
        let root = format!(r#"{{"properties":{{"v":{schema}}},"required":["v"]}}"#);
        assert_eq!(tool(&root).fields, [Field { name: "v".to_owned(), shape, required }], "{schema}");
    }
}

/// A key of an object is a number to Python's `dict[int, str]`, Go's `map[int]string` and zod's `record(number)`: it must be the one text of that number, unless the
/// schema says that keys are texts.
#[test]
fn a_key_is_not_another_number_to_the_server() {
    let other = r"08 +7 \u00207 7.0 7. 0x7 7_000 \uff17 7e0 1e+21 -0 -07 nan inf sNaN7 0.10 3.10 007";
    let own = "8 7 0 -7 7000 0.1 12345678901234567890 x1 2026-01-01 10.0.0.1 v7 v3.10 3.1 5kg to-8 y on";
    // The schema, and whether keys in another form pass.
    for (schema, texts) in [
        (r#"{"type":"object","additionalProperties":{"type":"string"}}"#, false),
        (r#"{"type":"object","additionalProperties":true}"#, false),
        (r#"{"type":"object"}"#, false),
        (r#"{"anyOf":[{"type":"object","additionalProperties":{"type":"string"}},{"type":"null"}]}"#, false),
        (r#"{"type":"object","propertyNames":{"type":"number"},"additionalProperties":{"type":"string"}}"#, false),
        (r#"{"type":"object","propertyNames":{"type":"string","pattern":"^.+$"}}"#, false),
        // zod says of `record(string)` that keys are texts, pydantic does so where they have a length or are listed.
        (r#"{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"string"}}"#, true),
        (r#"{"type":"object","propertyNames":{"minLength":1},"additionalProperties":{"type":"string"}}"#, true),
        // Nothing here is read by a type.
        ("{}", true),
    ] {
        for (keys, expected) in [(other, texts), (own, true)] {
            for key in keys.split(' ') {
                assert_eq!(passes(schema, &format!(r#"{{"a":"x","{key}":"x"}}"#)), expected, "{schema} {key}");
            }
        }
    }
    // A pattern that has no place for the number's own text means the form that it has.
    let object = |says: &str| format!(r#"{{"type":"object",{says}}}"#);
    for (says, key, expected) in [
        (r#""patternProperties":{"^\\d{5}$":{"type":"integer"}}"#, "04109", true),
        (r#""patternProperties":{"^\\d{5}$":{"type":"integer"}}"#, "24109", true),
        (r#""patternProperties":{"^[0-9]+$":{"type":"integer"}},"additionalProperties":false"#, "08", false),
        (r#""patternProperties":{"^[0-9]+$":{"type":"integer"}},"additionalProperties":false"#, "8", true),
        (r#""propertyNames":{"type":"string","pattern":"^-?\\d+(?:\\.\\d+)?$"}"#, "7.0", false),
        (r#""propertyNames":{"type":"string","pattern":"^-?\\d+(?:\\.\\d+)?$"}"#, "7", true),
        (r#""propertyNames":{"enum":["01","02"]}"#, "01", true),
        // Python's enumeration of integers.
        (r##""propertyNames":{"$ref":"#/$defs/color"}"##, "01", false),
        (r##""propertyNames":{"$ref":"#/$defs/color"}"##, "1", true),
        (r##""propertyNames":{"$ref":"#/$defs/color"}"##, " 1", false),
        (r#""propertyNames":{"enum":[1,7],"type":"integer"}"#, "07", false),
        (r#""propertyNames":{"enum":[1,7],"type":"integer"}"#, "7", true),
        (r#""propertyNames":{"format":"date-time"}"#, "5", false),
        (r#""propertyNames":{"format":"date-time"}"#, "1_700_000_000.5", false),
        (r#""propertyNames":{"format":"date-time"}"#, "2026-01-01T10:00:00Z", true),
        (r#""propertyNames":{"format":"date","type":"string"}"#, "20260101", false),
        (r#""propertyNames":{"format":"date","type":"string"}"#, "2026-01-01", true),
        (r#""propertyNames":{"format":"duration"}"#, " 5", false),
        (r#""propertyNames":{"format":"uuid"}"#, "5", false),
        (r#""propertyNames":{"format":"uuid"}"#, "7d444840-9dc0-41d1-b245-5ffdce74fad2", true),
        (r#""propertyNames":{"type":"boolean"}"#, "yes", false),
        (r#""propertyNames":{"type":"boolean"}"#, "1", false),
        (r#""propertyNames":{"type":"boolean"}"#, "True", false),
        (r#""propertyNames":{"type":"boolean"}"#, "true", true),
        (r#""propertyNames":{"enum":["on","off"]}"#, "on", true),
        (r#""properties":{"01":{"type":"integer"}}"#, "01", true),
    ] {
        assert_eq!(passes(&object(says), &format!(r#"{{"{key}":1}}"#)), expected, "{says} {key}");
    }
}
