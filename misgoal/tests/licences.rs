//! Every dependency must be usable under a permissive licence: a cheap stand-in for `cargo deny check licenses`.

use std::process::Command;

const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression of `OR` over `AND` (the `/` of old manifests is an `OR`) can be met by the allowed licences.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let term = |term: &str| ALLOWED.contains(&term.trim().trim_matches(['(', ')']));
    // `(A OR B) AND C`: every bracketed or bare conjunct must have an allowed alternative.
    let conjuncts: Vec<&str> = if expression.contains(") AND ") || expression.contains(" AND (") {
        expression.split(" AND ").collect()
    } else {
        return expression.split(" OR ").any(|alternative| alternative.split(" AND ").all(term));
    };
    conjuncts.iter().all(|conjunct| conjunct.split(" OR ").any(term))
}

#[test]
fn expressions_are_read_rightly() {
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0", false),
        ("GPL-3.0", false),
    ] {
        assert_eq!(allowed(expression), expected, "{expression}");
    }
}

#[test]
fn every_dependency_is_permissively_licensed() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    assert!(packages.len() > 20, "metadata lists only {} packages", packages.len());
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(allowed))
        .map(|package| format!("{} ({})", package["name"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "not permissively licensed, or of unknown licence: {refused:?}");
}
