//! The reference page of the study file, generated from the schema.

use serde_json::{Map, Value};

use crate::schema::{choices, decision, grid, resolve, schema};
use crate::shape::expected;

/// The study that the page begins with; it is one of the tests' too.
const EXAMPLE: &str = include_str!("tests/minimal.toml");

/// The study of decisions that its part of the page begins with.
const DECISIONS: &str = include_str!("tests/decision.toml");

/// The page's sections: heading, the type in the schema, and a remark.
const SECTIONS: [(&str, &str, &str); 18] = [
    ("`[study]`", "HeadFile", ""),
    (
        "`[case]`",
        "CaseFile",
        "The report opens with these. Long texts go between `\"\"\"`; a `\\` at the end of a line joins it with the next.",
    ),
    ("`[world]`", "WorldFile", ""),
    ("`[world.things]`", "ThingFile", "One entry a thing: `NAME = { symbol = \"o\", enter = \"end\" }`."),
    ("`[world.zones]`", "Region", "One entry a zone: `NAME = \"right column\"` or `NAME = { rect = [1, 1, 3, 8] }`."),
    ("`[world.layout]`", "LayoutFile", "Also inside a distribution: `layout = { kind = \"blocks\", density = 0.25 }`."),
    (
        "`[goals.NAME]`",
        "GoalFile",
        "Every step of an episode reports events; a goal is a weight for each event. Goals are declared in the order in which reports show them.",
    ),
    (
        "`[training]`",
        "TrainingFile",
        "Things are placed in the order of the list: a place may only refer to things that stand earlier in it.",
    ),
    ("`[shifts.NAME]`", "ShiftFile", ""),
    ("Placements", "PlacementFile", "An entry of `placements`: `{ thing = \"coin\", place = \"right column\" }`."),
    (
        "Places",
        "Place",
        "Words: `\"anywhere\"`, `\"left column\"`, `\"right column\"`, `\"top-left corner\"`, `\"top-right corner\"`, `\"bottom-left corner\"`, \
         `\"bottom-right corner\"`. The start is placed before the things, so it cannot refer to them.",
    ),
    ("Places as tables", "PlaceTable", "For example `{ beside = \"exit\" }` or `{ away = \"exit\", distance = 6 }`."),
    ("`[agent]`", "AgentFile", ""),
    ("`[arms.NAME]`", "ArmFile", "The first arm is the one that a run's verdict is about."),
    ("`randomize`", "RandomizeFile", "For example `randomize = { shift = \"anywhere\", share = 0.02 }`."),
    ("`[evaluation]`", "EvaluationFile", ""),
    (
        "`[evaluation.thresholds]`",
        "ThresholdsFile",
        "The defaults are those of the method; a study rarely needs others.",
    ),
    ("Counts", "Count", "`count = 3`, or `count = [2, 5]` to draw a number in between, both ends included."),
];

/// The sections of a study of decisions that differ from a grid's.
const DECISION_SECTIONS: [(&str, &str, &str); 6] = [
    ("`[world]` of decisions", "DecisionWorldFile", ""),
    (
        "`[world.features]`",
        "FeatureFile",
        "One entry a feature: `amount = { lognormal = [3, 1] }`. The same in `features` of a shift.",
    ),
    ("`[goals.NAME]` of decisions", "PreferenceFile", "Goals are declared in the order in which reports show them."),
    ("`[shifts.NAME]` of decisions", "DecisionShiftFile", ""),
    ("`[agent]` of decisions", "DecisionAgentFile", ""),
    ("Expressions", "Expression", EXPRESSIONS),
];

const EXPRESSIONS: &str = "It reads features by their names. There are numbers (one type: `2` is `2.0`), texts in quotation marks, `true` and \
`false`; `+ - * / %`; `== != < <= > >=`; `&& || !`; `condition ? this : that`; `x in ['a', 'b']`; `math.abs`, `math.least`, `math.greatest`, \
`math.floor`, `math.ceil`, `math.round`. Types are checked when the file is read: a text that a feature can never be is an error.";

const DECISIONS_HEAD: &str = "\n## Studies of decisions\n\nWith `kind = \"decision\"` in `[world]` a study is one of decisions: an agent sees a \
case's features and chooses one of a few options. `[study]`, `[case]`, `[arms.NAME]`, `randomize` and `[evaluation]` are as above (a level is a \
case, and `judge_on` is not for decisions); there is no `[training]`, because features are declared as they are in training. \
[How decisions work](worlds/decisions.md).\n\nA whole study:\n\n```toml\n";

