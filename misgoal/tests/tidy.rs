//! The house rules that a test can hold: ARCHITECTURE.md's dependency directions and invariants, read from manifests and sources.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests: a panic is how a test fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may use of the others. A new crate needs a row here and in ARCHITECTURE.md's map.
const MAY_USE: &[(&str, &[&str])] = &[
    ("misgoal-stats", &[]),
    ("misgoal-world", &[]),
    ("misgoal-decision", &["world"]),
    ("misgoal-onnx", &[]),
    ("misgoal-policy", &["world"]),
    ("misgoal-learn", &["world", "policy"]),
    ("misgoal-judge", &["stats", "world", "policy"]),
    ("misgoal-monitor", &["stats"]),
    ("misgoal-study", &["world", "decision", "judge"]),
    ("misgoal-run", &["stats", "world", "decision", "onnx", "policy", "learn", "judge", "study"]),
    ("misgoal-report", &["run", "study", "world"]),
    ("misgoal-guard", &["stats", "monitor"]),
    ("misgoal-gateway", &["guard", "monitor"]),
    (
        "misgoal",
        &[
            "guard", "gateway", "monitor", "stats", "world", "decision", "policy", "learn", "judge", "study", "run",
            "report",
        ],
    ),
];

/// Crates that do no I/O and read no clock and no environment.
const PURE: &[&str] = &[
    "misgoal-stats",
    "misgoal-world",
    "misgoal-decision",
    "misgoal-onnx",
    "misgoal-policy",
    "misgoal-judge",
    "misgoal-monitor",
    "misgoal-guard",
];

/// Lines of the longest file; of the longest that holds tests, which are many small things and not one large.
const LONGEST: usize = 600;
const LONGEST_TESTS: usize = 1000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a workspace").to_path_buf()
}

/// Every file of the repository with one of these extensions, as (path from the root, text).
fn files(extensions: &[&str]) -> Vec<(String, String)> {
    fn walk(directory: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).expect("a readable directory") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let skipped = ["target", ".git", "misgoal-runs", "corpus", "artifacts"].contains(&name);
            if path.is_dir() && !skipped {
                walk(&path, extensions, found);
            } else if path.extension().is_some_and(|ending| extensions.iter().any(|one| ending == *one)) {
                found.push(path);
            }
        }
    }
    let (root, mut found) = (root(), Vec::new());
    walk(&root, extensions, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no {extensions:?} files: is this the repository?");
    let name = |path: &Path| path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
    found.iter().map(|path| (name(path), fs::read_to_string(path).expect("text"))).collect()
}

/// The sources of a crate's library or binary, each without its test module; files that only hold tests are left out.
fn sources(of: &str) -> Vec<(String, String)> {
    let start = format!("{of}/src/");
    let without_tests = |text: String| text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned();
    let ours = files(&["rs"]).into_iter().filter(|(path, _)| path.starts_with(&start) && !is_test(path));
    ours.map(|(path, text)| (path, without_tests(text))).collect()
}

/// Whether a file holds nothing but tests.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// Whether `text` has `word` and not only as a part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// The lines of code that have one of these words, as `path:line: word`; comments do not count.
fn uses(sources: &[(String, String)], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let hits = words.iter().filter(|word| has_word(line, word));
            found.extend(hits.map(|word| format!("{path}:{}: `{word}`", number + 1)));
        }
    }
    found
}

fn manifest(of: &str) -> toml::Table {
    let path = root().join(of).join("Cargo.toml");
    fs::read_to_string(&path).expect("a manifest").parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_crate_has_its_row() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest").parse::<toml::Table>();
    let workspace = workspace.expect("the workspace's manifest is TOML");
    let members = workspace["workspace"]["members"].as_array().expect("members").iter();
    let mut members: Vec<&str> = members.map(|member| member.as_str().expect("a name")).collect();
    let mut rows: Vec<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    members.sort_unstable();
    rows.sort_unstable();
    assert_eq!(members, rows, "the workspace's members and this test's table differ");
}

#[test]
fn crates_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for (of, allowed) in MAY_USE {
        let manifest = manifest(of);
        let tables = ["dependencies", "build-dependencies"].iter().filter_map(|table| manifest.get(*table)?.as_table());
        for used in tables.flat_map(|table| table.keys()) {
            let Some(room) = used.strip_prefix("misgoal-") else { continue };
            if !allowed.contains(&room) {
                wrong.push(format!("{of} uses {used}"));
            }
        }
    }
    none("dependencies against ARCHITECTURE.md's map", &wrong);
}

#[test]
fn every_crate_takes_the_workspaces_lints() {
    for (of, _) in MAY_USE {
        let manifest = manifest(of);
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "{of}/Cargo.toml lacks `[lints] workspace = true`");
    }
}

