//! No input makes the parser panic, and schema and parser agree.

use proptest::prelude::*;

use super::MINIMAL;
use crate::Study;

/// Reads a file and renders what is wrong with it, if anything.
fn read(bytes: &[u8]) {
    if let Err(errors) = Study::parse_bytes("study.toml", bytes) {
        assert!(!errors.list.is_empty());
        assert!(!errors.render(true).is_empty());
        assert!(errors.to_json().is_object());
    }
}

/// Values that fit nowhere, or only in some places.
const ODD: [&str; 18] = [
    "0",
    "-1",
    "1e300",
    "nan",
    "-inf",
    "99999999999999999999",
    "0xffff",
    "\"\"",
    "\"\\u0000\"",
    "'\u{1F9C0}'",
    "true",
    "[]",
    "[[], {}]",
    "{}",
    "{ a = { b = 1 } }",
    "1979-05-27",
    "\"\"\"\nlong\n\"\"\"",
    "[0, -1, 300, 7]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn a_study_with_bytes_changed(at in 0..MINIMAL.len(), length in 0..40usize, new in "\\PC{0,12}") {
        let mut bytes = MINIMAL.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, new.bytes());
        read(&bytes);
    }

    #[test]
    fn a_study_with_values_changed(line in 0..MINIMAL.lines().count(), value in prop::sample::select(&ODD[..])) {
        let changed: Vec<String> = MINIMAL.lines().enumerate().map(|(n, text)| match text.split_once(" = ") {
            Some((key, _)) if n == line => format!("{key} = {value}"),
            _ => text.to_owned(),
        }).collect();
        read(changed.join("\n").as_bytes());
    }
}
