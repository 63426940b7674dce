//! The example of docs/airline meets its own expectations, without a remark.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "helpers of tests: a panic is how a test fails")]

use std::path::Path;

use misgoal_guard::{Config, Policies, Tools, expect};

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/airline").join(name)).unwrap()
}

#[test]
fn the_example_meets_its_expectations() {
    let config = Config::parse("guard.toml", &file("guard.toml")).unwrap();
    let tools = Tools::from_file(&file("guard.tools.json")).unwrap();
    let policies = Policies::compile("policy.cedar", &file("policy.cedar"), &tools, &config).unwrap();
    let cases = file("guard.test.toml");
    let (count, missed) = expect::run("guard.test.toml", &cases, &policies, &tools, &config).unwrap();
    assert!(!missed.has_errors(), "{}", missed.render(false));
    assert_eq!(count, 12);
}