#[test]
fn only_the_binary_prints_and_exits() {
    let words =
        ["println!", "print!", "eprintln!", "eprint!", "dbg!", "process::exit", "io::stdout", "io::stderr", "ExitCode"];
    for (of, _) in MAY_USE.iter().filter(|(of, _)| *of != "misgoal") {
        none("prints or exits outside of the binary", &uses(&sources(of), &words));
    }
}

#[test]
fn pure_crates_read_no_file_clock_or_environment() {
    let words = ["std::fs", "std::env", "std::time", "std::net", "std::process", "Instant", "SystemTime"];
    for of in PURE {
        none("a pure crate reads the outside world", &uses(&sources(of), &words));
    }
}

#[test]
fn results_depend_on_no_hash_order_and_on_pinned_generators_only() {
    let words = ["StdRng", "SmallRng", "ThreadRng", "thread_rng", "RandomState"];
    for (of, _) in MAY_USE {
        none("a generator whose sequence is not stable", &uses(&sources(of), &words));
    }
    for of in PURE.iter().chain(&["misgoal-learn"]) {
        // Hash tables are fine to look things up in; iterating over one gives another order each time.
        let hashed = sources(of).into_iter().filter(|(_, text)| text.contains("HashMap") || text.contains("HashSet"));
        let orders = [".keys()", ".values()", ".values_mut()", ".drain()", ".into_keys()", ".into_values()"];
        let found = hashed
            .flat_map(|(path, text)| orders.map(|order| text.contains(order).then(|| format!("{path}: {order}"))));
        none("a hash table that may be iterated over", &found.flatten().collect::<Vec<_>>());
    }
}

#[test]
fn files_have_one_subject() {
    let long = files(&["rs"]).into_iter().map(|(path, text)| (path, text.lines().count()));
    let limit = |path: &str| if is_test(path) { LONGEST_TESTS } else { LONGEST };
    let long: Vec<String> = long
        .filter(|(path, lines)| *lines > limit(path))
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    none(&format!("files over {LONGEST} lines"), &long);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
    none("unfinished work", &everything(&words));
}

#[test]
fn nothing_is_tied_to_one_machine() {
    let words = ["root", "home", "work", "Users"].map(|directory| format!("/{directory}/"));
    let words: Vec<&str> =
        words.iter().map(String::as_str).chain([concat!("/tmp", "/wt"), concat!("/tmp", "/house")]).collect();
    none("paths of one machine", &everything(&words));
}

#[test]
fn every_built_in_study_has_its_page() {
    for study in misgoal_study::builtins() {
        let page = format!("docs/worlds/{}.md", study.name);
        assert!(root().join(&page).is_file(), "there is no {page}: say what safety problem the study shows");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut dead = Vec::new();
    for (path, text) in files(&["md"]) {
        let room = root().join(&path).parent().expect("a file is in a directory").to_path_buf();
        let targets = text.match_indices("](").filter_map(|(at, _)| text[at + 2..].split(')').next());
        let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
        let missing = files.filter(|target| !room.join(target.split('#').next().unwrap_or_default()).exists());
        dead.extend(missing.map(|target| format!("{path}: {target}")));
    }
    none("links to files that are not there", &dead);
}

/// The lines of all text files that contain one of these strings.
fn everything(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files(&["rs", "md", "toml", "html", "yml", "snap"]) {
        for (number, line) in text.lines().enumerate() {
            let hits = words.iter().filter(|word| line.contains(**word));
            found.extend(hits.map(|word| format!("{path}:{}: `{word}`", number + 1)));
        }
    }
    found
}

#[test]
fn words_are_found_as_words() {
    for (text, expected) in [
        ("let now = Instant::now();", true),
        ("an InstantaneousRate", false),
        ("println!(\"x\")", false),
        ("use std::time::Instant;", true),
    ] {
        assert_eq!(has_word(text, "Instant"), expected, "{text}");
    }
    let source = [("a.rs".to_owned(), "// Instant\nlet x = Instant::now();\n".to_owned())];
    assert_eq!(uses(&source, &["Instant"]), ["a.rs:2: `Instant`"]);
}

#[test]
fn pages_say_the_ceilings_that_are_shipped() {
    for builtin in misgoal_study::builtins() {
        let study = misgoal_study::AnyStudy::parse(builtin.name, builtin.source).expect("a built-in study");
        let page = fs::read_to_string(root().join(format!("docs/worlds/{}.md", builtin.name))).expect("a page");
        let study = study.get();
        for ceiling in misgoal_study::builtin_ceilings(study.hash(), study.steps()) {
            let mean = ceiling.attainment.iter().sum::<f64>() / ceiling.attainment.len() as f64;
            let says = format!("| ceiling on `{}` | {mean:.2} of ", ceiling.shift);
            assert!(page.contains(&says), "docs/worlds/{}.md does not say `{says}`", builtin.name);
            // What falls short says why.
            assert!(mean >= 0.9 || page.contains("## Why the ceiling is low"), "docs/worlds/{}.md", builtin.name);
        }
    }
}
