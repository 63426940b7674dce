//! Run ids: `20261121-120349-coinrun-7k2m`: sortable by date, unique by their last four characters, found by either end.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::RunError;
use crate::clock::Moment;

/// The characters of the last part: no vowels, so no words; nothing that is easily misread.
const ALPHABET: &[u8; 16] = b"2345679bcdfghkmp";

/// A new id for a run of `study` that starts at `now`.
pub(crate) fn new_id(study: &str, now: Duration) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    // Unique, not secret: the clock's nanoseconds, the process and a counter tell concurrent runs apart; the caller tries again
    // where the directory exists all the same.
    let source = (u64::from(now.subsec_nanos()) << 32) ^ u64::from(std::process::id());
    let mixed = misgoal_world::rng::mix(source.wrapping_add(COUNTER.fetch_add(1, Ordering::Relaxed) << 20));
    let suffix: String = (0..4)
        .filter_map(|place| ALPHABET.get((mixed >> (16 * place)) as usize & 15).map(|letter| char::from(*letter)))
        .collect();
    format!("{}-{}-{suffix}", Moment::from_seconds(now.as_secs()).compact(), file_name(study))
}

/// A name as a part of a file name: letters, digits, `.`, `_` and `-`; anything else becomes `_`.
pub(crate) fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let safe: String = name.chars().take(64).map(plain).collect();
    // A leading dot would hide the file, or name the directory above.
    if safe.starts_with('.') { safe.replacen('.', "_", 1) } else { safe }
}

/// The one id of these, the oldest first, that `wanted` names: `latest`, a whole id, or a prefix of an id or of its last part that fits one id only.
pub(crate) fn resolve(root: &Path, ids: &[String], wanted: &str) -> Result<String, RunError> {
    if wanted == "latest" {
        return ids.last().cloned().ok_or_else(|| RunError::NoRuns { root: root.to_path_buf() });
    }
    if let Some(exact) = ids.iter().find(|id| *id == wanted) {
        return Ok(exact.clone());
    }
    let last_part = |id: &str| id.rsplit('-').next().unwrap_or_default().to_owned();
    let fits = |id: &&String| !wanted.is_empty() && (id.starts_with(wanted) || last_part(id).starts_with(wanted));
    let mut found: Vec<String> = ids.iter().filter(fits).cloned().collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(RunError::NotFound { wanted: wanted.to_owned(), root: root.to_path_buf() }),
        _ => {
            found.sort_unstable();
            Err(RunError::Ambiguous { wanted: wanted.to_owned(), ids: found })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{file_name, new_id, resolve};

    fn check(wanted: &str, expect: &str) {
        let ids: Vec<String> =
            ["20260101-000000-coinrun-bcdf", "20260301-000000-corner-7k2m", "20260302-000000-coinrun-7p2m"]
                .map(String::from)
                .to_vec();
        let found = resolve(Path::new("runs"), &ids, wanted).unwrap_or_else(|error| error.to_string());
        assert_eq!(found, expect);
    }

    #[test]
    fn ids_are_found_by_either_end() {
        check("latest", "20260302-000000-coinrun-7p2m");
        check("202601", "20260101-000000-coinrun-bcdf");
        check("7k", "20260301-000000-corner-7k2m");
        check(
            "7",
            "`7` fits several runs: `20260301-000000-corner-7k2m`, `20260302-000000-coinrun-7p2m`; give more of the id",
        );
        check("x", "no run `x` in `runs`: `misgoal runs` lists those there are");
        check("", "no run `` in `runs`: `misgoal runs` lists those there are");
        let none = resolve(Path::new("runs"), &[], "latest").unwrap_err();
        assert_eq!(none.to_string(), "no runs in `runs` yet: `misgoal run coinrun` makes one");
    }

    #[test]
    fn new_ids_differ_and_sort_by_date() {
        let at = |seconds| new_id("my study/../x", Duration::from_secs(seconds));
        let (first, second, later) = (at(1_795_262_629), at(1_795_262_629), at(1_795_262_630));
        assert!(first.starts_with("20261121-120349-my_study_.._x-"), "{first}");
        assert_ne!(first, second);
        assert!(first < later);
        assert_eq!(file_name("../a b"), "_._a_b");
    }
}