/// The reference page, Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# The study file\n\n\
         <!-- Generated from the types of misgoal-study by `UPDATE=1 cargo test -p misgoal-study reference`. Do not edit. -->\n\n\
         A study is one TOML file. It declares a world, an intended goal, the proxies that it could be confused with, the training \
         distribution and the shifts; every command reads it. `misgoal list` shows the built-in studies, `misgoal show STUDY` prints one, \
         `misgoal new NAME --from STUDY` copies one to edit. `misgoal schema` prints a JSON Schema: an editor that knows it completes keys \
         and marks mistakes.\n\n\
         A whole study:\n\n```toml\n",
    );
    page.push_str(EXAMPLE);
    page.push_str("```\n\nKeys are required unless a default is given or the text says what happens without them.\n\n## The sections\n");
    fields(grid(), &mut page);
    sections(&SECTIONS, &mut page);
    page.push_str(DECISIONS_HEAD);
    page.push_str(DECISIONS);
    page.push_str("```\n");
    fields(decision(), &mut page);
    sections(&DECISION_SECTIONS, &mut page);
    page.push_str(ERRORS);
    page
}

fn sections(list: &[(&str, &str, &str)], page: &mut String) {
    for (heading, name, remark) in list {
        let Some(definition) = schema().get("$defs").and_then(|definitions| definitions.get(*name)) else { continue };
        page.push_str(&format!("\n## {heading}\n\n"));
        let words = description(definition);
        let intro: Vec<&str> = [words, *remark].into_iter().filter(|text| !text.is_empty()).collect();
        page.push_str(&format!("{}\n", intro.join(" ")));
        fields(definition, page);
    }
}

const ERRORS: &str = "\n## Errors\n\nA mistake is shown with the line that it is in, what was expected and what was probably meant; all that can be \
told at once is told at once. With `--json` the same comes as an object `{ \"format\": 1, \"file\": .., \"errors\": [..] }`, each error with `code`, \
`message`, `label`, `help`, `place` and `notes`; a place has `start` and `end` (bytes from 0) and `line`, `column`, `end_line`, `end_column` \
(from 1, columns in characters).\n";

/// A table of an object's keys: those that a file must have first.
fn fields(definition: &'static Value, page: &mut String) {
    let Some(properties) = definition.get("properties").and_then(Value::as_object) else { return };
    let required: Vec<&str> = definition
        .get("required")
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    page.push_str("\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
    let optional = properties.keys().map(String::as_str).filter(|key| !required.contains(key));
    for key in required.iter().copied().chain(optional) {
        let Some(field) = properties.get(key) else { continue };
        let default = match field.get("default") {
            Some(default) => format!("`{default}`"),
            None if required.contains(&key) => "required".to_owned(),
            None => String::new(),
        };
        page.push_str(&format!("| `{key}` | {} | {default} | {} |\n", values(field), meaning(field)));
    }
}

/// What a key may hold, with its range.
fn values(field: &'static Value) -> String {
    let target = resolve(field);
    if choices(target).is_none() && target.get("anyOf").is_some() {
        // Places and the like have a section of their own, but for the short ones.
        let short = expected(target);
        return if short.len() < 60 { short } else { "a place or region: see below".to_owned() };
    }
    let mut words = expected(field);
    let limit = |key: &str| target.get(key).and_then(Value::as_f64);
    if let (Some(least), Some(most)) = (limit("minimum"), limit("maximum")) {
        words.push_str(&format!(", {least} to {most}"));
    }
    words
}

fn meaning(field: &'static Value) -> String {
    let mut words = description(field).to_owned();
    if let Some(branches) = resolve(field).get("oneOf").and_then(Value::as_array) {
        let each: Vec<String> = branches
            .iter()
            .filter_map(|branch| Some(format!("`{}`: {}", branch.get("const")?.as_str()?, description(branch))))
            .collect();
        words.push(' ');
        words.push_str(&each.join(" "));
    }
    words.replace('\n', " ").replace('|', "\\|")
}

fn description(of: &'static Value) -> &'static str {
    let own = |value: &'static Value| {
        value.as_object().and_then(|object: &Map<String, Value>| object.get("description")).and_then(Value::as_str)
    };
    own(of).or_else(|| own(resolve(of))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The page in the repository is the one that the types make.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the page is a file of the repository, and UPDATE asks for it to be written"
    )]
    fn the_reference_page_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/study.md");
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(&path, reference()).unwrap();
        }
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(page == reference(), "docs/study.md is stale: run `UPDATE=1 cargo test -p misgoal-study reference`");
    }

    #[test]
    fn every_type_of_the_schema_is_on_the_page() {
        let named: Vec<&str> = SECTIONS.iter().chain(&DECISION_SECTIONS).map(|(_, name, _)| *name).collect();
        for (name, definition) in schema().get("$defs").and_then(Value::as_object).unwrap() {
            let inline = choices(definition).is_some()
                || ["View", "RegionTable", "GridStudy", "DecisionStudy"].contains(&name.as_str());
            assert!(inline || named.contains(&name.as_str()), "`{name}` has no section in the reference");
        }
        for name in named {
            assert!(schema()["$defs"].get(name).is_some(), "there is no type `{name}`");
        }
    }
}
