//! Any bytes are either a study or mistakes with their places; every rendering of the mistakes works.
#![no_main]

use libfuzzer_sys::fuzz_target;
use misgoal_study::{Study, new_from};

fuzz_target!(|data: &[u8]| {
    match Study::parse_bytes("study.toml", data) {
        Ok(study) => {
            assert!(study.goals.len() >= 2 && !study.shifts.is_empty() && !study.arms.is_empty());
            assert!(study.world.generate(&study.training, 0).is_ok());
            // A copy under another name is a study as well, and another one.
            let copy = new_from(&study.source, "a-copy").unwrap();
            let copy = Study::parse("copy.toml", &copy).unwrap();
            assert_eq!(copy.name, "a-copy");
            assert_eq!(copy.hash == study.hash, copy.name == study.name);
        }
        Err(errors) => {
            assert!(!errors.list.is_empty());
            errors.render(false);
            errors.render(true);
            errors.to_json();
        }
    }
});
