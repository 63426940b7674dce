//! Values of arguments that a server's reader takes for other values than policies see: `pydantic` (2.0 to 2.14, and 1 where said), zod 4, ajv with `coerceTypes`, Go, Jackson, serde.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::policy::{Ask, Subject, Verdict};
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::session::History;
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Policies, Tools};

/// Whether an argument of this schema passes where a policy looks at it.
fn passes(schema: &str, argument: &str) -> bool {
    let definition = format!(
        r##"{{"name":"set","inputSchema":{{"type":"object","properties":{{"v":{schema},"w":{schema}}},"$defs":{{"color":{{"enum":[1,2],"type":"integer"}}}}}}}}"##
    );
    let node = value(definition.as_bytes(), Side::Server, &Limits::default()).unwrap();
    let mut tools = Tools::new("bank");
    tools.pin(Tool::from_definition(&node).unwrap());
    let config = Config::parse("guard.toml", "format = 1\nserver = \"bank\"").unwrap();
    let policy = r#"permit (principal, action == Action::"set", resource) when { context.input has v || !(context.input has v) };"#;
    let policies =
        Policies::compile("policy.cedar", policy, &tools, &config).map_err(|wrong| wrong.to_string()).unwrap();
    let history = History::new(&config);
    let [seen, unseen] = ["v", "w"].map(|name| {
        let arguments = format!(r#"{{"{name}":{argument}}}"#);
        let arguments = value(arguments.as_bytes(), Side::Agent, &Limits::default()).unwrap();
        let subject = Subject::Call(tools.get("set").unwrap(), Some(&arguments));
        policies.decide(&Ask { subject, history: &history, now: 0, approved: false }).verdict == Verdict::Allow
    });
    assert!(unseen, "what no policy looks at is the server's to refuse: {schema} {argument}");
    seen
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
    check(&any_of(&[BOOL, TEXT]), r#"true "a" "1" "yes""#, r#"1 0 "true""#);
    check("{}", "0 1 1.0 0.0 true false null", r#""1""#);
    check(r#"{"description":"anything"}"#, "0 1 1.0 true", "\"\"");
}

/// `pydantic` takes a number for seconds since 1970, or seconds, where it takes no number as it is: `5.0` at `datetime | int`, all at `datetime | Decimal`.
#[test]
fn a_number_is_not_a_time_to_the_server() {
    for time in [MOMENT, DATE, DURATION, r#"{"format":"time","type":"string"}"#] {
        check(time, r#""x""#, "5 5.0 true");
        check(&any_of(&[time, INT]), r#""x" 5 0 86400 1700000000"#, r#"5.0 1e9 86400.0 0.0 5.5 "5" true"#);
        check(&any_of(&[INT, time]), r#""x" 5 0"#, "5.0 1e9 5.5");
        check(&any_of(&[time, FLOAT]), r#""x" 5 5.0 5.5 0"#, "true");
        check(&any_of(&[time, FLOAT, TEXT]), r#""x""#, r#"5 5.0 5.5 "5""#);
        check(&any_of(&[time, TEXT]), r#""x" "5""#, "5 5.0");
        check(&any_of(&[BOOL, time, INT]), r#"true "x" 5"#, "1 1.0 5.0");
    }
    check(&any_of(&[r#"{"format":"uuid","type":"string"}"#, INT]), r#""x" 5 5.0"#, "true");
}

/// A key of an object is a number to Python's `dict[int, str]`, Go's `map[int]string` and zod's `record(number)`: it must be the one text of that number, unless the
/// schema says that keys are texts.
#[test]
fn a_key_is_not_another_number_to_the_server() {
    let other = r"08 +7 \u00207 7.0 7. 0x7 7_000 \uff17 7e0 1e+21 -0 -07 nan inf sNaN7 0.10 007";
    let own = "8 7 0 -7 7000 0.1 12345678901234567890 x1 2026-01-01 10.0.0.1 v7 5kg to-8 y on";
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
        (r#""properties":{"01":{"type":"integer"}}"#, "01", true),
    ] {
        assert_eq!(passes(&object(says), &format!(r#"{{"{key}":1}}"#)), expected, "{says} {key}");
    }
}
